import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class FCNHead(nn.Module):
    def __init__(self, n_class: int = 21) -> None:
        super().__init__()
        self.score = nn.Conv2d(16, n_class, 1)
        self.upscore = nn.ConvTranspose2d(n_class, n_class, 64, stride=32, bias=False)

    def forward(self, pool5: Float[Tensor, "N 16 2 3"], label: Int[Tensor, "N 64 96"]) -> Float[Tensor, ""]:
        logits = self.upscore(self.score(pool5))
        return F.cross_entropy(logits, label)


def main() -> Tensor:
    torch.manual_seed(0)
    return FCNHead(5)(torch.randn(1, 16, 2, 3), torch.randint(0, 5, (1, 64, 96)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
