import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def dqn_loss(
    output: Float[Tensor, "B A"], actions: Float[Tensor, "B A"], target_q: Float[Tensor, "B"]
) -> Float[Tensor, ""]:
    q = torch.sum(torch.mul(output, actions), dim=1)
    return torch.mean(torch.square(target_q - q))


def main() -> Tensor:
    torch.manual_seed(0)
    return dqn_loss(torch.randn(6, 4), F.one_hot(torch.randint(0, 4, (6,)), 4).float(), torch.randn(6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
