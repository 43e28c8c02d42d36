"""Calls of compiled methods: behind a guard in Python, with the graph's own defaults, and refusals explained."""

import difflib
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import torch

from namedtorch.archive.manifest import Manifest
from namedtorch.diagnostics import DimError, Failure
from namedtorch.diagnostics.codes import code_of
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.call_names import CallNames, Names
from namedtorch.lower.given_example import call_signature
from namedtorch.lower.torchscript import Script
from namedtorch.runtime.guard import guarded
from namedtorch.signature.hint_json import ELIDED
from namedtorch.signature.signature import Kind, Parameter, Signature

_REFUSAL = re.compile(r"namedtorch: (?:in ([^:`\n]+): )?([^\n]+)\s*$")
_BY_PLACE = (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)


def guarded_method(manifest: Manifest, script: Script, name: str) -> Callable[..., Any]:
    """A compiled method as a function that holds calls and results to its signature in the manifest.

    It takes arguments by position or keyword, and raises DimError for what does not fit, TypeError for arguments that
    are too many, missing or unknown; of what the graph itself raises, the refusals of its guard become DimErrors. A
    NamedTensor is held to the names of the signature, and then the result has names too. Raises AnnotationError for a
    signature that no guard can be written for, KeyError for a method that the manifest does not have, AttributeError
    for one that the script does not have.
    """
    guard = script_guard(manifest, script, name)
    checked = guard.checked
    names = CallNames(guard.signature, guard.label)

    def call(*args: Any, **kwargs: Any) -> Any:
        found: Names | None = None
        if names.stand_in(args, kwargs):
            args, kwargs, found = names.taken(args, kwargs)
        try:
            result = checked(*args, **kwargs)
        except Exception as error:
            explained = guard.explained(error, args, kwargs)
            if explained is None:
                raise
            raise explained from None
        return result if found is None else names.given(result, found)

    return guard.introduced(call)


def script_guard(manifest: Manifest, script: Script, name: str) -> "MethodGuard":
    """The guard of a compiled method; raises as `guarded_method` does."""
    signature = with_defaults(manifest.methods[name].signature, script, name)
    method = compiled_method(script, name)
    # Hooks of the outermost module change what a caller gives to what forward takes: only the graph sees that.
    hooked = method is script and not isinstance(script, torch.jit.ScriptFunction)
    return MethodGuard(manifest, name, method, signature, hooked=hooked)


