"""A program of ExecuTorch, called with tensors and giving tensors."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from namedtorch.lower.targets.executorch_quiet import imported, logged
from namedtorch.lower.targets.extras import lacking
from namedtorch.lower.targets.interface_call import Alone, Run
from namedtorch.lower.targets.stored import stored

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
    execute = _execute_of(program)

    # The default keeps the program, whose bytes the method reads.
    def run(tensors: Sequence[Tensor], program: Any = program) -> list[Tensor]:
        # It reads the memory of a tensor in whatever order that stands.
        readable = [_readable(one) for one in tensors]
        with lock:
            found = execute(readable)
        return [each if isinstance(each, Tensor) else torch.tensor(each) for each in found]

    return run


def alone(program: Any) -> Alone | None:
    """What runs a program of one input and one output, as `runner` does; None for any other program."""
    tells = program.metadata(_FORWARD)
    if (tells.num_inputs(), tells.num_outputs()) != (1, 1):
        return None
    lock = threading.Lock()
    # Each microsecond counts: no call more than is needed, and `with` takes twice as long as these.
    execute, acquire, release = _execute_of(program), lock.acquire, lock.release
    strided = torch.strided

    # The default keeps the program, whose bytes the method reads.
    def run(tensor: Tensor, program: Any = program) -> Tensor:
        if (
            type(tensor) is not Tensor
            or not tensor.is_contiguous()
            or tensor.is_neg()
            or not tensor.is_cpu
            or tensor.layout is not strided
        ):
            tensor = _readable(tensor)
        acquire()
        try:
            found = execute([tensor])[0]
        finally:
            release()
        return found if isinstance(found, Tensor) else torch.tensor(found)

    return run


def _readable(tensor: Tensor) -> Tensor:
    """The tensor in memory that ExecuTorch reads; the process would end with any other."""
    if not tensor.is_cpu:
        raise ValueError(f"a tensor on {tensor.device}, and ExecuTorch reads the memory of the CPU")
    return stored(tensor)


def _execute_of(program: Any) -> Callable[[list[Tensor]], Sequence[Any]]:
    method: Any = program.load_method(_FORWARD)
    # What `execute` calls and adds nothing to, where this ExecuTorch has it so, bound: each microsecond counts.
    compiled: Any = getattr(method, "_method", None)
    return method.execute if compiled is None else compiled.__call__
