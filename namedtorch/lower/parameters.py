"""The parameters of a function that TorchScript is to have."""

from collections.abc import Sequence
from dataclasses import dataclass

from namedtorch.diagnostics import LowerError
from namedtorch.lower.translation import Translation


class ParameterRefused(LowerError):
    """A parameter that TorchScript has no form for."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name in the signature, and in the source."""

    name: str
    own: str


def parameters_of(translation: Translation, method: bool, names: Sequence[str]) -> list[Parameter]:
    """The parameters of a function, without the receiver of a method.

    `names` are those of the signature; a signature given as text may call a parameter otherwise. Raises
    ParameterRefused for what TorchScript has no form for.
    """
    arguments = translation.definition.node.args
    called = translation.function.__qualname__
    file = translation.definition.file
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        node = arguments.vararg or arguments.kwarg or arguments.posonlyargs[-1]
        stars = "*" if node is arguments.vararg else "**" if node is arguments.kwarg else ""
        what = f"`{stars}{node.arg}`" if stars else f"the positional-only `{node.arg}`"
        raise ParameterRefused(
            f"{called} takes {what}, for which TorchScript has no form; name every parameter\n  {file}:{node.lineno}"
        )
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        # A rewritten function tells torch its defaults by their values.
        if default is not None and not translation.definition.rewritten:
            raise ParameterRefused(
                f"{called} takes the keyword-only `{argument.arg}` with a default, for which TorchScript has no form; "
                f"drop the default or the `*`\n  {file}:{argument.lineno}"
            )
    positional = arguments.args[1:] if method else arguments.args
    own = [argument.arg for argument in (*positional, *arguments.kwonlyargs)]
    return [Parameter(name, one) for name, one in zip(names, own, strict=True)]
