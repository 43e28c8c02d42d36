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
from namedtorch.archive.metadata import plain_metadata
from namedtorch.diagnostics import LowerError
from namedtorch.lower.boundary import boundary_of
from namedtorch.lower.functions import innermost
from namedtorch.lower.guards import GuardsInside
from namedtorch.lower.lowered import Lowered
from namedtorch.lower.modules import copied, translate_tree
from namedtorch.lower.operators import custom_operators
from namedtorch.lower.parameters import ParameterRefused
from namedtorch.lower.prepared import settle
from namedtorch.lower.refusal import refused
from namedtorch.lower.signatures import held_signature, known_sizes
from namedtorch.lower.state import state_of
from namedtorch.lower.torchscript import (
    COMPILING,
    Script,
    compile_target,
    export,
    forget_classes,
    forget_stale_builtins,
    is_script,
)
from namedtorch.lower.translation import Translation
from namedtorch.runtime.checked import checked
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature

Guards = Literal["boundary", "all", "none"]
"""Where the graph holds guards: at the outermost module, in every annotated function, or nowhere."""

_LAST_PYTHON = (3, 13)


def lower(
    module_or_function: nn.Module | Callable[..., Any],
    *,
    signature: str | Mapping[str, str] | None = None,
    train: bool = False,
    guards: Guards = "boundary",
    metadata: Mapping[str, object] | None = None,
) -> Lowered:
    """Lowers a module or function to TorchScript with its guard inside.

    A deep copy in eval mode is lowered (`train=True` keeps training mode); what was given stays as it is. Its forward,
    or the function, names dims in its annotations or is `@checked`, or `signature` names them for code that can't be
    edited: "image: N C=3 H W -> N classes=1000", or such texts by the names of methods. `guards="all"` also guards
    every annotated method and function inside of the graph, `guards="none"` leaves guards out; the manifest keeps the
    signatures of forward and of every method marked `@torch.jit.export`, and `metadata`, JSON of the user's (labels,
    means). Raises LowerError for what TorchScript can't take, with the user's line, ValueError for metadata that is no
    JSON.
    """
    major, minor = sys.version_info[:2]
    if (major, minor) > _LAST_PYTHON:
        raise LowerError(
            f"torch ended TorchScript with Python 3.14, and this is {major}.{minor}: lower the model under Python 3.13 "
            "or older"
        )
    if guards not in ("boundary", "all", "none"):
        raise LowerError(f'guards={guards!r} is none of "boundary", "all", "none"')
    if is_script(module_or_function):
        raise LowerError(
            "this is TorchScript already: lower the module or function that it was made of, or give its file a "
            "signature: namedtorch annotate FILE SIGNATURE -o NEW"
        )
    given: Any = module_or_function
    if not isinstance(given, nn.Module):
        _plain_function(given)
    if signature is not None:
        given = checked(given, signature)
        for name in signature if isinstance(signature, Mapping) else ():
            if name != "forward":
                export(vars(type(given))[name])
    added = plain_metadata(metadata or {})
    with COMPILING:
        forget_stale_builtins()
        if isinstance(given, nn.Module):
            return _lower_module(given, train, guards, added)
        return _lower_function(given, train, guards, added)


def _lower_module(module: nn.Module, train: bool, guards: Guards, metadata: Mapping[str, object]) -> Lowered:
    owner = type(module)
    inside = GuardsInside((lambda _: True) if guards == "all" else None)
    boundary = boundary_of(module, inside.functions.sources)
    _require_dims(boundary.methods["forward"].signature, f"{owner.__qualname__}.forward")
    target = copied(module, train)
    with contextlib.ExitStack() as stack:
        tree = translate_tree(target, inside.functions)
        stack.callback(lambda: forget_classes([*tree.classes, *inside.classes]))
        stack.callback(inside.functions.forget)
        translation = inside.translation(boundary.functions["forward"])
        try:
            if guards == "all":
                inside.inside(tree, boundary.functions)
            if guards != "none":
                inside.at_boundary(target, boundary.held)
        except ParameterRefused as error:
            # torch would refuse it as well, and perhaps more than that.
            raise refused(
                error, owner.__qualname__, target, inside.functions, translation.definition
            ) from None
        settle(*tree.modules)
        script = _compiled(target, inside, translation, owner.__qualname__)
    manifest = Manifest(
        name=f"{owner.__module__}.{owner.__qualname__}",
        kind="module",
        mode="train" if train else "eval",
        guards=guards,
        methods=boundary.methods,
        torch_version=torch.__version__,
        state=state_of(module, inside.functions),
        sizes=boundary.sizes,
        operators=custom_operators(script),
        metadata=metadata,
    )
    return Lowered(script, manifest, inside.source)


def _lower_function(given: Any, train: bool, guards: Guards, metadata: Mapping[str, object]) -> Lowered:
    function = innermost(given)
    signature = held_signature(given)
    _require_dims(signature, function.__qualname__)
    plan = build_plan(signature)
    inside = GuardsInside((lambda one: innermost(one) is not function) if guards == "all" else None)
    body = inside.functions.graph_function(given)
    translation = inside.translation(given)
    target = inside.functions.apart(body)
    try:
        if guards != "none":
            target = inside.function(given, target, signature, plan)
    except ParameterRefused as error:
        raise refused(
            error, function.__qualname__, target, inside.functions, translation.definition
        ) from None
    try:
        script = _compiled(target, inside, translation, function.__qualname__)
    finally:
        inside.functions.forget()
    manifest = Manifest(
        name=f"{function.__module__}.{function.__qualname__}",
        kind="function",
        mode="train" if train else "eval",
        guards=guards,
        methods={"forward": Method(signature, plan)},
        torch_version=torch.__version__,
        sizes=known_sizes(signature, signature),
        operators=custom_operators(script),
        metadata=metadata,
    )
    return Lowered(script, manifest, inside.source)


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


def _require_dims(signature: Signature, name: str) -> None:
    if not signature.has_dims:
        raise LowerError(
            f"{name} names no dims, so there is no signature to guard: annotate it "
            '(image: Float[Tensor, "N C H W"]), or give it one: '
            'lower(model, signature="image: N C H W -> N classes")'
        )


def _compiled(
    target: nn.Module | FunctionType, inside: GuardsInside, outermost: Translation, name: str
) -> Script:
    readings = inside.functions.announce()
    try:
        script = compile_target(target)
    # torch raises RuntimeError, ValueError, NotImplementedError, its own, and more.
    except Exception as error:
        raise refused(error, name, target, inside.functions, outermost.definition) from None
    inside.require(readings)
    return script
