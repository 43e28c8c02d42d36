"""A program of ExecuTorch, called with tensors and giving tensors."""

import threading
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from namedtorch.lower.targets.executorch_quiet import imported, logged
from namedtorch.lower.targets.extras import lacking
from namedtorch.lower.targets.stored import stored

Run = Callable[[list[Tensor]], list[Tensor]]
"""From the inputs of a flat graph to its outputs."""

_FORWARD = "forward"


class NoExecutorch(ImportError):
    """ExecuTorch is not installed; the text is the rest of a sentence that begins with what needs it."""


class NotOpened(ValueError):
    """ExecuTorch refuses a program; the text is one line, with what its C++ said."""


def open_program(data: bytes | str) -> Any:
    """A program whose method `forward` is loaded, by its bytes or its path. Raises NoExecutorch, NotOpened."""
    try:
        # Where it is used: the package is an extra.
        runtime = imported("executorch.runtime").Runtime
    except ImportError as error:
        raise NoExecutorch(lacking("executorch", error)) from error
    with logged() as log:
        try:
            program = runtime.get().load_program(data)
            program.load_method(_FORWARD)
        # It raises RuntimeError with a number, KeyError for a method that is not there.
        except Exception as error:
            failed = error
        else:
            return program
    raise NotOpened("; ".join(filter(None, (log.text, " ".join(str(failed).split()))))) from failed


def runner(program: Any) -> Run:
    """What runs a program; threads may share it, and run one after the other: its memory is planned once.

    The results are copies. Raises RuntimeError for a call that fails, which its C++ tells of on stderr.
    """
    lock = threading.Lock()
    execute: Callable[[list[Tensor]], list[Any]] = program.load_method(_FORWARD).execute

    def run(tensors: list[Tensor]) -> list[Tensor]:
        # A method reads the bytes that its program holds.
        assert program is not None
        # It reads the memory of a tensor in whatever order that stands. Most stand right, and need no call to say so.
        for one in tensors:
            if not one.is_contiguous() or one.requires_grad or one.is_neg():
                tensors = list(map(stored, tensors))
                break
        with lock:
            found = execute(tensors)
        for one in found:
            if not isinstance(one, Tensor):
                return [each if isinstance(each, Tensor) else torch.tensor(each) for each in found]
        return found

    return run
