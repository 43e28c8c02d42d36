"""Filters that slide along the spatial axes of an input, and their transposes."""

from dataclasses import dataclass

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ONE, Axis, Rest
from namedtorch.ops.call import Call, as_size, with_rank
from namedtorch.ops.channels import CODE, Image, check_channels, check_divides, image, ranked
from namedtorch.ops.dtypes import category
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.padding import check_reach
from namedtorch.ops.strides import (
    UNFIT,
    ZERO,
    Amount,
    Window,
    amounts,
    check_length,
    check_window,
    reckoned,
    slid,
    spread,
)
from namedtorch.ops.values import Array


@dataclass(frozen=True, slots=True)
class Filter:
    """What a convolution takes and gives: `taken` channels, those that are `given`, and the kernel.

    `says` is the argument or attribute that tells the channels taken, at an axis if it is a tensor; `kernel_says` the
    one that tells the kernel.
    """

    taken: Axis
    given: Axis
    kernel: tuple[Amount, ...]
    says: str
    at: int | UnknownType = Unknown
    kernel_says: str = "kernel_size"


def filter_of_module(call: Call, spatial: int) -> Filter:
    """The filter that the attributes of a module tell; a lazy one takes any number of channels."""
    taken, given = (Axis(call.size(name)) for name in ("in_channels", "out_channels"))
    return Filter(taken, given, tuple(amounts(call, "kernel_size", spatial)), "in_channels")


def filter_of_weight(call: Call, spatial: int) -> Filter:
    """The filter that a weight is: what it gives comes first, what a group takes second. Raises `Misfit`."""
    given, taken, *kernel = _axes_of_weight(call, spatial)
    sizes = tuple(axis.size for axis in kernel)
    if call.size("groups") != ONE:
        # What one group takes is another dim than the channels, which have all groups in them.
        taken = taken.called(Unknown)
    return Filter(_of_groups(call, taken), given.plain, sizes, "weight", 1, "weight")


def filter_of_weight_transposed(call: Call, spatial: int) -> Filter:
    """The filter that a weight is: what it takes comes first, what a group gives second. Raises `Misfit`."""
    taken, given, *kernel = _axes_of_weight(call, spatial)
    sizes = tuple(axis.size for axis in kernel)
    return Filter(taken, _of_groups(call, given), sizes, "weight", 0, "weight")


def _axes_of_weight(call: Call, spatial: int) -> tuple[Axis, ...]:
    weight = with_rank(ranked(call, "weight", [spatial + 2]), spatial + 2).fixed
    check_divides(call, weight[0].size, call.size("groups"), "weight", "groups")
    return weight


def _of_groups(call: Call, axis: Axis) -> Axis:
    groups = call.size("groups")
    if groups == ONE:
        return axis.plain
    return axis.resized(reckoned(lambda size, count: size * count, axis.size, groups))


def convolved(call: Call, spatial: int, filter: Filter) -> Array:
    """Slides a filter along the last axes. Raises `Misfit`."""
    source = _source(call, spatial, filter)
    same = call.value("padding") == "same"
    axes: list[Axis] = []
    for axis, place, window in zip(
        source.spatial, source.places, _windows(call, spatial, filter), strict=True
    ):
        check_window(window, filter.kernel_says)
        _check_mode_reaches(call, axis, place, window, same)
        if same:
            axes.append(axis)
        else:
            axes.append(check_length(slid(axis, window), axis, "input", place, _kernel_text(window)))
    return _made(call, source, filter, axes)


def unconvolved(call: Call, spatial: int, filter: Filter) -> Array:
    """Lays a filter out behind each element of the last axes: the transpose of a convolution. Raises `Misfit`."""
    source = _source(call, spatial, filter)
    windows, extras = _windows(call, spatial, filter), amounts(call, "output_padding", spatial)
    for window, extra in zip(windows, extras, strict=True):
        check_window(window, filter.kernel_says)
        _check_extra(extra, window)
    asked = _asked(call, source, windows)
    if asked is not Unknown:
        return _made(call, source, filter, asked)
    axes = [
        check_length(spread(axis, window, extra), axis, "input", place, _kernel_text(window))
        for axis, place, window, extra in zip(source.spatial, source.places, windows, extras, strict=True)
    ]
    return _made(call, source, filter, axes)


def _source(call: Call, spatial: int, filter: Filter) -> Image:
    source = image(call, "input", spatial, spatial + 1, spatial + 2)
    check_channels(
        call, source.channels, filter.taken, "input", source.place, filter.says, filter.at,
        takes="the convolution takes",
    )  # fmt: skip
    return source


