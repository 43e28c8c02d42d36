"""Everything that touches `torch.jit`, which torch has deprecated: one file to keep when it moves."""

import contextlib
import enum
import gc
import os
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard, cast

import torch
from torch import _jit_internal, nn
from torch.jit import _builtins, _recursive

from namedtorch.diagnostics import ArchiveError, LowerError
from namedtorch.lower.gradients import turns_gradients_off, without_no_grad

Script = torch.jit.ScriptModule | torch.jit.ScriptFunction
"""What TorchScript is to Python."""

COMPILING = threading.RLock()
"""Held while something is lowered: sources come out of the process-wide linecache, and warning filters are global."""

_DEPRECATED = (r".*`torch\.jit\.\w+` is deprecated", r"\s*Lite Interpreter is deprecated")

# Said of every `self.part: Optional[...] = None`, also where the graph never asks; where it does, torch refuses.
_ON_ATTRIBUTES = "The TorchScript type system doesn't support instance-level annotations"


# torch's own nn.Transformer lists an optional part among its constants.
_ON_CONSTANTS = r"'\w+' was found in ScriptModule constants"

_HELD: dict[int, object] = {}
"""Functions of torch's table of builtins that torch does not hold itself: held here, their ids stay theirs."""


class Role(enum.Enum):
    """What TorchScript does with a function."""

    COMPILED = "compiled when something calls it"
    EXPORTED = "compiled always"
    IGNORED = "left in Python"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silences torch's announcements that TorchScript will end, and nothing else."""
    with COMPILING, warnings.catch_warnings():
        for message in _DEPRECATED:
            for category in (DeprecationWarning, FutureWarning):
                warnings.filterwarnings("ignore", message, category)
        for message in (_ON_ATTRIBUTES, _ON_CONSTANTS):
            warnings.filterwarnings("ignore", message, UserWarning)
        yield


def compile_target(target: nn.Module | types.FunctionType) -> Script:
    """What `torch.jit.script` makes of a module or function; its errors pass through."""
    with quiet():
        forget_stale_builtins()
        script = cast("Callable[[Any], Any]", torch.jit.script)
        return script(target)


def forget_classes(classes: Iterable[type]) -> None:
    """Drops what torch remembers of classes that lived for one compilation: it would hold them for ever."""
    store = _recursive.concrete_type_store
    for one in classes:
        for concrete in store.type_store.pop(one, ()):
            store.methods_compiled.discard(concrete)


def forget_stale_builtins() -> None:
    """Makes torch's table of builtins forget the ids of objects that are gone.

    The table maps `id(function)` to an operator and keeps entries of operators that were registered and freed (the
    quantization rooms of torch do that): an unrelated object that gets such an id would be compiled as that operator.
    """
    table = _builtins._get_builtin_table()
    doubtful = table.keys() - _HELD.keys() - {id(function) for function, _ in _builtins._builtin_ops}
    # What the collector knows is much, and not all: `gc.freeze`, which servers call before they fork, hides from it.
    for living in (_operators, _in_modules, gc.get_objects):
        if not doubtful:
            return
        for one in living():
            if id(one) in doubtful and _stands_for(one, table[id(one)]):
                _HELD[id(one)] = one
        doubtful -= _HELD.keys()
    for stale in doubtful:
        del table[stale]


def _operators() -> Iterator[object]:
    """What torch calls for each operator of `torch.ops` that was used."""
    for space in [*vars(torch.ops).values()]:
        if isinstance(space, types.ModuleType):
            for packet in [*vars(space).values()]:
                yield getattr(packet, "_op", None)


def _in_modules() -> Iterator[object]:
    """What stands in the modules of torch."""
    for name, module in [*sys.modules.items()]:
        if name.partition(".")[0] == "torch":
            yield from [*getattr(module, "__dict__", {}).values()]


