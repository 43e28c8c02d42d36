"""Pooling: windows that slide along the spatial axes, or as many of them as the result has elements."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attributed import attributed
from namedtorch.ops.axes import ONE, Axis
from namedtorch.ops.call import Call, as_size
from namedtorch.ops.channels import Image, image
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule, Result
from namedtorch.ops.strides import (
    UNFIT,
    Amount,
    Window,
    amounts,
    check_length,
    check_window,
    reckoned,
    slid,
    slid_over_the_end,
    spread,
    stretched,
)
from namedtorch.ops.tensor_shape import Undetermined
from namedtorch.ops.values import Array

_INDICES: Final = "int64"


def _source(call: Call, spatial: int) -> Image:
    return image(call, "input", spatial, spatial + 1, spatial + 2)


def _result(call: Call, source: Image, spatial: Sequence[Axis]) -> Array:
    return Array(source.shaped(source.channels, spatial), call.array("input").dtype)


def _strides(call: Call, spatial: int) -> list[Amount]:
    """The strides, which are the sizes of the kernel where they are not given."""
    stride = call.value("stride")
    absent = stride is None or stride == () or stride == []
    return amounts(call, "kernel_size" if absent else "stride", spatial)


def _pooled(call: Call, spatial: int) -> Array:
    """Slides a window."""
    source = _source(call, spatial)
    ceiled = call.flag("ceil_mode") if isinstance(call.value("ceil_mode"), bool) else Unknown
    windows = zip(
        amounts(call, "kernel_size", spatial), _strides(call, spatial),
        _or_default(call, "padding", spatial, Size.constant(0)), _or_default(call, "dilation", spatial, ONE),
        strict=True,
    )  # fmt: skip
    axes: list[Axis] = []
    for axis, place, amounts_ in zip(source.spatial, source.places, windows, strict=True):
        window = Window(*amounts_)
        check_window(window)
        _check_padding(window)
        found = slid(axis, window)
        if ceiled is not False:
            over = slid_over_the_end(axis, window)
            found = over if ceiled is True or over == found else axis.resized(Unknown)
        axes.append(check_length(found, axis, "input", place, f"a window of {window.kernel}"))
    return _result(call, source, axes)


def _pooled_whole(call: Call, spatial: int) -> Array:
    """Slides a window that no axis may be shorter than, whatever its padding."""
    source = _source(call, spatial)
    kernels = amounts(call, "kernel_size", spatial)
    for axis, place, kernel in zip(source.spatial, source.places, kernels, strict=True):
        size, needed = axis.value, Unknown if kernel is Unknown else kernel.value
        if size is not Unknown and needed is not Unknown and size < needed:
            raise Misfit(
                "size-impossible", f"a window of {needed} takes an axis of {needed} or more", "input", place,
                left=axis,
            )  # fmt: skip
    return _pooled(call, spatial)


def _or_default(call: Call, name: str, count: int, default: Size) -> list[Amount]:
    return amounts(call, name, count) if name in call.arguments else [default] * count


def _check_padding(window: Window) -> None:
    padding, reach = window.padding, window.reach
    if padding is Unknown or reach is Unknown or padding.value is Unknown or reach.value is Unknown:
        return
    if padding.value > (reach.value + 1) // 2:
        raise Misfit(
            UNFIT, f"`padding` is {padding}, and may be half of the kernel at most", "padding", other="kernel_size"
        )  # fmt: skip


def _with_indices(pool: Callable[[Call], Array]) -> Callable[[Call], Result]:
    """The rule of what gives where the maxima were, too, if `return_indices` asks for that."""

    def rule(call: Call) -> Result:
        result = pool(call)
        return (result, Array(result.shape, _INDICES)) if call.flag("return_indices") else result

    return rule


def _both(pool: Callable[[Call], Array]) -> Callable[[Call], Result]:
    """The rule of what always gives where the maxima were, too."""

    def rule(call: Call) -> Result:
        result = pool(call)
        return result, Array(result.shape, _INDICES)

    return rule


# Pooling to a size


def _adapted(call: Call, spatial: int) -> Array:
    """Pools to `output_size`; None keeps an axis."""
    source, value = _source(call, spatial), call.value("output_size")
    if value is None:
        raise Misfit(
            UNFIT, "`output_size` is None, which only stands for one of several sizes", "output_size"
        )
    if isinstance(value, tuple | list) and len(value) == 1 and spatial > 1:
        raise Misfit(
            UNFIT, f"`output_size` lists one number, and there are {spatial} spatial axes", "output_size"
        )  # fmt: skip
    asked = amounts(call, "output_size", spatial)
    listed = value if isinstance(value, tuple | list) else [value] * spatial
    if len(listed) == 1:
        listed = [*listed] * spatial
    axes: list[Axis] = []
    for axis, one, size in zip(source.spatial, listed, asked, strict=True):
        if size is not Unknown and size.value is not Unknown and size.value < 0:
            raise Misfit(UNFIT, f"`output_size` is {size}", "output_size")
        keeps = one is None or (size is not Unknown and size == axis.size)
        axes.append(axis if keeps else axis.resized(size))
    return _result(call, source, axes)


def _fractional(call: Call, spatial: int) -> Array:
    """Pools to `output_size`, or to `output_ratio` of the input."""
    size, ratio = call.value("output_size"), call.value("output_ratio")
    if (size is None) == (ratio is None) and size is None:
        raise Misfit(UNFIT, "it takes one of `output_size` and `output_ratio`", "output_size")
    source = _source(call, spatial)
    kernels = amounts(call, "kernel_size", spatial)
    if size is not None:
        sizes = amounts(call, "output_size", spatial)
    else:
        sizes = [
            stretched(axis.size, one)
            for axis, one in zip(source.spatial, _ratios(call, spatial), strict=True)
        ]  # fmt: skip
    axes = [axis.resized(one) for axis, one in zip(source.spatial, sizes, strict=True)]
    for axis, result, kernel, place in zip(source.spatial, axes, kernels, source.places, strict=True):
        needed = reckoned(lambda given, window: given + window - 1, result.size, kernel)
        value = Unknown if needed is Unknown else needed.value
        if value is not Unknown and axis.value is not Unknown and value > axis.value:
            raise Misfit(
                "size-impossible", f"windows of {kernel} at {result} places take {value} elements or more",
                "input", place, left=axis,
            )  # fmt: skip
    return _result(call, source, axes)


def _ratios(call: Call, count: int) -> list[float]:
    value = call.value("output_ratio")
    listed = list(value) if isinstance(value, tuple | list) else [value] * count
    ratios = [one for one in listed if isinstance(one, float)]
    if len(ratios) != count:
        raise Undetermined
    for one in ratios:
        if not 0 < one < 1:
            raise Misfit(UNFIT, f"`output_ratio` is {one}, and has to be between 0 and 1", "output_ratio")
    return ratios


# The way back


def _unpooled(call: Call, spatial: int) -> Array:
    """Puts maxima where they were."""
    source = _indexed(call, _source(call, spatial))
    windows = [
        Window(*one)
        for one in zip(
            amounts(call, "kernel_size", spatial), _strides(call, spatial), amounts(call, "padding", spatial),
            strict=True,
        )
    ]  # fmt: skip
    axes = [spread(axis, window) for axis, window in zip(source.spatial, windows, strict=True)]
    value = call.value("output_size")
    if value is None:
        return _result(
            call, source,
            [
                check_length(result, axis, "input", place, f"a window of {window.kernel}")
                for result, axis, place, window in zip(axes, source.spatial, source.places, windows, strict=True)
            ],
        )  # fmt: skip
    if not isinstance(value, tuple | list):
        return _result(call, source, [axis.resized(Unknown) for axis in source.spatial])
    if len(value) not in (spatial, spatial + 2):
        raise Misfit(
            UNFIT, f"`output_size` lists {len(value)} sizes, and there are {spatial} spatial axes", "output_size"
        )  # fmt: skip
    listed = value[len(value) - spatial :]
    asked = [axis.resized(as_size(one)) for axis, one in zip(source.spatial, listed, strict=True)]
    for result, least, window in zip(asked, axes, windows, strict=True):
        _check_near(result, least, window)
    return _result(call, source, asked)


def _indexed(call: Call, source: Image) -> Image:
    """What is unpooled, with the names of the indices, which have its shape. Raises `Misfit`."""
    shape, indices = call.shape("input"), call.shape("indices")
    if shape.rank is Unknown or indices.rank is Unknown:
        return source
    if shape.rank != indices.rank:
        raise Misfit(
            "index-differs", "it takes one index for each element of `input`", "indices", other="input"
        )
    axes: list[Axis] = []
    for place, (one, other) in enumerate(zip(indices.fixed, shape.fixed, strict=True)):
        if name_conflict(one, other) or (one.size is not Unknown and other.size is not Unknown):
            call.same(
                one, other, "index-differs", "it takes one index for each element of `input`", "indices", place,
                other="input", other_axis=place,
            )  # fmt: skip
        axes.append(other.called(either_name(other, one)))
    first = len(axes) - len(source.spatial)
    return replace(
        source, batch=tuple(axes[: first - 1]), channels=axes[first - 1], spatial=tuple(axes[first:])
    )


def _check_near(result: Axis, least: Axis, window: Window) -> None:
    stride = Unknown if window.stride is Unknown else window.stride.value
    if result.value is Unknown or least.value is Unknown or stride is Unknown:
        return
    if not least.value - stride < result.value < least.value + stride:
        raise Misfit(
            "size-impossible",
            f"it makes {least.value - stride + 1} to {least.value + stride - 1} elements, not {result}", "output_size",
            left=result,
        )  # fmt: skip


# Rows of operators

_F: Final = "torch.nn.functional."
_MAX: Final = "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False"
_MEAN: Final = "input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True"
_FRACTIONAL: Final = (
    "input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None"
)


def _operators(axes: int) -> tuple[OpRule, ...]:
    pooled, adapted = partial(_pooled, spatial=axes), partial(_adapted, spatial=axes)
    divisor = "" if axes == 1 else ", divisor_override=None"
    mean = partial(_pooled_whole if axes == 3 else _pooled, spatial=axes)
    averages = ("torch.avg_pool1d",) if axes == 1 else ()
    adaptive = ("torch.adaptive_avg_pool1d",) if axes == 1 else ()
    rows = [
        OpRule(f"{_F}max_pool{axes}d", f"{_MAX}, return_indices=False", _with_indices(pooled)),
        OpRule(f"{_F}max_pool{axes}d_with_indices", f"{_MAX}, return_indices=False", _both(pooled)),
        OpRule(f"torch.max_pool{axes}d", _MAX, pooled),
        OpRule(f"{_F}avg_pool{axes}d", f"{_MEAN}{divisor}", mean, spelled=averages),
        OpRule(f"{_F}lp_pool{axes}d", "input, norm_type, kernel_size, stride=None, ceil_mode=False", mean),
        OpRule(f"{_F}adaptive_avg_pool{axes}d", "input, output_size", adapted, spelled=adaptive),
        OpRule(
            f"{_F}adaptive_max_pool{axes}d", "input, output_size, return_indices=False", _with_indices(adapted)
        ),
        OpRule(
            f"{_F}adaptive_max_pool{axes}d_with_indices", "input, output_size, return_indices=False",
            _both(adapted),
        ),
        OpRule(
            f"{_F}max_unpool{axes}d", "input, indices, kernel_size, stride=None, padding=0, output_size=None",
            partial(_unpooled, spatial=axes),
        ),
    ]  # fmt: skip
    if axes == 1:
        rows.append(OpRule("torch.max_pool1d_with_indices", _MAX, _both(pooled)))
        rows.append(OpRule("torch.adaptive_max_pool1d", "input, output_size", _both(adapted)))
    else:
        fractional = partial(_fractional, spatial=axes)
        rows.append(OpRule(f"{_F}fractional_max_pool{axes}d", _FRACTIONAL, _with_indices(fractional)))
        rows.append(OpRule(f"{_F}fractional_max_pool{axes}d_with_indices", _FRACTIONAL, _both(fractional)))
    return tuple(rows)


OPERATORS: Final = tuple(rule for axes in (1, 2, 3) for rule in _operators(axes))


# Modules


def _run(rule: Callable[[Call], Result], attributes: str, call: Call) -> Result:
    return rule(attributed(call, attributes))


def _module(
    name: str,
    constructor: str,
    rule: Callable[[Call], Result],
    attributes: str,
    takes: str = "input",
    requires: Callable[[Call], None] | None = None,
    state: str = "",
) -> ModuleRule:
    return ModuleRule(
        f"torch.nn.{name}", constructor=constructor, operate=partial(_run, rule, attributes), takes=takes,
        requires=requires, state={"_random_samples": state} if state else {},
    )  # fmt: skip


def _check_fractional(call: Call) -> None:
    size, ratio = call.value("output_size"), call.value("output_ratio")
    if size is Unknown or ratio is Unknown:
        return
    if (size is None) == (ratio is None):
        raise Misfit(
            UNFIT, "it takes one of `output_size` and `output_ratio`, and not both", "output_size",
            other="output_ratio",
        )  # fmt: skip
    if isinstance(ratio, float | tuple | list):
        _ratios(call, len(ratio) if isinstance(ratio, tuple | list) else 1)


def _modules(axes: int) -> tuple[ModuleRule, ...]:
    pooled, adapted = partial(_pooled, spatial=axes), partial(_adapted, spatial=axes)
    mean = partial(_pooled_whole if axes == 3 else _pooled, spatial=axes)
    window = "kernel_size stride"
    divisor = "" if axes == 1 else ", divisor_override=None"
    rows = [
        _module(
            f"MaxPool{axes}d",
            "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False",
            _with_indices(pooled), f"{window} padding dilation return_indices ceil_mode",
        ),
        _module(
            f"AvgPool{axes}d",
            f"kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True{divisor}",
            mean, f"{window} padding ceil_mode",
        ),
        _module(
            f"LPPool{axes}d", "norm_type, kernel_size, stride=None, ceil_mode=False", mean, f"{window} ceil_mode"
        ),
        _module(f"AdaptiveAvgPool{axes}d", "output_size", adapted, "output_size"),
        _module(
            f"AdaptiveMaxPool{axes}d", "output_size, return_indices=False", _with_indices(adapted),
            "output_size return_indices",
        ),
        _module(
            f"MaxUnpool{axes}d", "kernel_size, stride=None, padding=0", partial(_unpooled, spatial=axes),
            f"{window} padding", "input, indices, output_size=None",
        ),
    ]  # fmt: skip
    if axes > 1:
        rows.append(
            _module(
                f"FractionalMaxPool{axes}d",
                "kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None",
                _with_indices(partial(_fractional, spatial=axes)),
                "kernel_size output_size output_ratio return_indices", requires=_check_fractional,
                state=f"n channels {axes}",
            )
        )  # fmt: skip
    return tuple(rows)


MODULES: Final = tuple(rule for axes in (1, 2, 3) for rule in _modules(axes))
