"""What ONNX, or onnxruntime, can't take of a model, said at the user's line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from torch import fx

from namedtorch.diagnostics import LowerError
from namedtorch.lower.targets.user_lines import UserLine, line_in, line_of

_OPERATOR = re.compile(r"No ONNX function found for <OpOverload\(op='([^']+)', overload='([^']+)'\)>")
_NODE = re.compile(r"[Nn]ode with name '([^']+)'|Name: ?'([^']+)'|Node \(([^)]+)\)|Node:(\S+)")
TRACE = "pkg.torch.onnx.stack_trace"
"""Where torch writes into a node of ONNX which lines made it."""

_REMEDY = (
    "write it with other operators, compute it outside of the model, or lower the model to another target "
    '(to="export", "executorch", "torchscript")'
)


def refused(error: Exception, name: str) -> LowerError:
    """The error for a model `name` that torch.onnx refused with `error`."""
    chain = list(_chain(error))
    place = next(filter(None, (_line(one) for one in reversed(chain))), None)
    for one in reversed(chain):
        found = _OPERATOR.search(str(one))
        if found is not None:
            operator = found[1].replace(".", "::", 1) + ("" if found[2] == "default" else f".{found[2]}")
            return LowerError(_text(f"ONNX has no form of `{operator}`, which {name} calls", place))
    return LowerError(_text(f"torch.onnx can't convert {name}: {reason_of(error)}", place))


def reason_of(error: Exception) -> str:
    """The first line of what an error began with."""
    first = list(_chain(error))[-1]
    return str(first).strip().partition("\n")[0] or type(first).__name__


def is_of_passes(error: Exception) -> bool:
    """Whether an error arose in a pass of onnx_ir over a model that torch.onnx had made: its optimizer's are these."""
    return any(type(one).__name__ == "PassError" for one in _chain(error))


@dataclass(frozen=True, slots=True)
class Lines:
    """The frames that made each node of an ONNX model, by the node's name."""

    traces: Mapping[str, str]

    @classmethod
    def of(cls, model: Any) -> "Lines":
        """The frames in a model of onnx_ir, before they are taken out of it."""
        nodes = model.graph.all_nodes()
        return cls({one.name: one.metadata_props.get(TRACE, "") for one in nodes if one.name})

    def place(self, error: Exception) -> UserLine | None:
        """The user's line of the node that onnxruntime complains of; None where it names none."""
        found = _NODE.search(" ".join(str(error).split()))
        name = next(filter(None, found.groups()), "") if found is not None else ""
        return line_in(self.traces.get(name, ""))

    def not_run(self, error: Exception, name: str) -> LowerError:
        """The error for a model `name` that was written, and that onnxruntime refuses to open with `error`."""
        said = " ".join(str(error).split())
        return LowerError(_text(f"{name} is ONNX, and onnxruntime can't run it: {said}", self.place(error)))


def _text(what: str, place: UserLine | None) -> str:
    return f"{what}; {_REMEDY}" + ("" if place is None else f"\n{place}")


def _chain(error: BaseException | None) -> Any:
    while error is not None:
        yield error
        error = error.__cause__


def _line(error: BaseException) -> UserLine | None:
    """The user's line of the node that was converted when an error arose."""
    frame: TracebackType | None = error.__traceback__
    found: UserLine | None = None
    while frame is not None:
        node = frame.tb_frame.f_locals.get("node")
        if isinstance(node, fx.Node):
            found = line_of(node) or found
        frame = frame.tb_next
    return found