def _stands_for(one: object, operator: str) -> bool:
    """Whether torch has an object in its table of builtins, and not one that has got the id of another."""
    space, _, name = operator.partition("::")
    if isinstance(one, types.FunctionType):
        return space in ("aten", "prim") and one.__module__.partition(".")[0] == "torch"
    return isinstance(one, types.BuiltinFunctionType) and name in one.__name__


def is_script(value: object) -> TypeGuard[Script]:
    """Whether a value is TorchScript already."""
    return isinstance(value, torch.jit.ScriptModule | torch.jit.ScriptFunction)


def role_of(function: object) -> Role:
    """What `@torch.jit.export`, `ignore` and `unused` have said of a function."""
    modifiers = _jit_internal.FunctionModifiers
    match getattr(function, "_torchscript_modifier", modifiers.DEFAULT):
        case modifiers.DEFAULT:
            return Role.COMPILED
        case modifiers.EXPORT:
            return Role.EXPORTED
        case _:
            return Role.IGNORED


def export(function: types.FunctionType) -> types.FunctionType:
    """Marks a function to be compiled always."""
    return cast("types.FunctionType", torch.jit.export(function))


def is_builtin(function: object) -> bool:
    """Whether TorchScript has an operator of its own for a Python function."""
    if isinstance(function, types.FunctionType) and "__script_if_tracing_wrapper" in vars(function):
        return True
    if _builtins._find_builtin(function) is not None:
        return True
    return function in _jit_internal.boolean_dispatched


def is_final(annotation: object) -> bool:
    """Whether an annotation of a class says that an attribute is a constant of the graph."""
    return bool(_jit_internal.is_final(annotation))


def code_of(script: Script) -> str:
    """The TorchScript code of a function, or of all methods of a module."""
    if isinstance(script, torch.jit.ScriptFunction):
        return cast("str", script.code)
    names = list(script._c._method_names())
    names.sort(key=lambda name: name != "forward")
    return "\n".join(cast("str", script._c._get_method(name).code) for name in names)


def graph_of(script: Script) -> torch.Graph:
    """The graph of a function or of the forward of a module, calls inlined."""
    return cast("torch.Graph", script.inlined_graph)


def save_script(script: Script, path: Path, extra: Mapping[str, bytes]) -> None:
    """Writes `torch.jit.save`'s archive."""
    with quiet(), _refused(path):
        torch.jit.save(script, str(path), _extra_files=dict(extra))


def save_lite(script: Script, path: Path, extra: Mapping[str, bytes], *, debug: bool = False) -> None:
    """Writes the archive of the lite interpreter, which `torch.jit.load` reads too; `debug` adds places in sources."""
    with quiet(), _refused(path):
        # A function can't be saved for the lite interpreter; as torch saves and loads it, it is a module.
        if isinstance(script, torch.jit.ScriptFunction) or turns_gradients_off(script):
            torch.jit.save(script, str(path))
            module = torch.jit.load(str(path))
            without_no_grad(module)
        else:
            module = script
        module._save_for_lite_interpreter(str(path), _extra_files=dict(extra), _save_mobile_debug_info=debug)


@contextlib.contextmanager
def _refused(path: Path) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        headline, _, _ = str(error).strip().partition("\n")
        raise LowerError(f"torch can't save {path.name!r}: {headline}") from error


def open_archive(
    path: str | os.PathLike[str], map_location: str | torch.device | None = None
) -> torch.jit.ScriptModule:
    """The module of a TorchScript file, on the CPU or where it was.

    Raises ArchiveError, one line, for a file that torch can't read.
    """
    try:
        with quiet():
            return torch.jit.load(os.fspath(path), map_location=map_location)
    except (RuntimeError, ValueError, EOFError) as error:
        # What follows the first line is torch's C++ stack, and the sentence behind the cause guesses.
        headline = str(error).strip().partition("\n")[0].partition(". This is an internal")[0]
        raise ArchiveError(
            f"{os.fspath(path)!r} is no TorchScript file that torch can load: {headline}"
        ) from error
