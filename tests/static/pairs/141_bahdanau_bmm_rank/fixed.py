import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Attention(nn.Module):
    def __init__(self, dec_dim: int, enc_dim: int) -> None:
        super().__init__()
        self.attn = nn.Linear(dec_dim + enc_dim, dec_dim)
        self.v = nn.Linear(dec_dim, 1, bias=False)

    def forward(
        self, hidden: Float[Tensor, "B dec_dim"], encoder_outputs: Float[Tensor, "B S enc_dim"]
    ) -> Float[Tensor, "B enc_dim"]:
        src_len = encoder_outputs.shape[1]
        repeated = hidden.unsqueeze(1).repeat(1, src_len, 1)
        energy = torch.tanh(self.attn(torch.cat((repeated, encoder_outputs), dim=2)))
        weights = F.softmax(self.v(energy).squeeze(2), dim=1)
        context = torch.bmm(weights.unsqueeze(1), encoder_outputs)
        return context.squeeze(1)


def main() -> Tensor:
    torch.manual_seed(0)
    return Attention(12, 20)(torch.randn(3, 12), torch.randn(3, 8, 20))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
