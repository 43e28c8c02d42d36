"""Cases of convolutions."""

from typing import Any

from tests.ops.oracle import Case, ModuleCase, call, t

_F = "torch.nn.functional."
_SIZES = (17, 19, 23)


def _sized(axes: int) -> tuple[int, ...]:
    return _SIZES[:axes]


_OPTIONS = (
    {},
    {"stride": 2},
    {"padding": 1},
    {"stride": 3, "padding": 2, "dilation": 2},
    {"padding": "same"},
    {"padding": "same", "dilation": 3},
    {"padding": "valid", "stride": 2},
    {"padding": "same", "stride": 2},
    {"padding": "other"},
    {"dilation": 11},
    {"stride": [2]},
)
_TRANSPOSED_OPTIONS = (
    {},
    {"stride": 2},
    {"stride": 2, "padding": 1},
    {"stride": 3, "padding": 2, "dilation": 2, "output_padding": 1},
    {"stride": 2, "output_padding": 1},
    {"stride": [3], "dilation": [2]},
)


def _real(spelling: str, *arguments: Any, **keywords: Any) -> Case:
    """A case for torch's real kernels: those of the meta device take more."""
    return Case(spelling, arguments, keywords, real=True)


def _spelled(name: str) -> tuple[str, str]:
    return _F + name, f"torch.{name}"


CASES = [
    *(
        case
        for axes in (1, 2, 3)
        for name in _spelled(f"conv{axes}d")
        for kernel in (3, 4)
        for options in _OPTIONS
        for case in (call(name, t(2, 5, *_sized(axes)), t(7, 5, *([kernel] * axes)), **options),)
    ),
    *(
        case
        for axes in (1, 2, 3)
        for name in _spelled(f"conv{axes}d")
        for case in (
            call(name, t(5, *_sized(axes)), t(7, 5, *([3] * axes))),
            call(name, t(5, *_sized(axes)), t(7, 5, *([3] * axes)), padding="same"),
            call(name, t(2, 5, *_sized(axes)), t(7, 11, *([3] * axes))),
            call(name, t(11, *_sized(axes)), t(7, 5, *([3] * axes))),
            call(name, t(2, 5, *_sized(axes)), t(7, *([3] * axes))),
            call(name, t(2, 2, 5, *_sized(axes)), t(7, 5, *([3] * axes))),
            call(name, t(*_sized(axes)), t(7, 5, *([3] * axes))),
            call(name, t(2, 6, *_sized(axes)), t(9, 2, *([3] * axes)), groups=3),
            *(
                _real(name, t(2, 5, *_sized(axes)), t(7, 5, *([3] * axes)), **{option: value})
                for option, value in (("stride", 0), ("dilation", 0), ("padding", -1))
            ),
            _real(name, t(2, 6, *_sized(axes)), t(8, 2, *([3] * axes)), groups=3),
            call(name, t(2, 5, *_sized(axes)), t(9, 2, *([3] * axes)), groups=3),
            call(name, t(2, 6, *_sized(axes)), t(9, 2, *([3] * axes)), groups=0),
            call(name, t(2, 5, *_sized(axes)), t(7, 5, *([3] * axes)), t(7)),
            call(name, t(2, 5, *_sized(axes)), t(7, 5, *([3] * axes)), t(7), 2, 1, 1, 1),
            call(name, t(2, 5, *_sized(axes)), t(7, 5, *([3] * axes)), stride=[2] * axes, padding=[1] * axes),
            _real(name, t(2, 5, *_sized(axes)), t(7, 5, *([3] * axes)), stride=[2] * (axes + 1)),
            call(name, t(2, 5, *([3] * axes)), t(7, 5, *([3] * axes))),
            call(name, t(2, 5, *([2] * axes)), t(7, 5, *([3] * axes))),
        )
    ),
    *(
        call(name, t(2, 5, *_sized(axes)), t(5, 7, *([kernel] * axes)), **options)
        for axes in (1, 2, 3)
        for name in _spelled(f"conv_transpose{axes}d")
        for kernel in (3, 4)
        for options in _TRANSPOSED_OPTIONS
    ),
    *(
        case
        for axes in (1, 2, 3)
        for name in _spelled(f"conv_transpose{axes}d")
        for case in (
            call(name, t(5, *_sized(axes)), t(5, 7, *([3] * axes))),
            call(name, t(2, 6, *_sized(axes)), t(6, 7, *([3] * axes)), groups=3),
            call(name, t(2, 5, *_sized(axes)), t(5, 7, *([3] * axes)), t(7), 2, 1, 1, 1, 1),
            call(name, t(2, 2, 5, *_sized(axes)), t(5, 7, *([3] * axes))),
            _real(name, t(2, 5, *_sized(axes)), t(5, 7, *([3] * axes)), stride=[2] * (axes + 1)),
        )
    ),
    call(_F + "conv2d", t(2, 5, 31, 37), t(7, 5, 3, 4), stride=(2, 3), padding=(1, 2), dilation=(2, 1)),
    call(_F + "conv2d", t(2, 5, 31, 37), t(7, 5, 3, 4), padding="same"),
    _real(_F + "conv2d", t(2, 5, 31, 37), t(7, 5, 3, 4), t(5)),
    _real(_F + "conv2d", t(2, 5, 31, 37), t(7, 5, 3, 4), t(1, 7)),
    call(_F + "conv2d", t(2, 31, 37, 5), t(7, 5, 3, 3)),
    call(_F + "conv_transpose2d", t(2, 5, 31, 37), t(5, 7, 3, 4), stride=(2, 3), output_padding=(1, 2)),
    _real(_F + "conv_transpose2d", t(2, 5, 31, 37), t(3, 7, 3, 4)),
    _real(_F + "conv_transpose2d", t(2, 5, 31, 37), t(5, 7, 3, 4), t(5)),
    _real(_F + "conv_transpose2d", t(2, 5, 31, 37), t(5, 7, 3, 4), output_padding=1),
    _real(_F + "conv_transpose2d", t(2, 5, 1, 1), t(5, 7, 3, 3), padding=2),
]


