import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Posterior(nn.Module):
    def __init__(self, hidden: int, latent: int) -> None:
        super().__init__()
        self.fc = nn.Linear(hidden, 2 * latent)

    def forward(
        self, h: Float[Tensor, "B T hidden"]
    ) -> tuple[Float[Tensor, "B T latent"], Float[Tensor, "B T latent"]]:
        stats = self.fc(h)
        mu, logvar = stats.chunk(2, dim=1)
        return mu, logvar.clamp(-8.0, 8.0)


def main() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return Posterior(10, 4)(torch.randn(2, 6, 10))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
