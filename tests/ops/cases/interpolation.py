"""Cases of interpolation."""

from typing import Any

from tests.ops.oracle import Case, ModuleCase, call, t

_F = "torch.nn.functional."
_INPUTS = ((2, 5), (2, 5, 17), (2, 5, 17, 19), (2, 5, 17, 19, 23), (2, 3, 5, 17, 19, 23))
_ASKED: tuple[dict[str, Any], ...] = (
    {"size": 7},
    {"size": (7,)},
    {"size": (7, 11)},
    {"size": [7, 11, 13]},
    {"scale_factor": 2},
    {"scale_factor": 2.0},
    {"scale_factor": 0.5},
    {"scale_factor": 1.7},
    {"scale_factor": 0.1},
    {"scale_factor": 1},
    {"scale_factor": (2, 3)},
    {"scale_factor": (0.5, 1.0, 3.0)},
    {"scale_factor": 0.01},
    {"size": 0},
    {"size": 7, "scale_factor": 2},
    {},
)
_MODES = ("nearest", "nearest-exact", "area", "linear", "bilinear", "bicubic", "trilinear")

CASES = [
    *(
        # The meta device makes tensors without elements, which no other does.
        Case(_F + "interpolate", (t(*sizes),), {"mode": mode, **asked}, real=asked == {"scale_factor": 0.01})
        for sizes in _INPUTS
        for mode in _MODES
        for asked in _ASKED
        # Pooling to an empty axis is none of an interpolation's.
        if mode != "area" or asked not in ({"size": 0}, {"scale_factor": 0.01})
    ),
    *(
        call(
            _F + "interpolate",
            t(2, 5, 17, 19),
            mode="bilinear",
            align_corners=True,
            recompute_scale_factor=True,
            **one,
        )
        for one in ({"scale_factor": 1.7}, {"scale_factor": 2})
    ),
    call(_F + "interpolate", t(2, 5, 17, 19), None, 2),
    call(_F + "interpolate", t(2, 5, 17, 19), (7, 11), None, "bilinear", True, None, True),
    *(
        call(_F + name, t(2, 5, 17, 19), **asked)
        for name in ("upsample", "upsample_nearest", "upsample_bilinear")
        for asked in _ASKED[4:9]
    ),
    *(
        call(_F + "grid_sample", t(*sizes), t(*grid), align_corners=False)
        for sizes in ((3, 5, 17, 19), (3, 5, 17, 19, 23), (3, 5, 17))
        for grid in (
            (3, 7, 11, 2),
            (3, 7, 11, 13, 3),
            (3, 7, 11, 3),
            (2, 7, 11, 2),
            (3, 7, 11, 13, 2),
            (3, 7, 2),
        )
    ),
    Case("torch.grid_sampler", (t(3, 5, 17, 19), t(3, 7, 11, 2), 0, 0, True)),
    *(
        call(_F + "affine_grid", t(*theta), size, align_corners=False)
        for theta in ((5, 2, 3), (5, 3, 4), (5, 3, 2), (3, 2, 3), (2, 3))
        for size in ((5, 3, 7, 11), [5, 3, 7, 11, 13], (5, 3, 7), (5, 3, 7, 11, 13, 17))
        if not (theta[0] == 3 and len(theta) == 3 and len(size) == 4)
    ),
    Case(_F + "affine_grid", (t(3, 2, 3), (5, 3, 7, 11)), {"align_corners": False}, lenient=True),
    call("torch.affine_grid_generator", t(5, 2, 3), (5, 3, 7, 11), False),
]

MODULE_CASES = [
    *(
        ModuleCase("torch.nn.Upsample", (), {**asked, "mode": mode}, (t(*sizes),))
        for sizes in _INPUTS
        for mode in ("nearest", "bilinear")
        for asked in _ASKED
        if asked not in ({"size": 0}, {"scale_factor": 0.01})
    ),
    *(
        ModuleCase(f"torch.nn.{name}", (), asked, (t(*sizes),))
        for name in ("UpsamplingNearest2d", "UpsamplingBilinear2d")
        for sizes in _INPUTS
        for asked in (*_ASKED[:11], *_ASKED[-1:])
    ),
]
