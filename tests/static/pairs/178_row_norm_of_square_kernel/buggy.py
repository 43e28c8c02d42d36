import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def row_normalize(counts: Float[Tensor, "rows cols"]) -> Float[Tensor, "rows cols"]:
    """Transition probabilities from counts."""
    smoothed = counts + 1.0
    return smoothed / smoothed.sum(dim=1)


def main() -> Tensor:
    torch.manual_seed(0)
    return row_normalize(torch.rand(5, 5))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
