"""The constructors of the rows of modules, held against the signatures of torch's classes."""

import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.op_rule import Taken, as_value, read_parameters
from namedtorch.ops.table import MODULES
from tests.ops.oracle import ModuleCase, function_of

_FOLDER = Path(__file__).parent / "cases"
_TRIED = {
    case.name
    for one in pkgutil.iter_modules([str(_FOLDER)])
    for case in getattr(importlib.import_module(f"tests.ops.cases.{one.name}"), "MODULE_CASES", ())
    if isinstance(case, ModuleCase)
}

WITHOUT_ROW = {
    "AdaptiveLogSoftmaxWithLoss": "is made of modules of its own, and gives an object",
    "Container": "holds modules of the user's",
    "DataParallel": "runs a module of the user's",
    "LinearCrossEntropyLoss": "is a prototype, whose arguments may still change",
    "Module": "is what the user's classes derive from",
    "ModuleDict": "holds modules of the user's",
    "ModuleList": "holds modules of the user's",
    "ParameterDict": "holds parameters of the user's",
    "ParameterList": "holds parameters of the user's",
    "RNNBase": "is what LSTM and its like are made of",
    "RNNCellBase": "is what LSTMCell and its like are made of",
    "Sequential": "holds modules of the user's",
}
"""The modules of torch that have no row, and why."""

WITHOUT_ARGUMENTS = {"LogSigmoid", "Sigmoid", "Softmax2d", "Softsign", "Tanh", "Tanhshrink"}
"""The modules whose constructor takes no argument that torch reads."""

_RNN = inspect.Parameter("nonlinearity", inspect.Parameter.POSITIONAL_OR_KEYWORD, default="tanh")


def parameters_of(name: str) -> list[inspect.Parameter]:
    """The parameters of a class of torch; those of recurrent networks are behind `*args`."""
    short = name.removeprefix("torch.nn.")
    kind = nn.RNNBase if short in ("RNN", "LSTM", "GRU") else function_of(name)
    found = list(inspect.signature(kind.__init__).parameters.values())[1:]
    if kind is not nn.RNNBase:
        return found
    # What `mode` is each class says itself; only an LSTM projects.
    found = [one for one in found if one.name != "mode" and (short == "LSTM" or one.name != "proj_size")]
    return [*found[:3], _RNN, *found[3:]] if short == "RNN" else found


def disagreements(row: tuple[Taken, ...], parameters: list[inspect.Parameter]) -> list[str]:
    """How a row and a signature differ."""
    if [one.name for one in row] != [one.name for one in parameters]:
        return [f"names: {[one.name for one in row]} and {[one.name for one in parameters]}"]
    return [
        f"{parameter.name}: {taken} and {parameter}"
        for taken, parameter in zip(row, parameters, strict=True)
        if not _agree(taken, parameter)
    ]


def _agree(taken: Taken, parameter: inspect.Parameter) -> bool:
    if taken.several != (parameter.kind is inspect.Parameter.VAR_POSITIONAL):
        return False
    if taken.keywords != (parameter.kind is inspect.Parameter.VAR_KEYWORD):
        return False
    if taken.several or taken.keywords:
        return True
    default: Any = parameter.default
    if taken.required or default is inspect.Parameter.empty:
        return taken.required and default is inspect.Parameter.empty
    if callable(default):
        # A function is no value that rows read; they name it or leave it open.
        return taken.default is Unknown or isinstance(taken.default, str)
    return taken.default == as_value(default)


@pytest.mark.parametrize("name", [name for name, rule in MODULES.items() if rule.constructor])
def test_a_constructor_has_torchs_parameters(name: str) -> None:
    assert disagreements(read_parameters(MODULES[name].constructor), parameters_of(name)) == []


@pytest.mark.parametrize(
    "constructor",
    ["out_features, in_features", "in_features=1", "in_features, *rest", "in_features, bias=False"],
)
def test_another_constructor_is_found_out(constructor: str) -> None:
    def make(in_features: int, bias: bool = True) -> None: ...

    assert (
        disagreements(read_parameters(constructor), list(inspect.signature(make).parameters.values())) != []
    )


def test_rows_without_a_constructor_take_no_arguments() -> None:
    bare = {name.removeprefix("torch.nn.") for name, rule in MODULES.items() if not rule.constructor}
    assert bare == WITHOUT_ARGUMENTS
    for name in bare:
        kinds = {one.kind for one in parameters_of(f"torch.nn.{name}")}
        assert kinds == {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}


def test_the_modules_of_torch_without_a_row_are_these() -> None:
    kinds = {
        name
        for name, kind in vars(nn).items()
        if inspect.isclass(kind) and issubclass(kind, nn.Module) and f"torch.nn.{name}" not in MODULES
    }
    assert kinds == set(WITHOUT_ROW)


def test_most_modules_are_made_and_called_as_torchs() -> None:
    made = [name for name, rule in MODULES.items() if rule.constructor and name in _TRIED]
    assert len(made) >= 110
