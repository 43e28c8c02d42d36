"""The three that enforce a signature, each as a function from a call to its verdict."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

import torch

from namedtorch.diagnostics import DimError, Failure
from namedtorch.runtime.guard import Guard, guarded
from namedtorch.signature.emit import graph_guard
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from tests.guards.calls import Call


@dataclass(frozen=True)
class Verdict:
    """Whether a call was refused, and what was said."""

    refused: bool
    text: str = ""
    failures: tuple[Failure, ...] = ()


ACCEPTED = Verdict(False)


def by_python(call: Call) -> Verdict:
    """The guard that is written around a Python function."""
    function = guarded(call.signature, lambda *values: call.result, "f")
    try:
        function(*call.arguments)
    except DimError as error:
        return Verdict(True, str(error), tuple(error.failures))
    return ACCEPTED


def by_matcher(call: Call) -> Verdict:
    """The explaining matcher."""
    explanation = Guard(call.signature, "f").explanation(call.arguments)
    failures = explanation.arguments() or explanation.result(call.result)
    if not failures:
        return ACCEPTED
    error = explanation.error("f", "")
    return Verdict(True, str(error), tuple(error.failures))


def graph_source(call: Call, annotations: Mapping[str, str] | None = None) -> tuple[str, Mapping[str, Any]]:
    """The guard of a graph as a Python function of the arguments and the result, and the names that it reads."""
    names = [one.name for one in call.signature.parameters]
    guard = graph_guard(call.plan, "f", [*names, "given"])
    body = "\n".join([*guard.before, "result = given", *guard.after, "return 0"])
    written = annotations or {}
    parameters = ", ".join(
        f"{name}: {written[name]}" if name in written else name for name in [*names, "given"]
    )
    source = f"def check({parameters}):\n{textwrap.indent(body, '    ')}\n"
    types = {"Dict": Dict, "List": List, "Optional": Optional, "Tuple": Tuple}
    return source, {"torch": torch, **types, **guard.functions}


def graph_annotations(call: Call) -> dict[str, str] | None:
    """The types of the parameters as TorchScript has them; None where it has none (`tuple[X, ...]`)."""
    hints = {one.name: one.hint for one in call.signature.parameters} | {"given": call.signature.result}
    try:
        return {name: _graph_type(hint) for name, hint in hints.items()}
    except NotImplementedError:
        return None


def _graph_type(hint: Hint) -> str:
    match hint:
        case TensorHint() | UnionHint():
            return "torch.Tensor"
        case OptionalHint(inner=inner):
            return f"Optional[{_graph_type(inner)}]"
        case ListHint(item=item, container="list"):
            return f"List[{_graph_type(item)}]"
        case DictHint(value=value):
            return f"Dict[str, {_graph_type(value)}]"
        case TupleHint(items=items):
            return f"Tuple[{', '.join(_graph_type(item) for item in items)}]"
        case PlainHint(text="int"):
            return "int"
        case PlainHint():
            return "Optional[int]"
        case _:
            raise NotImplementedError(hint)


def by_graph(call: Call) -> Verdict:
    """The guard that is written into graphs, run as the Python that it is, too."""
    source, names = graph_source(call)
    space = dict(names)
    exec(compile(source, "<graph guard>", "exec"), space)
    try:
        space["check"](*call.arguments, call.result)
    except ValueError as error:
        return Verdict(True, str(error))
    return ACCEPTED
