import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def seg_loss(logits: Float[Tensor, "N K H W"], mask: Int[Tensor, "N 1 H W"]) -> Float[Tensor, ""]:
    log_prob = F.log_softmax(logits, dim=1)
    return F.nll_loss(log_prob, mask.long(), ignore_index=255)


def main() -> Tensor:
    torch.manual_seed(0)
    return seg_loss(torch.randn(2, 5, 8, 9), torch.randint(0, 5, (2, 1, 8, 9)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
