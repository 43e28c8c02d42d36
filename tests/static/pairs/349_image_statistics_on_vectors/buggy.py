import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class NaiveBatchNorm1d(nn.Module):
    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))

    def forward(self, input: Float[Tensor, "N num_features"]) -> Float[Tensor, "N num_features"]:
        mean = input.mean(dim=0)
        with torch.no_grad():
            self.running_mean = self.momentum * mean + (1 - self.momentum) * self.running_mean
        input = input - mean[None, :, None, None]
        var = input.pow(2).mean(dim=0)
        return input / torch.sqrt(var + self.eps) * self.weight + self.bias


def main() -> Tensor:
    torch.manual_seed(0)
    return NaiveBatchNorm1d(6)(torch.randn(4, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
