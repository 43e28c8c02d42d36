"""Ranks and sizes of gather, scatter, index_select, take_along_dim, one_hot."""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def gathers(
    q: Float[Tensor, "B A"], action: Int[Tensor, "B"], table: Float[Tensor, "V D"], ids: Int[Tensor, "B T"]
) -> None:
    a = q.gather(1, action.unsqueeze(1))  # dims: B 1
    b = q.gather(1, action.unsqueeze(1)).squeeze(1)  # dims: B
    c = q.gather(1, action)  # error: [index-rank-differs]
    d = q[torch.arange(q.size(0)), action]  # dims: B
    e = table[ids]  # dims: B T D
    f = F.embedding(ids, table)  # dims: B T D
    g = table.index_select(0, action)  # dims: B D
    h = table.index_select(0, ids)  # error: [index-rank-differs]
    i = F.one_hot(ids, 10)  # dims: B T 10
    k = torch.zeros(4, 10).scatter(1, torch.zeros(4, 3, dtype=torch.long), 1.0)  # dims: 4 10
    m = torch.take_along_dim(q, action[:, None], dim=1)  # dims: B 1
