"""Convolutions and their transposes.

The dims of the kernel are `k`, `kh kw` or `kd kh kw`. What becomes of the spatial axes takes arithmetic with strides
and paddings, which these rows leave out.
"""

from typing import Final

from namedtorch.ops.module_rule import ModuleRule

_SPATIAL: Final = {1: ("l",), 2: ("h", "w"), 3: ("d", "h", "w")}
_KERNEL: Final = {1: ("k",), 2: ("kh", "kw"), 3: ("kd", "kh", "kw")}


def _convolution(axes: int) -> ModuleRule:
    kernel = " ".join(_KERNEL[axes])
    state = {"weight": f"out in_per_group=in//groups {kernel}", "bias": "out"}
    return ModuleRule(f"torch.nn.Conv{axes}d", sizes=_sizes(axes), state=state, forward=_forward(axes))


def _transposed(axes: int) -> ModuleRule:
    kernel = " ".join(_KERNEL[axes])
    state = {"weight": f"in out_per_group=out//groups {kernel}", "bias": "out"}
    return ModuleRule(
        f"torch.nn.ConvTranspose{axes}d", sizes=_sizes(axes), state=state, forward=_forward(axes)
    )


def _sizes(axes: int) -> dict[str, str]:
    kernel = {name: f"kernel_size[{place}]" for place, name in enumerate(_KERNEL[axes])}
    return {"in": "in_channels", "out": "out_channels", "groups": "groups", **kernel}


def _forward(axes: int) -> tuple[str, str]:
    spatial = " ".join(_SPATIAL[axes])
    result = " ".join("_" * axes)
    return f"input: n in {spatial} -> n out {result}", f"input: in {spatial} -> out {result}"


MODULES: Final = (
    *(_convolution(axes) for axes in (1, 2, 3)),
    *(_transposed(axes) for axes in (1, 2, 3)),
)
