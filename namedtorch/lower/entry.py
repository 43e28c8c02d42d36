"""The entry: a module or a function to TorchScript, its guard inside."""

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import FunctionType
from typing import Any, Literal, get_args

import torch
from torch import nn

from namedtorch.archive.manifest import KnownSize, Manifest, Method, State
from namedtorch.archive.metadata import plain_metadata
from namedtorch.diagnostics import LowerError
from namedtorch.lower.boundary import boundary_of
from namedtorch.lower.compiled import Compiled
from namedtorch.lower.drawing import Examples, examples_of
from namedtorch.lower.erasure import erase_names, without_names
from namedtorch.lower.functions import innermost
from namedtorch.lower.given_example import Example
from namedtorch.lower.lowered import Lowered
from namedtorch.lower.lowering_report import REFUSED, LoweringReport
from namedtorch.lower.mixed import Mix
from namedtorch.lower.modules import copied
from namedtorch.lower.operators import custom_operators
from namedtorch.lower.scripted import Guards, guards_inside, scripted_function, scripted_module
from namedtorch.lower.signatures import held_signature, known_sizes
from namedtorch.lower.state import state_of
from namedtorch.lower.torchscript import (
    COMPILING,
    export,
    forget_classes,
    forget_stale_builtins,
    is_script,
)
from namedtorch.lower.traced import Wanted, traced_free, traced_model
from namedtorch.lower.verify import VerifyError
from namedtorch.lower.verify import verify as verify_lowered
from namedtorch.runtime.checked import checked
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Signature

LowerMethod = Literal["script", "trace", "auto"]
"""How TorchScript gets to know a model: by its source, by one run of it, or each part by what it can."""

_LAST_PYTHON = (3, 13)


