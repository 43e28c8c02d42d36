import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def rbf(x: Float[Tensor, "N D"], gamma: float = 1.0) -> Float[Tensor, "N N"]:
    diff = x[:, None, :] - x[None, :, :]
    sq = diff.pow(2).sum(1)
    return torch.exp(-gamma * sq)


def main() -> Tensor:
    torch.manual_seed(0)
    return rbf(torch.randn(5, 3))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
