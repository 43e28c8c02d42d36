import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Gate(nn.Module):
    """Mixture weights of the experts for every sample."""

    def __init__(self, dim: int, n_experts: int = 4) -> None:
        super().__init__()
        self.gate = nn.Sequential(nn.Linear(dim, 32), nn.Tanh(), nn.Linear(32, n_experts), nn.Softmax(dim=1))
        self.experts = nn.ModuleList([nn.Linear(dim, dim) for _ in range(n_experts)])

    def forward(self, x: Float[Tensor, "B dim"]) -> Float[Tensor, "B dim"]:
        weights = self.gate(x)
        outputs = torch.stack([expert(x) for expert in self.experts], dim=1)
        return (weights.unsqueeze(-1) * outputs).sum(dim=1)


def main() -> Tensor:
    torch.manual_seed(0)
    return Gate(16)(torch.randn(6, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
