import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class TabularLSTM(nn.Module):
    def __init__(self, n_features: int, hidden: int, num_layers: int = 1) -> None:
        super().__init__()
        self.lstm = nn.LSTM(n_features, hidden, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, x: Float[Tensor, "B n_features"]) -> Float[Tensor, "B 1"]:
        out, _ = self.lstm(x)
        return self.fc(out)


def main() -> Tensor:
    torch.manual_seed(0)
    return TabularLSTM(6, 8)(torch.randn(5, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
