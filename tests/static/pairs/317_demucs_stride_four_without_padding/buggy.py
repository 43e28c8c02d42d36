import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class TinyDemucs(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.enc1 = nn.Conv1d(1, hidden, 8, stride=4, padding=2)
        self.enc2 = nn.Conv1d(hidden, hidden * 2, 8, stride=4, padding=2)
        self.dec2 = nn.ConvTranspose1d(hidden * 2, hidden, 8, stride=4)
        self.dec1 = nn.ConvTranspose1d(hidden, 1, 8, stride=4, padding=2)

    def forward(self, mix: Float[Tensor, "B 1 T"]) -> Float[Tensor, "B 1 T"]:
        skip = F.relu(self.enc1(mix))
        x = F.relu(self.enc2(skip))
        x = F.relu(self.dec2(x))
        x = x + skip
        return self.dec1(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return TinyDemucs(4)(torch.randn(2, 1, 128))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
