import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class CLIPHead(nn.Module):
    def __init__(self, image_dim: int, text_dim: int, embed_dim: int) -> None:
        super().__init__()
        self.image_proj = nn.Parameter(torch.randn(image_dim, embed_dim) * image_dim**-0.5)
        self.text_proj = nn.Parameter(torch.randn(text_dim, embed_dim) * text_dim**-0.5)
        self.logit_scale = nn.Parameter(torch.tensor(2.6592))

    def forward(
        self, image: Float[Tensor, "N image_dim"], text: Float[Tensor, "N text_dim"]
    ) -> Float[Tensor, ""]:
        image_emb = F.normalize(image @ self.image_proj, dim=-1)
        text_emb = F.normalize(text @ self.text_proj, dim=-1)
        logits = self.logit_scale.exp() * image_emb @ text_emb.t()
        labels = torch.arange(image_emb.shape[1], device=image.device)
        return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2


def main() -> Tensor:
    torch.manual_seed(0)
    return CLIPHead(12, 10, 6)(torch.randn(4, 12), torch.randn(4, 10))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
