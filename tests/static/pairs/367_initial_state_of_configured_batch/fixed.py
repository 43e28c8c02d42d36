import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Net(nn.Module):
    def __init__(self, input_dim: int, hidden_dim: int, batch_size: int, num_layers: int = 1) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.batch_size = batch_size
        self.num_layers = num_layers
        self.lstm = nn.LSTM(input_dim, hidden_dim, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_dim, 2)

    def forward(self, text: Float[Tensor, "B T input_dim"]) -> Float[Tensor, "B 2"]:
        hidden = torch.zeros(self.num_layers, text.size(0), self.hidden_dim)
        cell = torch.zeros(self.num_layers, text.size(0), self.hidden_dim)
        out, _ = self.lstm(text, (hidden, cell))
        return self.fc(out[:, -1, :])


def main() -> Tensor:
    torch.manual_seed(0)
    return Net(8, 16, batch_size=32)(torch.randn(5, 10, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