def lower(
    module_or_function: nn.Module | Callable[..., Any],
    *,
    signature: str | Mapping[str, str] | None = None,
    method: LowerMethod = "script",
    example: Example | None = None,
    train: bool = False,
    guards: Guards = "boundary",
    verify: bool = True,
    metadata: Mapping[str, object] | None = None,
) -> Lowered:
    """Lowers a module or function to TorchScript with its guard inside, and runs it beside the original.

    A deep copy in eval mode is lowered (`train=True` keeps training mode); what was given stays as it is. Its forward,
    or the function, names dims in its annotations or is `@checked`, or `signature` names them for code that can't be
    edited: "image: N C=3 H W -> N classes=1000", or such texts by the names of methods.

    `method="trace"` takes what one run does, `"auto"` scripts what it can and traces the rest; `report` of the result
    says which and why. Inputs are drawn from the signature, or `example` gives them: `lambda N, T: (...)` in any sizes,
    or the arguments themselves. `verify=False` leaves out the comparison with the original. `guards="all"` also guards
    every annotated method and function inside of the graph, `guards="none"` leaves guards out; the manifest keeps the
    signatures of forward and of every method marked `@torch.jit.export`, and `metadata`, JSON of the user's (labels,
    means). Raises LowerError for what TorchScript can't take, with the user's line, and where the graph does not do
    what the original does; ValueError for metadata that is no JSON.
    """
    major, minor = sys.version_info[:2]
    if (major, minor) > _LAST_PYTHON:
        raise LowerError(
            f"torch ended TorchScript with Python 3.14, and this is {major}.{minor}: lower the model under Python 3.13 "
            "or older"
        )
    _one_of("guards", guards, get_args(Guards))
    _one_of("method", method, get_args(LowerMethod))
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
    asked = _Asked(method, example, train, guards, verify, added)
    with COMPILING:
        forget_stale_builtins()
        return _lower_module(given, asked) if isinstance(given, nn.Module) else _lower_function(given, asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a caller of `lower` wants."""

    method: LowerMethod
    example: Example | None
    train: bool
    guards: Guards
    verify: bool
    metadata: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is lowered: the user's object, what a file says of it, and the inputs of its methods."""

    given: Any
    name: str
    kind: Literal["module", "function"]
    methods: Mapping[str, Method]
    sizes: Mapping[str, KnownSize]
    state: Mapping[str, State]
    examples: Callable[[], Mapping[str, Examples]]


def _lower_module(module: nn.Module, asked: _Asked) -> Lowered:
    owner = type(module)
    name = owner.__qualname__
    inside = guards_inside(asked.guards)
    boundary = boundary_of(module, inside.functions.sources)
    _require_dims(boundary.methods["forward"].signature, f"{name}.forward")
    target = copied(module, asked.train)
    state: Mapping[str, State] = {}
    unmade: LowerError | None = None
    try:
        state = state_of(target, inside.functions)
    except LowerError as error:
        # What else is refused of a module without its weights is said first.
        unmade = error
    subject = _Subject(
        module,
        f"{owner.__module__}.{name}",
        "module",
        boundary.methods,
        boundary.sizes,
        state,
        cache(lambda: examples_of(module, boundary.methods, train=asked.train, example=asked.example)),
    )
    classes = erase_names(target)
    try:
        match asked.method:
            case "script":
                compiled = scripted_module(target, boundary, asked.guards, name, inside)
            case "trace":
                compiled = traced_model(target, _wanted(subject, asked, name))
            case "auto":
                mix = Mix(target, boundary, subject.examples, asked.guards, name, asked.train)
                compiled = mix.lowered()
    finally:
        forget_classes(classes)
    if unmade is not None:
        raise unmade
    return _lowered(subject, compiled, asked)


def _lower_function(given: Any, asked: _Asked) -> Lowered:
    function = innermost(given)
    signature = held_signature(given)
    name = function.__qualname__
    _require_dims(signature, name)
    plan = build_plan(signature)
    methods = {"forward": Method(signature, plan)}
    subject = _Subject(
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
        compiled = traced_free(target, _wanted(subject, asked, name))
    else:
        try:
            compiled = scripted_function(target, signature, plan, asked.guards)
        except LowerError as error:
            if asked.method == "script" or not error.findings:
                raise
            wanted = _wanted(subject, asked, name)
            compiled = traced_free(target, wanted.because(REFUSED, error.findings))
    return _lowered(subject, compiled, asked)


def _wanted(subject: _Subject, asked: _Asked, name: str) -> Wanted:
    return Wanted(
        subject.methods,
        subject.examples(),
        asked.guards,
        name,
        asked.train,
        function=subject.kind == "function",
    )


def _lowered(subject: _Subject, compiled: Compiled, asked: _Asked) -> Lowered:
    """What was lowered with its manifest, verified."""
    traced = LoweringReport(compiled.choices).traced
    manifest = Manifest(
        name=subject.name,
        kind=subject.kind,
        mode="train" if asked.train else "eval",
        guards=asked.guards,
        methods=compiled.methods,
        torch_version=torch.__version__,
        method="trace" if "" in traced else "script",
        traced=traced,
        state=subject.state,
        sizes=subject.sizes,
        operators=custom_operators(compiled.script),
        metadata=asked.metadata,
    )
    report = _report(subject, compiled, manifest, asked)
    examples = None if asked.example is None else subject.examples()["forward"]
    return Lowered(compiled.script, manifest, compiled.source, report, examples)


def _report(subject: _Subject, compiled: Compiled, manifest: Manifest, asked: _Asked) -> LoweringReport:
    """How it was lowered, and how the graph compares with the original."""
    report = LoweringReport(compiled.choices, unverified="verify=False leaves the comparison out")
    if not asked.verify:
        return report
    try:
        examples = subject.examples()
    except LowerError as error:
        if asked.example is not None:
            raise
        return replace(report, unverified=str(error))
    try:
        verification = verify_lowered(
            compiled.script,
            subject.given,
            replace(manifest, methods={name: subject.methods[name] for name in compiled.methods}),
            examples={name: one for name, one in examples.items() if name in compiled.methods},
            traced=bool(report.traced),
            calls=compiled.calls,
        )
    except VerifyError as error:
        # What the traces have lost of the source is the most likely reason.
        lost = [f"  warning: {one.place}: {one.what}" for one in report.warnings]
        error.args = ("\n".join([str(error), *lost]),)
        raise
    return replace(report, verification=verification, unverified="")


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        listed = ", ".join(f'"{one}"' for one in known)
        raise LowerError(f"{name}={value!r} is none of {listed}")


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
