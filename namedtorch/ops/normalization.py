"""Normalizations: the sizes of what goes in come out.

Where one has neither parameters nor running statistics, torch does not look at the number of channels, and a row says
so by its `state`; the norms over a whole shape always look. No batch normalization looks at an empty tensor.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attributed import attributed
from namedtorch.ops.call import Call
from namedtorch.ops.channels import check_divides
from namedtorch.ops.judge import Misfit
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.normalized import (
    by_channels,
    by_groups,
    by_shape,
    check_one_each,
    checked_channels,
    kept,
    noticed_channels,
)
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.values import Array

_F: Final = "torch.nn.functional."
_VECTORS: Final = ("running_mean", "running_var", "weight", "bias")


def _batch(call: Call) -> Array:
    """Normalizes each channel over the batch."""
    return by_channels(call, _VECTORS, 2)


def _instance(call: Call) -> Array:
    """Normalizes each channel of each element of the batch."""
    result = by_channels(call, _VECTORS, 2)
    if call.value("use_input_stats") is True:
        check_one_each(call, 2)
    return result


def _local(call: Call) -> Array:
    """Divides by what neighbouring channels hold."""
    rank = call.shape("input").rank
    if rank is not Unknown and rank < 3:
        raise Misfit("rank-unfit", f"it takes 3 axes or more, and `input` has {rank}", "input")
    return kept(call, call.shape("input"))


OPERATORS: Final = (
    OpRule(
        f"{_F}batch_norm",
        "input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05", _batch,
    ),
    OpRule(
        "torch.batch_norm",
        "input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled", _batch,
    ),
    OpRule(
        f"{_F}instance_norm",
        "input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, "
        "eps=1e-05", _instance,
    ),
    OpRule(
        "torch.instance_norm",
        "input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled", _instance,
    ),
    OpRule(f"{_F}group_norm", "input, num_groups, weight=None, bias=None, eps=1e-05", by_groups),
    OpRule(
        "torch.group_norm", "input, num_groups, weight=None, bias=None, eps=1e-05, cudnn_enabled=True", by_groups
    ),
    OpRule(f"{_F}layer_norm", "input, normalized_shape, weight=None, bias=None, eps=1e-05", by_shape),
    OpRule(
        "torch.layer_norm", "input, normalized_shape, weight=None, bias=None, eps=1e-05, cudnn_enable=True", by_shape
    ),
    OpRule(
        f"{_F}rms_norm", "input, normalized_shape, weight=None, eps=None", by_shape, spelled=("torch.rms_norm",)
    ),
    OpRule(f"{_F}local_response_norm", "input, size, alpha=0.0001, beta=0.75, k=1.0", _local),
)  # fmt: skip


# Modules

_CHANNELS: Final = {"channels": "num_features"}
_RUNNING: Final = {
    "weight": "channels",
    "bias": "channels",
    "running_mean": "channels",
    "running_var": "channels",
    "num_batches_tracked": "",
}
_MADE: Final = "device=None, dtype=None, bias=True"


def _same(*shapes: str) -> tuple[str, ...]:
    return tuple(f"input: {shape} -> {shape}" for shape in shapes)


def _channels(ranks: tuple[int, ...], unbatched: int, call: Call) -> Array:
    """Normalizes channels: axis 1, or axis 0 of an input of `unbatched` axes.

    Without parameters and statistics, torch takes any number of them.
    """
    asked = attributed(call, "num_features affine track_running_stats")
    looks = [asked.value(name) for name in ("affine", "track_running_stats")]
    if any(one is True for one in looks):
        return checked_channels(asked, "num_features", ranks, unbatched)
    return noticed_channels(asked, "num_features", ranks, unbatched, sure=all(one is False for one in looks))


def _running(
    name: str,
    shapes: tuple[str, ...],
    ranks: tuple[int, ...],
    looks: bool,
    unbatched: int = -1,
    more: str = "",
) -> tuple[ModuleRule, ...]:
    """A module, and the one that finds its `num_features` at the first call and has no state before.

    `looks` is the default of what makes it look at the number of channels, which a lazy one does in any case.
    """
    constructor = "eps=1e-05, momentum=0.1, affine={}, track_running_stats={}, " + more + _MADE
    operate: Callable[[Call], Array] = partial(_channels, ranks, unbatched)
    rows = [
        ModuleRule(
            f"torch.nn.{name}", sizes=_CHANNELS, state=_RUNNING, forward=_same(*shapes),
            constructor="num_features, " + constructor.format(looks, looks), operate=operate,
        )
    ]  # fmt: skip
    if name != "SyncBatchNorm":
        rows.append(
            ModuleRule(f"torch.nn.Lazy{name}", constructor=constructor.format(True, True), operate=operate)
        )
    return tuple(rows)


def _group_module(call: Call) -> Array:
    asked = attributed(call, "num_groups num_channels affine")
    by_groups(asked)
    if asked.value("affine") is True:
        return checked_channels(asked, "num_channels", (), -1)
    return noticed_channels(asked, "num_channels", (), -1, sure=asked.value("affine") is False)


def _check_groups(call: Call) -> None:
    check_divides(call, call.size("num_channels"), call.size("num_groups"), "num_channels", "num_groups")


def _shape_module(call: Call) -> Array:
    return by_shape(attributed(call, "normalized_shape"))


def _local_module(call: Call) -> Array:
    return _local(call)


def _map_module(call: Call) -> Array:
    call.rank_in("input", 4)
    return kept(call, call.shape("input"))


MODULES: Final = (
    *_running("BatchNorm1d", ("n channels l", "n channels"), (2, 3), True),
    *_running("BatchNorm2d", ("n channels h w",), (4,), True),
    *_running("BatchNorm3d", ("n channels d h w",), (5,), True),
    *_running("SyncBatchNorm", ("n channels *spatial",), (), True, more="process_group=None, "),
    *_running("InstanceNorm1d", ("n channels l", "channels l"), (2, 3), False, 2),
    *_running("InstanceNorm2d", ("n channels h w", "channels h w"), (3, 4), False, 3),
    *_running("InstanceNorm3d", ("n channels d h w", "channels d h w"), (4, 5), False, 4),
    ModuleRule(
        "torch.nn.GroupNorm",
        sizes={"channels": "num_channels"},
        state={"weight": "channels", "bias": "channels"},
        forward=_same("n channels *spatial"),
        constructor="num_groups, num_channels, eps=1e-05, affine=True, device=None, dtype=None, bias=True",
        requires=_check_groups,
        operate=_group_module,
    ),
    ModuleRule(
        "torch.nn.LayerNorm",
        sizes={"*normalized": "normalized_shape"},
        state={"weight": "*normalized", "bias": "*normalized"},
        forward=_same("*batch *normalized"),
        checks=("*normalized",),
        constructor="normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, device=None, dtype=None",
        operate=_shape_module,
    ),
    ModuleRule(
        "torch.nn.RMSNorm",
        sizes={"*normalized": "normalized_shape"},
        state={"weight": "*normalized"},
        forward=_same("*batch *normalized"),
        checks=("*normalized",),
        constructor="normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None",
        operate=_shape_module,
    ),
    ModuleRule(
        "torch.nn.LocalResponseNorm",
        constructor="size, alpha=0.0001, beta=0.75, k=1.0",
        forward=_same("*dims"),
        operate=_local_module,
    ),
    ModuleRule(
        "torch.nn.CrossMapLRN2d", constructor="size, alpha=0.0001, beta=0.75, k=1", operate=_map_module
    ),
)
