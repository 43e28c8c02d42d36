"""The entry: a module or a function to TorchScript, its guard inside, or to another target."""

import inspect
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, Literal, overload

from torch import nn

from namedtorch.archive.manifest import Method, State
from namedtorch.archive.metadata import plain_metadata
from namedtorch.diagnostics import LowerError
from namedtorch.lower.asked import Asked, LowerMethod, Optimize, Target
from namedtorch.lower.asked_where import constrained, require_known
from namedtorch.lower.boundary import Boundary, boundary_of
from namedtorch.lower.compiled import Compiled
from namedtorch.lower.drawing import examples_of
from namedtorch.lower.erasure import erase_names, without_names
from namedtorch.lower.functions import innermost
from namedtorch.lower.given_example import Example
from namedtorch.lower.guards import GuardsInside
from namedtorch.lower.lowered import Lowered
from namedtorch.lower.lowering import Subject, lowered
from namedtorch.lower.lowering_report import REFUSED
from namedtorch.lower.mixed import Mix
from namedtorch.lower.modules import copied
from namedtorch.lower.quantize.held import Held
from namedtorch.lower.quantize.packed import packed_state
from namedtorch.lower.quantize.quantized import Quantized
from namedtorch.lower.quantize.settings import converting
from namedtorch.lower.scripted import Guards, guards_inside, scripted_function, scripted_module
from namedtorch.lower.signatures import held_signature, known_sizes, require_dims
from namedtorch.lower.state import state_of
from namedtorch.lower.torchscript import (
    COMPILING,
    export,
    forget_classes,
    forget_stale_builtins,
    is_script,
)
from namedtorch.lower.traced import traced_free, traced_model
from namedtorch.lower.verify.verification import Verification
from namedtorch.runtime.checked import checked
from namedtorch.signature.plan import build_plan

if TYPE_CHECKING:
    from namedtorch.lower.targets.exported import Exported

_LAST_PYTHON = (3, 13)


@overload
def lower(
    module_or_function: nn.Module | Quantized | Callable[..., Any],
    *,
    signature: str | Mapping[str, str] | None = None,
    example: Example | None = None,
    verify: bool = True,
    metadata: Mapping[str, object] | None = None,
    to: Literal["export", "onnx", "executorch"],
    where: str | None = None,
) -> "Exported": ...


@overload
def lower(
    module_or_function: nn.Module | Quantized | Callable[..., Any],
    *,
    signature: str | Mapping[str, str] | None = None,
    method: LowerMethod = "script",
    example: Example | None = None,
    train: bool = False,
    guards: Guards = "boundary",
    verify: bool = True,
    metadata: Mapping[str, object] | None = None,
    to: Literal["torchscript", "lite"] | None = None,
    optimize: Optimize | None = None,
    where: str | None = None,
) -> Lowered: ...


def lower(
    module_or_function: nn.Module | Quantized | Callable[..., Any],
    *,
    signature: str | Mapping[str, str] | None = None,
    method: LowerMethod = "script",
    example: Example | None = None,
    train: bool = False,
    guards: Guards = "boundary",
    verify: bool = True,
    metadata: Mapping[str, object] | None = None,
    to: Target | None = None,
    optimize: Optimize | None = None,
    where: str | None = None,
) -> "Lowered | Exported":
    """Lowers a module or function to a file format, its guard inside or beside it, and runs it beside the original.

    A deep copy in eval mode is lowered (`train=True` keeps training mode); what was given stays as it is. Its forward,
    or the function, names dims in its annotations or is `@checked`, or `signature` names them for code that can't be
    edited: "image: N C=3 H W -> N classes=1000", or such texts by the names of methods. `where` adds to what the
    signature says of sizes: "N <= 64, H % 32 == 0".

    `to="torchscript"` (.pt) and `to="lite"` (.ptl, for phones) are TorchScript; without it the model is saved as
    either. There `method="trace"` takes what one run does, `"auto"` scripts what it can and traces the rest; `report`
    of the result says which and why. `guards="all"` also guards every annotated method and function inside of the
    graph, `guards="none"` leaves guards out; `optimize="mobile"` freezes a module, folds batch norms, takes dropout
    out, and stores the weights of convolutions over images channels-last: the signature then says `@ channels_last` of
    the inputs that get there.

    `to="export"` (.pt2), `to="onnx"` and `to="executorch"` (.pte) take forward alone, by torch.export, which is told
    that every free dim is free: what it holds against that is an error in the words of the signature. The result is an
    `Exported`, whose signature is narrowed to what was exported.

    Inputs are drawn from the signature, or `example` gives them: `lambda N, T: (...)` in any sizes, or the arguments
    themselves. `verify=False` leaves out the comparison with the original. The manifest keeps the signatures of forward
    and, in TorchScript, of every method marked `@torch.jit.export`, and `metadata`, JSON of the user's (labels, means).

    Raises LowerError for what the target can't take, with the user's line, and where the graph does not do what the
    original does; ValueError for metadata that is no JSON. Warns (UserWarning) of what most likely is a
    mistake in the annotation or the code: two dims that the original takes in one size only, and an original for which
    no inputs were found.
    """
    asked = Asked(method, example, train, guards, verify, plain_metadata(metadata or {}), to, optimize, where)
    made = _lower(module_or_function, signature, asked)
    verification = made.report.verification
    for text in verification.warnings if isinstance(verification, Verification) else ():
        warnings.warn(text, UserWarning, stacklevel=2)
    return made


