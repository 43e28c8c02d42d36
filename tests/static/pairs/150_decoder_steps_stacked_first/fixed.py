import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Decoder(nn.Module):
    def __init__(self, out_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.out_dim = out_dim
        self.cell = nn.GRUCell(out_dim, hidden_dim)
        self.proj = nn.Linear(hidden_dim, out_dim)

    def forward(self, h: Float[Tensor, "B hidden_dim"], steps: int) -> Float[Tensor, "B steps out_dim"]:
        y = h.new_zeros(h.size(0), self.out_dim)
        outputs = []
        for _ in range(steps):
            h = self.cell(y, h)
            y = self.proj(h)
            outputs.append(y)
        return torch.stack(outputs, dim=1)


def main() -> Tensor:
    torch.manual_seed(0)
    return Decoder(6, 10)(torch.randn(3, 10), 5)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
