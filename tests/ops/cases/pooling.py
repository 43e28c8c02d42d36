"""Cases of pooling."""

from typing import Any

from tests.ops.oracle import Case, ModuleCase, call, ints, t

_F = "torch.nn.functional."
_SIZES = (31, 37, 41)
_PRIMES = (2, 3, 5)


def _inputs(axes: int) -> list[tuple[int, ...]]:
    return [(5, *_SIZES[:axes]), (2, 5, *_SIZES[:axes]), _SIZES[:axes], (3, 2, 5, *_SIZES[:axes])]


_WINDOWS: tuple[dict[str, Any], ...] = (
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2},
    {"kernel_size": 3, "stride": 5, "ceil_mode": True},
    {"kernel_size": 2, "stride": 2, "ceil_mode": True},
    {"kernel_size": 2, "stride": 7, "ceil_mode": True},
    {"kernel_size": 43},
    {"kernel_size": 31, "ceil_mode": True},
    {"kernel_size": 38, "stride": 50, "ceil_mode": True},
)
_PADDED: tuple[dict[str, Any], ...] = (
    {"kernel_size": 3, "padding": 1},
    {"kernel_size": 4, "padding": 2, "stride": 3},
    {"kernel_size": 3, "padding": 2},
    {"kernel_size": 5, "padding": 2, "stride": 6, "ceil_mode": True},
    {"kernel_size": 5, "padding": 2, "stride": 11, "ceil_mode": True},
    {"kernel_size": 3, "padding": -1},
    {"kernel_size": [3], "padding": [1], "stride": [2]},
)
_DILATED: tuple[dict[str, Any], ...] = (
    {"kernel_size": 3, "dilation": 2},
    {"kernel_size": 3, "dilation": 2, "padding": 1, "stride": 3, "ceil_mode": True},
    {"kernel_size": 3, "dilation": 20},
)

_SLID = [
    ("max_pool", [*_WINDOWS, *_PADDED, *_DILATED], {}),
    ("max_pool", [*_WINDOWS[:3], *_DILATED], {"return_indices": True}),
    ("avg_pool", [*_WINDOWS, *_PADDED], {}),
    ("lp_pool", [*_WINDOWS], {"norm_type": 2}),
]

