"""The function that stands before the user's: the guard, the call, the guard of the result."""

import ast
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import torch

from namedtorch.diagnostics import LowerError
from namedtorch.lower.namespace import closure_of
from namedtorch.lower.translation import Translation
from namedtorch.signature.emit import graph_guard
from namedtorch.signature.plan import Plan
from namedtorch.signature.signature import Signature


@dataclass(frozen=True, slots=True)
class Guarded:
    """A generated function, and its source under the file name that the source has for torch."""

    # A type checker takes a field of this type, FunctionType, for a method and binds it.
    function: Any
    file: str
    source: str


def guarded(
    signature: Signature,
    plan: Plan,
    translation: Translation,
    body: FunctionType,
    *,
    name: str,
    call: str,
) -> Guarded:
    """Writes the function `name`, which checks its arguments, calls `call`, and checks the result.

    It takes what the user's function takes, under the names of the signature; `body` is that function as the graph has
    it, whose namespace it shares. Raises LowerError for parameters that TorchScript has no form for.
    """
    names_taken = [one.name for one in signature.parameters]
    parameters = parameters_of(translation, False, names_taken)
    guard = graph_guard(plan, translation.function.__qualname__, names_taken)
    taken = ", ".join(one.text for one in parameters)
    passed = ", ".join(one.passed for one in parameters)
    result = translation.types.get("return")
    lines = [
        f"def {name}({taken})" + (f" -> {result}:" if result else ":"),
        *(f"    {line}" for line in guard.before),
        f"    {guard.result} = {call}({passed})",
        *(f"    {line}" for line in guard.after),
        f"    return {guard.result}",
    ]
    source = "\n".join(lines) + "\n"
    file = f"<namedtorch guard of {translation.function.__qualname__}>"
    names = {**body.__globals__, **closure_of(body), **guard.functions, "torch": torch}
    names[call] = body
    function = _executed(source, file, name, names)
    function.__defaults__ = body.__defaults__
    function.__kwdefaults__ = body.__kwdefaults__
    function.__module__ = body.__module__
    function.__qualname__ = name
    function.__doc__ = body.__doc__
    return Guarded(function, file, source)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name in the signature and in the source, its definition, and what passes it on."""

    name: str
    own: str
    text: str
    passed: str


def parameters_of(translation: Translation, method: bool, names: Sequence[str]) -> list[Parameter]:
    """The parameters of a function, without the receiver of a method.

    `names` are those of the signature; a signature given as text may call a parameter otherwise. Raises LowerError for
    what TorchScript has no form for.
    """
    arguments = translation.definition.node.args
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        node = arguments.vararg or arguments.kwarg or arguments.posonlyargs[-1]
        stars = "*" if node is arguments.vararg else "**" if node is arguments.kwarg else ""
        what = f"`{stars}{node.arg}`" if stars else f"the positional-only `{node.arg}`"
        raise LowerError(
            f"{translation.function.__qualname__} takes {what}, for which TorchScript has no form; name every "
            f"parameter\n  {translation.definition.file}:{node.lineno}"
        )
    positional = arguments.args[1:] if method else arguments.args
    defaults = [None] * (len(arguments.args) - len(arguments.defaults)) + list(arguments.defaults)
    named = dict(zip([*positional, *arguments.kwonlyargs], names, strict=True))
    found: list[Parameter] = []
    for argument, default in zip(positional, defaults[len(arguments.args) - len(positional) :], strict=True):
        name = named[argument]
        found.append(Parameter(name, argument.arg, _text(argument, name, default, translation), name))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            raise LowerError(
                f"{translation.function.__qualname__} takes the keyword-only `{argument.arg}` with a default, for "
                "which TorchScript has no form; drop the default or the `*`"
                f"\n  {translation.definition.file}:{argument.lineno}"
            )
        name = named[argument]
        text = _text(argument, name, None, translation)
        if argument is arguments.kwonlyargs[0]:
            text = f"*, {text}"
        found.append(Parameter(name, argument.arg, text, f"{argument.arg}={name}"))
    return found


def _text(argument: ast.arg, name: str, default: ast.expr | None, translation: Translation) -> str:
    annotation = translation.types.get(argument.arg)
    if default is None:
        return f"{name}: {annotation}" if annotation else name
    written = ast.unparse(default)
    return f"{name}: {annotation} = {written}" if annotation else f"{name}={written}"


def _executed(source: str, file: str, name: str, names: dict[str, Any]) -> FunctionType:
    """The function of a source; its annotations and defaults are text for torch and are not evaluated."""
    tree = ast.parse(source)
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.returns = None
    for argument in (*definition.args.args, *definition.args.kwonlyargs):
        argument.annotation = None
    definition.args.defaults = []
    exec(compile(tree, file, "exec", dont_inherit=True), names)
    function = names[name]
    assert inspect.isfunction(function)
    return function
