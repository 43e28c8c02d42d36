import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def angles(dim: int, end: int, theta: float = 10000.0) -> tuple[Float[Tensor, "{end} {dim}//2"], Float[Tensor, "{end} {dim}//2"]]:
    freqs = 1.0 / (theta ** (torch.arange(0, dim, 2).float() / dim))
    table = torch.outer(torch.arange(end).float(), freqs)
    return table.cos(), table.sin()


def apply_rotary(
    x: Float[Tensor, "B T heads d"], cos: Float[Tensor, "T half"], sin: Float[Tensor, "T half"]
) -> Float[Tensor, "B T heads d"]:
    x1, x2 = x.float().chunk(2, dim=-1)
    cos, sin = cos[None], sin[None]
    return torch.cat((x1 * cos - x2 * sin, x2 * cos + x1 * sin), dim=-1)


def main() -> Tensor:
    torch.manual_seed(0)
    return apply_rotary(torch.randn(2, 6, 4, 8), *angles(8, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
