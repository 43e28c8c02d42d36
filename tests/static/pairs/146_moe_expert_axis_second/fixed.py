import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def dispatch(
    x: Float[Tensor, "batch tokens dim"], mask: Float[Tensor, "batch tokens experts capacity"]
) -> Float[Tensor, "experts batch capacity dim"]:
    """Routes every token to its slots."""
    return torch.einsum("bnd,bnec->ebcd", x, mask)


def main() -> Tensor:
    torch.manual_seed(0)
    return dispatch(torch.randn(2, 10, 16), torch.rand(2, 10, 4, 3))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
