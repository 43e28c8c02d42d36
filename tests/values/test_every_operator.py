"""Every operator of the table through NamedTensor: torch's own numbers, its views, and no name lost or made up.

The cases are those that hold the table to torch. Tensors carry one name for each axis where a case has one tensor, and
none where there are several, whose names would have to fit each other.
"""

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from namedtorch import DimError, NamedTensor
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import names_in
from namedtorch.ops.table import METHOD
from tests.ops import oracle
from tests.ops.oracle import Case, T, function_of, run_torch
from tests.ops.test_operators import CASES

_LETTERS = "abcdefghijklmnopqrstuvwxyz"

REFUSED = "refused"

# torch makes these of a plain tensor only, and never asks NamedTensor.
CONSTRUCTORS = {
    "torch.nn.Parameter",
    "torch.nn.Buffer",
    "torch.autograd.Variable",
    "torch.as_tensor",
    "torch.tensor",
}

# What these give has ranks or sizes that nothing but the values tells.
UNTOLD = {"torch.linalg.lstsq", "torch.linalg.lu_factor"}


def _tensors(value: Any) -> Iterator[T]:
    match value:
        case T():
            yield value
        case tuple() | list():
            for one in value:
                yield from _tensors(one)
        case slice():
            yield from _tensors((value.start, value.stop, value.step))
        case _:
            pass


def _real(value: T) -> torch.Tensor:
    made = torch.Generator().manual_seed(len(value.sizes))
    if value.dtype is torch.bool:
        return torch.rand(value.sizes, generator=made) < 0.5
    if value.dtype.is_floating_point or value.dtype.is_complex:
        return torch.rand(value.sizes, generator=made).to(value.dtype)
    return torch.randint(0, 2, value.sizes, generator=made).to(value.dtype)


def _made(value: Any, names: Iterator[str | None] | None) -> Any:
    """A value of a case: plain where there are no names, else under the next ones."""
    match value:
        case T():
            tensor = _real(value)
            return tensor if names is None else NamedTensor(tensor, tuple(next(names) for _ in value.sizes))
        case tuple() | list():
            return type(value)(_made(one, names) for one in value)
        case slice():
            return slice(*(_made(one, names) for one in (value.start, value.stop, value.step)))
        case _:
            return value


def _run(case: Case, names: Iterator[str | None] | None) -> tuple[Any, Any]:
    """The arguments of a case, and what it gives or raises."""
    arguments = [_made(one, names) for one in case.arguments]
    keywords = {key: _made(one, names) for key, one in case.keywords.items()}
    # torch.manual_seed asks every kind of device, and takes a millisecond.
    torch.default_generator.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if case.spelling.startswith(METHOD) and arguments:
                found = getattr(arguments[0], case.spelling.removeprefix(METHOD))
                takes = callable(found) and not isinstance(found, NamedTensor)
                return arguments, found(*arguments[1:], **keywords) if takes else found
            return arguments, function_of(case.spelling)(*arguments, **keywords)
        except Exception as error:
            return arguments, error


def _leaves(value: Any) -> Iterator[Any]:
    match value:
        case tuple() | list():
            for one in value:
                yield from _leaves(one)
        case _:
            yield value


def _shares(result: torch.Tensor, arguments: Any) -> bool:
    """Whether a result is stored where one of the arguments is."""
    if result.layout is not torch.strided or result.numel() == 0:
        return False
    place = result.untyped_storage().data_ptr()
    plain = [one.tensor if isinstance(one, NamedTensor) else one for one in _leaves(arguments)]
    return any(
        isinstance(one, torch.Tensor)
        and one.layout is torch.strided
        and one.untyped_storage().data_ptr() == place
        for one in plain
    )


NAMED_CASES = [
    case
    for case in CASES
    if any(True for _ in _tensors((case.arguments, tuple(case.keywords.values()))))
    and not case.spelling.startswith("einops.")
    and case.spelling not in CONSTRUCTORS
    # Of einsum without an equation the row says nothing.
    and not (case.spelling == "torch.einsum" and isinstance(case.arguments[0], T))
    and not case.lenient
    # A list of lists is still a tuple to torch, which warns that it will be a tensor of places, as it is here.
    and not any(isinstance(one, list) and one and isinstance(one[0], list) for one in case.arguments)
]


def _is_any(spelling: str) -> bool:
    """Whether numbers are what memory holds, or depend on which of two elements is written last."""
    own = spelling.rpartition(".")[2]
    return own == "new" or any(word in own for word in ("empty", "max_unpool"))


def check(case: Case) -> str:
    """Holds a case to plain torch; tells what became of it."""
    count = sum(1 for _ in _tensors((case.arguments, tuple(case.keywords.values()))))
    names: Iterator[str | None] = iter(_LETTERS) if count == 1 else itertools.repeat(None)
    before, plain = _run(case, None)
    arguments, named = _run(case, names)
    if isinstance(named, DimError) and not isinstance(plain, Exception):
        # Names may be refused where sizes fit (a square matrix of two dims, a view that mixes dims): then without any.
        arguments, named = _run(case, itertools.repeat(None))
    if isinstance(plain, Exception):
        assert isinstance(named, Exception), f"torch raises {plain!r}, NamedTensor gives {named}"
        return REFUSED
    if isinstance(named, DimError) and run_torch(case) == oracle.REFUSED:
        # torch's kernels for the CPU take what its meta kernels refuse: weights of other sizes in `lstm`.
        return REFUSED
    if case.spelling in UNTOLD:
        assert isinstance(named, DimError)
        assert named.failures[0].code == "operator-without-rule"
        return "untold"
    if isinstance(named, Exception):
        raise AssertionError(f"torch gives {plain}, NamedTensor raises") from named
    left, right = list(_leaves(plain)), list(_leaves(named))
    assert len(left) == len(right), f"{len(left)} results, named {len(right)}"
    assert type(plain) is type(named) or not isinstance(plain, tuple | list)
    for one, other in zip(left, right, strict=True):
        if not isinstance(one, torch.Tensor):
            assert not isinstance(other, NamedTensor)
            continue
        assert isinstance(other, NamedTensor), "a result without names"
        assert len(other.dims) == other.tensor.dim()
        assert other.tensor.dtype == one.dtype
        assert other.tensor.shape == one.shape
        if one.layout is torch.strided and not one.is_meta and not _is_any(case.spelling):
            assert torch.equal(torch.nan_to_num(other.tensor), torch.nan_to_num(one)), "other numbers"
        assert _shares(one, before) == _shares(other.tensor, arguments), "a view here, a copy there"
        parts = {part for name in other.dims if name is not None for part in names_in(name) or (name,)}
        made_up = parts - {Unknown}
        assert made_up <= set(_LETTERS), f"names from nowhere: {other.dims}"
    return "named"


_BY_SPELLING: dict[str, list[Case]] = {}
for _case in NAMED_CASES:
    _BY_SPELLING.setdefault(_case.spelling, []).append(_case)


@pytest.mark.parametrize("spelling", _BY_SPELLING)
def test_the_numbers_and_views_are_torchs(spelling: str) -> None:
    for case in _BY_SPELLING[spelling]:
        try:
            check(case)
        except AssertionError as error:
            raise AssertionError(f"{case}: {error}") from error


def test_most_cases_are_named() -> None:
    told = [check(case) for case in NAMED_CASES[:: len(NAMED_CASES) // 300]]
    assert told.count("named") > len(told) // 3
