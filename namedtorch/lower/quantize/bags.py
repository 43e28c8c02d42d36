"""Means of bags of vectors, made of sums, which are all that torch's quantized tables give."""

import torch
from torch import Tensor, nn


class MeanBag(nn.Module):
    """What `nn.EmbeddingBag(mode="mean")` does, by a table that sums; the mean of an empty bag is zero."""

    def __init__(self, bag: nn.EmbeddingBag) -> None:
        super().__init__()
        self.num_embeddings = bag.num_embeddings
        self.embedding_dim = bag.embedding_dim
        self.mode = bag.mode
        self.include_last_offset = bag.include_last_offset
        self.sums = nn.EmbeddingBag(
            bag.num_embeddings,
            bag.embedding_dim,
            mode="sum",
            include_last_offset=bag.include_last_offset,
            _weight=bag.weight.detach(),
        )
        self.sums.weight = bag.weight
        self.training = bag.training
        self.sums.training = bag.training

    def forward(
        self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None
    ) -> Tensor:
        """The mean of the vectors of each bag: a row of indices, or those from an offset to the next."""
        if per_sample_weights is not None:
            raise NotImplementedError("per_sample_weights are only for mode='sum'")
        if offsets is None:
            return self.sums(input) / float(max(input.size(1), 1))
        ends = offsets[1:]
        if self.include_last_offset:
            starts = offsets[:-1]
        else:
            starts = offsets
            ends = torch.cat([ends, torch.full([1], input.size(0), dtype=ends.dtype, device=ends.device)])
        counts = (ends - starts).clamp(min=1)
        return self.sums(input, offsets) / counts.unsqueeze(1)
