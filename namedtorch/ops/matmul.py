"""Products of matrices and vectors: an axis of one operand is contracted with an axis of another."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.broadcasting import CODE as BROADCAST
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call, as_array, as_integer, place_of, with_rank
from namedtorch.ops.destination import written
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.tensor_shape import ANY_SHAPE, NoSuchAxis, TensorShape, Undetermined
from namedtorch.ops.values import Value

CODE: Final = "contracted-dims-differ"
_ALIGN: Final = "`align_to` and `align_as` put dims in order"


def ranked(call: Call, name: str, rank: int) -> TensorShape:
    """The shape of an argument, which has so many axes; what is not known of them is open. Raises `Misfit`."""
    shape = call.shape(name)
    least = len(shape.axes) - (shape.rest is not Unknown)
    if least > rank or (shape.rest is Unknown and least < rank):
        raise Misfit(
            "rank-unfit",
            f"it takes {rank} {'axis' if rank == 1 else 'axes'}, and `{name}` has {len(shape.axes)}",
            name,
        )
    return with_rank(shape, rank)


def contract(call: Call, left: str, a: TensorShape, at: int, right: str, b: TensorShape, by: int) -> Axis:
    """The axis that axis `at` of one operand and axis `by` of another are; both count from the right, below 0."""
    first, second = a.at(at), b.at(by)
    return call.same(
        second, first, CODE, f"it contracts axis {at} of `{left}` with axis {by} of `{right}`",
        right, b.place(by), other=left, other_axis=a.place(at), help=_transposed(call, first, right, b, by),
    )  # fmt: skip


def _transposed(call: Call, wanted: Axis, name: str, shape: TensorShape, by: int) -> str:
    """The remark that the other one of the last two axes would fit."""
    try:
        other, found = shape.at(-3 - by), shape.at(by)
    except (NoSuchAxis, Undetermined):
        return ""
    if name_conflict(wanted, found):
        if other.carried == wanted.carried:
            return f"axis {-3 - by} of `{name}` is `{other.carried}`: is it to be transposed?"
        return ""
    if call.is_equal(wanted.size, other.size) and not call.is_equal(found.size, other.size):
        return f"axis {-3 - by} of `{name}` has that size: is it to be transposed?"
    return ""


def product(call: Call, left: str, a: TensorShape, right: str, b: TensorShape) -> TensorShape:
    """The shape of `left @ right`: the last two axes are matrices, those before broadcast."""
    for name, shape in ((left, a), (right, b)):
        if not shape.axes:
            raise Misfit("rank-unfit", f"it takes at least one axis, and `{name}` has none", name)
    vector = b.rank == 1
    if not vector and _least(b) < 2:
        # The right one may be a vector, or a matrix.
        return ANY_SHAPE
    by = -1 if vector else -2
    _contracted(call, left, a, -1, right, b, by)
    columns = () if vector else b.axes[-1:]
    if a.rank == 1:
        return TensorShape((*b.axes[:by], *columns))
    if len(b.axes) + by == 0:
        rows = a.axes if isinstance(a.axes[-1], Rest) else a.axes[:-1]
        return TensorShape((*rows, *columns))
    if _least(a) < 2:
        return TensorShape((Rest(), *columns))
    row = () if isinstance(a.axes[-2], Rest) else (a.axes[-2],)
    if isinstance(a.axes[-1], Rest) or not row:
        return TensorShape((Rest(), *columns))
    batch = broadcast(call, [left, right], [TensorShape(a.axes[:-2]), TensorShape(b.axes[:by])])
    _refuse_batch(left, a, right, b, -1)
    _refuse_batch(right, b, left, a, -2)
    return TensorShape((*batch.axes, *row, *columns))


def _refuse_batch(name: str, shape: TensorShape, other: str, batches: TensorShape, kept: int) -> None:
    """A dim of the batch that is a row or a column of the other operand, which would stand twice in the result.

    A dim may be both the rows and the columns of a product: `B T D` times `B D T` is `B T T`.
    """
    own = [axis.carried for axis in shape.axes[:-2] if isinstance(axis, Axis)]
    axis = batches.axes[kept]
    if not isinstance(axis, Axis) or axis.carried is Unknown or axis.carried not in own:
        return
    if any(isinstance(one, Axis) and one.carried == axis.carried for one in batches.axes[:-2]):
        return
    raise Misfit(
        BROADCAST, f"`{axis.carried}` is of the batch of `{name}`, but axis {kept} of `{other}`", name,
        own.index(axis.carried), other=other, other_axis=len(batches.axes) + kept, help=_ALIGN,
    )  # fmt: skip


def _least(shape: TensorShape) -> int:
    """The least number of axes."""
    return len(shape.axes) - (shape.rest is not Unknown)


def _contracted(call: Call, left: str, a: TensorShape, at: int, right: str, b: TensorShape, by: int) -> None:
    # One of the axes may not be known.
    with suppress(Undetermined):
        contract(call, left, a, at, right, b, by)


def matmul(call: Call) -> TensorShape:
    """Matrices, vectors, and batches of matrices."""
    return product(call, "input", call.shape("input"), "other", call.shape("other"))


def _matrices(call: Call, left: str, rows: int, right: str, columns: int) -> TensorShape:
    """A product of two operands of known rank that have no batch, or one batch that is the same."""
    a, b = ranked(call, left, rows), ranked(call, right, columns)
    contract(call, left, a, -1, right, b, -1 if columns == 1 else -2)
    if rows == 3:
        batch = call.same(
            b.at(0), a.at(0), BROADCAST, f"it is no batch of as many matrices as `{left}`",
            right, 0, other=left, other_axis=0,
        )  # fmt: skip
        _refuse_batch(left, a, right, b, -1)
        _refuse_batch(right, b, left, a, -2)
        return TensorShape((batch, a.at(1), b.at(2)))
    return TensorShape((*a.axes[:-1], *b.axes[1:]))


def mm(call: Call) -> TensorShape:
    """A product of two matrices."""
    return _matrices(call, "input", 2, "mat2", 2)


def bmm(call: Call) -> TensorShape:
    """A product of batches of matrices, one by one."""
    return _matrices(call, "input", 3, "mat2", 3)


def mv(call: Call) -> TensorShape:
    """A product of a matrix and a vector."""
    return _matrices(call, "input", 2, "vec", 1)


def dot(call: Call) -> TensorShape:
    """A product of two vectors."""
    return _matrices(call, "input", 1, "other", 1)


def inner(call: Call) -> TensorShape:
    """Contracts the last axes of both; a scalar multiplies."""
    a, b = call.shape("input"), call.shape("other")
    if not a.axes or not b.axes:
        return a if a.axes else b
    _contracted(call, "input", a, -1, "other", b, -1)
    if _least(a) < 1 or _least(b) < 1 or isinstance(a.axes[-1], Rest) or isinstance(b.axes[-1], Rest):
        raise Undetermined
    if a.rest is not Unknown and b.rest is not Unknown:
        raise Undetermined
    return TensorShape((*a.axes[:-1], *b.axes[:-1]))


def outer(call: Call) -> TensorShape:
    """Every element of one vector times every element of another."""
    return TensorShape((*ranked(call, "input", 1).axes, *ranked(call, "vec2", 1).axes))


def expanded(call: Call, name: str, result: TensorShape) -> TensorShape:
    """The result, which an argument has to broadcast into, with the names of both. Raises `Misfit`."""
    shape = call.shape(name)
    if shape.rest is not Unknown:
        return result
    behind = len(result.axes) - len(shape.axes)
    if behind < 0:
        raise Misfit("rank-unfit", f"it has {len(shape.axes)} axes, and the product {len(result.axes)}", name)
    said = f"it does not broadcast into the product, {result}"
    axes = list(result.axes)
    for place, axis in enumerate(shape.fixed):
        wanted = result.axes[place + behind]
        if not isinstance(wanted, Axis):
            continue
        if not axis.is_one:
            call.same(axis, wanted, BROADCAST, said, name, place)
        elif name_conflict(axis, wanted):
            # An axis of size 1 stretches along its own dim only.
            raise Misfit(BROADCAST, said, name, place, left=axis, right=wanted)
        axes[place + behind] = wanted.called(either_name(wanted, axis))
    _refuse_elsewhere(name, shape.fixed, result.axes, behind)
    return TensorShape(tuple(axes))


def _refuse_elsewhere(name: str, added: Sequence[Axis], axes: Sequence[Axis | Rest], behind: int) -> None:
    """A dim of what is added that the product has at another axis: `(A, None)` met `(None, A)`."""
    given = [axis.carried for axis in added]
    product = [axis.carried if isinstance(axis, Axis) else Unknown for axis in axes]
    for place, dim in enumerate(given):
        if dim is Unknown or product[place + behind] == dim:
            continue
        for there, other in enumerate(product):
            if other == dim and (there < behind or given[there - behind] != dim):
                raise Misfit(
                    BROADCAST, f"`{dim}` is axis {there} of the product, and another one of `{name}`", name, place,
                    help=_ALIGN,
                )  # fmt: skip


def addmm(call: Call) -> TensorShape:
    """A product of matrices, and what is added."""
    return expanded(call, "input", _matrices(call, "mat1", 2, "mat2", 2))


def baddbmm(call: Call) -> TensorShape:
    """Products of batches of matrices, and what is added."""
    return expanded(call, "input", _matrices(call, "batch1", 3, "batch2", 3))


def addbmm(call: Call) -> TensorShape:
    """The sum of the products of batches of matrices, and what is added."""
    return expanded(call, "input", _matrices(call, "batch1", 3, "batch2", 3).without([0]))


def addmv(call: Call) -> TensorShape:
    """A product of a matrix and a vector, and what is added."""
    return expanded(call, "input", _matrices(call, "mat", 2, "vec", 1))


def addr(call: Call) -> TensorShape:
    """An outer product, and what is added."""
    return expanded(
        call, "input", TensorShape((*ranked(call, "vec1", 1).axes, *ranked(call, "vec2", 1).axes))
    )


@dataclass(frozen=True)
class Chain:
    """A product of the matrices of one argument; `vectors` says that the first and the last may be vectors."""

    name: str
    vectors: bool

    def __call__(self, call: Call) -> TensorShape:
        shapes = [as_array(one).shape for one in flat(call.items(self.name))]
        if len(shapes) < (2 if self.vectors else 1):
            raise Misfit("rank-unfit", "it takes more tensors", self.name)
        result = self._one(shapes, 0)
        for place in range(1, len(shapes)):
            result = product(
                call, f"{self.name}[{place - 1}]", result, f"{self.name}[{place}]", self._one(shapes, place)
            )
        return result

    def _one(self, shapes: Sequence[TensorShape], place: int) -> TensorShape:
        shape = shapes[place]
        ranks = (1, 2) if self.vectors and place in (0, len(shapes) - 1) else (2,)
        if shape.rank is Unknown:
            return with_rank(shape, 2) if len(ranks) == 1 else shape
        if shape.rank not in ranks:
            takes = " or ".join(str(one) for one in ranks)
            raise Misfit(
                "rank-unfit", f"it takes {takes} axes, and has {shape.rank}", f"{self.name}[{place}]"
            )
        return shape


def flat(items: Sequence[Value]) -> Sequence[Value]:
    """Operands given one by one, or as one list."""
    return items[0] if len(items) == 1 and isinstance(items[0], tuple | list) else items


def tensordot(call: Call) -> TensorShape:
    """Contracts the last axes of `a` with the first of `b`, or those that two lists name; one of size 1 broadcasts.

    One name is a dim of both.
    """
    a, b = call.shape("a"), call.shape("b")
    dims = call.value("dims")
    if isinstance(dims, str):
        dims = (dims, dims)
    if isinstance(dims, tuple | list):
        if len(dims) != 2:
            raise Undetermined
        left, right = (_places(shape, one, name) for shape, one, name in zip((a, b), dims, "ab", strict=True))
        call.places_of["dims"] = (tuple(left), tuple(right))
        if len(left) != len(right):
            raise Misfit(
                "axis-out-of-range", f"it names {len(left)} axes of `a` and {len(right)} of `b`", "b"
            )
    else:
        count = as_integer(dims)
        if a.rank is Unknown or b.rank is Unknown:
            raise Undetermined
        if count < 0 or count > min(a.rank, b.rank):
            short = "a" if a.rank < count else "b"
            raise Misfit("axis-out-of-range", f"it contracts {count} axes, but `{short}` has fewer", short)
        left, right = list(range(a.rank - count, a.rank)), list(range(count))
    for at, by in zip(left, right, strict=True):
        first, second = a.axes[at], b.axes[by]
        if not isinstance(first, Axis) or not isinstance(second, Axis):
            continue
        if name_conflict(first, second) or not (first.is_one or second.is_one):
            call.same(
                second, first, CODE, f"it contracts axis {at} of `a` with axis {by} of `b`", "b", by,
                other="a", other_axis=at,
            )  # fmt: skip
    if a.rest is not Unknown and b.rest is not Unknown:
        raise Undetermined
    return TensorShape((*a.without(left).axes, *b.without(right).axes))


def _places(shape: TensorShape, value: Value, name: str) -> list[int]:
    listed = value if isinstance(value, tuple | list) else (value,)
    found: list[int] = []
    for one in listed:
        try:
            found.append(
                place_of(shape, one, name, f"`dims` names {one!r} of `{name}`")
                if isinstance(one, str)
                else shape.place(as_integer(one))
            )
        except NoSuchAxis as error:
            raise Misfit(
                "axis-out-of-range", f"`dims` holds {error.axis}, but `{name}` has {error.rank} axes", name
            ) from None
    if len(set(found)) != len(found):
        raise Misfit("axis-repeated", f"`dims` names one axis of `{name}` twice", name)
    return found


def vecdot(call: Call) -> TensorShape:
    """Contracts one axis of two tensors that broadcast."""
    both = broadcast(call, ["x", "y"], [call.shape("x"), call.shape("y")])
    dim = call.value("dim")
    place = (
        place_of(both, dim, "x", f"`dim` is {dim!r}") if isinstance(dim, str) else both.place(as_integer(dim))
    )
    call.places_of["dim"] = place
    return both.without([place])


# Rows of operators


def _row(
    name: str,
    parameters: str,
    rule: Callable[[Call], TensorShape],
    *more: str,
    dims: tuple[str, ...] = (),
    dtype: str | UnknownType = SAME,
) -> OpRule:
    def into_out(call: Call) -> TensorShape:
        return written(call, rule(call))

    return OpRule(f"torch.{name}", f"{parameters}, out=None", into_out, more, dims, dtype=dtype)


def _method(name: str) -> str:
    return f"torch.Tensor.{name}"


_SCALED: Final = "beta=1, alpha=1"

OPERATORS: Final = (
    _row(
        "matmul", "input, other", matmul,
        "torch.linalg.matmul", "operator.matmul", "torch.Tensor.matmul", "torch.Tensor.__matmul__",
    ),
    _row("mm", "input, mat2", mm, _method("mm")),
    _row("bmm", "input, mat2", bmm, _method("bmm")),
    _row("mv", "input, vec", mv, _method("mv")),
    _row("dot", "input, other", dot, "torch.vdot", _method("dot"), _method("vdot")),
    _row("inner", "input, other", inner, _method("inner")),
    _row("outer", "input, vec2", outer, "torch.ger", _method("outer"), _method("ger"), dtype=Unknown),
    _row("addmm", f"input, mat1, mat2, *, {_SCALED}", addmm, _method("addmm")),
    _row("baddbmm", f"input, batch1, batch2, *, {_SCALED}", baddbmm, _method("baddbmm")),
    _row("addbmm", f"input, batch1, batch2, *, {_SCALED}", addbmm, _method("addbmm")),
    _row("addmv", f"input, mat, vec, *, {_SCALED}", addmv, _method("addmv")),
    _row("addr", f"input, vec1, vec2, *, {_SCALED}", addr, _method("addr")),
    _row("chain_matmul", "*matrices", Chain("matrices", vectors=False), dtype=Unknown),
    _row("linalg.multi_dot", "tensors", Chain("tensors", vectors=True), dtype=Unknown),
    _row("tensordot", "a, b, dims=2", tensordot, dims=("dims",)),
    _row("linalg.vecdot", "x, y, *, dim=-1", vecdot, dims=("dim",), dtype=Unknown),
)  # fmt: skip
