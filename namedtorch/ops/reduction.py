"""Reductions: they take dims away, or leave them with size 1 where `keepdim` says so."""

from collections.abc import Callable, Iterable
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ONE, Axis, Rest
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call
from namedtorch.ops.dtypes import floated, named, promoted, summed
from namedtorch.ops.elementwise import Made, boolean, row, same
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule, Rule
from namedtorch.ops.tensor_shape import SCALAR, TensorShape, Undetermined
from namedtorch.ops.values import Array, Fields, Value


def reduced(
    call: Call, places: Iterable[int], keepdim: bool, shape: TensorShape | None = None
) -> TensorShape:
    """The shape, that of `input` if none is given, without these axes, or with axes of size 1 in their places."""
    shape = call.shape("input") if shape is None else shape
    if not shape.axes:
        return shape
    if not keepdim:
        return shape.without(places)
    for place in places:
        shape = shape.replaced(place, shape.axis(place).resized(ONE, inserted=True))
    return shape


def is_absent(value: Value) -> bool:
    """Whether an argument that names dims names none, so that all go."""
    return value is None or value == () or value == []


def over_dims(call: Call, of: str = "input") -> TensorShape:
    """Takes away one dim, several, or all where `dim` is None or empty."""
    keepdim = call.flag("keepdim")
    shape = call.shape(of)
    if is_absent(call.value("dim")):
        return _over_all(shape, keepdim)
    if call.value("dim") is Unknown:
        return _over_unknown(shape, keepdim)
    return reduced(call, call.places("dim", of), keepdim, shape)


def _over_all(shape: TensorShape, keepdim: bool) -> TensorShape:
    if not keepdim:
        return SCALAR
    return TensorShape(
        tuple(axis if isinstance(axis, Rest) else axis.resized(ONE, inserted=True) for axis in shape.axes)
    )


def _over_unknown(shape: TensorShape, keepdim: bool) -> TensorShape:
    """What is left where nobody knows which dims go: as many axes, if they are kept."""
    if not keepdim or shape.rank is Unknown:
        raise Undetermined
    return TensorShape(tuple(axis.resized(Unknown) for axis in shape.fixed))


def over_one(call: Call) -> TensorShape:
    """Takes away one dim, or all where `dim` is None."""
    keepdim, shape = call.flag("keepdim"), call.shape("input")
    if call.value("dim") is None:
        return _over_all(shape, keepdim)
    if call.value("dim") is Unknown:
        return _over_unknown(shape, keepdim)
    return reduced(call, [call.place("dim")], keepdim)


def reducing(
    shape: Callable[[Call], TensorShape], made: Made = same, of: str = "input"
) -> Callable[[Call], Array]:
    """The rule that gives this shape, with what becomes of the dtype unless `dtype` asks for one."""

    def rule(call: Call) -> Array:
        asked = call.value("dtype")
        return Array(shape(call), made(call.array(of).dtype) if asked is None else named(asked))

    return rule


def pair(names: str) -> Callable[[Call], Fields]:
    """The rule of what takes away one dim, and gives values and their indices under these names."""

    def rule(call: Call) -> Fields:
        shape = over_one(call)
        return Fields(tuple(names.split()), (Array(shape, call.array("input").dtype), Array(shape, "int64")))

    return rule


def _extreme(call: Call) -> Array | Fields:
    """Gives the greatest of all; values and indices along one dim; or, of two tensors, the greater elements."""
    dim, other = call.value("dim"), call.value("other")
    if isinstance(dim, Array) or other is not None:
        second = "other" if other is not None else "dim"
        shape = broadcast(call, ("input", second), (call.shape("input"), call.shape(second)))
        return Array(shape, promoted([call.value("input"), call.value(second)]))
    return _value_and_index(call)


def _value_and_index(call: Call) -> Array | Fields:
    """Gives one value of all, or values and indices along one dim."""
    if call.value("dim") is None:
        return Array(SCALAR, call.array("input").dtype)
    return pair("values indices")(call)


def _limits(call: Call) -> Fields:
    """Gives the least and the greatest."""
    limit = Array(over_one(call), call.array("input").dtype)
    return Fields(("min", "max"), (limit, limit))


