import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class FrameEncoder(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, dim, 3, stride=2, padding=1)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N dim"]:
        return F.relu(self.conv(x)).mean(dim=(-2, -1))


class VideoNet(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.encoder = FrameEncoder(dim)
        self.temporal = nn.GRU(dim, dim, batch_first=True)

    def forward(self, video: Float[Tensor, "B T 3 H W"]) -> Float[Tensor, "B T dim"]:
        b, t, c, h, w = video.shape
        feats = self.encoder(video.view(b * t, c, h, w))
        feats = feats.view(b, t, -1)
        return self.temporal(feats)[0]


def main() -> Tensor:
    torch.manual_seed(0)
    return VideoNet(5)(torch.randn(2, 3, 3, 8, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
