import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def variance_term(
    embedding: Float[Tensor, "E P"], label: Int[Tensor, "P"], num_lanes: int, delta_v: float = 0.5
) -> Float[Tensor, ""]:
    var_loss = embedding.new_zeros(())
    for lane in range(num_lanes):
        pixels = embedding[:, label == lane]
        mean = pixels.mean(dim=1, keepdim=True)
        dist = torch.norm(pixels - mean, dim=1)
        var_loss = var_loss + F.relu(dist - delta_v).pow(2).mean() / num_lanes
    return var_loss


def main() -> Tensor:
    torch.manual_seed(0)
    return variance_term(torch.randn(4, 30), torch.randint(0, 3, (30,)), 3)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
