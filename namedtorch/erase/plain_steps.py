"""Calls of namedtorch's own operators in plain torch, by what the recipes of their rows tell."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.erase.evaluation import is_harmless
from namedtorch.erase.facts import number
from namedtorch.erase.site import Site, Unsettled
from namedtorch.erase.turns import Turn, changing, turns, unsettled
from namedtorch.erase.written_sizes import WrittenSizes, sizes_in
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import Mismatch, OpRule, bound_arguments
from namedtorch.ops.recipes import INDEX, Given, Product, Recipe, Step
from namedtorch.ops.tensor_shape import NoSuchAxis, Undetermined
from namedtorch.ops.tidy_steps import tidied
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.domain import Maybe, Val

_LONGEST: Final = 40
"""A tensor whose expression has more characters is not quoted in a message."""


def write_recipe(
    site: Site[Any], row: OpRule, arguments: Sequence[ast.expr], keywords: Sequence[ast.keyword]
) -> ast.expr | None:
    """A call of a row with a recipe in plain torch; None where torch's own method of that name does it.

    `arguments` begins with the tensor of a method. Raises `Unsettled` where the dims are not known.
    """
    sizes = WrittenSizes(site)
    told = _told(site, row, arguments, keywords, sizes)
    if told is None:
        return None
    parts = _by_parameter(row, arguments, keywords)
    if isinstance(told, Product):
        return _product(site, told, parts, row)
    used = [size for step in told.steps for one in _given(step) for size in sizes_in(one)]
    used += [one.size for one in told.held]
    tensor = parts[row.taken[0].name]
    _keep_effects(
        site, [one for one in (*arguments, *(each.value for each in keywords)) if one is not tensor], sizes
    )
    sizes.name_repeated(used)
    made = site.write(tensor)
    if told.held:
        made = site.name(made, tensor)
        for one in told.held:
            _insist(site, made, tensor, one.place, sizes.expression(one.size))
    return stepped(made, told.steps, sizes.expression)


# What is told


def _told(
    site: Site[Any],
    row: OpRule,
    arguments: Sequence[ast.expr],
    keywords: Sequence[ast.keyword],
    sizes: WrittenSizes,
) -> Recipe | Product | None:
    """What the recipe tells of every turn of a call, which has to be the same."""
    names = {one.name for one in row.taken if not one.keywords}
    counts = {one.value for one in keywords if one.arg not in names}

    def read(part: ast.expr, value: Val) -> Any:
        return sizes.read(part, value, part in counts)

    found: Recipe | Product | None = None
    for place, turn in enumerate(turns(site, arguments, keywords, read)):
        here = _of_turn(site, row, turn, arguments, sizes)
        joined = here if not place else _either(here, found)
        if joined is Unknown:
            raise changing(site, [one for one in arguments if _may_be_tensor(site, one)])
        found = joined
    return found


def _of_turn(
    site: Site[Any], row: OpRule, turn: Turn, arguments: Sequence[ast.expr], sizes: WrittenSizes
) -> Recipe | Product | None:
    assert row.recipe is not None
    tensors = [one for one in arguments if _may_be_tensor(site, one)]
    try:
        call = turn.call(row)
        told = row.recipe(call)
        axes = call.axes(row.taken[0].name) if isinstance(told, Recipe) else ()
    except Mismatch:
        return None
    except Misfit as misfit:
        raise unsettled(site, misfit, tensors) from None
    except (Undetermined, NoSuchAxis):
        raise unsettled(site, None, tensors) from None
    if not isinstance(told, Recipe):
        return told
    held = [one for one in told.held if not call.is_equal(axes[one.place].size, sizes.known(one.size))]
    return Recipe(told.shape, tidied(told.steps, len(axes)), tuple(held))


def _either(
    one: Recipe | Product | None, other: Recipe | Product | None
) -> Recipe | Product | UnknownType | None:
    """What both turns do, where it is the same; what one of them has to check is checked."""
    match one, other:
        case Recipe(), Recipe() if one.steps == other.steps:
            return replace(one, held=tuple(dict.fromkeys((*other.held, *one.held))))
        case Product(), Product() if (one.equation, one.sides) == (other.equation, other.sides):
            return replace(one, same=tuple(dict.fromkeys((*other.same, *one.same))))
        case None, None:
            return None
        case _:
            return Unknown


def _may_be_tensor(site: Site[Any], part: ast.expr) -> bool:
    if isinstance(part, ast.Starred | ast.Constant):
        return False
    values = site.worth.values(part) or [Unknown]
    return any(isinstance(one, Array | Maybe) or one is Unknown for one in values)


def _by_parameter(
    row: OpRule, arguments: Sequence[ast.expr], keywords: Sequence[ast.keyword]
) -> Mapping[str, Any]:
    """The expressions by the parameters that they are given for."""
    named = {one.arg: one.value for one in keywords if one.arg is not None}
    return bound_arguments(row.taken, cast("Any", arguments), cast("Any", named))


# What is written


def _keep_effects(site: Site[Any], parts: Sequence[ast.expr], sizes: WrittenSizes) -> None:
    """What was evaluated to know its names only still runs where it does more than give its value."""
    for part in parts:
        if not is_harmless(site, part) and not any(one in sizes.parts for one in ast.walk(part)):
            site.name(site.write(part), part)


def _insist(site: Site[Any], made: ast.expr, part: ast.expr, place: int, size: ast.expr) -> None:
    """Checks the size of an axis in front of the statement."""
    text = ast.unparse(part)
    told = f"`{text}`" if len(text) <= _LONGEST else "the tensor"
    message = f"axis {place} of {told} is not of size {ast.unparse(size)}"
    if not site.insist(ast.Compare(_size(made, place), [ast.Eq()], [size]), message, part):
        raise Unsettled(
            part, f"axis {place} of {told} has to be of size {ast.unparse(size)}, and no statement that checks it "
            "can be put before it", "assign it to a variable of its own first, in a statement",
        )  # fmt: skip


def _size(made: ast.expr, place: int) -> ast.expr:
    return ast.Call(ast.Attribute(made, "size", ast.Load()), [number(place)], [])


def stepped(made: ast.expr, steps: Sequence[Step], write: Callable[[Size], ast.expr]) -> ast.expr:
    """What the steps make of an expression; `write` gives a size as it is written."""
    for step in steps:
        arguments = [_argument(one, write) for one in step.arguments]
        if step.method == INDEX:
            made = ast.Subscript(made, arguments[0], ast.Load())
            continue
        keywords = [ast.keyword(name, _argument(one, write)) for name, one in step.keywords]
        made = ast.Call(ast.Attribute(made, step.method, ast.Load()), arguments, keywords)
    return made


def _given(step: Step) -> Sequence[Given]:
    return (*step.arguments, *(one for _, one in step.keywords))


def _argument(given: Given, write: Callable[[Size], ast.expr]) -> ast.expr:
    """An argument of a step as it is written."""
    match given:
        case Size():
            return write(given)
        case bool() | str() | float() | None:
            return ast.Constant(given)
        case int():
            return number(given)
        case tuple():
            return ast.Tuple([_argument(one, write) for one in given], ast.Load())
        case slice():
            return ast.Slice()
        case _:
            return ast.Constant(...)


def _product(site: Site[Any], told: Product, parts: Mapping[str, Any], row: OpRule) -> ast.expr:
    """A product of matrices, or the function of torch that sums products."""
    tensors = [parts[one.name] for one in row.taken if not isinstance(parts[one.name], ast.Constant)]
    operands: list[ast.expr] = [*tensors[0]] if isinstance(tensors[0], tuple) else tensors[:2]
    made = [site.write(one) for one in operands]
    sizes = WrittenSizes(site)
    if told.sides is not Unknown:
        left, right = (
            stepped(one, steps, sizes.expression) for one, steps in zip(made, told.sides, strict=True)
        )
        return ast.BinOp(left, ast.MatMult(), right)
    if told.same:
        made = [site.name(one, part) for one, part in zip(made, operands, strict=True)]
        for place, other in told.same:
            _insist(site, made[0], operands[0], place, _size(made[1], other))
    return ast.Call(_dotted(told.function), [ast.Constant(told.equation), *made], [])


def _dotted(name: str) -> ast.expr:
    """A function of torch by its name: `torch.einsum`."""
    first, *rest = name.split(".")
    made: ast.expr = ast.Name(first, ast.Load())
    for one in rest:
        made = ast.Attribute(made, one, ast.Load())
    return made
