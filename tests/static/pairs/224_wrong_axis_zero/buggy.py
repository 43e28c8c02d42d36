import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Encoder(nn.Module):
    def __init__(self, n_in: int, n_hidden: int) -> None:
        super().__init__()
        self.gru = nn.GRU(n_in, n_hidden, batch_first=True)
        self.fc = nn.Linear(n_hidden, n_hidden)

    def forward(self, x: Float[Tensor, "B T n_in"]) -> Float[Tensor, "B n_hidden"]:
        _, hidden = self.gru(x)
        last = hidden[-1]
        return torch.tanh(self.fc(last.squeeze(0)))


def main() -> Tensor:
    torch.manual_seed(0)
    return Encoder(5, 8)(torch.randn(1, 4, 5))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
