"""Interpolation: the spatial axes get other sizes, given or as factors of those that they have."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attributed import attributed
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.call import Call, as_size, with_rank
from namedtorch.ops.channels import ranked
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.strides import check_length, stretched
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Value

_RANKS: Final = {
    **dict.fromkeys(("nearest", "nearest-exact", "area"), (3, 4, 5)),
    "linear": (3,),
    "bilinear": (4,),
    "bicubic": (4,),
    "lanczos": (4,),
    "trilinear": (5,),
}
"""How many axes a mode takes."""

_ALL: Final = (3, 4, 5)


def _interpolated(call: Call) -> Array:
    """Gives the axes behind the first two other sizes."""
    mode = call.value("mode")
    ranks = _RANKS.get(mode, _ALL) if isinstance(mode, str) else _ALL
    shape = ranked(call, "input", ranks)
    _check_asked(call)
    shape = _counted(call, shape)
    if shape.rank is Unknown:
        return Array(_ends(call, shape, ranks[0]), call.array("input").dtype)
    head, spatial = shape.fixed[:2], shape.fixed[2:]
    axes = [
        check_length(one, axis, "input", place, "it")
        for place, (axis, one) in enumerate(zip(spatial, _spatial(call, spatial), strict=True), 2)
    ]
    return Array(TensorShape((*head, *axes)), call.array("input").dtype)


def _counted(call: Call, shape: TensorShape) -> TensorShape:
    """The shape, whose rank a list of sizes or factors tells, too."""
    for name in ("size", "scale_factor"):
        value = call.value(name)
        if isinstance(value, tuple | list) and shape.rank is Unknown:
            return with_rank(shape, len(value) + 2)
    return shape


def _ends(call: Call, shape: TensorShape, least: int) -> TensorShape:
    """The known axes at both ends of a shape that has `least` axes or more; those behind the first two change."""
    axes: list[Axis | Rest] = []
    missing = max(0, least - (len(shape.axes) - 1))
    behind = False
    for place, axis in enumerate(shape.axes):
        if isinstance(axis, Rest):
            behind = True
            axes.append(Rest())
        elif not behind:
            axes.append(axis if place < 2 else _spatial(call, [axis])[0])
        else:
            axes.append(_spatial(call, [axis])[0] if place - 1 + missing >= 2 else axis.resized(Unknown))
    return TensorShape(tuple(axes))


def _check_asked(call: Call) -> None:
    size, factor = call.value("size"), call.value("scale_factor")
    if size is Unknown or factor is Unknown or (size is None) != (factor is None):
        return
    both = "neither" if size is None else "both"
    raise Misfit(
        "size-impossible", f"it takes one of `size` and `scale_factor`, and {both} is given", "size",
        other="scale_factor",
    )  # fmt: skip


def _spatial(call: Call, axes: Sequence[Axis]) -> list[Axis]:
    size, factor = call.value("size"), call.value("scale_factor")
    if size is not None and size is not Unknown:
        sizes = [as_size(one) for one in _listed(size, "size", len(axes))]
        return [
            axis if one == axis.size else axis.resized(one) for axis, one in zip(axes, sizes, strict=True)
        ]
    if factor is None or factor is Unknown or size is Unknown:
        return [axis.resized(Unknown) for axis in axes]
    factors = _listed(factor, "scale_factor", len(axes))
    return [_scaled(axis, one) for axis, one in zip(axes, factors, strict=True)]


def _listed(value: Value, name: str, count: int) -> Sequence[Value]:
    if not isinstance(value, tuple | list):
        return [value] * count
    if len(value) != count:
        raise Misfit(
            "rank-unfit", f"`{name}` lists {len(value)} numbers, and there are {count} spatial axes", "input",
            other=name,
        )  # fmt: skip
    return value


def _scaled(axis: Axis, factor: Value) -> Axis:
    if isinstance(factor, bool) or not isinstance(factor, float | Size):
        return axis.resized(Unknown)
    if isinstance(factor, Size) and any(name.startswith("{") for name in factor.symbols):
        # An argument of a constructor may be a float.
        return axis.resized(Unknown)
    if factor == 1 or factor == Size.constant(1):
        return axis
    return axis.resized(stretched(axis.size, factor))


# Sampling along a grid

_GRID: Final = "grid-differs"


def _sampled(call: Call) -> Array:
    """Reads the input at the places of a grid, whose last axis holds a coordinate for each spatial axis.

    Spatial axes carry the names that the grid has, or else those of the input.
    """
    shape, grid = (ranked(call, name, (4, 5)) for name in ("input", "grid"))
    dtype = call.array("input").dtype
    if shape.rank is not Unknown and grid.rank is not Unknown and shape.rank != grid.rank:
        raise Misfit(
            "rank-unfit", f"it takes a grid of as many axes as `input` has, {shape.rank}, not {grid.rank}", "grid",
            other="input",
        )  # fmt: skip
    rank = shape.rank if shape.rank is not Unknown else grid.rank
    if rank is Unknown:
        return Array(dtype=dtype)
    axes, places = with_rank(shape, rank).fixed, with_rank(grid, rank).fixed
    _check(
        call, places[-1], Axis.of(rank - 2), "it takes a coordinate for each spatial axis", "grid", rank - 1
    )
    batch = _check(
        call, places[0], axes[0], "it takes a grid for each element of the batch", "grid", 0, other="input"
    )  # fmt: skip
    spatial = [
        place if place.carried is not Unknown else place.called(axis.carried)
        for place, axis in zip(places[1:-1], axes[2:], strict=True)
    ]
    return Array(TensorShape((batch, axes[1].plain, *spatial)), dtype)


def _check(
    call: Call, found: Axis, expected: Axis, detail: str, argument: str, place: int, other: str = ""
) -> Axis:
    if not name_conflict(found, expected) and (found.size is Unknown or expected.size is Unknown):
        return (found if expected.size is Unknown else expected).called(either_name(found, expected))
    return call.same(
        found, expected, _GRID, detail, argument, place,
        other=other or Unknown, other_axis=0 if other == "input" else Unknown,
    )  # fmt: skip


def _grid(call: Call) -> Array:
    """Makes a grid of `size`, batch and channels included, out of affine matrices."""
    dtype = call.array("theta").dtype
    if call.shape("theta").rank is not Unknown:
        call.rank_in("theta", 3)
    sizes = call.sizes("size")
    spatial = len(sizes) - 2
    if spatial not in (2, 3):
        raise Misfit(_GRID, f"`size` lists {len(sizes)} sizes, and has to list 4 or 5", "size")
    batch = Axis(sizes[0])
    if call.shape("theta").rank is not Unknown:
        first, rows, columns = call.axes("theta")
        whole = f"it takes a matrix of {spatial} by {spatial + 1} for a `size` of {spatial + 2}"
        _check(call, rows, Axis.of(spatial), whole, "theta", 1, "size")
        _check(call, columns, Axis.of(spatial + 1), whole, "theta", 2, "size")
        batch = _check(
            call, first, batch, "it takes a matrix for each element of the batch", "theta", 0, "size"
        )
    return Array(TensorShape((batch, *(Axis(one) for one in sizes[2:]), Axis.of(spatial))), dtype)


_F: Final = "torch.nn.functional."
_FIXED: Final = "input, size=None, scale_factor=None"


def _in_mode(mode: str, call: Call) -> Array:
    return _interpolated(Call({**call.arguments, "mode": mode}, call.judge))


OPERATORS: Final = (
    OpRule(
        f"{_F}interpolate",
        f"{_FIXED}, mode='nearest', align_corners=None, recompute_scale_factor=None, antialias=False", _interpolated,
    ),
    OpRule(f"{_F}upsample", f"{_FIXED}, mode='nearest', align_corners=None", _interpolated),
    OpRule(f"{_F}upsample_nearest", _FIXED, partial(_in_mode, "nearest")),
    OpRule(f"{_F}upsample_bilinear", _FIXED, partial(_in_mode, "bilinear")),
    OpRule(f"{_F}grid_sample", "input, grid, mode='bilinear', padding_mode='zeros', align_corners=None", _sampled),
    OpRule("torch.grid_sampler", "input, grid, interpolation_mode, padding_mode, align_corners", _sampled),
    OpRule(f"{_F}affine_grid", "theta, size, align_corners=None", _grid),
    OpRule("torch.affine_grid_generator", "theta, size, align_corners", _grid),
)  # fmt: skip


# Modules


def _upsampled(call: Call) -> Array:
    return _interpolated(attributed(call, "size scale_factor mode"))


def _module(name: str, constructor: str, operate: Callable[[Call], Array]) -> ModuleRule:
    return ModuleRule(f"torch.nn.{name}", constructor=constructor, operate=operate)


def _upsampled_in(mode: str, call: Call) -> Array:
    return _interpolated(attributed(call, "size scale_factor", mode=mode))


MODULES: Final = (
    _module(
        "Upsample", "size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None",
        _upsampled,
    ),
    _module("UpsamplingNearest2d", "size=None, scale_factor=None", partial(_upsampled_in, "nearest")),
    _module("UpsamplingBilinear2d", "size=None, scale_factor=None", partial(_upsampled_in, "bilinear")),
)  # fmt: skip
