"""Convolutions and their transposes, as operators and as modules.

The dims of the kernel are `k`, `kh kw` or `kd kh kw`. The signatures of forwards leave out what becomes of the spatial
axes, which takes arithmetic with strides and paddings: the rules reckon it.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from namedtorch.ops.attributed import attributed
from namedtorch.ops.call import Call
from namedtorch.ops.channels import check_divides
from namedtorch.ops.filters import (
    check_mode,
    check_same,
    convolved,
    filter_of_module,
    filter_of_weight,
    filter_of_weight_transposed,
    unconvolved,
)
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.values import Array

_SPATIAL: Final = {1: ("l",), 2: ("h", "w"), 3: ("d", "h", "w")}
_KERNEL: Final = {1: ("k",), 2: ("kh", "kw"), 3: ("kd", "kh", "kw")}


def _convolve(axes: int, call: Call) -> Array:
    return convolved(call, axes, filter_of_weight(call, axes))


def _convolve_transposed(axes: int, call: Call) -> Array:
    return unconvolved(call, axes, filter_of_weight_transposed(call, axes))


def _operators(axes: int) -> tuple[OpRule, OpRule]:
    # Whether the dim that a weight takes is that of the channels depends on the number of groups.
    name = f"conv{axes}d"
    transposed = f"conv_transpose{axes}d"
    return (
        OpRule(
            f"torch.nn.functional.{name}",
            "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
            partial(_convolve, axes), spelled=(f"torch.{name}",), by_size=True,
        ),
        OpRule(
            f"torch.nn.functional.{transposed}",
            "input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1",
            partial(_convolve_transposed, axes), spelled=(f"torch.{transposed}",),
        ),
    )  # fmt: skip


OPERATORS: Final = tuple(rule for axes in (1, 2, 3) for rule in _operators(axes))


# Modules

_PLACED: Final = "groups=1, bias=True, padding_mode='zeros', device=None, dtype=None"
_DIRECT: Final = f"out_channels, kernel_size, stride=1, padding=0, dilation=1, {_PLACED}"
_TRANSPOSED: Final = (
    "out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1, "
    "padding_mode='zeros', device=None, dtype=None"
)


def _run(axes: int, call: Call) -> Array:
    asked = attributed(
        call, "in_channels out_channels kernel_size stride padding dilation groups padding_mode"
    )
    return convolved(asked, axes, filter_of_module(asked, axes))


def _run_transposed(axes: int, call: Call) -> Array:
    asked = attributed(
        call, "in_channels out_channels kernel_size stride padding output_padding dilation groups"
    )  # fmt: skip
    return unconvolved(asked, axes, filter_of_module(asked, axes))


def _check_groups(call: Call) -> None:
    names = [name for name in ("in_channels", "out_channels") if name in call.arguments]
    for name in names:
        check_divides(call, call.size(name), call.size("groups"), name, "groups")


def _check_made(call: Call) -> None:
    """Refuses what the constructor refuses."""
    _check_groups(call)
    check_same(call)
    check_mode(call, "zeros", "reflect", "replicate", "circular")


def _check_made_transposed(call: Call) -> None:
    _check_groups(call)
    check_mode(call, "zeros")


def _sizes(axes: int) -> dict[str, str]:
    kernel = {name: f"kernel_size[{place}]" for place, name in enumerate(_KERNEL[axes])}
    return {"in": "in_channels", "out": "out_channels", "groups": "groups", **kernel}


def _forward(axes: int) -> tuple[str, str]:
    spatial = " ".join(_SPATIAL[axes])
    result = " ".join("_" * axes)
    return f"input: n in {spatial} -> n out {result}", f"input: in {spatial} -> out {result}"


def _modules(
    name: str,
    axes: int,
    weight: str,
    constructor: str,
    requires: Callable[[Call], None],
    operate: Callable[[Call], Array],
    takes: str,
) -> tuple[ModuleRule, ModuleRule]:
    """A module, and the one that finds its `in_channels` at the first call and has no state before."""
    state = {"weight": f"{weight} {' '.join(_KERNEL[axes])}", "bias": "out"}
    return (
        ModuleRule(
            f"torch.nn.{name}", sizes=_sizes(axes), state=state, forward=_forward(axes),
            constructor=f"in_channels, {constructor}", requires=requires, operate=operate, takes=takes,
        ),
        ModuleRule(
            f"torch.nn.Lazy{name}", constructor=constructor, requires=requires, operate=operate, takes=takes,
        ),
    )  # fmt: skip


MODULES: Final = tuple(
    rule
    for axes in (1, 2, 3)
    for rule in (
        *_modules(
            f"Conv{axes}d", axes, "out in_per_group=in//groups", _DIRECT, _check_made,
            partial(_run, axes), "input",
        ),
        *_modules(
            f"ConvTranspose{axes}d", axes, "in out_per_group=out//groups", _TRANSPOSED, _check_made_transposed,
            partial(_run_transposed, axes), "input, output_size=None",
        ),
    )
)  # fmt: skip
