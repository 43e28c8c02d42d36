import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Summary(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Linear(hidden, 1, bias=False)

    def forward(self, states: Float[Tensor, "B T hidden"]) -> Float[Tensor, "B hidden"]:
        alpha = F.softmax(self.weight(states).squeeze(), dim=1)
        return torch.einsum("bt,bth->bh", alpha, states)


def main() -> Tensor:
    torch.manual_seed(0)
    return Summary(8)(torch.randn(1, 5, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
