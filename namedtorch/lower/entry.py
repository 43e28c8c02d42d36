"""The entry: a module or a function to TorchScript, its guard inside."""

import contextlib
import inspect
import sys
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Literal

import torch
from torch import nn

from namedtorch.archive.manifest import Manifest, Method
from namedtorch.diagnostics import LowerError
from namedtorch.dims.attributes import AttributeMissing, Attributes, steps_of
from namedtorch.lower.functions import Functions, innermost
from namedtorch.lower.guarded import Guarded, guarded
from namedtorch.lower.inside import guard_inside
from namedtorch.lower.lowered import Lowered
from namedtorch.lower.modules import become, copied, is_checked, subclass, translate_tree
from namedtorch.lower.namespace import renamed
from namedtorch.lower.refusal import Place, refused
from namedtorch.lower.source import shown
from namedtorch.lower.torchscript import (
    COMPILING,
    Script,
    compile_target,
    forget_classes,
    forget_stale_builtins,
    is_script,
    rewritten,
)
from namedtorch.lower.translation import Translation
from namedtorch.signature.function import UnresolvedError, signature_of
from namedtorch.signature.plan import Plan, build_plan
from namedtorch.signature.signature import Kind, Signature

Guards = Literal["boundary", "none"]
"""Where the graph holds guards: at the outermost module, or nowhere."""

_LAST_PYTHON = (3, 13)
_VARIADIC = (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)


def lower(
    module_or_function: nn.Module | Callable[..., Any], *, train: bool = False, guards: Guards = "boundary"
) -> Lowered:
    """Lowers a module or function to TorchScript with its guard inside.

    A deep copy in eval mode is lowered (`train=True` keeps training mode); what was given stays as it is. Its forward,
    or the function, names dims in its annotations or is `@checked`. `guards="none"` leaves the guard out; the manifest
    keeps the signature. Raises LowerError for what TorchScript can't take, with the user's line.
    """
    major, minor = sys.version_info[:2]
    if (major, minor) > _LAST_PYTHON:
        raise LowerError(
            f"torch ended TorchScript with Python 3.14, and this is {major}.{minor}: lower the model under Python 3.13 "
            "or older"
        )
    if guards not in ("boundary", "none"):
        raise LowerError(f'guards={guards!r} is none of "boundary", "none"')
    if is_script(module_or_function):
        raise LowerError("this is TorchScript already: lower the module or function that it was made of")
    with COMPILING:
        forget_stale_builtins()
        if isinstance(module_or_function, nn.Module):
            return _lower_module(module_or_function, train, guards)
        return _lower_function(_plain_function(module_or_function), module_or_function, train, guards)


def _lower_module(module: nn.Module, train: bool, guards: Guards) -> Lowered:
    owner = type(module)
    forward = inspect.getattr_static(owner, "forward", None)
    if not isinstance(forward, FunctionType) or forward is nn.Module.forward:
        raise LowerError(f"{owner.__qualname__} has no forward method to lower")
    receiver = inspect.getfullargspec(innermost(forward)).args[:1]
    signature = _signature(forward, f"{owner.__qualname__}.forward").without(*receiver)
    signature = _closed(signature, module)
    plan = build_plan(signature)
    target = copied(module, train)
    functions = Functions()
    classes = translate_tree(target, functions)
    body = functions.graph_function(forward, owner)
    translation = _translation(forward, functions)
    text = ""
    with contextlib.ExitStack() as stack:
        stack.callback(forget_classes, classes)
        if guards == "boundary":
            inside = guard_inside(signature, plan, translation, body)
            classes.append(subclass(type(target), {"forward": inside.function}))
            become(target, classes[-1])
            stack.enter_context(rewritten(inside.function, inside.rewrite))
            text = inside.text
        script = _compiled(target, functions, [], translation, owner.__qualname__)
    name = f"{owner.__module__}.{owner.__qualname__}"
    manifest = _manifest(name, "module", train, guards, signature, plan)
    return Lowered(script, manifest, _source(functions, text))


