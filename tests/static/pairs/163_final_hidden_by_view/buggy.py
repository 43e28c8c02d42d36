import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class SentenceEncoder(nn.Module):
    def __init__(self, emb: int, hid: int) -> None:
        super().__init__()
        self.gru = nn.GRU(emb, hid, batch_first=True, bidirectional=True)

    def forward(self, x: Float[Tensor, "B T emb"]) -> Float[Tensor, "B feats"]:
        _, h_n = self.gru(x)
        return h_n.view(x.size(0), -1)


def main() -> Tensor:
    torch.manual_seed(0)
    return SentenceEncoder(12, 7)(torch.randn(4, 6, 12))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
