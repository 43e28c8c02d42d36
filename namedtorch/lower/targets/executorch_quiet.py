"""ExecuTorch without what it says of itself, in Python and from C++."""

import contextlib
import functools
import importlib
import os
import re
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from namedtorch.lower.targets.hushed import hushed

_WARNINGS = (
    # Of torch's own pytrees, which it copies.
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
    # Of the schema of its own format, which it reads.
    r"(read|open)_(binary|text) is deprecated",
    # Of what it compiles to see what operators give.
    r"An output with one or more elements was resized",
    r"`torch\.jit\.\w+` is deprecated",
    r"This API is experimental and subject to change",
    # Of quantization.
    r"erase_node\(",
    r"must run observer before calling calculate_qparams",
    r".* is deprecated",
)
# They tell of libraries for devices that are not there, and of deprecations between these packages.
_LOGGERS = ("torchao", "torch.utils._pytree", "executorch", "root")
_LOGGED = re.compile(rb"\[\w+\.(?:cpp|cc|h|c):\d+\] ")
_ARGUMENT = re.compile(r"arg \d+ with type id \d+")
_PROCESSOR = "[cpuinfo"
_RUNTIME = "executorch.runtime"
_STDERR = 2
_LOCK = threading.RLock()


@dataclass(slots=True)
class Log:
    """What the C++ of ExecuTorch logged."""

    lines: list[str] = field(default_factory=list[str])

    @property
    def text(self) -> str:
        """The lines about programs, without where in its sources they come from, as one."""
        own = (line for line in self.lines if not line.startswith(_PROCESSOR))
        told = (line.partition("] ")[2] for line in own)
        return "; ".join(line for line in told if not _ARGUMENT.fullmatch(line))


@contextlib.contextmanager
def quiet_executorch() -> Iterator[None]:
    """Silences what ExecuTorch and torchao say of themselves in Python; all else is heard."""
    with hushed(_WARNINGS, _LOGGERS):
        yield


def imported(module: str) -> Any:
    """A module of ExecuTorch or torchao; raises ImportError.

    What they warn of while they are imported is about their own code.
    """
    # To hush a logger empties what all loggers remember, which takes longer than to open a small program.
    if module in sys.modules:
        return importlib.import_module(module)
    with quiet_executorch(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = importlib.import_module(module)
    if module == _RUNTIME:
        _count_processors()
    return found


@functools.cache
def _count_processors() -> None:
    """Has ExecuTorch look at the processor, once in a process: it would log that in the first call of a program."""
    library = importlib.import_module("executorch.extension.pybindings._portable_lib")
    with logged():
        # Without threads there is none.
        getattr(library, "_threadpool_get_thread_count", int)()


@contextlib.contextmanager
def logged() -> Iterator[Log]:
    """Keeps from stderr what the C++ of ExecuTorch logs there, and gives it; other lines pass when this ends.

    It writes to `sys.stderr` where Python calls it, and to the descriptor elsewhere. Both are one for the process:
    threads that enter wait for each other.
    """
    log = Log()
    with _LOCK, contextlib.ExitStack() as stack:
        taken = stack.enter_context(tempfile.TemporaryFile())
        try:
            _flush()
            before = os.dup(_STDERR)
        except OSError:
            # There is no stderr.
            yield log
            return
        stack.callback(os.close, before)
        os.dup2(taken.fileno(), _STDERR)
        stream = stack.enter_context(open(os.dup(taken.fileno()), "w"))
        try:
            with contextlib.redirect_stderr(stream):
                yield log
        finally:
            stream.flush()
            os.dup2(before, _STDERR)
            taken.seek(0)
            for line in taken:
                if _LOGGED.match(line):
                    log.lines.append(line.decode(errors="replace").strip())
                else:
                    _pass_on(line.decode(errors="replace"))


def _flush() -> None:
    # Programs without a console have no `sys.stderr`, or a closed one.
    with contextlib.suppress(AttributeError, ValueError):
        sys.stderr.flush()


def _pass_on(line: str) -> None:
    with contextlib.suppress(AttributeError, ValueError, OSError):
        sys.stderr.write(line)