def _made(name: str, *arguments: object, **keywords: object) -> "list[ModuleCase]":
    axes = int(name[-2])
    return [
        ModuleCase(f"torch.nn.{name}", arguments, keywords, (t(*batch, 6, *_sized(axes)),))
        for batch in ((), (2,), (2, 3))
    ]


_MODULE_OPTIONS = (
    {},
    {"stride": 2, "padding": 1},
    {"groups": 3, "bias": False},
    {"groups": 4},
    {"groups": 0},
    {"padding": 1, "dilation": 2},
)

MODULE_CASES = [
    *(
        case
        for axes in (1, 2, 3)
        for options in _MODULE_OPTIONS
        for name in (f"Conv{axes}d", f"ConvTranspose{axes}d")
        for case in (
            *_made(name, 6, 9, 3, **options),
            *_made(f"Lazy{name}", 9, 3, **options),
        )
    ),
    *(
        case
        for axes in (1, 2, 3)
        for mode in ("reflect", "replicate", "circular", "zeros", "mirror")
        for padding in (1, 15, 16, 17, 18, "same", "valid", "sane")
        for case in _made(f"Conv{axes}d", 6, 9, 3, padding=padding, padding_mode=mode)
    ),
    *_made("Conv2d", 6, 9, (3, 5), (2, 1), (1, 2)),
    *_made("Conv2d", 6, 9, kernel_size=3, padding="same", stride=2),
    *_made("Conv2d", 6, 9, kernel_size=3, padding="same", dilation=(2, 3)),
    *_made("Conv2d", 6, 9, kernel_size=4, padding="same"),
    *_made("Conv2d", 5, 9, 3),
    *_made("Conv2d", 6, 9, 18),
    *_made("Conv2d", 6, 9),
    *_made("Conv2d", 6, 9, 3, strides=2),
    *_made("ConvTranspose2d", 6, 9, 3, 2, output_padding=1),
    *_made("ConvTranspose2d", 6, 9, 3, 2, 1, 1, 3, False, 2),
    *_made("ConvTranspose2d", 6, 9, 3, padding_mode="reflect"),
    *(
        ModuleCase("torch.nn.ConvTranspose2d", (6, 9, 3, 2), {}, (t(2, 6, 31, 37),), {"output_size": size})
        for size in ([63, 75], [64, 76], [65, 76], [62, 75], [2, 9, 63, 75], [63], [9, 63, 75])
    ),
    ModuleCase("torch.nn.ConvTranspose2d", (6, 9, 3, 2), {}, (t(2, 6, 31, 37), [64, 76]), {}),
    ModuleCase("torch.nn.ConvTranspose2d", (6, 9, 3, 2), {}, (t(6, 31, 37),), {"output_size": [9, 64, 76]}),
]