def _lower(
    module_or_function: nn.Module | Quantized | Callable[..., Any],
    signature: str | Mapping[str, str] | None,
    asked: Asked,
) -> "Lowered | Exported":
    major, minor = sys.version_info[:2]
    if (major, minor) > _LAST_PYTHON and not asked.is_flat:
        raise LowerError(
            f"torch ended TorchScript with Python 3.14, and this is {major}.{minor}: lower the model under Python 3.13 "
            "or older"
        )
    if is_script(module_or_function):
        raise LowerError(
            "this is TorchScript already: lower the module or function that it was made of, or give its file a "
            "signature: namedtorch annotate FILE SIGNATURE -o NEW"
        )
    if isinstance(module_or_function, Quantized):
        if signature is not None or asked.train:
            raise LowerError(
                f"{module_or_function!r} has its signature and is no longer trained: lower it without "
                + ("signature=" if signature is not None else "train=True")
            )
        if asked.is_flat:
            with COMPILING:
                return _exported(module_or_function, asked)
        # What copies a quantized module packs its weights anew.
        with COMPILING, converting(module_or_function.quantization.engine):
            forget_stale_builtins()
            return _lower_quantized(module_or_function, asked)
    given: Any = module_or_function
    if isinstance(given, Held):
        raise LowerError(
            "this is prepared, and not quantized yet: lower(prepared.convert())"
            if hasattr(type(given), "convert")
            else "this is the module of a quantized model, and the model itself is lowered: lower(quantized)"
        )
    if not isinstance(given, nn.Module):
        _plain_function(given)
    if signature is not None:
        given = checked(given, signature)
        for name in signature if isinstance(signature, Mapping) else ():
            if name != "forward":
                export(vars(type(given))[name])
    with COMPILING:
        if asked.is_flat:
            return _exported(given, asked)
        forget_stale_builtins()
        return _lower_module(given, asked) if isinstance(given, nn.Module) else _lower_function(given, asked)


def _exported(given: Any, asked: Asked) -> "Exported":
    # Where it is used: torch.export and what it needs take as long to import as torch.
    from namedtorch.lower.targets.flat_entry import exported

    return exported(given, asked)


def _lower_quantized(quantized: Quantized, asked: Asked) -> Lowered:
    """A quantized module with the guard of the float one that it was made of."""
    made, label = quantized.subject, quantized.subject.label
    inside = guards_inside(asked.guards)
    target = copied(quantized.body, False)
    boundary = made.boundary.around(target).under(asked.constraints, label)
    examples = made.examples
    if asked.example is not None:
        examples = cache(
            lambda: examples_of(made.given, boundary.methods, train=False, example=asked.example)
        )
    packed = packed_state(quantized.reference, quantized.quantization.layers, inside.functions)
    subject = Subject(
        quantized.body,
        made.name,
        "module",
        boundary.methods,
        boundary.sizes,
        {**state_of(target, inside.functions), **packed},
        examples,
        quantized.quantization,
    ).optimized(asked, made.given)
    return lowered(subject, _compiled(subject, target, boundary, asked, label, inside), asked)


def _lower_module(module: nn.Module, asked: Asked) -> Lowered:
    owner = type(module)
    name = owner.__qualname__
    inside = guards_inside(asked.guards)
    boundary = boundary_of(module, inside.functions.sources)
    require_dims(boundary.methods["forward"].signature, f"{name}.forward")
    boundary = boundary.under(asked.constraints, name)
    target = copied(module, asked.train)
    state: Mapping[str, State] = {}
    unmade: LowerError | None = None
    try:
        state = state_of(target, inside.functions)
    except LowerError as error:
        # What else is refused of a module without its weights is said first.
        unmade = error
    subject = Subject(
        module,
        f"{owner.__module__}.{name}",
        "module",
        boundary.methods,
        boundary.sizes,
        state,
        cache(lambda: examples_of(module, boundary.methods, train=asked.train, example=asked.example)),
    ).optimized(asked)
    classes = erase_names(target)
    try:
        compiled = _compiled(subject, target, boundary, asked, name, inside)
    finally:
        forget_classes(classes)
    if unmade is not None:
        raise unmade
    return lowered(subject, compiled, asked)


def _compiled(
    subject: Subject, target: nn.Module, boundary: Boundary, asked: Asked, name: str, inside: GuardsInside
) -> Compiled:
    """The graph of a copy without names, by the method that is asked for."""
    boundary = subject.around(boundary)
    match asked.method:
        case "script":
            return scripted_module(target, boundary, asked.guards, name, inside)
        case "trace":
            return traced_model(target, subject.wanted(asked, name))
        case "auto":
            return Mix(target, boundary, subject.inputs, asked.guards, name, asked.train).lowered()


def _lower_function(given: Any, asked: Asked) -> Lowered:
    function = innermost(given)
    signature = held_signature(given)
    name = function.__qualname__
    require_dims(signature, name)
    require_known(signature, asked.constraints, name)
    signature = constrained(signature, asked.constraints)
    if asked.optimize is not None:
        raise LowerError(
            f"{name} is a function, which has no weights to freeze or to store otherwise; optimize= is for modules"
        )
    plan = build_plan(signature)
    methods = {"forward": Method(signature, plan)}
    subject = Subject(
        given,
        f"{function.__module__}.{name}",
        "function",
        methods,
        known_sizes(signature, signature),
        {},
        cache(lambda: examples_of(given, methods, train=asked.train, example=asked.example)),
    )
    plain = without_names(function)
    target = given if plain is function else plain
    if asked.method == "trace":
        compiled = traced_free(target, subject.wanted(asked, name))
    else:
        try:
            compiled = scripted_function(target, signature, plan, asked.guards)
        except LowerError as error:
            if asked.method == "script" or not error.findings:
                raise
            wanted = subject.wanted(asked, name)
            compiled = traced_free(target, wanted.because(REFUSED, error.findings))
    return lowered(subject, compiled, asked)


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
