import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


BLOCK_OUT_CHANNELS = (32, 64)


class IClightUNet(nn.Module):
    def __init__(self, in_channels: int = 4, cond_channels: int = 8, out_channels: int = 4) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(in_channels + cond_channels, BLOCK_OUT_CHANNELS[0], kernel_size=3, padding=1)
        self.mid = nn.Conv2d(BLOCK_OUT_CHANNELS[0], BLOCK_OUT_CHANNELS[1], kernel_size=3, padding=1)
        self.conv_norm_out = nn.GroupNorm(32, BLOCK_OUT_CHANNELS[1])
        self.conv_out = nn.Conv2d(BLOCK_OUT_CHANNELS[1], out_channels, kernel_size=3, padding=1)

    def forward(
        self, sample: Float[Tensor, "B 4 H W"], concat_latent: Float[Tensor, "B 8 H W"]
    ) -> Float[Tensor, "B out_channels H W"]:
        sample = torch.cat([sample, concat_latent], dim=1)
        sample = self.mid(F.silu(self.conv_in(sample)))
        return self.conv_out(F.silu(self.conv_norm_out(sample)))


def main() -> Tensor:
    torch.manual_seed(0)
    return IClightUNet()(torch.randn(2, 4, 16, 24), torch.randn(2, 8, 16, 24))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
