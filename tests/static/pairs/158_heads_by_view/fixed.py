import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def split(x: Float[Tensor, "B T C"], n_head: int) -> Float[Tensor, "B n_head T d"]:
    batch_size, length, d_model = x.size()
    d_tensor = d_model // n_head
    return x.view(batch_size, length, n_head, d_tensor).transpose(1, 2)


def main() -> Tensor:
    torch.manual_seed(0)
    return split(torch.randn(2, 6, 8), 2)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
