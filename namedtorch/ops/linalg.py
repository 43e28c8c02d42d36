"""Linear algebra: the last two axes are matrices, all before them are a batch.

A matrix maps what its columns are to what its rows are; one that is multiplied with itself, or symmetric, has one dim
for both. What a decomposition numbers, eigenvalues or singular values, is an axis of its own that carries no name.
"""

from typing import Final

from namedtorch.dims.decide import Answer
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ANY, Axis, Rest
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.matmul import CODE, contract
from namedtorch.ops.norms import matrix_norm, norm, vector_norm
from namedtorch.ops.op_rule import SAME, OpRule, Result
from namedtorch.ops.shared_dims import dim_of_all, one_name
from namedtorch.ops.tensor_shape import NoSuchAxis, TensorShape, Undetermined
from namedtorch.ops.values import Array, Fields

NOT_SQUARE: Final = "matrix-not-square"


def matrices(call: Call, name: str) -> tuple[tuple[Axis | Rest, ...], Axis, Axis]:
    """The batch, the rows and the columns of an argument. Raises `Misfit` for fewer than two axes."""
    shape = call.shape(name)
    try:
        batch, (rows, columns) = shape.split(2)
    except NoSuchAxis:
        raise Misfit(
            "rank-unfit", f"it takes matrices, and `{name}` has {len(shape.axes)} axes", name
        ) from None
    except Undetermined:
        last = shape.axes[-1]
        return (Rest(),), ANY, last if isinstance(last, Axis) else ANY
    return batch, rows, columns


def square(call: Call, name: str) -> tuple[tuple[Axis | Rest, ...], Axis, Axis]:
    """The batch of an argument, and its rows and columns, which have one size. Raises `Misfit` where they do not."""
    batch, rows, columns = matrices(call, name)
    place = len(call.shape(name).axes) - 1
    if rows.size is Unknown or columns.size is Unknown:
        side = columns if rows.size is Unknown else rows
    else:
        side = call.same(
            columns.called(Unknown), rows.called(Unknown), NOT_SQUARE,
            f"it takes square matrices, and those of `{name}` are {rows} by {columns}",
            name, place, other=name, other_axis=place - 1,
        )  # fmt: skip
    return batch, side.called(rows.carried), side.called(columns.carried)


def onto_itself(call: Call, name: str) -> tuple[tuple[Axis | Rest, ...], Axis]:
    """The batch of an argument, and the one dim that its rows and columns are. Raises `Misfit` where they differ."""
    batch, rows, columns = square(call, name)
    place = len(call.shape(name).axes) - 1
    called = one_name(columns, rows, NOT_SQUARE, name, place, other=name, other_axis=place - 1)
    return batch, rows.called(called)


def _first(call: Call) -> str:
    """The name of the first parameter: torch calls it `A` in some places and `input` in others."""
    return next(iter(call.arguments))


def inverse(call: Call) -> TensorShape:
    """Inverts square matrices: rows and columns are swapped."""
    batch, rows, columns = square(call, _first(call))
    return TensorShape((*batch, columns, rows))


def inverse_and_info(call: Call) -> Fields:
    """Inverts square matrices, and says of each whether it has an inverse."""
    return Fields(("inverse", "info"), (Array(inverse(call)), Array(scalars(call))))


def power(call: Call) -> TensorShape:
    """Multiplies square matrices with themselves."""
    batch, side = onto_itself(call, _first(call))
    return TensorShape((*batch, side, side))


def scalars(call: Call) -> TensorShape:
    """Takes square matrices and gives a number for each."""
    return TensorShape(square(call, _first(call))[0])


def sign_and_log(call: Call) -> Fields:
    """Takes square matrices and gives the sign and the logarithm of the determinant of each."""
    return Fields(("sign", "logabsdet"), (Array(scalars(call)),) * 2)


def cholesky(call: Call) -> TensorShape:
    """The factor `L` of `A = L L^H`, or, if `upper`, that of `A = L^H L`."""
    batch, side = onto_itself(call, _first(call))
    inner = side.called(Unknown)
    return TensorShape((*batch, inner, side) if _is_upper(call) else (*batch, side, inner))


def cholesky_and_info(call: Call) -> Fields:
    """The factor of each matrix, and whether it has one."""
    shape = cholesky(call)
    return Fields(("L", "info"), (Array(shape), Array(TensorShape(shape.axes[:-2]))))


def _is_upper(call: Call) -> bool:
    return call.value("upper") is True


def _factored(call: Call, name: str) -> tuple[tuple[Axis | Rest, ...], Axis]:
    """The batch of factors, and what the rows and the columns of their products are."""
    batch, rows, columns = square(call, name)
    return batch, columns if _is_upper(call) else rows


