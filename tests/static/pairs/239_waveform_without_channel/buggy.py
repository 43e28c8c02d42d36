import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class WaveEncoder(nn.Module):
    def __init__(self, dim: int = 32) -> None:
        super().__init__()
        self.conv_layers = nn.ModuleList(
            [nn.Conv1d(1, dim, 10, stride=5, bias=False), nn.Conv1d(dim, dim, 3, stride=2, bias=False)]
        )

    def forward(self, wav: Float[Tensor, "B T"]) -> Float[Tensor, "B frames dim"]:
        x = wav
        for conv in self.conv_layers:
            x = F.gelu(conv(x))
        return x.transpose(1, 2)


def main() -> Tensor:
    torch.manual_seed(0)
    return WaveEncoder()(torch.randn(3, 400))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
