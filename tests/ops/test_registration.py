"""`namedtorch.register`: rows of users' own, read by whoever reads the table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from namedtorch import AnnotationError, DimError, lower, register
from namedtorch.dims.unknown import Unknown
from namedtorch.ops import registry
from namedtorch.ops.axes import Axis, product
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.table import operator_for, rule_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Value
from namedtorch.static.checked import Options
from namedtorch.static.checker import check_module
from namedtorch.static.project import Project
from namedtorch.static.rules import rules_key
from namedtorch.static.source_module import SourceModule
from tests.ops import registered
from tests.static.expectations import differences

HOME = "tests.ops.registered"


@pytest.fixture(autouse=True)
def _rows_of_one_test() -> Iterator[None]:
    before = dict(registry.OPERATORS), dict(registry.MODULES)
    registry.OPERATORS.clear()
    registry.MODULES.clear()
    yield
    for rows, old in zip((registry.OPERATORS, registry.MODULES), before, strict=True):
        rows.clear()
        rows.update(old)  # type: ignore[arg-type]


def array(*sizes: int) -> Array:
    return Array(TensorShape.of(sizes))


def applied(name: str, *arguments: Value, **keywords: Value) -> str:
    rule = operator_for(name)
    assert rule is not Unknown
    return str(rule(list(arguments), keywords, Plain()))


def wider(call: Call) -> TensorShape:
    """The last axis, `factor` times."""
    shape = call.shape("x")
    size = product([shape.at(-1), Axis(call.size("factor"))])
    return shape.replaced(len(shape.axes) - 1, Axis(size))


# Functions

OPERATORS: list[tuple[Any, Any, dict[str, Any], str, list[Value], str]] = [
    (registered.pool, "x: N C H W -> N C", {}, f"{HOME}.pool", [array(8, 3, 5, 7)], "8 3"),
    (f"{HOME}.pool", "x: N C H W -> N C", {}, f"{HOME}.pool", [array(8, 3, 5, 7)], "8 3"),
    (registered.pool, ["x: N C T -> N C", "x: N C H W -> N H"], {}, f"{HOME}.pool", [array(8, 3, 5, 7)], "8 5"),
    (registered.pool, ["x: N C T -> N C", "x: N C H W -> N H"], {}, f"{HOME}.pool", [array(8, 3, 5)], "8 3"),
    (registered.resample, "x: N C T -> N C _", {}, f"{HOME}.resample", [array(8, 3, 5), 2], "8 3 _"),
    (registered.resample, wider, {}, f"{HOME}.resample", [array(8, 3, 5)], "8 3 10"),
    (registered.resample, wider, {}, f"{HOME}.resample", [array(8, 3, 5), Unknown], "8 3 _"),
    (registered.resample, wider, {"spelled": ["fancy.resample"]}, "fancy.resample", [array(3, 5)], "3 10"),
    (registered.similarity, "left: *b Q D, right: *b K D -> *b Q K", {}, f"{HOME}.similarity",
     [array(2, 4, 7), array(2, 5, 7)], "2 4 5"),
    ("nowhere.pool", "x: N C T -> N C", {}, "nowhere.pool", [array(8, 3, 5)], "8 3"),
    ("nowhere.pool", "x: N C T -> N C", {}, "nowhere.pool", [array(8, 3, 5), True, None], "8 3"),
    ("nowhere.resample", wider, {"parameters": "x, factor=3"}, "nowhere.resample", [array(5)], "15"),
    ("nowhere.deep.pool", "x: N C -> N D=2*C", {}, "nowhere.deep.pool", [array(5, 3)], "5 6"),
    (lambda x: x, "x: N C -> N", {"spelled": ("fancy.first",)}, "fancy.first", [array(5, 3)], "5"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "rule", "options", "name", "arguments", "result"), OPERATORS)
def test_function(
    target: Any, rule: Any, options: dict[str, Any], name: str, arguments: list[Value], result: str
) -> None:
    register(target, rule, **options)
    assert applied(name, *arguments) == result


def test_a_function_is_found_under_each_of_its_names() -> None:
    register(registered.pool, "x: N C T -> N C", spelled=["fancy.pool", "fancy.functional.pool"])
    for name in (f"{HOME}.pool", "fancy.pool", "fancy.functional.pool"):
        assert applied(name, array(8, 3, 5)) == "8 3"


def test_a_registered_signature_blames_its_arguments() -> None:
    register(registered.similarity, "left: Q D, right: K D -> Q K")
    with pytest.raises(Misfit) as caught:
        applied(f"{HOME}.similarity", array(4, 7), array(5, 6))
    assert (caught.value.code, caught.value.argument, caught.value.axis) == ("argument-differs", "right", 1)


def test_a_row_of_the_table_can_be_replaced() -> None:
    register("torch.relu", "input: N C -> C N", replace=True)
    assert applied("torch.relu", array(2, 3)) == "3 2"
    register(torch.nn.Linear, "input: N in -> N _", replace=True)
    assert rule_for(["torch.nn.modules.linear.Linear"]) is registry.MODULES["torch.nn.Linear"]


def test_a_name_changes_its_kind_when_it_is_replaced() -> None:
    register("fancy.Mixer", "x: N C -> N")
    register("fancy.Mixer", "x: N C -> N", constructor="dim", replace=True)
    assert operator_for("fancy.Mixer") is Unknown
    assert rule_for(["fancy.Mixer"]) is not Unknown


# Refusals

NONSENSE: list[tuple[Any, Any, dict[str, Any], type[Exception], str]] = [
    (registered.pool, "x: N C -> N D", {}, ValueError, r'the result "N D" of .*pool has `D`, which no parameter has'),
    (registered.pool, "x: N C -> *b N", {}, ValueError, r"has `\*b`"),
    (registered.pool, "x: N C -> N 2*D", {}, ValueError, r"has `D`"),
    (registered.pool, "x: N C -> N C, N E", {}, ValueError, r"has `E`"),
    (registered.pool, "y: N C -> N", {}, ValueError, r"pool has no parameter `y`; it takes x"),
    (registered.similarity, "left: N, rigth: N -> N", {}, ValueError, r"no parameter `rigth`; did you mean `right`\?"),
    (registered.pool, "x: N ( -> N", {}, AnnotationError, r"N \("),
    (registered.pool, [], {}, ValueError, "there is no signature"),
    (registered.similarity, ["left: N -> N", "right: N M -> N"], {}, ValueError, "other parameters"),
    (registered.pool, "x: N {self.dim} -> N", {}, ValueError, r"mentions `self\.dim`"),
    (registered.pool, lambda: None, {}, ValueError, "is to take one argument, the `Call`"),
    (registered.pool, "x: N -> N", {"parameters": "x, factor"}, ValueError, "no parameter `factor`"),
    (registered.pool, "x: N -> N", {"parameters": "x, ("}, ValueError, "are no parameters"),
    (registered.pool, "x: N -> N", {"sizes": {"N": "n"}}, ValueError, "are for classes"),
    ("nowhere.pool", wider, {}, ValueError, "not loaded: say its parameters"),
    ("pool", "x: N -> N", {}, ValueError, "'pool' is no qualified name"),
    ("nowhere.a b", "x: N -> N", {}, ValueError, "is no qualified name"),
    (f"{HOME}.missing", "x: N -> N", {}, ValueError, "has no `missing`"),
    (f"{HOME}.HOME", "x: N -> N", {}, ValueError, "has no `HOME`"),
    ("math.pi", "x: N -> N", {}, TypeError, "can't be called"),
    (3, "x: N -> N", {}, TypeError, "not int"),
    (lambda x: x, "x: N -> N", {}, ValueError, "give one by `spelled`"),
    ("torch.relu", "input: N -> N", {}, ValueError, "torch.relu has a row already; `replace=True`"),
    (torch.nn.Linear, "input: N in -> N _", {}, ValueError, "torch.nn.Linear has a row already"),
    (registered.Plain, "x: N -> N", {}, TypeError, "no nn.Module"),
    (registered.Mixer, "x: N C -> N hidden", {}, ValueError, "has `hidden`"),
    (registered.Mixer, "y: N dim -> N dim", {}, ValueError, "no parameter `y`; it takes x, scale"),
    (registered.Mixer, "x: N C -> N C", {"sizes": {"D": "dim"}}, ValueError, "`sizes` has `D`, which is no dim"),
    (registered.Mixer, "x: N C -> N C", {"state": {"weight": "out ("}}, AnnotationError, r"out \("),
    (registered.Mixer, "x: N C -> N C", {"constructor": "dim, depth"}, ValueError, "no parameter `depth`"),
    ("nowhere.Mixer", "x: N C -> N C", {"sizes": {"C": "c"}}, ValueError, "say what it is made with"),
    ("nowhere.Mixer", wider, {"constructor": "dim"}, ValueError, "say what its forward takes"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "rule", "options", "kind", "said"), NONSENSE)
def test_nonsense_is_refused(
    target: Any, rule: Any, options: dict[str, Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        register(target, rule, **options)
    assert (registry.OPERATORS, registry.MODULES) == ({}, {})


def test_a_name_is_registered_once() -> None:
    register(registered.pool, "x: N C T -> N C")
    with pytest.raises(ValueError, match=r"pool has a row already"):
        register(f"{HOME}.pool", "x: N C -> N C")
    register(registered.pool, "x: N C -> C N", replace=True)
    assert applied(f"{HOME}.pool", array(2, 3)) == "3 2"


def test_one_name_that_is_taken_keeps_all_from_being_registered() -> None:
    with pytest.raises(ValueError, match=r"torch\.relu has a row"):
        register(registered.pool, "x: N C T -> N C", spelled=["torch.relu"])
    assert operator_for(f"{HOME}.pool") is Unknown


def test_a_mistake_in_a_rule_says_whose_it_is() -> None:
    register(registered.pool, lambda call: call.arguments["missing"])
    with pytest.raises(RuntimeError, match=r"registered for .*pool failed: KeyError"):
        applied(f"{HOME}.pool", array(2))


# Modules


def test_a_class_gives_its_state_and_its_sizes() -> None:
    register(registered.Mixer, "x: *b dim -> *b dim", state={"weight": "dim out"}, sizes={"out": "dim"})
    instance = registered.Mixer(64)
    rule = rule_for([f"{HOME}.Mixer"])
    assert rule is not Unknown
    dims = rule.state_dims(lambda name: getattr(instance, name, Unknown), ["weight"])
    assert {name: str(shape) for name, shape in dims.items()} == {"weight": "dim=64 out=64"}
    assert [str(one) for one in rule.forwards(lambda name: getattr(instance, name, Unknown))] == [
        "x: *b dim=64 -> *b dim=64"
    ]


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mixer = registered.Mixer(64)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        return self.mixer(x)


def test_lowering_knows_the_dims_of_registered_modules() -> None:
    before = lower(Net())
    assert str(before.signature) == "x: B T D -> B T D"
    register(registered.Mixer, "x: *b dim -> *b dim", state={"weight": "dim out"}, sizes={"out": "dim"})
    lowered = lower(Net())
    assert str(lowered.signature) == "x: B T D=64 -> B T D=64"
    assert str(lowered.manifest.state["mixer.weight"].dims) == "dim=64 out=64"
    with pytest.raises(DimError):
        lowered(torch.zeros(1, 2, 32))


PROGRAM = """\
import fancy
import torch
from jaxtyping import Float
from tests.ops.registered import Mixer, pool
from torch import Tensor, nn