def _spread(call: Call) -> TensorShape:
    """Takes away dims, or all; the argument behind `input` may be the flag `unbiased` instead."""
    if isinstance(call.value("dim"), bool):
        return SCALAR
    return over_dims(call)


def _spread_and_mean(call: Call) -> tuple[Array, Array]:
    one = reducing(_spread)(call)
    return one, one


def _quantile(call: Call) -> TensorShape:
    """Takes away one dim, or all; several quantiles stand in a new first axis."""
    shape = over_one(call)
    quantiles = call.value("q")
    if isinstance(quantiles, float | Size):
        return shape
    rank = call.rank_in("q", 0, 1)
    return TensorShape((*call.axes("q"), *shape.axes)) if rank else shape


def _kth(call: Call) -> Fields:
    """Takes the k-th smallest along one dim, which must have so many."""
    check_count(call, "k", 1)
    return pair("values indices")(call)


def _all_true(call: Call) -> Array:
    """Tells whether all of a mask is true."""
    dtype = call.array("input").dtype
    if dtype is not Unknown and dtype != "bool":
        raise Misfit("dtype-differs", f"it takes a mask, and the dtype of `input` is {dtype}", "input")
    return Array(SCALAR, "bool")


def check_count(call: Call, name: str, least: int) -> None:
    """Refuses a number that surely is not between `least` and the size of `dim`. Raises `Misfit`."""
    try:
        count, place = call.integer(name), call.place("dim")
    except Undetermined:
        return
    axes = call.shape("input").axes
    axis = axes[place] if axes else Axis.of(1)
    size = axis.value if isinstance(axis, Axis) else Unknown
    if count < least or (size is not Unknown and count > size):
        raise Misfit(
            "size-unfit", f"`{name}` is {count}, and there are {axis} elements along the axis", "input",
            place if axes else Unknown, left=axis if isinstance(axis, Axis) else Unknown,
        )  # fmt: skip


_ONE: Final = "input, dim=None, keepdim=False, out=None"
_MANY: Final = "input, dim=None, keepdim=False, dtype=None, out=None"
_SPREAD: Final = "input, dim=None, unbiased=True, keepdim=False, correction=1, out=None"
_DIM: Final = ("dim",)


def _row(names: str, parameters: str, rule: Rule, *more: str) -> OpRule:
    return row(names, parameters, rule, *more, dims=_DIM)


OPERATORS: Final = (
    *(_row(name, _MANY, reducing(over_dims, summed)) for name in ("sum", "nansum")),
    *(_row(name, _MANY, reducing(over_dims, floated)) for name in ("mean", "nanmean")),
    _row("prod", _MANY, reducing(over_one, summed)),
    *(_row(name, _ONE, reducing(over_dims)) for name in ("amax", "amin")),
    *(_row(name, _ONE, reducing(over_dims, boolean)) for name in ("all", "any")),
    # What torch.distributions holds its arguments to.
    OpRule("torch._is_all_true", "input", _all_true),
    _row(
        "logsumexp", "input, dim, keepdim=False, out=None", reducing(over_dims, floated),
        "torch.special.logsumexp",
    ),
    _row("norm", "input, p='fro', dim=None, keepdim=False, out=None, dtype=None", reducing(over_dims)),
    *(_row(name, _SPREAD, reducing(_spread)) for name in ("std", "var")),
    *(
        OpRule(f"torch.{name}", _SPREAD, _spread_and_mean, dims=_DIM)
        for name in ("std_mean", "var_mean")
    ),
    _row("count_nonzero", "input, dim=None, keepdim=False", reducing(over_dims, lambda dtype: "int64")),
    *(
        _row(name, _ONE, reducing(over_one, lambda dtype: "int64")) for name in ("argmax", "argmin")
    ),
    *(_row(name, "input, dim=None, keepdim=False, other=None, out=None", _extreme) for name in ("max", "min")),
    *(_row(name, _ONE, _value_and_index) for name in ("median", "nanmedian")),
    _row("mode", "input, dim=-1, keepdim=False, out=None", pair("values indices")),
    _row("kthvalue", "input, k, dim=-1, keepdim=False, out=None", _kth),
    _row("aminmax", _ONE, _limits),
    *(
        _row(name, "input, q, dim=None, keepdim=False, interpolation='linear', out=None", reducing(_quantile))
        for name in ("quantile", "nanquantile")
    ),
)  # fmt: skip