class MethodGuard:
    """The guard of a method that a runtime calls: the function `checked`, and what its errors mean to a caller.

    `method` takes arguments as `signature` has them, which is the manifest's as that runtime knows it. With `hooked`
    there is no guard before it: `checked` is the method, which takes keywords all the same. Raises AnnotationError for
    a signature that no guard can be written for.
    """

    def __init__(
        self,
        manifest: Manifest,
        name: str,
        method: Callable[..., Any],
        signature: Signature,
        *,
        hooked: bool = False,
    ) -> None:
        self.name = name
        self.label = manifest.name if name == "forward" else f"{manifest.name}.{name}"
        self.signature = signature
        self._guarded = guarded(signature, method, self.label)
        self.checked = _by_position(method, signature) if hooked else self._guarded

    def explained(
        self, error: Exception, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> DimError | TypeError | None:
        """What an error of a call is in the terms of the signature; None if it is fine as it is."""
        if isinstance(error, DimError):
            return None
        if isinstance(error, TypeError):
            # Bound only now: a call that fits is not to pay for it.
            problem = _misbound(self.signature, args, kwargs)
            if problem is None:
                return None
            takes = " It takes" if problem.endswith("?") else "; it takes"
            return TypeError(f"{self.label}: {problem}{takes} {self.signature}")
        if isinstance(error, torch.jit.Error | RuntimeError):
            return refusal_of(error, self.label)
        return None

    def introduced(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with what editors, notebooks and web frameworks read of one."""
        call.__name__ = call.__qualname__ = self.name
        call.__doc__ = str(self.signature)
        # Where inspect finds the parameters, if anybody asks.
        cast("Any", call).__wrapped__ = self._guarded
        return call


def _by_position(method: Callable[..., Any], signature: Signature) -> Callable[..., Any]:
    """A method that is handed by position what a caller gives by keyword: torch shows hooks nothing else."""
    bind = call_signature(signature).bind

    def call(*args: Any, **kwargs: Any) -> Any:
        if not kwargs:
            return method(*args)
        bound = bind(*args, **kwargs)
        return method(*bound.args, **bound.kwargs)

    return call


def compiled_method(script: Script, name: str) -> Callable[..., Any]:
    """What calls a compiled method, by the shortest way there is; of a function, "forward" is the function.

    Raises AttributeError for a method that is not there.
    """
    if isinstance(script, torch.jit.ScriptFunction):
        return cast("Callable[..., Any]", script)
    method = _method(script, name)
    # torch runs the hooks of the outermost module around the graph, in Python.
    if name == "forward" and (script._forward_hooks or script._forward_pre_hooks):
        return script
    return cast("Callable[..., Any]", method)


def with_defaults(signature: Signature, script: Script, name: str) -> Signature:
    """The signature of a method as it reads from a file, with the graph's own values for defaults that it lacks.

    Records and types are known by name alone, since those that torch returns are classes of its own; a manifest does
    not hold all defaults (tuples, inf, enums).
    """
    read = Signature.from_json(signature.to_json())
    defaults = [one.default for one in signature.parameters]
    if any(one is ELIDED for one in defaults):
        values = defaults_of(script, name)
        if len(values) == len(defaults):
            defaults = [
                Unknown if value is inspect.Parameter.empty else value if one is ELIDED else one
                for one, value in zip(defaults, values, strict=True)
            ]
    parameters: list[Parameter] = []
    for one, default in zip(read.parameters, defaults, strict=True):
        parameters.append(replace(one, default=default))
    return replace(read, parameters=tuple(parameters))


def defaults_of(script: Script, name: str = "forward") -> list[Any]:
    """The defaults of a method's parameters, in order and without `self`; `inspect.Parameter.empty` for none."""
    if isinstance(script, torch.jit.ScriptFunction):
        arguments: list[Any] = list(cast("Any", script).schema.arguments)
    else:
        # The first is the module, whatever the user calls it.
        arguments = list(_method(script, name).schema.arguments)[1:]
    return [one.default_value if one.has_default_value() else inspect.Parameter.empty for one in arguments]


def said_by(error: BaseException) -> str:
    """What an error of a model says, without the traceback that TorchScript puts before it."""
    text = str(error).strip()
    for start in ("RuntimeError: ", "Error: "):
        _, found, rest = text.rpartition(start)
        if found and text.startswith("The following operation failed"):
            return rest.strip() or type(error).__name__
    return text or type(error).__name__


def refusal_of(error: BaseException, name: str) -> DimError | None:
    """The error of what a guard in a graph refused, out of torch's own; None for an error of another kind.

    Python's guard checks arguments before torch is entered, so this is what the graph says of its result, or what a
    function inside of it says.
    """
    found = _REFUSAL.search(str(error))
    if found is None:
        return None
    inner, message = found[1], found[2]
    code, fields = code_of(message)
    axis, actual = fields.get("axis", ""), fields.get("actual", "")
    failure = Failure(
        code,
        message,
        fields.get("argument"),
        fields.get("dim"),
        int(axis) if axis.isdigit() else None,
        fields.get("expected"),
        int(actual) if actual.isdigit() else actual or None,
    )
    return DimError.of([failure], function=inner or name)


def _method(script: torch.jit.ScriptModule, name: str) -> Any:
    compiled = cast("Any", script)._c
    if not compiled._has_method(name):
        raise AttributeError(f"there is no compiled method `{name}`")
    return compiled._get_method(name)


def _misbound(signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """What is wrong with the number or the names of the arguments; None if nothing is."""
    by_place = [one.name for one in signature.parameters if one.kind in _BY_PLACE]
    open_kinds = {one.kind for one in signature.parameters}
    if len(args) > len(by_place) and Kind.VAR_POSITIONAL not in open_kinds:
        return f"{len(args)} arguments given by position, {len(by_place)} taken"
    names = [one.name for one in signature.parameters]
    given = by_place[: len(args)]
    for name in kwargs:
        if name not in names and Kind.VAR_KEYWORD not in open_kinds:
            near = difflib.get_close_matches(name, names, n=1)
            return f"there is no argument `{name}`" + (f"; did you mean `{near[0]}`?" if near else "")
        if name in given:
            return f"`{name}` is given twice"
    missing = [one.name for one in signature.parameters if one.required and one.name not in {*given, *kwargs}]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return ", ".join(f"`{name}`" for name in missing) + f" {verb} missing"
    return None
