import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class CRNN(nn.Module):
    """Text recogniser: columns of the feature map are time steps."""

    def __init__(self, n_classes: int, hidden: int = 12) -> None:
        super().__init__()
        self.cnn = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()
        )
        self.squeeze = nn.AdaptiveAvgPool2d((1, None))
        self.rnn = nn.LSTM(32, hidden, bidirectional=True, batch_first=True)
        self.out = nn.Linear(2 * hidden, n_classes)

    def forward(self, img: Float[Tensor, "B 1 H W"]) -> Float[Tensor, "B W//2 n_classes"]:
        feat = self.squeeze(self.cnn(img)).squeeze(2)
        seq = feat.permute(0, 2, 1)
        out, _ = self.rnn(seq)
        return self.out(out)


def main() -> Tensor:
    torch.manual_seed(0)
    return CRNN(6)(torch.randn(2, 1, 16, 24))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
