"""Names behind interpolation: spatial axes keep theirs, whatever their sizes."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_F = "torch.nn.functional."
X = t(2, 5, 31, 37)
IMAGE = "N C H W -> N C H W"

CASES = (
    *(
        names(IMAGE, f"{_F}{name}", X, **asked)
        for name in ("interpolate", "upsample", "upsample_nearest", "upsample_bilinear")
        for asked in ({"size": 7}, {"size": (7, 11)}, {"scale_factor": 0.3}, {"scale_factor": (1, 2)})
    ),
    names("N C T -> N C T", f"{_F}interpolate", t(2, 5, 31), size=7, mode="linear"),
    names("_ _ H _ -> _ _ H _", f"{_F}interpolate", X, size=7),
    # The places that a grid lists have its names, or else those of what is sampled.
    names("N C H W, N h w _ -> N C h w", f"{_F}grid_sample", X, t(2, 7, 11, 2)),
    names("N C H W, _ _ _ _ -> N C H W", f"{_F}grid_sample", X, t(2, 7, 11, 2)),
    names("_ C H W, N _ w _ -> N C H w", "torch.grid_sampler", X, t(2, 7, 11, 2), 0, 0, True),
    names("N C H W, B H W _ -> refused", f"{_F}grid_sample", X, t(2, 7, 11, 2)),
    names("N _ _ -> N _ _ _", f"{_F}affine_grid", t(5, 2, 3), (5, 3, 7, 11)),
    names("N _ _ -> N _ _ _ _", "torch.affine_grid_generator", t(5, 3, 4), (5, 3, 7, 11, 13), False),
)
