import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def embed(last_hidden_state: Float[Tensor, "B T D"]) -> Float[Tensor, "B D"]:
    pooled = last_hidden_state.mean(1)
    return F.normalize(pooled, p=2, dim=-1)


def main() -> Tensor:
    torch.manual_seed(0)
    return embed(torch.randn(2, 7, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
