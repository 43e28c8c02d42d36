import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def same_class(labels: Int[Tensor, "N"]) -> Bool[Tensor, "N N"]:
    """True where two samples share their label."""
    return labels == labels.t()


def main() -> Tensor:
    torch.manual_seed(0)
    return same_class(torch.tensor([0, 1, 0, 2]))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
