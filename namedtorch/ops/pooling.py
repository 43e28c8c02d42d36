"""Pooling modules that hold state; their forwards have no rows yet."""

from typing import Final

from namedtorch.ops.module_rule import ModuleRule

MODULES: Final = (
    ModuleRule("torch.nn.FractionalMaxPool2d", state={"_random_samples": "n channels 2"}),
    ModuleRule("torch.nn.FractionalMaxPool3d", state={"_random_samples": "n channels 3"}),
)
