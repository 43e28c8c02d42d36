import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def policy(obs: Float[Tensor, "*b S"], weight: Float[Tensor, "A S"]) -> Float[Tensor, "*b A"]:
    return F.linear(obs, weight)


def act(obs: Float[Tensor, "S"], weight: Float[Tensor, "A S"]) -> Int[Tensor, ""]:
    probs = F.softmax(policy(obs.unsqueeze(0), weight), dim=1)
    return torch.multinomial(probs, 1).reshape(())


def main() -> Tensor:
    torch.manual_seed(0)
    return act(torch.randn(4), torch.randn(2, 4))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
