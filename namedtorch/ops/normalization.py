"""Normalizations: the sizes of what goes in come out.

Where one has neither parameters nor running statistics, torch does not look at the number of channels, and a row says
so by its `state`; the norms over a whole shape always look. No batch normalization looks at an empty tensor.
"""

from typing import Final

from namedtorch.ops.module_rule import ModuleRule

_CHANNELS: Final = {"channels": "num_features"}
_RUNNING: Final = {
    "weight": "channels",
    "bias": "channels",
    "running_mean": "channels",
    "running_var": "channels",
    "num_batches_tracked": "",
}


def _same(*shapes: str) -> tuple[str, ...]:
    return tuple(f"input: {shape} -> {shape}" for shape in shapes)


def _running(name: str, *shapes: str) -> ModuleRule:
    return ModuleRule(f"torch.nn.{name}", sizes=_CHANNELS, state=_RUNNING, forward=_same(*shapes))


MODULES: Final = (
    _running("BatchNorm1d", "n channels l", "n channels"),
    _running("BatchNorm2d", "n channels h w"),
    _running("BatchNorm3d", "n channels d h w"),
    _running("SyncBatchNorm", "n channels *spatial"),
    _running("InstanceNorm1d", "n channels l", "channels l"),
    _running("InstanceNorm2d", "n channels h w", "channels h w"),
    _running("InstanceNorm3d", "n channels d h w", "channels d h w"),
    ModuleRule(
        "torch.nn.GroupNorm",
        sizes={"channels": "num_channels"},
        state={"weight": "channels", "bias": "channels"},
        forward=_same("n channels *spatial"),
    ),
    ModuleRule(
        "torch.nn.LayerNorm",
        sizes={"*normalized": "normalized_shape"},
        state={"weight": "*normalized", "bias": "*normalized"},
        forward=_same("*batch *normalized"),
        checks=("*normalized",),
    ),
    ModuleRule(
        "torch.nn.RMSNorm",
        sizes={"*normalized": "normalized_shape"},
        state={"weight": "*normalized"},
        forward=_same("*batch *normalized"),
        checks=("*normalized",),
    ),
)
