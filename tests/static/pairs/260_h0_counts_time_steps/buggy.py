import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class RecurrentBase(nn.Module):
    num_layers = 2

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden

    def initial(self, batch: int) -> Float[Tensor, "{self.num_layers} {batch} {self.hidden}"]:
        return torch.zeros(self.num_layers, batch, self.hidden)


class SpeechRNN(RecurrentBase):
    def __init__(self, n_in: int, hidden: int) -> None:
        super().__init__(hidden)
        self.rnn = nn.GRU(n_in, hidden, num_layers=self.num_layers)

    def forward(self, x: Float[Tensor, "T B n_in"]) -> Float[Tensor, "B hidden"]:
        h0 = self.initial(x.size(0))
        out, _ = self.rnn(x, h0)
        return out[-1]


def main() -> Tensor:
    torch.manual_seed(0)
    return SpeechRNN(6, 5)(torch.randn(7, 3, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
