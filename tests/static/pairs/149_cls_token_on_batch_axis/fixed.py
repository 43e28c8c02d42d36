import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Tokens(nn.Module):
    def __init__(self, dim: int, num_patches: int) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embedding = nn.Parameter(torch.randn(1, num_patches + 1, dim))

    def forward(self, x: Float[Tensor, "B num_patches dim"]) -> Float[Tensor, "B num_patches+1 dim"]:
        b = x.shape[0]
        cls_tokens = self.cls_token.expand(b, -1, -1)
        x = torch.cat((cls_tokens, x), dim=1)
        return x + self.pos_embedding


def main() -> Tensor:
    torch.manual_seed(0)
    return Tokens(16, 9)(torch.randn(4, 9, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
