import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


GAMMA = 0.99


def td_loss(
    value: Float[Tensor, "N 1"], next_value: Float[Tensor, "N 1"], reward: Float[Tensor, "N"], done: Float[Tensor, "N"]
) -> Float[Tensor, ""]:
    with torch.no_grad():
        target = reward + GAMMA * next_value * (1 - done)
    advantage = target - value
    return advantage.pow(2).mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return td_loss(torch.randn(5, 1), torch.randn(5, 1), torch.randn(5), torch.zeros(5))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