def _lower_function(function: FunctionType, given: Any, train: bool, guards: Guards) -> Lowered:
    signature = _signature(given, function.__qualname__)
    plan = build_plan(signature)
    functions = Functions()
    body = functions.graph_function(function)
    translation = _translation(function, functions)
    written: list[Guarded] = []
    # A copy in any case: torch notes on a function that it has compiled it.
    target = renamed(body, function.__name__)
    if guards == "boundary":
        call = f"_{function.__name__}_body"
        target = renamed(body, call)
        one = guarded(signature, plan, translation, target, name=function.__name__, call=call)
        target = one.function
        written.append(one)
    script = _compiled(target, functions, written, translation, function.__qualname__)
    name = f"{function.__module__}.{function.__qualname__}"
    manifest = _manifest(name, "function", train, guards, signature, plan)
    texts = [f"# {one.file}\n{one.source}" for one in written]
    return Lowered(script, manifest, _source(functions, *texts))


def _plain_function(given: Any) -> FunctionType:
    """The function to lower; raises LowerError, with what to do, for what is none."""
    name = getattr(given, "__qualname__", type(given).__qualname__)
    if isinstance(given, type):
        what = "the class" if issubclass(given, nn.Module) else "a class"
        raise LowerError(f"{name} is {what}, not a module: make one, lower({given.__name__}(...))")
    if inspect.ismethod(given):
        raise LowerError(f"{name} is a bound method: lower the module, or a function")
    function = innermost(given) if callable(given) else None
    if not isinstance(function, FunctionType) or not isinstance(given, FunctionType):
        raise LowerError(f"lower takes a module or a function, not {type(given).__name__}")
    if function.__name__ == "<lambda>":
        raise LowerError("a lambda can't be lowered, and can't be annotated: write a function with def")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise LowerError(f"{name} is a generator or coroutine, for which TorchScript has no form")
    return function


def _signature(function: Any, name: str) -> Signature:
    """The signature that a function is held to; under decorators that only pass arguments on, that of the inner one."""
    try:
        signature = signature_of(function) if is_checked(function) else signature_of(innermost(function))
        if any(one.kind in _VARIADIC for one in signature.parameters):
            signature = signature_of(innermost(function))
    except UnresolvedError as error:
        raise LowerError(str(error)) from error
    if not signature.has_dims:
        raise LowerError(
            f"{name} names no dims, so there is no signature to guard: annotate it "
            '(image: Float[Tensor, "N C H W"]), or give it one with '
            'namedtorch.checked(model, "image: N C H W -> N classes")'
        )
    return signature


def _closed(signature: Signature, module: nn.Module) -> Signature:
    """The signature with the module's own sizes in the place of `self.classes`."""
    values = Attributes({"self": module})
    try:
        sizes = {path: values.size(path) for path in signature.attributes if steps_of(path)[0] == "self"}
    except AttributeMissing as error:
        paths = ", ".join(f"`{path}`" for path in sorted(signature.attributes))
        raise LowerError(
            f"{type(module).__qualname__} can't be lowered: of {paths} in its signature, one {error}"
        ) from error
    return signature.closed(sizes)


def _translation(function: Any, functions: Functions) -> Translation:
    translation = functions.translation(function)
    if translation is None:
        own = innermost(function)
        raise LowerError(
            f"the source of {own.__qualname__} is not at hand ({own.__code__.co_filename}), and TorchScript compiles "
            "source: define it in a file or a notebook cell"
        )
    return translation


def _compiled(
    target: nn.Module | FunctionType,
    functions: Functions,
    written: list[Guarded],
    translation: Translation,
    name: str,
) -> Script:
    """Compiles while linecache shows the sources that torch is to read, under the names of the user's files."""
    files: Mapping[str, list[str]] = {
        **functions.files(),
        **{one.file: one.source.splitlines(keepends=True) for one in written},
    }
    try:
        with shown(files):
            return compile_target(target)
    except (
        Exception
    ) as error:  # torch raises RuntimeError, ValueError, NotImplementedError, its own, and more.
        place = Place(translation.definition.file, translation.definition.node.lineno)
        raise refused(error, name, {one.file: place for one in written}, translation.definition) from error


def _manifest(
    name: str,
    kind: Literal["module", "function"],
    train: bool,
    guards: Guards,
    signature: Signature,
    plan: Plan,
) -> Manifest:
    return Manifest(
        name=name,
        kind=kind,
        mode="train" if train else "eval",
        guards=guards,
        methods={"forward": Method(signature, plan)},
        torch_version=torch.__version__,
    )


def _source(functions: Functions, *guards: str) -> str:
    """All Python that torch compiled and the user did not write so, piece by piece under its place."""
    pieces = [one for one in guards if one]
    pieces += [f"# {file}:{first}\n{text}" for file, first, text in functions.texts()]
    return "\n".join(piece.rstrip("\n") + "\n" for piece in pieces)
