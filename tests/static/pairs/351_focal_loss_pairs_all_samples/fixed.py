import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def binary_focal_loss_with_logits(
    input: Float[Tensor, "B 1 H W"], target: Float[Tensor, "B H W"], alpha: float = 0.25, gamma: float = 2.0
) -> Float[Tensor, ""]:
    probs = torch.sigmoid(input)
    target = target.unsqueeze(1).to(input.dtype)
    loss_pos = -alpha * torch.pow(1.0 - probs, gamma) * target * F.logsigmoid(input)
    loss_neg = -(1 - alpha) * torch.pow(probs, gamma) * (1.0 - target) * F.logsigmoid(-input)
    return (loss_pos + loss_neg).mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return binary_focal_loss_with_logits(torch.randn(3, 1, 4, 5), (torch.rand(3, 4, 5) > 0.5).float())


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