def cholesky_inverse(call: Call) -> TensorShape:
    """The inverses of the matrices that `L` holds the factors of."""
    batch, side = _factored(call, _first(call))
    return TensorShape((*batch, side, side))


def eigenvalues(call: Call) -> TensorShape:
    """The eigenvalues of square matrices."""
    batch, side = onto_itself(call, _first(call))
    return TensorShape((*batch, side.called(Unknown)))


def eigen(call: Call) -> Fields:
    """The eigenvalues of square matrices, and the eigenvectors as columns."""
    batch, side = onto_itself(call, _first(call))
    number = side.called(Unknown)
    items = (Array(TensorShape((*batch, number))), Array(TensorShape((*batch, side, number))))
    return Fields(("eigenvalues", "eigenvectors"), items)


def pinv(call: Call) -> TensorShape:
    """Inverts matrices of any sizes: rows and columns are swapped."""
    batch, rows, columns = matrices(call, _first(call))
    return TensorShape((*batch, columns, rows))


def batches(call: Call) -> TensorShape:
    """Gives a number for each matrix of any size."""
    return TensorShape(matrices(call, _first(call))[0])


def least(call: Call, rows: Axis, columns: Axis) -> Axis:
    """The axis with as many elements as the shorter side has; it carries no name."""
    return _shorter(call, rows, columns).called(Unknown)


def _shorter(call: Call, rows: Axis, columns: Axis) -> Axis:
    if rows.size is Unknown or columns.size is Unknown:
        return ANY
    if rows.size == columns.size:
        return rows
    try:
        size = Size.minimum(rows.size, columns.size)
    except SizeLimitError:
        return ANY
    for axis in (rows, columns):
        if size == axis.size:
            return axis
    return rows if call.judge.decide(size, rows.size) is Answer.EQUAL else Axis(size)


def svd(call: Call) -> Fields:
    """`A = U S Vh`, whole or reduced."""
    batch, rows, columns = matrices(call, "A")
    short = least(call, rows, columns)
    full = call.flag("full_matrices")
    return Fields(
        ("U", "S", "Vh"),
        (
            Array(TensorShape((*batch, rows, rows.called(Unknown) if full else short))),
            Array(TensorShape((*batch, short))),
            Array(TensorShape((*batch, columns.called(Unknown) if full else short, columns))),
        ),
    )


def old_svd(call: Call) -> Fields:
    """`input = U S V^H`, reduced if `some`; V is not transposed."""
    batch, rows, columns = matrices(call, "input")
    short = least(call, rows, columns)
    some = call.flag("some") and call.flag("compute_uv")
    return Fields(
        ("U", "S", "V"),
        (
            Array(TensorShape((*batch, rows, short if some else rows.called(Unknown)))),
            Array(TensorShape((*batch, short))),
            Array(TensorShape((*batch, columns, short if some else columns.called(Unknown)))),
        ),
    )


def svdvals(call: Call) -> TensorShape:
    """The singular values."""
    batch, rows, columns = matrices(call, "A")
    return TensorShape((*batch, least(call, rows, columns)))


def qr(call: Call) -> Fields:
    """`A = Q R`, whole, reduced, or R alone."""
    name = _first(call)
    batch, rows, columns = matrices(call, name)
    short = least(call, rows, columns)
    mode = call.text("mode") if name == "A" else "reduced" if call.flag("some") else "complete"
    if mode not in ("reduced", "complete", "r"):
        raise Misfit("size-impossible", f"there is no mode `{mode}`", name)
    q = (
        TensorShape((Axis.of(0),))
        if mode == "r"
        else TensorShape((*batch, rows, short if mode == "reduced" else rows.called(Unknown)))
    )
    r = TensorShape((*batch, rows.called(Unknown) if mode == "complete" else short, columns))
    return Fields(("Q", "R"), (Array(q), Array(r)))


def solve(call: Call) -> TensorShape:
    """Solves `A X = B`, or `X A = B`; B holds matrices, or a vector for each matrix of A."""
    batch, rows, columns = square(call, "A")
    right = call.shape("B")
    left = call.flag("left")
    if right.rank is Unknown:
        raise Undetermined
    if right.rank == 1 or (right.rank == len(batch) + 1 and _is_batch(call, batch, right.fixed[:-1])):
        if not left:
            raise Misfit("rank-unfit", "it takes matrices on the left, and `B` holds vectors", "B")
        called = _met(call, "B", right, -1, rows).called(columns.carried)
        both = broadcast(call, ["A", "B"], [TensorShape(batch), TensorShape(right.axes[:-1])])
        return TensorShape((*(both.axes if right.rank > 1 else batch), called))
    if right.rank == 0:
        raise Misfit("rank-unfit", "it takes vectors or matrices, and `B` has 0 axes", "B")
    met = _turned(call, right, rows, columns, left)
    both = broadcast(call, ["A", "B"], [TensorShape(batch), TensorShape(right.axes[:-2])])
    return TensorShape((*both.axes, *((met, right.fixed[-1]) if left else (right.fixed[-2], met))))


