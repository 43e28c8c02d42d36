import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def nll(logits: Float[Tensor, "N K"], target: Int[Tensor, "N"]) -> Float[Tensor, "N"]:
    log_prob = logits.log_softmax(dim=-1)
    return -log_prob[:, target]


def main() -> Tensor:
    torch.manual_seed(0)
    return nll(torch.randn(5, 7), torch.randint(0, 7, (5,)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
