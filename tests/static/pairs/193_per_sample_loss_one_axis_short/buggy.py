import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def recon_error(recon: Float[Tensor, "N C H W"], x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N"]:
    per_pixel = F.binary_cross_entropy(recon, x, reduction="none")
    return per_pixel.sum(dim=(2, 3))


def main() -> Tensor:
    torch.manual_seed(0)
    return recon_error(torch.rand(3, 1, 6, 5), torch.rand(3, 1, 6, 5))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
