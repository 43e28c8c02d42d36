import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class TemporalAttention(nn.Module):
    def __init__(self, encoder_hidden: int, decoder_hidden: int) -> None:
        super().__init__()
        self.attn1 = nn.Linear(decoder_hidden, encoder_hidden)
        self.attn2 = nn.Linear(encoder_hidden, encoder_hidden)
        self.score = nn.Linear(encoder_hidden, 1)

    def forward(
        self, h: Float[Tensor, "T B encoder_hidden"], d: Float[Tensor, "B decoder_hidden"]
    ) -> Float[Tensor, "B encoder_hidden"]:
        x = torch.tanh(self.attn1(d).unsqueeze(0) + self.attn2(h))
        beta = F.softmax(self.score(x).squeeze(2), dim=0)
        bt = beta.t().unsqueeze(1)
        ct = torch.bmm(bt, h)
        return ct.squeeze(1)


def main() -> Tensor:
    torch.manual_seed(0)
    return TemporalAttention(16, 24)(torch.randn(10, 4, 16), torch.randn(4, 24))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
