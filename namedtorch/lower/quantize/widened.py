"""Torch's quantized layers for the ranks and layouts that they refuse and the float ones take."""

import copy
from typing import cast

import torch
from torch import Tensor, nn
from torch.ao.nn import quantized
from torch.ao.nn.quantized import dynamic

from namedtorch.lower.mending.module_classes import become


class AnyRankEmbedding(quantized.Embedding):
    """A quantized table that takes indices of any rank and in any layout; torch's takes one or two axes, contiguous."""

    def forward(self, indices: Tensor) -> Tensor:
        """The vectors of the indices, in the shape of the indices."""
        rows = torch.ops.quantized.embedding_byte(
            self._packed_params._packed_weight, indices.reshape(-1).contiguous()
        )
        return rows.view(indices.size() + rows.size()[1:])


class AnyRankLinear(dynamic.Linear):
    """A dynamically quantized linear layer that takes a single vector too; torch's takes two axes or more."""

    def forward(self, x: Tensor) -> Tensor:
        """The vector, or the vectors along the last axis, by the weights."""
        rows = x.unsqueeze(0) if x.dim() == 1 else x
        if self._packed_params.dtype == torch.qint8:
            given = torch.ops.quantized.linear_dynamic(
                rows, self._packed_params._packed_params, reduce_range=True
            )
        else:
            given = torch.ops.quantized.linear_dynamic_fp16(rows, self._packed_params._packed_params)
        return (given.squeeze(0) if x.dim() == 1 else given).to(x.dtype)


_WIDER: dict[type, type] = {quantized.Embedding: AnyRankEmbedding, dynamic.Linear: AnyRankLinear}


def widened(layer: nn.Module) -> nn.Module | None:
    """The same quantized layer for inputs of more ranks; None where there is none."""
    wider = _WIDER.get(type(layer))
    if wider is None:
        return None
    made = cast("nn.Module", copy.copy(layer))
    become(made, wider)
    return made
