import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class GRUNet(nn.Module):
    def __init__(self, input_dim: int, hidden_dim: int, output_dim: int, n_layers: int) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.n_layers = n_layers
        self.gru = nn.GRU(input_dim, hidden_dim, n_layers, batch_first=True)
        self.fc = nn.Linear(hidden_dim, output_dim)

    def init_hidden(self, batch_size: int) -> Tensor:
        return torch.zeros(self.n_layers, batch_size, self.hidden_dim)

    def forward(self, x: Float[Tensor, "B T input_dim"]) -> Float[Tensor, "B output_dim"]:
        out, h = self.gru(x, self.init_hidden(x.size(0)))
        return self.fc(F.relu(out[:, -1]))


def main() -> Tensor:
    torch.manual_seed(0)
    return GRUNet(5, 8, 1, 2)(torch.randn(3, 7, 5))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
