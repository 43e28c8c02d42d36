import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def barlow(z_a: Float[Tensor, "N D"], z_b: Float[Tensor, "N D"], lambd: float = 5e-3) -> Float[Tensor, ""]:
    n, d = z_a.shape
    z_a = (z_a - z_a.mean(0)) / z_a.std(0)
    z_b = (z_b - z_b.mean(0)) / z_b.std(0)
    c = z_a @ z_b.T / n
    off = c - torch.eye(d)
    weight = torch.eye(d) + lambd * (1 - torch.eye(d))
    return (off.pow(2) * weight).sum()


def main() -> Tensor:
    torch.manual_seed(0)
    return barlow(torch.randn(6, 4), torch.randn(6, 4))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