def _turned(call: Call, right: TensorShape, rows: Axis, columns: Axis, left: bool) -> Axis:
    """The axis of X in `A X = B` that the columns of A are contracted with, or in `X A = B` its rows."""
    met = _met(call, "B", right, -2 if left else -1, rows if left else columns)
    return met.called((columns if left else rows).carried)


def _is_batch(call: Call, batch: tuple[Axis | Rest, ...], axes: tuple[Axis, ...]) -> bool:
    """Whether these axes surely are those of the batch. Raises `Undetermined` where they may be."""
    if any(isinstance(one, Rest) or one.size is Unknown for one in (*batch, *axes)):
        raise Undetermined
    for one, other in zip(batch, axes, strict=True):
        if isinstance(one, Axis) and one != other and not call.is_equal(one.size, other.size):
            if (one.value is Unknown) or other.value is Unknown:
                raise Undetermined
            return False
    return True


def _met(call: Call, name: str, shape: TensorShape, place: int, side: Axis) -> Axis:
    return call.same(
        shape.at(place), side, CODE, f"it contracts axis {place} of `{name}` with the matrices of `A`",
        name, shape.place(place), other="A", other_axis=len(call.shape("A").axes) - 1,
    )  # fmt: skip


def solve_triangular(call: Call) -> TensorShape:
    """Solves `A X = B`, or `X A = B`, for triangular matrices."""
    batch, down, across = square(call, "A")
    others, rows, columns = matrices(call, "B")
    left = call.flag("left")
    met = _turned(call, TensorShape((*others, rows, columns)), down, across, left)
    both = broadcast(call, ["A", "B"], [TensorShape(batch), TensorShape(others)])
    return TensorShape((*both.axes, *((met, columns) if left else (rows, met))))


def lstsq(call: Call) -> Fields:
    """The least squares: the solution, and what is known of it."""
    batch, rows, columns = matrices(call, "A")
    right = call.shape("B")
    wanted = call.shape("A").rank
    if right.rank is Unknown or wanted is Unknown or 2 < wanted == right.rank + 1:
        raise Undetermined
    if right.rank not in (wanted - 1, wanted):
        raise Misfit("rank-unfit", f"it takes {wanted - 1} or {wanted} axes, and `B` has {right.rank}", "B")
    vector = right.rank == 1
    a = TensorShape((*batch, rows, columns))
    contract(
        call, "A", a.swapped(len(a.axes) - 2, len(a.axes) - 1), -1, "B", right, -1 if vector else -2
    )  # fmt: skip
    both = broadcast(call, ["A", "B"], [TensorShape(batch), TensorShape(right.axes[:-2])])
    solution = Array(TensorShape((*both.axes, columns, *(() if vector else right.axes[-1:]))))
    return Fields(("solution", "residuals", "rank", "singular_values"), (solution, Unknown, Unknown, Unknown))


def cholesky_solve(call: Call) -> TensorShape:
    """Solves for the matrices that `L` is the factor of."""
    name = "L" if "L" in call.arguments else "input2"
    others, rows, columns = matrices(call, "B")
    batch, side = _factored(call, name)
    shape = TensorShape((*others, rows, columns))
    met = call.same(
        shape.at(-2), side, CODE, f"it contracts axis -2 of `B` with the matrices of `{name}`", "B",
        shape.place(-2), other=name,
    )  # fmt: skip
    both = broadcast(call, ["B", name], [TensorShape(others), TensorShape(batch)])
    return TensorShape((*both.axes, met, columns))


def cross(call: Call) -> TensorShape:
    """The product of vectors with 3 elements; both broadcast."""
    both = broadcast(call, ["input", "other"], [call.shape("input"), call.shape("other")])
    names, is_named = ("input", "other"), isinstance(call.value("dim"), str)
    ranks = [call.shape(name).rank for name in names]
    if Unknown not in ranks and ranks[0] != ranks[1]:
        raise Misfit("rank-unfit", f"`input` has {ranks[0]} axes, and `other` {ranks[1]}", "other")
    if not call.given("dim"):
        if all(one.value is not Unknown and one.value != 3 for one in both.fixed):
            raise Misfit("size-impossible", f"no axis of {both} has size 3", "input")
        return both
    for name in names:
        place = dim_of_all(call, "dim", [name], [both]) if is_named else call.place("dim", name)
        axis = call.shape(name).axes[place]
        if isinstance(axis, Axis):
            call.same(axis, Axis.of(3), "size-impossible", "it takes vectors with 3 elements", name, place)
    return both


