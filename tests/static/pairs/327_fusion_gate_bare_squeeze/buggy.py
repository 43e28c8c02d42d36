import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class FusionBlock(nn.Module):
    def __init__(self, channels: int, audio_dim: int) -> None:
        super().__init__()
        self.audio_proj = nn.Linear(audio_dim, channels)
        self.act = nn.Sigmoid()

    def forward(
        self, feature_map: Float[Tensor, "B channels H W"], audio: Float[Tensor, "B 1 audio_dim"]
    ) -> Float[Tensor, "B channels H W"]:
        x = self.act(self.audio_proj(audio))
        fusion_map = torch.einsum("bchw,bc->bchw", feature_map, x.squeeze())
        return feature_map + fusion_map


def main() -> Tensor:
    torch.manual_seed(0)
    return FusionBlock(16, 8)(torch.randn(1, 16, 6, 7), torch.randn(1, 1, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
