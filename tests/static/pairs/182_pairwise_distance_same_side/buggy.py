import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def chamfer(pred: Float[Tensor, "B N 3"], gt: Float[Tensor, "B M 3"]) -> Float[Tensor, ""]:
    diff = pred.unsqueeze(2) - gt.unsqueeze(2)
    dist = diff.pow(2).sum(-1)
    return dist.min(dim=2).values.mean() + dist.min(dim=1).values.mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return chamfer(torch.randn(2, 7, 3), torch.randn(2, 9, 3))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
