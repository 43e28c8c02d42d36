import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def token_norms(x: Float[Tensor, "B T D"], basis: Float[Tensor, "D K"]) -> Float[Tensor, "B T K"]:
    b, t, d = x.shape
    flat = x.reshape(-1, d)
    coords = flat @ basis
    coords = coords / coords.norm(dim=1, keepdim=True).clamp_min(1e-6)
    return coords


def main() -> Tensor:
    torch.manual_seed(0)
    return token_norms(torch.randn(2, 5, 8), torch.randn(8, 3))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
