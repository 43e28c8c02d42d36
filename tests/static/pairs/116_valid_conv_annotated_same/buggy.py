import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def refine(x: Float[Tensor, "N C H W"], kernel: Float[Tensor, "C C 3 3"]) -> Float[Tensor, "N C H W"]:
    """Two rounds of the same smoothing kernel."""
    for _ in range(2):
        x = F.relu(F.conv2d(x, kernel))
    return x


def main() -> Tensor:
    torch.manual_seed(0)
    return refine(torch.randn(2, 8, 20, 24), torch.randn(8, 8, 3, 3))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
