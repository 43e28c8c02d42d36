import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def assign(tokens: Float[Tensor, "B N D"], prototypes: Float[Tensor, "M D"]) -> Float[Tensor, "B N M"]:
    tokens = F.normalize(tokens, dim=-1)
    prototypes = F.normalize(prototypes, dim=-1)
    sim = torch.einsum("bnd,md->bnm", tokens, prototypes)
    return F.softmax(sim / 0.1, dim=-1)


def main() -> Tensor:
    torch.manual_seed(0)
    return assign(torch.randn(2, 9, 16), torch.randn(5, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
