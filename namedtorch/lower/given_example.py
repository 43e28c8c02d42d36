"""The example that a user gives: inputs at their own sizes, or a function of sizes."""

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from namedtorch.diagnostics import DimError, LowerError
from namedtorch.dims.bindings import value_text
from namedtorch.dims.pattern import Dim, Flattened, Group
from namedtorch.dims.unknown import Unknown
from namedtorch.runtime.guard import Guard
from namedtorch.signature.signature import Kind, Signature, tensors_of

Example = Callable[..., Any] | tuple[Any, ...] | Any
"""Inputs of a call: its arguments, or `(args, kwargs)`, or a function of sizes that gives either anew."""

Sizes = Mapping[str, int | tuple[int, ...]]
"""Sizes of dims (`"N"`) and of groups (`"*batch"`)."""

Inputs = tuple[tuple[Any, ...], dict[str, Any]]
"""The arguments of a call, by position and by keyword."""

_KINDS = {
    Kind.POSITIONAL_ONLY: inspect.Parameter.POSITIONAL_ONLY,
    Kind.POSITIONAL: inspect.Parameter.POSITIONAL_OR_KEYWORD,
    Kind.VAR_POSITIONAL: inspect.Parameter.VAR_POSITIONAL,
    Kind.KEYWORD: inspect.Parameter.KEYWORD_ONLY,
    Kind.VAR_KEYWORD: inspect.Parameter.VAR_KEYWORD,
}


@dataclass(frozen=True, slots=True)
class GivenExample:
    """An example for a signature, held to it; `name` is what messages call the model."""

    example: Example
    signature: Signature
    name: str

    @property
    def is_function(self) -> bool:
        """Whether it gives inputs for any sizes."""
        return callable(self.example)

    @property
    def asks_for(self) -> tuple[str, ...]:
        """The dims whose sizes it takes; all of the signature for `**sizes`. Raises LowerError for other names."""
        if not callable(self.example):
            return ()
        known = _names(self.signature)
        taken = list(inspect.signature(self.example).parameters.values())
        variadic = [one for one in taken if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
        names = [one.name for one in taken if one not in variadic]
        for name in names:
            if name not in known:
                raise LowerError(self._unknown(name, known))
        if any(one.kind is one.VAR_POSITIONAL for one in variadic):
            raise LowerError(
                f"the example of {self.name} takes *{variadic[0].name}, and sizes go by name: write "
                f"lambda {', '.join(known) or ''}: (...), or lambda **sizes: (...)"
            )
        return tuple(known) if variadic else tuple(names)

    def at(self, sizes: Sizes) -> Inputs:
        """The inputs for these sizes, those of all dims that it asks for; its own ones where it is no function.

        Raises LowerError for inputs that do not fit the signature, and for other sizes than those that it was given.
        """
        if not callable(self.example):
            return copy.deepcopy(arguments(self.example))
        wanted = {name: sizes[_key(name, sizes)] for name in self.asks_for}
        made = arguments(self.example(**wanted))
        shown = ", ".join(f"{name}={value_text(size)}" for name, size in wanted.items())
        for name, size in self.sizes_of(made, f"example({shown})").items():
            bare = name.lstrip("*")
            if bare in wanted and _key(bare, sizes) == name and wanted[bare] != size:
                raise LowerError(
                    f"example({shown}) of {self.name} gives inputs with `{name}`={value_text(size)}, and was to give "
                    f"`{name}`={value_text(wanted[bare])}: use `{bare}` for the size"
                )
        return made

    def sizes_of(self, inputs: Inputs, said: str = "the example") -> Sizes:
        """The sizes of dims and groups in the inputs; raises LowerError where they do not fit the signature."""
        try:
            bound = call_signature(self.signature).bind(*inputs[0], **inputs[1])
        except TypeError as error:
            raise LowerError(
                f"{said} of {self.name} does not fit `{self.signature}`: {error}; give a tuple of all arguments, or "
                "(args, kwargs)"
            ) from None
        bound.apply_defaults()
        explanation = Guard(self.signature, self.name).explanation(tuple(bound.arguments.values()))
        if explanation.arguments():
            error = explanation.error(self.name, "")
            raise LowerError(f"{said} of {self.name} does not fit `{self.signature}`: {error}") from None
        return {name: size for name, size in explanation.matching.bindings.items() if "?" not in name}

    def _unknown(self, name: str, known: list[str]) -> str:
        near = get_close_matches(name, known, n=1)
        return (
            f"the example of {self.name} takes `{name}`, which is no dim of `{self.signature}`; its dims are "
            + (", ".join(f"`{one}`" for one in known) or "none")
            + (f"; did you mean `{near[0]}`?" if near else "")
        )


def arguments(given: Any) -> Inputs:
    """The arguments that an example is: `(args, kwargs)`, a tuple of those by position, or the only one."""
    if type(given) is not tuple:
        return (given,), {}
    parts = cast("tuple[Any, ...]", given)
    if len(parts) == 2 and isinstance(parts[0], tuple) and isinstance(parts[1], dict):
        return parts[0], parts[1]
    return parts, {}


def _key(name: str, sizes: Sizes) -> str:
    """What the sizes call a dim or a group of this name; a dim comes first."""
    if name in sizes or f"*{name}" in sizes:
        return name if name in sizes else f"*{name}"
    raise DimError(f"the example takes `{name}`, and no call with these arguments binds it")


def _names(signature: Signature) -> list[str]:
    """The dims and groups of the parameters by their bare names, in order."""
    found: dict[str, None] = {}
    for hint in (one for parameter in signature.parameters for one in tensors_of(parameter.hint)):
        for axis in hint.shape.axes:
            match axis:
                case Group(name=name):
                    names = [] if name is Unknown else [name]
                case Flattened(factors=factors):
                    names = [one.name for one in factors if one.name is not Unknown]
                case Dim(name=name, size=size):
                    names = [] if name is Unknown else [name]
                    names += [] if size is Unknown else sorted(size.symbols)
            found |= dict.fromkeys(one for one in names if one not in hint.shape.each and one.isidentifier())
    return list(found)


def call_signature(signature: Signature) -> inspect.Signature:
    """The signature as Python binds arguments by it."""
    made: list[inspect.Parameter] = []
    for one in signature.parameters:
        optional = one.default is not Unknown and one.kind not in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)
        default = one.default if optional else inspect.Parameter.empty
        made.append(inspect.Parameter(one.name, _KINDS[one.kind], default=default))
    return inspect.Signature(made)
