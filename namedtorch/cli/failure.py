"""What went wrong, as text for people and data for programs, and the exit code that says so."""

import dataclasses
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from namedtorch.cli.outcome import INTERRUPTED, REFUSED, WRONG_USE, Refused, WrongUse
from namedtorch.diagnostics import ArchiveError, DimError, LowerError, MissingDependencyError

_OURS = (Refused, ArchiveError, LowerError, MissingDependencyError)


@dataclass(frozen=True, slots=True)
class Failed:
    """How a command failed: the block of text that is printed, the exit code, and the object of `--json`."""

    text: str
    exit: int
    data: Mapping[str, Any]


def failed(error: BaseException, command: str, *, with_traceback: bool = False) -> Failed:
    """Says what an error means to who gave the command ("" for none of ours)."""
    match error:
        case WrongUse():
            see = f"namedtorch {command} --help" if command else "namedtorch --help"
            return _failed(error, "WrongUse", f"{error}\n  see: {see}", WRONG_USE, str(error))
        case DimError():
            codes = sorted({one.code for one in error.failures})
            see = "\n  see: " + ", ".join(f"namedtorch explain {code}" for code in codes) if codes else ""
            return _failed(error, "DimError", f"{error}{see}", REFUSED, str(error))
        case Refused() | ArchiveError() | LowerError() | MissingDependencyError():
            return _failed(error, type(error).__name__, str(error), REFUSED)
        case ModuleNotFoundError() if (error.name or "").partition(".")[0] in ("torch", "numpy"):
            text = f'`namedtorch {command}` needs {error.name}: pip install "namedtorch[torch]"'
            return _failed(error, "MissingDependencyError", text, REFUSED)
        case OSError():
            what = f" {error.filename}" if error.filename else ""
            text = f"can't read or write{what}: {error.strerror or error}"
            return _failed(error, "OSError", text, REFUSED)
        case MemoryError():
            return _failed(error, "MemoryError", "there is not enough memory", REFUSED)
        case KeyboardInterrupt():
            return Failed("interrupted", INTERRUPTED, _data("Interrupted", "interrupted", INTERRUPTED))
        case _:
            # The last resort of a program: a user is not to read our traceback, and a bug is to be reported with it.
            text = f"namedtorch failed with {type(error).__name__}: {error}"
            if not with_traceback:
                text += (
                    "\n  this is a fault in namedtorch; --traceback shows where, please report it with that"
                )
            return _failed(error, "InternalError", text, REFUSED)


def trace(error: BaseException) -> str:
    """Python's traceback of an error."""
    return "".join(traceback.format_exception(error))


def _failed(error: BaseException, kind: str, text: str, code: int, message: str = "") -> Failed:
    data = _data(kind, message or text, code)
    if isinstance(error, DimError):
        data |= error.to_dict() | {"codes": sorted({one.code for one in error.failures})}
    # What TorchScript refuses comes as a list, too: one finding a construct.
    if isinstance(error, LowerError):
        data["findings"] = [_plain(one) for one in cast("Sequence[Any]", getattr(error, "findings", ()))]
    return Failed(f"error: {text}", code, data)


def _data(kind: str, message: str, code: int) -> dict[str, Any]:
    return {"error": kind, "message": message, "exit": code}


def _plain(finding: Any) -> Any:
    if dataclasses.is_dataclass(finding) and not isinstance(finding, type):
        return dataclasses.asdict(finding)
    return str(finding)
