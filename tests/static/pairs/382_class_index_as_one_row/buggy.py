import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def target_probability(logits: Float[Tensor, "N C"], labels: Int[Tensor, "N"]) -> Float[Tensor, "N"]:
    probs = F.softmax(logits, dim=1)
    picked = probs.gather(1, labels.unsqueeze(0))
    return picked.squeeze(1)


def main() -> Tensor:
    torch.manual_seed(0)
    return target_probability(torch.randn(6, 8), torch.randint(0, 6, (6,)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
