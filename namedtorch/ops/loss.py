"""Losses with weights; their forwards have no rows yet."""

from typing import Final

from namedtorch.ops.module_rule import ModuleRule

_PER_CLASS: Final = {"weight": "classes"}

MODULES: Final = (
    ModuleRule("torch.nn.CrossEntropyLoss", state=_PER_CLASS),
    ModuleRule("torch.nn.NLLLoss", state=_PER_CLASS),
    ModuleRule("torch.nn.NLLLoss2d", state=_PER_CLASS),
    ModuleRule("torch.nn.MultiMarginLoss", state=_PER_CLASS),
    ModuleRule("torch.nn.MultiLabelSoftMarginLoss", state=_PER_CLASS),
    # Of any shape that broadcasts with the input.
    ModuleRule("torch.nn.BCELoss", state={"weight": "..."}),
    ModuleRule("torch.nn.BCEWithLogitsLoss", state={"weight": "...", "pos_weight": "..."}),
)
