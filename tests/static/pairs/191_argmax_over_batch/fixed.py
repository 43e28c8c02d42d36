import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def accuracy(logits: Float[Tensor, "N K"], labels: Int[Tensor, "N"]) -> Float[Tensor, ""]:
    preds = logits.argmax(dim=1)
    return (preds == labels).float().mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return accuracy(torch.randn(6, 10), torch.randint(0, 10, (6,)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
