import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class SlotDecoder(nn.Module):
    def __init__(self, enc_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.cell = nn.LSTMCell(enc_dim + hidden_dim, hidden_dim)

    def forward(self, enc: Float[Tensor, "B T enc_dim"]) -> Float[Tensor, "B T hidden_dim"]:
        b, t, _ = enc.shape
        h = enc.new_zeros(b, self.hidden_dim)
        c = enc.new_zeros(b, self.hidden_dim)
        outputs = []
        for i in range(t):
            h, c = self.cell(torch.cat([enc[:, i], h], dim=-1), (h, c))
            outputs.append(h.unsqueeze(1))
        return torch.cat(outputs, dim=0)


def main() -> Tensor:
    torch.manual_seed(0)
    return SlotDecoder(12, 10)(torch.randn(3, 6, 12))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
