import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class FusionHead(nn.Module):
    def __init__(self, img_dim: int, txt_dim: int, meta_dim: int, n_classes: int, hidden: int = 64) -> None:
        super().__init__()
        self.fuse = nn.Sequential(
            nn.Linear(img_dim + txt_dim + meta_dim, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(p=0.2),
            nn.Linear(hidden, n_classes),
        )

    def forward(
        self,
        img: Float[Tensor, "N img_dim"],
        txt: Float[Tensor, "N txt_dim"],
        meta: Float[Tensor, "N meta_dim"],
    ) -> Float[Tensor, "N n_classes"]:
        fused = torch.cat((img, txt, meta), dim=1)
        return self.fuse(fused)


def main() -> Tensor:
    torch.manual_seed(0)
    return FusionHead(32, 24, 5, 3)(torch.randn(4, 32), torch.randn(4, 24), torch.randn(4, 5))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
