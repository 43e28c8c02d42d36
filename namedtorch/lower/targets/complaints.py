"""What torch.export has against a model, in the words of its signature."""

import re
import traceback
from collections.abc import Sequence
from typing import Any

from torch._dynamo.exc import UserError, UserErrorType

from namedtorch.diagnostics import LowerError
from namedtorch.dims.constraint import Constraint
from namedtorch.lower.drawing import said
from namedtorch.lower.samples import Refusal
from namedtorch.lower.targets.trials import Broken
from namedtorch.lower.targets.user_lines import UserLine, line_in, line_of_error
from namedtorch.signature.signature import Signature

OTHERS = 'other targets are not concerned: lower(model, to="torchscript")'
_DATA = ("GuardOnDataDependentSymNode", "DataDependentOutputException", "DynamicOutputShapeException")
_SHOWN = 300

_SYMBOLIC = re.compile(r"\bSym(Int|Float|Bool)\b")
_PLAIN = (
    "a size, and what is computed of one, is no plain number while torch traces: take int(...), float(...) or "
    "bool(...) of it, and it is told for which sizes that holds"
)

_SAYS_SO = "_process_derived_dim_roots"
"""Where torch stumbles over dims that are computed by a subtraction (`T-1`), in what it is about to say of them."""

_TAKEN_ONCE = (
    "  a loop over a size is unrolled, and a branch on one is taken once: compute it without, or lower the model to "
    "TorchScript, which keeps both"
)


def is_about_sizes(error: BaseException) -> bool:
    """Whether torch complains that a model asks more of sizes than it was told, or fails to say so."""
    if isinstance(error, KeyError):
        return _raised_in(error) == _SAYS_SO
    return isinstance(error, UserError) and error.error_type == UserErrorType.CONSTRAINT_VIOLATION


def narrower(
    broken: Sequence[Broken], signature: Signature, name: str, target: str, asked: Sequence[Constraint] = ()
) -> LowerError:
    """The error of a signature that promises more sizes than the exported graph holds for.

    `asked` are the constraints that the caller gave, which are to stay.
    """
    dims = list(dict.fromkeys(f"`{one.demand.dim}`" for one in broken))
    leaves = "is" if len(dims) == 1 else "are"
    lines = [
        f"{name} can't be exported as its signature says: {', '.join(dims)} {leaves} free in `{signature}`"
    ]
    said_once: dict[str, None] = {}
    for one in broken:
        if one.demand.text not in said_once or not one.demand.text:
            said_once[one.demand.text] = None
            lines += [f"  {_asks(one)}", *_placed(_line(one))]
    wheres = ", ".join(dict.fromkeys(one.demand.text for one in broken if one.demand.text))
    if wheres:
        whole = ", ".join([*map(str, asked), wheres])
        lines.append(
            f'  write `where {wheres}` in the annotation, or lower(model, to="{target}", where="{whole}")'
        )
    if any(isinstance(one.failure, str) or one.demand.is_static for one in broken):
        lines.append(_TAKEN_ONCE)
    return LowerError("\n".join(lines))


def _asks(broken: Broken) -> str:
    """What the model asks of one dim, and what shows it."""
    one, failure = broken.demand, broken.failure
    match one.kind:
        case "fixed" if not isinstance(failure, Refusal):
            what = f"the graph has `{one.text.replace(' == ', '=')}` as a constant"
        case "other" if not one.text:
            what = f"the graph does not hold for all sizes of `{one.dim}`"
        case _:
            who = "the model takes" if isinstance(failure, Refusal) else "the graph holds for"
            if failure is None and not one.is_static:
                who = "no call in other sizes could be tried, and as torch notes it the graph holds for"
            what = f"{who} `{one.text}` only" if one.text else f"{who} some sizes of `{one.dim}` only"
    if isinstance(failure, Refusal):
        return f"{what}: for {failure} the model says: {said(failure.error)}"
    return what if failure is None else f"{what}: at {broken.sizes} {failure}"


def _line(broken: Broken) -> UserLine | None:
    if isinstance(broken.failure, Refusal):
        return line_of_error(broken.failure.error)
    return broken.demand.line


def complaint(error: Exception, name: str) -> LowerError:
    """The error of a model that torch.export can't take, for a reason that is not about the sizes of dims."""
    if isinstance(error, LowerError):
        return error
    line = _line_of(error)
    kinds = {type(one).__name__ for one in _chain(error)}
    if kinds & {*_DATA} or "data-dependent" in str(error) or "data dependent" in str(error):
        what = (
            "it decides by numbers in a tensor, and a graph of torch.export has no branches for that: use torch.where, "
            "or lower it to TorchScript, which keeps branches and loops"
        )
        return LowerError("\n".join([f"{name} can't be exported: {what}", *_placed(line)]))
    advice = _PLAIN if _SYMBOLIC.search(str(error)) else OTHERS
    return LowerError(
        "\n".join([f"{name} can't be exported: torch.export says: {_text(error)}; {advice}", *_placed(line)])
    )


def _chain(error: BaseException | None) -> Sequence[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _raised_in(error: BaseException) -> str:
    """The name of the function that raised an error."""
    frames = traceback.extract_tb(error.__traceback__)
    return frames[-1].name if frames else ""


def _line_of(error: Exception) -> UserLine | None:
    """The user's line that an error came from: by its traceback, else by what torch wrote or kept."""
    found = next((line for one in _chain(error) if (line := line_of_error(one)) is not None), None)
    if found is not None:
        return found
    stack: Any = getattr(error, "real_stack", None)
    return line_in("".join(stack.format()) if stack else str(error))


def _text(error: Exception) -> str:
    """The first sentences of what torch says, on one line, without its advice to those who work on torch."""
    lines: list[str] = []
    for line in str(error).strip().splitlines():
        own = line.strip()
        if own.startswith(
            ("For more information", "The error above occurred", "Set TORCHDYNAMO", "from user code")
        ):
            break
        if own:
            lines.append(own)
        elif lines:
            break
    text = " ".join(lines) or type(error).__name__
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    name = type(error).__name__
    return text if name in ("RuntimeError", "UserError", "Unsupported") else f"{name}: {text}"


def _placed(line: UserLine | None) -> list[str]:
    return [] if line is None else [str(line)]
