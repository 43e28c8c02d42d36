import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Upsampler(nn.Module):
    """Raises the frame rate by 8 * 4 with transposed convolutions, as vocoders do."""

    def __init__(self, n_mels: int, channels: int) -> None:
        super().__init__()
        self.pre = nn.Conv1d(n_mels, channels, 7, padding=3)
        self.up1 = nn.ConvTranspose1d(channels, channels // 2, 16, stride=8, padding=4)
        self.up2 = nn.ConvTranspose1d(channels // 2, channels // 4, 7, stride=4, padding=1)
        self.post = nn.Conv1d(channels // 4, 1, 7, padding=3)

    def forward(self, mel: Float[Tensor, "B n_mels T"]) -> Float[Tensor, "B 1 32*T"]:
        x = F.leaky_relu(self.pre(mel), 0.1)
        x = F.leaky_relu(self.up1(x), 0.1)
        x = F.leaky_relu(self.up2(x), 0.1)
        return torch.tanh(self.post(x))


def main() -> Tensor:
    torch.manual_seed(0)
    return Upsampler(80, 32)(torch.randn(2, 80, 10))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
