import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def nmt_loss(
    logits: Float[Tensor, "T B V"], targets: Int[Tensor, "B T"], pad_idx: int = 0
) -> Float[Tensor, ""]:
    output_dim = logits.shape[-1]
    output = logits.reshape(-1, output_dim)
    trg = targets.reshape(-1)
    return F.cross_entropy(output, trg, ignore_index=pad_idx)


def main() -> Tensor:
    torch.manual_seed(0)
    return nmt_loss(torch.randn(5, 3, 11), torch.randint(0, 11, (3, 5)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
