import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class AttentionPool(nn.Module):
    def __init__(self, hidden_size: int, attention_size: int = 16) -> None:
        super().__init__()
        self.w = nn.Linear(hidden_size, attention_size)
        self.u = nn.Linear(attention_size, 1, bias=False)

    def forward(
        self, outputs: Float[Tensor, "B T hidden_size"]
    ) -> tuple[Float[Tensor, "B hidden_size"], Float[Tensor, "B T"]]:
        score = self.u(torch.tanh(self.w(outputs))).squeeze(-1)
        alpha = F.softmax(score, dim=1)
        weighted = outputs * alpha.unsqueeze(-1)
        return weighted.sum(1), alpha


def main() -> Tensor:
    torch.manual_seed(0)
    return AttentionPool(10)(torch.randn(3, 7, 10))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
