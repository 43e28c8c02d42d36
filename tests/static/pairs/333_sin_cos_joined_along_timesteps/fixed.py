import math
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class TimeEmbedding(nn.Module):
    def __init__(self, n_channels: int, out_channels: int) -> None:
        super().__init__()
        self.n_channels = n_channels
        self.lin1 = nn.Linear(n_channels, out_channels)
        self.act = nn.SiLU()
        self.lin2 = nn.Linear(out_channels, out_channels)

    def forward(self, t: Int[Tensor, "B"]) -> Float[Tensor, "B out_channels"]:
        half_dim = self.n_channels // 2
        emb = math.log(10_000) / (half_dim - 1)
        emb = torch.exp(torch.arange(half_dim) * -emb)
        emb = t[:, None] * emb[None, :]
        emb = torch.cat((emb.sin(), emb.cos()), dim=1)
        emb = self.act(self.lin1(emb))
        return self.lin2(emb)


def main() -> Tensor:
    torch.manual_seed(0)
    return TimeEmbedding(32, 64)(torch.randint(0, 1000, (6,)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
