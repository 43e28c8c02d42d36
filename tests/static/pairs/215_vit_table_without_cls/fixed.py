import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


IMAGE, PATCH = 24, 8


class ViT(nn.Module):
    def __init__(self, dim: int = 32, num_classes: int = 10) -> None:
        super().__init__()
        num_patches = (IMAGE // PATCH) ** 2
        self.to_patch = nn.Conv2d(3, dim, kernel_size=PATCH, stride=PATCH)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, num_patches + 1, dim))
        self.head = nn.Linear(dim, num_classes)

    def forward(self, img: Float[Tensor, "B 3 24 24"]) -> Float[Tensor, "B num_classes"]:
        x = self.to_patch(img).flatten(2).transpose(1, 2)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        x = x + self.pos_embed
        return self.head(x[:, 0])


def main() -> Tensor:
    torch.manual_seed(0)
    return ViT()(torch.randn(2, 3, 24, 24))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
