"""Graphs that are made of one run: a module or function, its calls, and what the graph keeps fixed."""

import contextlib
import inspect
import itertools
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partialmethod
from types import FunctionType
from typing import Any, cast

import torch
from torch import Tensor, nn

from namedtorch.diagnostics import Finding, LowerError
from namedtorch.lower.calls import said_by
from namedtorch.lower.complaint import Place, source_line
from namedtorch.lower.dropped_branches import dropped
from namedtorch.lower.graphs import method_names
from namedtorch.lower.libraries import library_of
from namedtorch.lower.mending.module_classes import become, subclass
from namedtorch.lower.torchscript import Role, Script, is_script, quiet, role_of
from namedtorch.lower.trace_call import TraceCall, misfit_in, plain, with_method
from namedtorch.lower.trace_watch import Watch
from namedtorch.runtime.switch import checking

_OUTPUTS = "Only tensors, lists, tuples of tensors"
_LEFT = "a trace gives tensors, and lists, tuples and mappings of tensors: return those alone, or lower it by script"


@dataclass(frozen=True, slots=True)
class Traced:
    """What a trace made: the graph, what each method gave in the run, and what the source says that the graph lacks."""

    script: Script
    results: Mapping[str, Any]
    warnings: tuple[Finding, ...]


def traced_module(module: nn.Module, calls: Mapping[str, TraceCall], name: str) -> Traced:
    """Traces methods of a module, each in one call; the module itself is used up.

    Parameters and buffers keep their names and values, what is TorchScript in it stays as it is, with its control flow.
    `name` is what messages call the module. Raises LowerError where a call fails, and for results that no trace gives.
    """
    results: dict[str, Any] = {}
    for one in module.modules():
        if not is_script(one):
            _leave_exports(one)
    for method, call in calls.items():
        bound = _bound(module, method)
        with_method(module, method, call, bound, _recorded(bound, results, method, name))
    inputs = {method: call.values for method, call in calls.items()}
    before = {path: one.detach().clone() for path, one in _tensors(module)}
    with _tracing(name) as watch:
        trace = cast("Callable[..., Any]", torch.jit.trace_module)
        script: torch.jit.ScriptModule = trace(module, inputs, check_trace=False, strict=False)
    # A run changes buffers, and what the graph starts with is what was given.
    with torch.no_grad():
        for path, one in _tensors(script):
            one.copy_(before[path])
    _forget_sizes(script)
    return Traced(script, results, dropped(watch))


def traced_function(function: FunctionType, call: TraceCall, name: str) -> Traced:
    """Traces a function in one call; otherwise as `traced_module`."""
    results: dict[str, Any] = {}
    recorded = _recorded(function, results, "forward", name)

    def traced(*values: Any) -> Any:
        args, kwargs = call.again(values)
        return recorded(*args, **kwargs)

    traced.__name__, traced.__qualname__ = function.__name__, function.__qualname__
    traced.__module__ = function.__module__
    cast("Any", traced).__signature__ = call.parameters
    with _tracing(name) as watch:
        trace = cast("Callable[..., Any]", torch.jit.trace)
        script: torch.jit.ScriptFunction[..., Any] = trace(
            traced, call.values, check_trace=False, strict=False
        )
    torch._C._jit_pass_erase_shape_information(script.graph)
    return Traced(script, results, dropped(watch))


@contextlib.contextmanager
def _tracing(name: str) -> Iterator[Watch]:
    watch = Watch()
    try:
        with quiet(), checking("off"), torch.random.fork_rng(devices=[]), watch.watching():
            yield watch
    except LowerError:
        raise
    # The user's code runs, and raises what it likes.
    except Exception as error:
        raise LowerError(_failed(name, error)) from error


def _leave_exports(module: nn.Module) -> None:
    """Takes the marks off methods that torch would compile by their source, whatever is traced."""
    owner = type(module)
    members: dict[str, Any] = {}
    for name in dir(owner):
        value = inspect.getattr_static(owner, name, None)
        if isinstance(value, FunctionType) and role_of(value) is Role.EXPORTED:
            members[name] = partialmethod(value)
    if members:
        become(module, subclass(owner, members))


def _bound(module: nn.Module, method: str) -> Callable[..., Any]:
    # A forward that stands on the module itself would hide the one of its class.
    own = vars(module).pop(method, None)
    return own if callable(own) else getattr(module, method)


def _recorded(
    function: Callable[..., Any], results: dict[str, Any], method: str, name: str
) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        misfit = misfit_in(result)
        if misfit is not None:
            label = name if method == "forward" else f"{name}.{method}"
            raise LowerError(f"{label} can't be traced: {misfit}; {_LEFT}")
        results[method] = result
        return plain(result)

    return run


def _tensors(module: nn.Module | torch.jit.ScriptModule) -> Iterator[tuple[str, Tensor]]:
    return itertools.chain(module.named_parameters(), module.named_buffers())


def _forget_sizes(script: torch.jit.ScriptModule) -> None:
    """Takes out of the graphs what sizes and dtypes the run had: checks of them would be folded away."""
    for module in script.modules():
        if isinstance(module, torch.jit.ScriptModule):
            for name in method_names(module):
                torch._C._jit_pass_erase_shape_information(module._c._get_method(name).graph)


def _failed(name: str, error: Exception) -> str:
    """What went wrong in the run, with the line of the user's where it did."""
    said = said_by(error).partition("\n")[0].rstrip(".")
    if _OUTPUTS in said:
        return f"{name} can't be traced: its result has a part that is no tensor; {_LEFT}"
    frames = [one for one in traceback.extract_tb(error.__traceback__) if library_of(one.filename) is None]
    kind = type(error).__name__
    lines = [
        f"{name} fails while it is traced: {kind}: {said}; an example that it takes is given by `example`"
    ]
    if frames:
        place = Place(frames[-1].filename, frames[-1].lineno or 0)
        lines += [f"  {place}", f"    {source_line(place)}"]
    return "\n".join(lines)
