from einops import rearrange
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


PATCH = 2


def unpatchify(
    tokens: Float[Tensor, "B L D"], rows: int, cols: int
) -> Float[Tensor, "B 3 2*{rows} 2*{cols}"]:
    assert tokens.shape[1] == rows * cols
    return rearrange(tokens, "b (h w) (p q c) -> b c (h p) (w q)", h=rows, w=cols, p=PATCH, q=PATCH)


def main() -> Tensor:
    torch.manual_seed(0)
    return unpatchify(torch.randn(1, 6, 12), 2, 3)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