def pooled(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N H"]:
    y = fancy.pool(x)  # dims: N C
    fancy.pool(y)  # error: [rank-unfit]
    return pool(x)  # error: [result-differs]


def longer(x: Float[Tensor, "N T"]):
    y = fancy.resample(x, 3)  # dims: N 3*T
    z = fancy.resample(x)  # dims: N 2*T
    return y, z


class Net(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.a = fancy.Mixer(64, heads=4)
        self.b = Mixer(width)
        self.c = fancy.Fixed()

    def forward(self, x: Float[Tensor, "B T 64"]):
        y = self.a(x)  # dims: B T 64
        z = torch.zeros(self.a.heads)  # dims: 4
        self.a(x[:, :, :32])  # error: [argument-differs]
        w = self.c(y)  # dims: B T 3
        return w, z


class Narrow(fancy.Mixer):
    def __init__(self) -> None:
        super().__init__(16)

    def twice(self, x: Float[Tensor, "B T 8"]):
        return self(x)  # error: [argument-differs]
"""


def checked(folder: Path) -> list[str]:
    path = folder / "program.py"
    path.write_text(PROGRAM)
    project = Project.of([str(path)])
    module = project.module_at(str(path))
    assert isinstance(module, SourceModule)
    return differences(module.text, check_module(module, project, Options()))


def test_the_checker_reads_registered_rows(tmp_path: Path) -> None:
    assert len(checked(tmp_path)) == 10
    register(registered.pool, "x: N C H W -> N C", spelled=["fancy.pool"])
    register(registered.resample, wider, spelled=["fancy.resample"])
    register(registered.Mixer, "x: *b dim -> *b dim", spelled=["fancy.Mixer"])
    register("fancy.Fixed", "x: *b C -> *b 3", constructor="")
    assert checked(tmp_path) == []


def test_a_class_can_have_a_rule(tmp_path: Path) -> None:
    register(
        "fancy.Longer",
        lambda call: wider(Call({**call.arguments, "factor": call.attribute("factor")}, call.judge)),  # type: ignore[dict-item]
        constructor="factor",
        parameters="x",
    )
    path = tmp_path / "program.py"
    path.write_text("import fancy, torch\ny = fancy.Longer(5)(torch.zeros(2, 3))  # dims: 2 15\n")
    project = Project.of([str(path)])
    module = project.module_at(str(path))
    assert isinstance(module, SourceModule)
    assert differences(module.text, check_module(module, project, Options())) == []


def test_records_of_checks_are_kept_apart_by_what_is_registered() -> None:
    keys = [rules_key()]
    register("fancy.pool", "x: N C -> N")
    keys.append(rules_key())
    register("fancy.pool", "x: N C -> C", replace=True)
    keys.append(rules_key())
    register("fancy.other", wider, parameters="x, factor")
    keys.append(rules_key())
    assert len(set(keys)) == 4
    registry.OPERATORS.clear()
    assert rules_key() == keys[0]
