import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Forecaster(nn.Module):
    def __init__(self, n_features: int, hidden: int, horizon: int = 1) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size=n_features, hidden_size=hidden, num_layers=2, batch_first=True)
        self.linear = nn.Linear(hidden, horizon)

    def forward(self, window: Float[Tensor, "B T n_features"]) -> Float[Tensor, "B horizon"]:
        out, (hn, cn) = self.lstm(window)
        return self.linear(out[:, -1])


def main() -> Tensor:
    torch.manual_seed(0)
    return Forecaster(3, 16)(torch.randn(4, 12, 3))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
