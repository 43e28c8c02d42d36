import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class ImageProjModel(nn.Module):
    def __init__(
        self,
        cross_attention_dim: int = 256,
        clip_embeddings_dim: int = 768,
        clip_extra_context_tokens: int = 4,
    ) -> None:
        super().__init__()
        self.cross_attention_dim = cross_attention_dim
        self.clip_extra_context_tokens = clip_extra_context_tokens
        self.proj = nn.Linear(clip_embeddings_dim, clip_extra_context_tokens * cross_attention_dim)
        self.norm = nn.LayerNorm(cross_attention_dim)

    def forward(
        self, image_embeds: Float[Tensor, "B clip_embeddings_dim"]
    ) -> Float[Tensor, "B clip_extra_context_tokens cross_attention_dim"]:
        tokens = self.proj(image_embeds).reshape(-1, self.clip_extra_context_tokens, self.cross_attention_dim)
        return self.norm(tokens)


class CLIPVision(nn.Module):
    def __init__(self, width: int = 1024, patch: int = 14) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, stride=patch)

    def forward(self, pixels: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 1024"]:
        return self.patches(pixels).flatten(2).mean(-1)


class IPAdapter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.image_encoder = CLIPVision()
        self.image_proj = ImageProjModel(cross_attention_dim=320, clip_embeddings_dim=1024)

    def forward(self, pixels: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 4 320"]:
        embeds = self.image_encoder(pixels)
        return self.image_proj(embeds)


def main() -> Tensor:
    torch.manual_seed(0)
    return IPAdapter()(torch.randn(2, 3, 28, 28))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
