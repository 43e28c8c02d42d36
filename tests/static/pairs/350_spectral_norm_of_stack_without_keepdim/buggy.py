import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def zeropower_via_newtonschulz5(G: Float[Tensor, "K m n"], steps: int = 5, eps: float = 1e-7) -> Float[Tensor, "K m n"]:
    a, b, c = (3.4445, -4.7750, 2.0315)
    X = G / G.norm(dim=(-2, -1)).clamp(min=eps)
    for _ in range(steps):
        A = X @ X.mT
        B = b * A + c * A @ A
        X = a * X + B @ X
    return X


def main() -> Tensor:
    torch.manual_seed(0)
    return zeropower_via_newtonschulz5(torch.randn(4, 5, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