CASES = [
    *(
        # The kernels of the meta device take windows along one axis that real ones refuse.
        Case(f"{_F}{name}{axes}d", (t(*sizes),), {**window, **more}, real=axes == 1)
        for axes in (1, 2, 3)
        for name, windows, more in _SLID
        for window in windows
        for sizes in _inputs(axes)
    ),
    *(
        call(spelling, t(2, 5, *_SIZES[:axes]), *arguments)
        for axes in (1, 2, 3)
        for spelling in (
            f"torch.max_pool{axes}d",
            f"{_F}max_pool{axes}d",
            f"{_F}max_pool{axes}d_with_indices",
            f"{_F}avg_pool{axes}d",
            *(("torch.avg_pool1d", "torch.max_pool1d_with_indices") if axes == 1 else ()),
        )
        for arguments in ((3,), (3, 2), (3, 2, 1), ([3] * axes, [2] * axes), (_PRIMES[:axes], None, 1))
    ),
    *(
        call(f"{_F}adaptive_{kind}_pool{axes}d", t(*sizes), asked, **more)
        for axes in (1, 2, 3)
        for kind, more in (("avg", {}), ("max", {}), ("max", {"return_indices": True}))
        for asked in (7, _PRIMES[:axes], list(_PRIMES[:axes]))
        for sizes in _inputs(axes)
    ),
    *(
        call(f"{_F}adaptive_{kind}_pool2d", t(2, 5, 31, 37), asked)
        for kind in ("avg", "max")
        for asked in ((7, None), (None, 7), (None, None), None, (7,), (7, 11, 13))
    ),
    *(call(f"{_F}adaptive_max_pool{axes}d_with_indices", t(2, 5, *_SIZES[:axes]), 7) for axes in (1, 2, 3)),
    call("torch.adaptive_avg_pool1d", t(2, 5, 31), 7),
    call("torch.adaptive_max_pool1d", t(2, 5, 31), 7),
    *(
        Case(f"{_F}fractional_max_pool{axes}d{suffix}", (t(*sizes), 3), more, real=True)
        for axes in (2, 3)
        for suffix in ("", "_with_indices")
        for more in (
            {"output_size": 7},
            {"output_size": _PRIMES[:axes]},
            *([{"output_ratio": 0.5}] if axes == 3 else []),
            {"output_ratio": (0.3, 0.7, 0.1)[:axes]},
            {"output_size": 30},
            {"output_size": 7, "return_indices": True},
            {},
        )
        for sizes in _inputs(axes)
    ),
    *(
        Case(f"{_F}max_unpool{axes}d", (t(*sizes), ints(*sizes)), more, real=True)
        for axes in (1, 2, 3)
        for sizes in ((5, 3, 7, 11)[: axes + 1], (2, 5, 3, 7, 11)[: axes + 2])
        for more in (
            {"kernel_size": 2},
            {"kernel_size": 3, "stride": 2},
            {"kernel_size": 3, "stride": 2, "padding": 1},
            {"kernel_size": 2, "output_size": [7, 15, 23][:axes]},
            {"kernel_size": 2, "output_size": [9, 15, 23][:axes]},
            {"kernel_size": 2, "output_size": [2, 5, *[7, 15, 23][:axes]]},
            {"kernel_size": 2, "output_size": [5, *[7, 15, 23][:axes], 1, 1, 1]},
        )
    ),
    Case(f"{_F}max_unpool2d", (t(2, 5, 3, 7), ints(2, 5, 3, 11), 2), real=True),
    Case(f"{_F}max_unpool2d", (t(2, 5, 3, 7), ints(5, 3, 7), 2), real=True),
]

_MODULES = [
    *(
        (f"{name}{axes}d", window)
        for axes in (1, 2, 3)
        for name, windows in (
            ("MaxPool", [*_WINDOWS[:5], *_PADDED[:2], *_DILATED, {"kernel_size": 3, "return_indices": True}]),
            ("AvgPool", [*_WINDOWS[:5], *_PADDED[:2]]),
            ("LPPool", [{"norm_type": 2, **one} for one in _WINDOWS[:5]]),
            ("AdaptiveAvgPool", [{"output_size": 7}, {"output_size": _PRIMES[:axes]}]),
            ("AdaptiveMaxPool", [{"output_size": 7}, {"output_size": 7, "return_indices": True}]),
        )
        for window in windows
    ),
    ("AdaptiveAvgPool2d", {"output_size": (None, 7)}),
    ("AdaptiveAvgPool2d", {"output_size": None}),
]

MODULE_CASES = [
    *(
        ModuleCase(f"torch.nn.{name}", (), keywords, (t(*sizes),))
        for name, keywords in _MODULES
        for sizes in _inputs(int(name[-2]))
    ),
    *(
        ModuleCase(f"torch.nn.MaxUnpool{axes}d", (2, 2), {}, (t(*sizes), ints(*sizes)), named)
        for axes in (1, 2, 3)
        for sizes in ((5, 3, 7, 11)[: axes + 1], (2, 5, 3, 7, 11)[: axes + 2])
        for named in ({}, {"output_size": [7, 15, 23][:axes]}, {"output_size": [8, 15, 23][:axes]})
    ),
    *(
        ModuleCase(f"torch.nn.FractionalMaxPool{axes}d", (3,), keywords, (t(2, 5, *_SIZES[:axes]),))
        for axes in (2, 3)
        for keywords in (
            {"output_size": 7},
            {"output_ratio": 0.5},
            {"output_ratio": 1.5},
            {"output_size": 7, "return_indices": True},
            {"output_size": 7, "output_ratio": 0.5},
            {},
        )
    ),
]
