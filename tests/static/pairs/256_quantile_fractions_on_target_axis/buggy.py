import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def quantile_huber(
    pred: Float[Tensor, "B N"], target: Float[Tensor, "B M"], tau: Float[Tensor, "N"], kappa: float = 1.0
) -> Float[Tensor, ""]:
    td = target.unsqueeze(1) - pred.unsqueeze(2)
    huber = torch.where(td.abs() <= kappa, 0.5 * td.pow(2), kappa * (td.abs() - 0.5 * kappa))
    weight = (tau - (td.detach() < 0).float()).abs()
    return (weight * huber / kappa).sum(dim=1).mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return quantile_huber(torch.randn(3, 5), torch.randn(3, 7), torch.rand(5))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
