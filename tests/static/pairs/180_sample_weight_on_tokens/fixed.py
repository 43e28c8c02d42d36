import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def weighted_lm_loss(
    logits: Float[Tensor, "B T V"], target: Int[Tensor, "B T"], weight: Float[Tensor, "B"]
) -> Float[Tensor, ""]:
    loss = F.cross_entropy(logits.transpose(1, 2), target, reduction="none")
    loss = loss * weight[:, None]
    return loss.mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return weighted_lm_loss(torch.randn(4, 4, 9), torch.randint(0, 9, (4, 4)), torch.rand(4))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
