import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Prosody(nn.Module):
    def __init__(self, n_in: int, hid: int) -> None:
        super().__init__()
        self.hid = hid
        self.rnn = nn.GRU(n_in, hid, bidirectional=True, batch_first=True)

    def forward(self, x: Float[Tensor, "B T n_in"]) -> Float[Tensor, "B T"]:
        out, _ = self.rnn(x)
        h: Float[Tensor, "B T {self.hid}"] = out
        return h.mean(dim=-1)


def main() -> Tensor:
    torch.manual_seed(0)
    return Prosody(7, 6)(torch.randn(2, 5, 7))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
