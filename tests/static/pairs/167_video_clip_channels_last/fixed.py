import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class C3DStem(nn.Module):
    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(3, width, kernel_size=(3, 3, 3), padding=(1, 1, 1))
        self.pool1 = nn.MaxPool3d(kernel_size=(1, 2, 2), stride=(1, 2, 2))

    def forward(self, clip: Float[Tensor, "B T H W 3"]) -> Float[Tensor, "B width T H//2 W//2"]:
        x = F.relu(self.conv1(clip.permute(0, 4, 1, 2, 3)))
        return self.pool1(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return C3DStem(8)(torch.randn(1, 4, 16, 18, 3))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
