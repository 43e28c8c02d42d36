import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def alibi(scores: Float[Tensor, "B H T T"]) -> Float[Tensor, "B H T T"]:
    heads, length = scores.shape[1], scores.shape[-1]
    slopes = torch.tensor([2 ** (-8 * (i + 1) / heads) for i in range(heads)])
    pos = torch.arange(length)
    distance = (pos[None, :] - pos[:, None]).clamp(max=0)
    bias = slopes.view(heads, 1, 1) * distance
    return scores + bias


def main() -> Tensor:
    torch.manual_seed(0)
    return alibi(torch.randn(2, 4, 6, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
