import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class LastState(nn.Module):
    def __init__(self, n_in: int, n_hid: int) -> None:
        super().__init__()
        self.rnn = nn.GRU(n_in, n_hid, batch_first=True)

    def forward(self, x: Float[Tensor, "B T n_in"], lengths: Int[Tensor, "B"]) -> Float[Tensor, "B n_hid"]:
        out, _ = self.rnn(x)
        return out[:, lengths - 1]


def main() -> Tensor:
    torch.manual_seed(0)
    return LastState(4, 6)(torch.randn(3, 5, 4), torch.tensor([5, 2, 3]))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
