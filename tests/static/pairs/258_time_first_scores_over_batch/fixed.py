import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class AttentionReadout(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.key = nn.Linear(dim, dim)

    def forward(
        self, states: Float[Tensor, "src_len batch dim"], query: Float[Tensor, "batch dim"]
    ) -> Float[Tensor, "batch dim"]:
        scores = (self.key(states) * query).sum(dim=-1)
        weights = scores.softmax(dim=0)
        return (weights.unsqueeze(-1) * states).sum(dim=0)


def main() -> Tensor:
    torch.manual_seed(0)
    return AttentionReadout(6)(torch.randn(5, 3, 6), torch.randn(3, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
