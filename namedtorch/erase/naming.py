"""Names that are given to tensors, `named(x, "N C=3 T")`: the tensor itself, and what its sizes have to be."""

import ast
from collections.abc import Sequence
from typing import Any, Final

from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.arguments import value_of
from namedtorch.erase.site import Site, Unsettled
from namedtorch.erase.size_checks import size_checks
from namedtorch.ops.factories import literal_shape
from namedtorch.ops.judge import Misfit
from namedtorch.ops.named_factories import read_shape
from namedtorch.ops.tensor_shape import ANY_SHAPE, TensorShape
from namedtorch.ops.values import Array, Value
from namedtorch.static.interpreter.domain import Maybe
from namedtorch.static.interpreter.plain import as_rule_value, items_of

_LONGEST: Final = 40
"""An expression of more characters is not quoted."""


def with_sizes(
    site: Site[Any], made: ast.expr, part: ast.expr, names: ast.expr, shapes: Sequence[TensorShape]
) -> ast.expr:
    """A tensor that is given names: `made` is the user's `part` in plain torch, which can have these shapes.

    What the text of the names says of sizes is checked in front of the statement, as far as it is not sure. Raises
    `Unsettled` for names that are not known, and where nothing can stand in front.
    """
    wanted, text = _wanted(site, names)
    # Whether anything is to be checked does not depend on what the tensor is called.
    if not size_checks(wanted, ast.Constant(None), shapes):
        return made
    tensor = site.name(made, part)
    quoted = ast.unparse(part)
    shown = f"`{quoted}`" if len(quoted) <= _LONGEST else "the tensor"
    for check in size_checks(wanted, tensor, shapes):
        if not site.insist(check.test, f'{shown} is named "{text}": {check.otherwise}', part):
            raise Unsettled(
                part, f'"{text}" says more than is known of the sizes of {shown}, and no check can stand in front',
                "assign it to a variable of its own first",
            )  # fmt: skip
    return tensor


def _wanted(site: Site[Any], names: ast.expr) -> tuple[Shape, str]:
    """The shape that a tensor is to have, and the names as messages show them. Raises `Unsettled`."""
    value = value_of(site, names)
    if isinstance(value, str):
        try:
            wanted = read_shape(value, "names")
        except Misfit as misfit:
            raise Unsettled(names, misfit.detail, misfit.help) from None
        return wanted, str(wanted)
    listed = items_of(value)
    if listed is Unknown:
        raise Unsettled(
            names, f"which names `{ast.unparse(names)}` holds is not known", "write the names themselves"
        )
    # A list says how many axes there are, and nothing of their sizes.
    axes = tuple(Group() if one is ... else Dim() for one in listed)
    text = " ".join(one if isinstance(one, str) else "..." if one is ... else "_" for one in listed)
    return Shape(axes), text


def shapes_of(site: Site[Any], part: ast.expr) -> list[TensorShape]:
    """The shapes that a part of an expression can have: those of a tensor, or of numbers in lists."""
    found: list[TensorShape] = []
    for one in site.worth.values(part) or [Unknown]:
        held = one.value if isinstance(one, Maybe) else one
        found.append(held.shape if isinstance(held, Array) else _of_numbers(as_rule_value(held)))
    return found


def _of_numbers(value: Value) -> TensorShape:
    try:
        return literal_shape(value)
    except Misfit:
        return ANY_SHAPE
