import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def reorder(states: Float[Tensor, "B beam D"], parents: Int[Tensor, "B beam"]) -> Float[Tensor, "B beam D"]:
    """States of the hypotheses that survive."""
    index = parents.unsqueeze(-1).expand(-1, -1, states.size(-1))
    return torch.gather(states, 1, index)


def main() -> Tensor:
    torch.manual_seed(0)
    return reorder(torch.randn(2, 4, 6), torch.randint(0, 4, (2, 4)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
