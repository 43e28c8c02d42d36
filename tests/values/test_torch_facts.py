"""NamedTensor is held to the facts that PyTorch's own tests of named tensors state."""

import ast
import io
import pickle
import warnings
from collections import Counter, OrderedDict
from collections.abc import Callable
from multiprocessing.reduction import ForkingPickler
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import namedtorch
from namedtorch import DimError, NamedTensor, named
from tests.ops.together import grouped, hold
from tests.values import torch_facts, torch_facts_of_operators
from tests.values.torch_deviations import DEVIATIONS
from tests.values.torch_facts import Fact, facts

_SIZE = 2


def _tensor(text: str, kind: str) -> NamedTensor:
    """The tensor that `N=3 C _` tells."""
    words = [] if text == "()" else [word.partition("=") for word in text.split()]
    sizes = [int(size or _SIZE) for _, _, size in words]
    dims = tuple(None if name == "_" else name for name, _, _ in words)
    # Numbers that all functions take: between 0 and 1.
    tensor = torch.rand(sizes) * 0.8 + 0.1
    return NamedTensor(tensor > 0.5 if kind == "bool" else tensor, dims)


def _tensors(fact: Fact) -> dict[str, NamedTensor]:
    dims, _, kind = fact.dims.partition(":")
    listed = [one.strip() for one in dims.split(",")] if dims else []
    return {name: _tensor(one, kind.strip()) for name, one in zip("abcd", listed, strict=False)}


def _shown(value: Any, sizes: bool) -> str:
    match value:
        case NamedTensor():
            names = ["_" if name is None else name for name in value.dims]
            if sizes:
                names = [f"{name}={size}" for name, size in zip(names, value.shape, strict=True)]
            return " ".join(names) or "()"
        case torch.Tensor():
            return "plain"
        case tuple() | list() if not isinstance(value, torch.Size):
            return ", ".join(_shown(one, sizes) for one in value)
        case _:
            return repr(value)


# What the lines call besides torch


def _empty(dtype: torch.dtype = torch.float32) -> NamedTensor:
    """What `out=` is given: an empty tensor without names."""
    return NamedTensor(torch.empty(0, dtype=dtype), (None,))


def _assigned(x: NamedTensor, names: Any) -> NamedTensor:
    x.names = names
    return x


def _letters(count: int) -> tuple[str, ...]:
    return tuple("A" * length for length in range(1, count + 1))


