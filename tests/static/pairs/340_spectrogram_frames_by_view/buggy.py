import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class FrameClassifier(nn.Module):
    def __init__(self, n_mels: int, n_phones: int, hidden: int = 32) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_mels, hidden), nn.ReLU(), nn.Linear(hidden, n_phones))

    def forward(self, mel: Float[Tensor, "B n_mels T"]) -> Float[Tensor, "B T n_phones"]:
        batch, n_mels, frames = mel.size()
        x = mel.reshape(batch * frames, n_mels)
        return self.net(x).view(batch, frames, -1)


def main() -> Tensor:
    torch.manual_seed(0)
    return FrameClassifier(20, 4)(torch.randn(2, 20, 15))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
