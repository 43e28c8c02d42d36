import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def nt_xent(
    z_i: Float[Tensor, "N D"], z_j: Float[Tensor, "N D"], temperature: float = 0.1
) -> Float[Tensor, ""]:
    n = z_i.shape[0]
    z = F.normalize(torch.cat([z_i, z_j], dim=0), dim=1)
    sim = z @ z.T / temperature
    sim = sim.masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    targets = torch.arange(n) + n
    return F.cross_entropy(sim, targets)


def main() -> Tensor:
    torch.manual_seed(0)
    return nt_xent(torch.randn(4, 8), torch.randn(4, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