def _seeded(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> torch.Tensor:
    torch.default_generator.manual_seed(7)
    made = function(*arguments, **keywords)
    return made.tensor if isinstance(made, NamedTensor) else made


def _item(place: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return lambda function: lambda *arguments, **keywords: function(*arguments, **keywords)[place]


def _smallest(x: NamedTensor) -> Callable[..., Any]:
    return lambda *arguments, **keywords: x.kthvalue(1, *arguments, **keywords)


def _gradient(function: Callable[..., Any], *leaves: NamedTensor) -> Any:
    """The gradients of what a function makes of tensors."""
    function(*[leaf.requires_grad_() for leaf in leaves]).sum().backward()
    found = [leaf.grad for leaf in leaves]
    return found if len(found) > 1 else found[0]


def _hooked(x: NamedTensor) -> bool:
    """Whether a hook gets the gradient."""
    seen: list[Any] = []
    x.register_hook(seen.append)
    x.sum().backward()
    return len(seen) == 1


def _retained(x: NamedTensor) -> NamedTensor:
    x.retain_grad()
    x.sum().backward()
    assert x.grad is not None
    return x


def _saved(x: NamedTensor) -> Any:
    file = io.BytesIO()
    torch.save(x, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def _sent(x: NamedTensor) -> Any:
    file = io.BytesIO()
    ForkingPickler(file, pickle.HIGHEST_PROTOCOL).dump(x)
    return pickle.loads(file.getvalue())


def _pickled(x: NamedTensor) -> Any:
    return pickle.loads(pickle.dumps(x))


def _traced(function: Callable[[torch.Tensor], NamedTensor]) -> bool:
    """Whether the graph that a function leaves gives what the function gives."""
    x = torch.rand(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = torch.jit.trace(lambda value: function(value).tensor, x)
    return torch.equal(graph(x), function(x).tensor)


def _add_one(x: torch.Tensor) -> torch.Tensor:
    return x + 1


def _scripted(x: NamedTensor) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = torch.jit.script(_add_one)
    return graph(x)


_CALLED = {
    "F": F, "OrderedDict": OrderedDict, "assigned": _assigned, "empty": _empty, "first": _item(0),
    "gradient": _gradient, "hooked": _hooked, "letters": _letters, "named": named, "namedtorch": namedtorch,
    "np": np, "pickled": _pickled, "retained": _retained, "saved": _saved, "scripted": _scripted,
    "second": _item(1), "seeded": _seeded, "sent": _sent, "smallest": _smallest, "torch": torch, "traced": _traced,
}  # fmt: skip


def told(fact: Fact) -> str:
    """What comes out of a call, as facts write it."""
    torch.default_generator.manual_seed(0)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        tensors = _tensors(fact)
        try:
            result = eval(fact.call, {**_CALLED, **tensors})
        except DimError as error:
            return f"refused {error.failures[0].code}" if error.failures else "refused DimError"
        except (
            RuntimeError,
            TypeError,
            ValueError,
            IndexError,
            AttributeError,
            NotImplementedError,
        ) as error:
            return f"refused {type(error).__name__}"
    if warned:
        return "warned"
    _hold_to_target(fact, tensors, result)
    return _shown(result, "=" in fact.said)


def _hold_to_target(fact: Fact, tensors: dict[str, NamedTensor], result: Any) -> None:
    """What a call writes to is what it gives."""
    call = ast.parse(fact.call, mode="eval").body
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return
    targets: list[ast.expr] = [one.value for one in call.keywords if one.arg == "out"]
    if call.func.attr.endswith("_"):
        owner = call.func.value
        targets.append(call.args[0] if isinstance(owner, ast.Name) and owner.id == "torch" else owner)
    for target in targets:
        if isinstance(target, ast.Name):
            assert result is tensors[target.id], fact


# The facts

FACTS = {**torch_facts.TABLES, **torch_facts_of_operators.TABLES}

ALL = [fact for table in FACTS.values() for fact in table]

OTHERWISE = {str(fact): fact for table in DEVIATIONS.values() for fact in table}


BY_CALL = grouped(ALL, lambda fact: fact.call.partition("(")[0])


def check(fact: Fact) -> None:
    assert told(fact) == OTHERWISE.get(str(fact), fact).said


@pytest.mark.parametrize("call", BY_CALL)
def test_facts_of_a_call(call: str) -> None:
    """What torch stated, or what is listed as a deviation."""
    hold(BY_CALL[call], check)


def test_every_fact_stands_once() -> None:
    assert [fact for fact, count in Counter(map(str, ALL)).items() if count > 1] == []


def test_every_deviation_is_of_a_fact_and_says_otherwise() -> None:
    stated = {str(fact): fact.said for fact in ALL}
    assert OTHERWISE.keys() <= stated.keys()
    assert sum(map(len, DEVIATIONS.values())) == len(OTHERWISE)
    for call, fact in OTHERWISE.items():
        assert fact.said != stated[call]
        # Of what torch refused and NamedTensor does as well, the first table has the code.
        assert not (fact.said.startswith("refused") and stated[call].startswith("refused")), call


def test_every_reason_is_one_sentence() -> None:
    assert all("\n" not in reason and not reason.endswith(".") for reason in DEVIATIONS)


def test_the_facts_cover_what_the_tests_of_torch_cover() -> None:
    assert len(ALL) > 900
    assert all(FACTS.values())


# A wrong line fails, whatever it gets wrong.
WRONG = facts("""
N C -> C N            | a.abs()
N C -> N C            | a.sum("C")
N C -> N              | a.sum("D")
N C -> refused        | a.sum("D")
N C, N C -> refused broadcast-dims-differ | a + b
N=2 C=3 -> N=2 C=4    | a.abs()
N C -> N C            | a.max("C")
N C -> True           | a.equal(a + 1)
N C -> warned         | a.abs()
""")


@pytest.mark.parametrize("fact", WRONG, ids=str)
def test_a_wrong_fact_fails(fact: Fact) -> None:
    with pytest.raises(AssertionError):
        check(fact)


def test_a_call_that_writes_elsewhere_fails() -> None:
    (fact,) = facts("N C, _=0 -> N C | torch.abs(a, out=b)")
    tensors = {"a": _tensor("N C", ""), "b": _tensor("N C", "")}
    with pytest.raises(AssertionError):
        _hold_to_target(fact, tensors, tensors["a"])
    _hold_to_target(fact, tensors, tensors["b"])
