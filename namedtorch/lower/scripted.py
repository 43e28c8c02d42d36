"""Modules and functions to TorchScript by their source."""

import contextlib
import inspect
from types import FunctionType
from typing import Any, Literal

from torch import nn

from namedtorch.archive.manifest import Method
from namedtorch.lower.boundary import Boundary
from namedtorch.lower.compiled import Compiled
from namedtorch.lower.functions import innermost
from namedtorch.lower.guards import GuardsInside
from namedtorch.lower.lowering_report import Choice
from namedtorch.lower.modules import translate_tree
from namedtorch.lower.parameters import ParameterRefused
from namedtorch.lower.prepared import settle
from namedtorch.lower.refusal import refused
from namedtorch.lower.torchscript import Script, compile_target, forget_classes
from namedtorch.lower.translation import Translation
from namedtorch.signature.plan import Plan
from namedtorch.signature.signature import Signature

Guards = Literal["boundary", "all", "none"]
"""Where the graph holds guards: at the outermost module, in every annotated function, or nowhere."""


def guards_inside(guards: Guards) -> GuardsInside:
    """The guards of a module that is lowered."""
    return GuardsInside((lambda _: True) if guards == "all" else None)


def scripted_module(
    target: nn.Module, boundary: Boundary, guards: Guards, name: str, inside: GuardsInside | None = None
) -> Compiled:
    """Compiles a copy of a module, what is TorchScript in it left as it is; the copy is used up.

    `inside` lends the files that it has read. Raises LowerError for what TorchScript refuses.
    """
    inside = inside or guards_inside(guards)
    with contextlib.ExitStack() as stack:
        tree = translate_tree(target, inside.functions)
        stack.callback(lambda: forget_classes([*tree.classes, *inside.classes]))
        stack.callback(inside.functions.forget)
        # Those of the copy: a method may have been written anew for it.
        owner = tree.owners[id(target)]
        held = {
            method: (inspect.getattr_static(owner, method), signature, plan)
            for method, (_, signature, plan) in boundary.held.items()
        }
        translation = inside.translation(inspect.getattr_static(owner, "forward"))
        try:
            if guards == "all":
                inside.inside(tree, boundary.functions)
            if guards != "none":
                inside.at_boundary(target, held)
        except ParameterRefused as error:
            # torch would refuse it as well, and perhaps more than that.
            raise refused(error, name, target, inside.functions, translation.definition) from None
        settle(*tree.modules)
        script = _compiled(target, inside, translation, name)
    return Compiled(script, boundary.methods, inside.source, (Choice("", name, "script"),))


def scripted_part(target: nn.Module, guards: Guards) -> Script:
    """Compiles a copy of a module inside of a model, which gets guards where all have them; raises what refuses it."""
    inside = guards_inside(guards)
    with contextlib.ExitStack() as stack:
        tree = translate_tree(target, inside.functions)
        stack.callback(lambda: forget_classes([*tree.classes, *inside.classes]))
        stack.callback(inside.functions.forget)
        if guards == "all":
            inside.inside(tree, {})
        settle(*tree.modules)
        inside.functions.announce()
        return compile_target(target)


def scripted_function(given: FunctionType, signature: Signature, plan: Plan, guards: Guards) -> Compiled:
    """Compiles a function that is held to a signature; raises LowerError for what TorchScript refuses."""
    function = innermost(given)
    inside = GuardsInside((lambda one: innermost(one) is not function) if guards == "all" else None)
    body = inside.functions.graph_function(given)
    translation = inside.translation(given)
    target = inside.functions.apart(body)
    name = function.__qualname__
    try:
        if guards != "none":
            target = inside.function(given, target, signature, plan)
    except ParameterRefused as error:
        raise refused(error, name, target, inside.functions, translation.definition) from None
    try:
        script = _compiled(target, inside, translation, name)
    finally:
        inside.functions.forget()
    methods = {"forward": Method(signature, plan)}
    return Compiled(script, methods, inside.source, (Choice("", name, "script"),))


def _compiled(target: Any, inside: GuardsInside, outermost: Translation, name: str) -> Script:
    readings = inside.functions.announce()
    try:
        script = compile_target(target)
    # torch raises RuntimeError, ValueError, NotImplementedError, its own, and more.
    except Exception as error:
        raise refused(error, name, target, inside.functions, outermost.definition) from None
    inside.require(readings)
    return script
