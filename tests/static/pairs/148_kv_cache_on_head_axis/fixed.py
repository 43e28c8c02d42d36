import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def extend(
    past_k: Float[Tensor, "B H S D"],
    past_v: Float[Tensor, "B H S D"],
    k: Float[Tensor, "B H T D"],
    v: Float[Tensor, "B H T D"],
) -> tuple[Float[Tensor, "B H S+T D"], Float[Tensor, "B H S+T D"]]:
    k = torch.cat((past_k, k), dim=-2)
    v = torch.cat((past_v, v), dim=-2)
    return k, v


def main() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return extend(torch.randn(2, 4, 6, 8), torch.randn(2, 4, 6, 8), torch.randn(2, 4, 1, 8), torch.randn(2, 4, 1, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
