import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def mean_pooling(hidden: Float[Tensor, "B T D"], attention_mask: Bool[Tensor, "B T"]) -> Float[Tensor, "B D"]:
    mask = attention_mask.unsqueeze(-1).float()
    summed = (hidden * mask).sum(dim=1)
    counts = attention_mask.float().sum(dim=1).clamp(min=1e-9)
    return summed / counts


def main() -> Tensor:
    torch.manual_seed(0)
    return mean_pooling(torch.randn(3, 5, 8), torch.ones(3, 5, dtype=torch.bool))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