def _unknown(call: Call) -> Result:
    """Gives what no row tells."""
    raise Undetermined


def _method(name: str) -> tuple[str, ...]:
    return (f"torch.Tensor.{name}",)


def _everywhere(name: str) -> tuple[str, ...]:
    return (f"torch.{name}", f"torch.Tensor.{name}")


OPERATORS: Final = (
    OpRule("torch.linalg.inv", "A", inverse, spelled=_everywhere("inverse"), dtype=SAME),
    OpRule("torch.linalg.inv_ex", "A, *, check_errors=False", inverse_and_info),
    OpRule("torch.linalg.matrix_exp", "A", power, spelled=_everywhere("matrix_exp"), dtype=SAME),
    OpRule("torch.linalg.matrix_power", "A, n", power, spelled=_everywhere("matrix_power"), dtype=SAME),
    OpRule("torch.linalg.cholesky", "A, *, upper=False", cholesky, spelled=_everywhere("cholesky"), dtype=SAME),
    OpRule("torch.linalg.cholesky_ex", "A, *, upper=False, check_errors=False", cholesky_and_info),
    OpRule(
        "torch.cholesky_inverse", "L, upper=False", cholesky_inverse, spelled=_method("cholesky_inverse"), dtype=SAME,
    ),
    OpRule("torch.cholesky_solve", "B, L, upper=False", cholesky_solve, spelled=_method("cholesky_solve"), dtype=SAME),
    OpRule("torch.linalg.pinv", "A, atol=None, rtol=None, hermitian=False", pinv, dtype=SAME),
    OpRule("torch.pinverse", "input, rcond=1e-15", pinv, spelled=_method("pinverse"), dtype=SAME),
    OpRule("torch.linalg.det", "A", scalars, spelled=_everywhere("det"), dtype=SAME),
    OpRule("torch.logdet", "input", scalars, spelled=_method("logdet"), dtype=SAME),
    OpRule("torch.linalg.slogdet", "A", sign_and_log, spelled=_everywhere("slogdet")),
    OpRule(
        "torch.linalg.matrix_rank", "A, tol=None, atol=None, rtol=None, hermitian=False", batches, dtype="int64",
    ),
    OpRule("torch.linalg.cond", "A, p=None", batches),
    OpRule("torch.linalg.solve", "A, B, *, left=True", solve, dtype=SAME, by_size=True),
    OpRule(
        "torch.linalg.solve_triangular", "A, B, *, upper, left=True, unitriangular=False", solve_triangular, dtype=SAME,
    ),
    OpRule("torch.linalg.lstsq", "A, B, rcond=None, *, driver=None", lstsq),
    OpRule("torch.linalg.svd", "A, full_matrices=True, *, driver=None", svd),
    OpRule("torch.svd", "input, some=True, compute_uv=True", old_svd, spelled=_method("svd")),
    OpRule("torch.linalg.svdvals", "A, *, driver=None", svdvals),
    OpRule("torch.linalg.qr", "A, mode='reduced'", qr),
    OpRule("torch.qr", "input, some=True", qr, spelled=_method("qr")),
    OpRule("torch.linalg.eigh", "A, UPLO='L'", eigen),
    OpRule("torch.linalg.eig", "A", eigen),
    OpRule("torch.linalg.eigvalsh", "A, UPLO='L'", eigenvalues),
    OpRule("torch.linalg.eigvals", "A", eigenvalues),
    OpRule("torch.linalg.lu_factor", "A, *, pivot=True", _unknown),
    OpRule("torch.linalg.cross", "input, other, *, dim=-1", cross, dims=("dim",), dtype=SAME),
    OpRule("torch.cross", "input, other, dim=None", cross, spelled=_method("cross"), dims=("dim",), dtype=SAME),
    OpRule("torch.linalg.vector_norm", "x, ord=2, dim=None, keepdim=False, *, dtype=None", vector_norm, dims=("dim",)),
    OpRule("torch.linalg.norm", "A, ord=None, dim=None, keepdim=False, *, dtype=None", norm, dims=("dim",)),
    OpRule(
        "torch.linalg.matrix_norm", "A, ord='fro', dim=(-2, -1), keepdim=False, *, dtype=None", matrix_norm,
        dims=("dim",),
    ),
)  # fmt: skip
