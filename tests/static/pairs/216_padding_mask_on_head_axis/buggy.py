import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def masked_attention(
    q: Float[Tensor, "B H T D"], k: Float[Tensor, "B H S D"], pad: Bool[Tensor, "B S"]
) -> Float[Tensor, "B H T S"]:
    scores = q @ k.transpose(-1, -2) / q.size(-1) ** 0.5
    scores = scores.masked_fill(pad[:, None], -1e9)
    return scores.softmax(-1)


def main() -> Tensor:
    torch.manual_seed(0)
    return masked_attention(torch.randn(2, 4, 5, 8), torch.randn(2, 4, 7, 8), torch.rand(2, 7) > 0.5)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
