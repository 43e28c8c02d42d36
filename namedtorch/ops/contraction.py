"""Contractions by name: `einsum("N T D, N S D -> N T S", q, k)`, and `contract(q, k, over="D")`."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from string import ascii_letters
from typing import Final

from namedtorch.dims import pattern as language
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis
from namedtorch.ops.broadcasting import CODE as BROADCAST
from namedtorch.ops.call import Call, as_array, place_of
from namedtorch.ops.einsum import ELLIPSIS, Equation, Term, check_result, contracted
from namedtorch.ops.judge import Misfit
from namedtorch.ops.matmul import CODE
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.pattern_sides import ARROW, bad, parsed
from namedtorch.ops.patterns import misnamed, refuse_doubled
from namedtorch.ops.recipes import Product
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.tidy_steps import turned

_OPERANDS: Final = "operands"


@lru_cache(maxsize=1024)
def read_terms(pattern: str) -> Equation:
    """Reads `N T D, N S D -> N T S`. Raises `Misfit`."""
    left, arrow, right = pattern.partition(ARROW)
    if not arrow or ARROW in right:
        raise bad(
            f"{pattern!r} has to have one arrow",
            "write the dims of each operand, `->`, and those of the result",
        )
    operands = tuple(_term(one) for one in left.split(","))
    result = _term(right)
    check_result(operands, result)
    return Equation(operands, result)


def _term(text: str) -> Term:
    text = text.strip()
    shape = parsed(text)
    names: list[str] = []
    for axis in shape.axes:
        if isinstance(axis, language.Dim) and axis.name is not Unknown and str(axis) == axis.name:
            names.append(axis.name)
        elif str(axis) == ELLIPSIS and ELLIPSIS not in names:
            names.append(ELLIPSIS)
        else:
            raise bad(f"`{text}`: an einsum takes names and one `...`, not `{axis}`", _way(axis))
    if shape.where or shape.memory_format is not Unknown:
        raise bad(f"`{text}`: an einsum takes names and one `...`", "leave out what follows `where` and `@`")
    return Term(text, tuple(names))


def _way(axis: language.Axis) -> str:
    return "`rearrange` splits an axis, `rename` names it" if isinstance(axis, language.Flattened) else ""


@lru_cache(maxsize=1024)
def letters(pattern: str, telling: bool = False) -> str:
    """The equation that torch takes for a pattern: `abc,adc->abd`, or, `telling`, `ntd,nsd->nts`. Raises `Misfit`."""
    return lettered(read_terms(pattern), telling)


def lettered(equation: Equation, telling: bool = False) -> str:
    """An equation as torch takes it. Raises `Misfit` where its names are more than torch has letters."""
    names = dict.fromkeys(name for term in equation.operands for name in term.names if name != ELLIPSIS)
    return _equation(names, [term.names for term in equation.operands], equation.result.names, telling)


def _equation(
    names: Iterable[str], operands: Sequence[Sequence[str]], result: Sequence[str], telling: bool = False
) -> str:
    """The equation; with `telling`, a name is the letter that it begins with, where no other is."""
    letter = _telling(names) if telling else dict(zip(names, ascii_letters, strict=False))
    letter[ELLIPSIS] = ELLIPSIS
    if any(name not in letter for term in operands for name in term):
        raise bad(f"there are more than {len(ascii_letters)} names", "torch tells no more apart in one call")
    *terms, last = ("".join(letter[name] for name in term) for term in (*operands, result))
    return f"{','.join(terms)}{ARROW}{last}"


def _telling(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        begins = [one for one in (name[0].lower(), name[0].upper()) if one in ascii_letters]
        free = [one for one in (*begins, *ascii_letters) if one not in found.values()]
        if free:
            found[name] = free[0]
    return found


def einsum(call: Call) -> TensorShape:
    """A pattern and its operands, whose axes are named as the pattern says."""
    equation = read_terms(call.text("pattern"))
    shapes = [as_array(one).shape for one in call.items(_OPERANDS)]
    named: list[TensorShape] = []
    for place, shape in enumerate(shapes):
        fits = place < len(equation.operands)
        named.append(_named(f"{_OPERANDS}[{place}]", equation.operands[place], shape) if fits else shape)
    result = contracted(call, equation, named, _OPERANDS)
    for shape in shapes:
        if shape.rank is Unknown:
            return result
    refuse_doubled(result.fixed, [axis for shape in shapes for axis in shape.fixed])
    return result


def _named(argument: str, term: Term, shape: TensorShape) -> TensorShape:
    """An operand under the names of the pattern, where it has as many axes as that says. Raises `Misfit`."""
    if shape.rank is Unknown or (shape.rank != term.named if not term.open else shape.rank < term.named):
        return shape
    axes = shape.fixed
    before = term.names.index(ELLIPSIS) if term.open else len(term.names)
    spread = [""] * (len(axes) - term.named)
    written = [*term.names[:before], *spread, *term.names[before + 1 :]]
    for place, (axis, name) in enumerate(zip(axes, written, strict=True)):
        if name and axis.carried is not Unknown and axis.carried != name:
            raise misnamed(argument, term.text, [name or "_" for name in written], axes, place)
    return TensorShape(
        tuple(axis.called(name) if name else axis for axis, name in zip(axes, written, strict=True))
    )


# Contractions over dims of the operands


def contract(call: Call) -> TensorShape:
    """Contracts dims of two tensors; other names that both have are the batch, which broadcasts."""
    left, right, over = _names(call, "a"), _names(call, "b"), over_names(call)
    a, b = call.axes("a"), call.axes("b")
    for name in over:
        i, j = (place_of(call.shape(of), name, of, f"it contracts `{of}` over {name!r}") for of in ("a", "b"))
        call.same(
            b[j], a[i], CODE, f"it contracts axis {i} of `a` with axis {j} of `b`", "b", j, other="a", other_axis=i
        )  # fmt: skip
    result: list[Axis] = []
    for place, name in enumerate(left):
        if name not in over:
            result.append(_batch(call, a, place, b, right.index(name)) if name in right else a[place])
    result += [axis for axis, name in zip(b, right, strict=True) if name not in left]
    return TensorShape(tuple(result))


def over_names(call: Call) -> list[str]:
    """The names that `over` lists. Raises `Misfit`, `Undetermined`."""
    value = call.value("over")
    listed = value if isinstance(value, tuple | list) else (value,)
    names: list[str] = []
    for one in listed:
        if one is Unknown:
            raise Undetermined
        if not isinstance(one, str):
            raise Misfit(
                "name-invalid", f"`over` holds {one}, which is no name", "over", help='write `over="D"`'
            )
        if one in names:
            raise Misfit("axis-repeated", f"`over` has {one!r} twice", "over")
        names.append(one)
    return names


def _names(call: Call, argument: str) -> list[str]:
    """The names of all axes, which have one each. Raises `Misfit`."""
    found: list[str] = []
    for place, axis in enumerate(call.axes(argument)):
        if axis.carried is Unknown:
            raise Misfit(
                "name-missing", f"axis {place} of `{argument}` has no name, so nothing tells what it meets", argument,
                place, help="`refine_names` gives it one; `named` names a plain tensor",
            )  # fmt: skip
        if axis.carried in found:
            raise Misfit(
                "names-repeated", f"two axes of `{argument}` are `{axis.carried}`", argument, place,
                help="`rename` one of them",
            )  # fmt: skip
        found.append(axis.carried)
    return found


def _batch(call: Call, a: Sequence[Axis], i: int, b: Sequence[Axis], j: int) -> Axis:
    if a[i].is_one or b[j].is_one:
        return b[j] if a[i].is_one else a[i]
    return call.same(
        b[j], a[i], BROADCAST, f"it is axis {i} of `a` and axis {j} of `b`, and of the result", "b", j,
        other="a", other_axis=i,
    )  # fmt: skip


def product_moves(
    left: Sequence[str], right: Sequence[str], over: Sequence[str]
) -> tuple[tuple[int, ...], tuple[int, ...]] | UnknownType:
    """How two tensors are permuted to be multiplied as matrices, `... rows k` by `... k columns`.

    One matrix, `k columns`, multiplies all rows of the left side, of as many dims as there are. Unknown where the
    contraction is no such product: it sums over several dims, a side has none of its own or the right one several, or
    the dims of the result would stand in another order.
    """
    batch = [name for name in left if name in right and name not in over]
    rows = [name for name in left if name not in right]
    columns = [name for name in right if name not in left]
    if not len(over) == len(columns) == 1 or not rows or (batch and len(rows) > 1):
        return Unknown
    if [name for name in left if name not in over] != [*batch, *rows]:
        return Unknown
    return (
        tuple(left.index(name) for name in (*batch, *rows, *over)),
        tuple(right.index(name) for name in (*batch, *over, *columns)),
    )


def contraction(a: Sequence[str], b: Sequence[str], over: Sequence[str]) -> str:
    """The equation that torch takes for a contraction of tensors with these dims."""
    result = [*(name for name in a if name not in over), *(name for name in b if name not in a)]
    return _equation(dict.fromkeys((*a, *b)), [a, b], result)


def _written_einsum(call: Call) -> Product:
    return Product(einsum(call), letters(call.text("pattern"), True), Unknown)


def _written_contraction(call: Call) -> Product:
    shape = contract(call)
    left, right, over = _names(call, "a"), _names(call, "b"), over_names(call)
    moves = product_moves(left, right, over)
    sides = Unknown if moves is Unknown else (turned(moves[0]), turned(moves[1]))
    result = [axis.carried for axis in shape.fixed if axis.carried is not Unknown]
    equation = _equation(dict.fromkeys((*left, *right)), [left, right], result, telling=True)
    if sides is not Unknown:
        return Product(shape, equation, sides)
    # torch would stretch a contracted dim of size 1.
    a, b = call.axes("a"), call.axes("b")
    same = [(left.index(name), right.index(name)) for name in over]
    return Product(
        shape, equation, sides, tuple((i, j) for i, j in same if not call.is_equal(a[i].size, b[j].size))
    )


OPERATORS: Final = (
    OpRule("namedtorch.einsum", "pattern, *operands", einsum, dtype=SAME, recipe=_written_einsum),
    OpRule("namedtorch.contract", "a, b, over", contract, dtype=SAME, recipe=_written_contraction),
)
