"""What ExecuTorch can't take of a model, said at the user's line."""

import re
from collections.abc import Iterator, Mapping
from types import TracebackType

from torch import fx

from namedtorch.diagnostics import LowerError
from namedtorch.lower.targets.user_lines import UserLine, line_of

_MISSING = re.compile(r"Missing operator: \[\d+\] ([^\s;]+)")
_FAILED = re.compile(r"in operator ([\w:.]+?):? ")
_REMEDY = (
    "write it with other operators, compute it outside of the model, or lower the model to another target "
    '(to="export", "onnx", "torchscript")'
)


def refused(error: Exception, name: str) -> LowerError:
    """The error for a model `name` that ExecuTorch refused to convert with `error`."""
    chain = list(_chain(error))
    place = next(filter(None, (_line(one) for one in reversed(chain))), None)
    said = " ".join(str(chain[-1]).split()) or type(chain[-1]).__name__
    return LowerError(
        f"ExecuTorch can't convert {name}: {said:.600}; {_REMEDY}" + ("" if place is None else f"\n{place}")
    )


def not_run(error: Exception, name: str, lines: Mapping[str, UserLine]) -> LowerError:
    """The error for a program that was converted, and that ExecuTorch's runtime refuses to load with `error`.

    `lines` are the user's lines that call operators, by the names of those without their overloads.
    """
    said, missing = " ".join(str(error).split()), missing_in(error)
    if not missing:
        return LowerError(f"ExecuTorch converts {name}, and can't load the program: {said:.600}; {_REMEDY}")
    several = ", ".join(f"`{one}`" for one in missing)
    # An overload writes into a tensor that is there already.
    place = next((lines[one] for one in (each.partition(".")[0] for each in missing) if one in lines), None)
    return LowerError(
        f"ExecuTorch has no kernel for {several}, which {name} calls; {_REMEDY}"
        + ("" if place is None else f"\n{place}")
    )


def missing_in(error: Exception) -> list[str]:
    """The operators that ExecuTorch's runtime has no kernels for, by what it says of a program."""
    return list(dict.fromkeys(_MISSING.findall(str(error))))


def told(error: LowerError, logged: str, lines: Mapping[str, UserLine]) -> LowerError:
    """The error of a call that failed with what the runtime's C++ logged, of itself it says a number; and the line."""
    if not logged:
        return error
    found = _FAILED.search(logged)
    place = None if found is None else lines.get(found[1].partition(".")[0])
    head, _, rest = str(error).partition("\n")
    return LowerError("\n".join([f"{head} ({logged:.600})", *filter(None, (rest, place and str(place)))]))


def unrolled(dim: str, constant: int, where: str, line: UserLine | None, name: str) -> LowerError:
    """The error for a model in which a free size became a constant; `where` fixes it."""
    return LowerError(
        f"ExecuTorch can't convert {name} with `{dim}` free: it unrolls layers that go step by step (nn.LSTM, nn.GRU) "
        f'into the steps of one size, here {constant}; fix it, lower(model, to="executorch", where="{where}"), and pad '
        'what is shorter; or lower the model to="onnx" or "torchscript"'
        + ("" if line is None else f"\n{line}")
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _line(error: BaseException) -> UserLine | None:
    """The user's line of the node that was converted when an error arose."""
    step: TracebackType | None = error.__traceback__
    found: UserLine | None = None
    while step is not None:
        for name in ("node", "n"):
            node = step.tb_frame.f_locals.get(name)
            if isinstance(node, fx.Node):
                found = line_of(node) or found
        step = step.tb_next
    return found