def _windows(call: Call, spatial: int, filter: Filter) -> list[Window]:
    check_same(call)
    paddings: list[Amount] = [ZERO] * spatial
    if not isinstance(call.value("padding"), str):
        paddings = amounts(call, "padding", spatial)
    strides, dilations = amounts(call, "stride", spatial), amounts(call, "dilation", spatial)
    return [Window(*one) for one in zip(filter.kernel, strides, paddings, dilations, strict=True)]


def _kernel_text(window: Window) -> str:
    if window.kernel is Unknown:
        return "the kernel"
    return f"a kernel of {window.kernel}" + (
        "" if window.dilation == ONE else f", with its dilation of {window.dilation},"
    )


def _check_mode_reaches(call: Call, axis: Axis, place: int | UnknownType, window: Window, same: bool) -> None:
    """Refuses a padding that copies more of the axis than there is."""
    mode = call.value("padding_mode")
    if not isinstance(mode, str):
        return
    padding = window.padding
    if same:
        padding = reckoned(lambda reach: reach - reach // 2, window.reach)
    check_reach(mode, axis, padding, "input", place)


def _check_extra(extra: Amount, window: Window) -> None:
    values = [Unknown if one is Unknown else one.value for one in (extra, window.stride, window.dilation)]
    known = [one for one in values if one is not Unknown]
    if len(known) == len(values) and not 0 <= known[0] < max(known[1:]):
        raise Misfit(
            UNFIT, f"`output_padding` is {known[0]}, and has to be less than the stride or the dilation",
            "output_padding", other="stride",
        )  # fmt: skip


def _asked(call: Call, source: Image, windows: list[Window]) -> list[Axis] | UnknownType:
    """The axes that `output_size` asks for; `Unknown` where it does not. Raises `Misfit`."""
    value = call.value("output_size")
    if value is None:
        return Unknown
    spatial = len(windows)
    if not isinstance(value, tuple | list):
        return [axis.resized(Unknown) for axis in source.spatial]
    takes = {spatial, spatial + 1, spatial + 2}
    if not any(isinstance(axis, Rest) for axis in source.batch):
        takes = {spatial, spatial + 1 + len(source.batch)}
    if len(value) not in takes:
        raise Misfit(
            UNFIT, f"`output_size` lists {len(value)} sizes, and there are {spatial} spatial axes", "output_size"
        )  # fmt: skip
    sizes = [as_size(one) for one in value[len(value) - spatial :]]
    axes = [axis.resized(size) for axis, size in zip(source.spatial, sizes, strict=True)]
    for axis, result, place, window in zip(source.spatial, axes, source.places, windows, strict=True):
        _check_asked(axis, result, place, window)
    return axes


def _check_asked(axis: Axis, result: Axis, place: int | UnknownType, window: Window) -> None:
    least, stride = spread(axis, window).value, window.stride
    if result.value is Unknown or least is Unknown or stride is Unknown or stride.value is Unknown:
        return
    most = least + stride.value - 1
    if not least <= result.value <= most:
        raise Misfit(
            "size-impossible", f"of {axis} elements it makes {least} to {most}, not {result}", "output_size",
            other="input", other_axis=place, left=result, right=axis,
        )  # fmt: skip


def _made(call: Call, source: Image, filter: Filter, axes: list[Axis]) -> Array:
    given = filter.given
    if isinstance(call.value("bias"), Array):
        bias = with_rank(ranked(call, "bias", [1]), 1).fixed[0]
        known = bias.size is not Unknown and given.size is not Unknown
        if known or name_conflict(bias, given):
            call.same(
                bias, given, CODE, "it has one bias for each channel that it gives", "bias", 0,
                other="weight",
            )  # fmt: skip
        given = given.called(either_name(given, bias))
    return Array(source.shaped(given, axes), category(call.array("input").dtype))


def check_same(call: Call) -> None:
    """Refuses a padding by name that torch has not, or not with such strides. Raises `Misfit`."""
    padding, stride = call.value("padding"), call.value("stride")
    if not isinstance(padding, str):
        return
    if padding not in ("same", "valid"):
        raise Misfit(
            UNFIT, f'`padding` is "{padding}", and has to be "same", "valid" or a number', "padding"
        )  # fmt: skip
    strides = stride if isinstance(stride, tuple | list) else (stride,)
    if padding == "same" and any(
        isinstance(one, Size) and one.value is not Unknown and one.value != 1 for one in strides
    ):
        raise Misfit(UNFIT, 'a padding of "same" goes with strides of 1 only', "stride", other="padding")


def check_mode(call: Call, *modes: str) -> None:
    """Refuses a `padding_mode` that is none of these. Raises `Misfit`."""
    mode = call.value("padding_mode")
    if isinstance(mode, str) and mode not in modes:
        listed = ", ".join(f'"{one}"' for one in modes)
        raise Misfit(UNFIT, f'`padding_mode` is "{mode}", and has to be {listed}', "padding_mode")
