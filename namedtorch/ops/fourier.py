"""Fourier transforms: a dim keeps its size, or gets the one that is asked for; that of a real signal is halved.

Source: https://docs.pytorch.org/docs/stable/fft.html
"""

from collections.abc import Callable, Sequence
from typing import Final

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined

KEPT: Final = "kept"
HALVED: Final = "halved"
DOUBLED: Final = "doubled"


def sized(axis: Axis, given: Size | UnknownType | None, kind: str) -> Axis:
    """The axis behind a transform; `given` is the size that is asked for, None for none."""
    if given is not None and given is not Unknown and given.value == -1:
        given = None
    try:
        if kind == KEPT:
            return axis if given is None else _asked(axis, given)
        if kind == HALVED:
            size = axis.size if given is None else given
            return axis.resized(Unknown if size is Unknown else size // 2 + 1)
        if given is not None:
            return _asked(axis, given)
        return axis.resized(Unknown if axis.size is Unknown else 2 * (axis.size - 1))
    except SizeLimitError:
        return axis.resized(Unknown)


def _asked(axis: Axis, given: Size | UnknownType) -> Axis:
    return axis if given is not Unknown and axis.size == given else axis.resized(given)


def _transformed(
    shape: TensorShape, places: Sequence[int], sizes: Sequence[Size | UnknownType | None], kind: str
) -> TensorShape:
    """Of several dims, the last is halved or doubled."""
    for index, (place, size) in enumerate(zip(places, sizes, strict=True)):
        axis = shape.axes[place]
        if not isinstance(axis, Axis):
            raise Undetermined
        shape = shape.replaced(place, sized(axis, size, kind if index == len(places) - 1 else KEPT))
    return shape


def _one(kind: str) -> Callable[[Call], TensorShape]:
    def rule(call: Call) -> TensorShape:
        """Transforms one dim."""
        value = call.value("n")
        size = None if value is None else call.size("n")
        if call.shape("input").rank == 0:
            raise Misfit("rank-unfit", "it takes at least one axis, and `input` has none", "input")
        return _transformed(call.shape("input"), [call.place("dim")], [size], kind)

    return rule


def _several(kind: str) -> Callable[[Call], TensorShape]:
    def rule(call: Call) -> TensorShape:
        """Transforms several dims: those named, else as many of the last as sizes are given, else all."""
        shape = call.shape("input")
        sizes = call.sizes("s") if call.given("s") else None
        if not call.given("dim"):
            count = len(call.axes("input")) if sizes is None else len(sizes)
            if shape.rank is not Unknown and count > shape.rank:
                raise Misfit("rank-unfit", f"it takes {count} axes, and `input` has {shape.rank}", "input")
            if shape.rank == 0 and kind != KEPT:
                raise Misfit("rank-unfit", "it takes at least one axis, and `input` has none", "input")
            places = tuple(shape.place(axis) for axis in range(-count, 0))
        else:
            places = call.places("dim")
        if sizes is not None and len(sizes) != len(places):
            raise Misfit("rank-unfit", f"it is given {len(sizes)} sizes for {len(places)} dims", "input")
        return _transformed(shape, places, sizes or [None] * len(places), kind)

    return rule


def shift(call: Call) -> TensorShape:
    """Rolls dims; sizes stay."""
    if call.given("dim"):
        call.places("dim")
    return call.shape("input")


def frequencies(halved: bool) -> Callable[[Call], TensorShape]:
    """The rule of the frequencies of so many samples."""

    def rule(call: Call) -> TensorShape:
        """As many frequencies as there are samples, or half of them and one."""
        axis = Axis(call.size("n"))
        return TensorShape((sized(axis, None, HALVED if halved else KEPT),))

    return rule


def stft(call: Call) -> TensorShape:
    """`... samples` becomes `... frequencies frames`, behind which a pair stands where the result is not complex.

    The frames carry the name of the samples.
    """
    shape = call.shape("input")
    if shape.rank not in (1, 2, Unknown):
        raise Misfit("rank-unfit", f"it takes 1 or 2 axes, and `input` has {shape.rank}", "input")
    samples = shape.at(-1)
    bins = call.size("n_fft")
    hop = call.size("hop_length") if call.given("hop_length") else _quarter(bins)
    one_sided, pair = call.value("onesided"), not call.flag("return_complex")
    if bins is Unknown:
        frequencies = ANY
    else:
        # A real signal has one side unless both are asked for.
        frequencies = (
            Axis(bins) if one_sided is False else ANY if one_sided is Unknown else Axis(bins // 2 + 1)
        )
    frames = _frames(call, samples, bins, hop)
    return TensorShape((*shape.axes[:-1], frequencies, frames, *((Axis.of(2),) if pair else ())))


def _quarter(bins: Size | UnknownType) -> Size | UnknownType:
    return Unknown if bins is Unknown else bins // 4


def _window(call: Call, bins: Size) -> Size | UnknownType:
    """How many samples a frame takes that is not centered: those of the window, where it is aligned to that."""
    aligned = call.value("align_to_window")
    if aligned in (None, False) or call.value("win_length") is None:
        return bins
    return call.size("win_length") if aligned is True else Unknown


def _frames(call: Call, samples: Axis, bins: Size | UnknownType, hop: Size | UnknownType) -> Axis:
    if samples.size is Unknown or bins is Unknown or hop is Unknown:
        return samples.resized(Unknown)
    try:
        if call.flag("center"):
            return samples.resized((samples.size + bins // 2 * 2 - bins) // hop + 1)
        window = _window(call, bins)
        return samples.resized(Unknown if window is Unknown else (samples.size - window) // hop + 1)
    except (SizeLimitError, ZeroDivisionError):
        return samples.resized(Unknown)


def istft(call: Call) -> TensorShape:
    """`... frequencies frames` becomes `... samples`, as many as `length` says, under the name of the frames."""
    shape = call.shape("input")
    if shape.rank not in (2, 3, Unknown):
        raise Misfit("rank-unfit", f"it takes 2 or 3 axes, and `input` has {shape.rank}", "input")
    batch, (_, frames) = shape.split(2)
    if call.given("length"):
        return TensorShape((*batch, frames.resized(call.size("length"))))
    bins = call.size("n_fft")
    hop = call.size("hop_length") if call.given("hop_length") else _quarter(bins)
    if frames.size is Unknown or bins is Unknown or hop is Unknown:
        return TensorShape((*batch, frames.resized(Unknown)))
    size = (frames.size - 1) * hop + bins
    return TensorShape((*batch, frames.resized(size - bins // 2 * 2 if call.flag("center") else size)))


_ONE: Final = "input, n=None, dim=-1, norm=None"
_TWO: Final = "input, s=None, dim=(-2, -1), norm=None"
_ALL: Final = "input, s=None, dim=None, norm=None"

OPERATORS: Final = (
    *(
        OpRule(f"torch.fft.{name}{suffix}", parameters, make(kind), dims=("dim",))
        for name, kind in (
            ("fft", KEPT), ("ifft", KEPT), ("rfft", HALVED), ("irfft", DOUBLED), ("hfft", DOUBLED), ("ihfft", HALVED),
        )
        for suffix, parameters, make in (("", _ONE, _one), ("2", _TWO, _several), ("n", _ALL, _several))
    ),
    *(
        OpRule(f"torch.fft.{name}", "input, dim=None", shift, dims=("dim",), dtype=SAME)
        for name in ("fftshift", "ifftshift")
    ),
    OpRule("torch.fft.fftfreq", "n, d=1.0, *, dtype=None, device=None", frequencies(halved=False)),
    OpRule("torch.fft.rfftfreq", "n, d=1.0, *, dtype=None, device=None", frequencies(halved=True)),
    OpRule(
        "torch.stft",
        "input, n_fft, hop_length=None, win_length=None, window=None, center=True, pad_mode='reflect', "
        "normalized=False, onesided=None, return_complex=None, align_to_window=None",
        stft, spelled=("torch.Tensor.stft",),
    ),
    OpRule(
        "torch.istft",
        "input, n_fft, hop_length=None, win_length=None, window=None, center=True, normalized=False, "
        "onesided=None, length=None, return_complex=False",
        istft, spelled=("torch.Tensor.istft",),
    ),
)  # fmt: skip
