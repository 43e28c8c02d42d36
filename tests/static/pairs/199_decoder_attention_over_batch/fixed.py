import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class LuongAttention(nn.Module):
    def __init__(self, hidden_size: int, method: str = "general") -> None:
        super().__init__()
        self.method = method
        self.attn = nn.Linear(hidden_size, hidden_size)

    def score(
        self, hidden: Float[Tensor, "B H"], outputs: Float[Tensor, "S B H"]
    ) -> Float[Tensor, "S B"]:
        if self.method == "dot":
            return torch.sum(hidden * outputs, dim=2)
        return torch.sum(hidden * self.attn(outputs), dim=2)

    def forward(
        self, hidden: Float[Tensor, "B hidden_size"], outputs: Float[Tensor, "S B hidden_size"]
    ) -> Float[Tensor, "B hidden_size"]:
        energies = self.score(hidden, outputs).t()
        weights = F.softmax(energies, dim=1)
        return torch.bmm(weights.unsqueeze(1), outputs.transpose(0, 1)).squeeze(1)


def main() -> Tensor:
    torch.manual_seed(0)
    return LuongAttention(6)(torch.randn(3, 6), torch.randn(5, 3, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
