import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def clip_loss(
    logp: Float[Tensor, "N"], old_logp: Float[Tensor, "N"], adv: Float[Tensor, "N 1"], eps: float = 0.2
) -> Float[Tensor, ""]:
    ratio = torch.exp(logp - old_logp)
    adv = (adv - adv.mean()) / (adv.std() + 1e-8)
    surr1 = ratio * adv
    surr2 = torch.clamp(ratio, 1 - eps, 1 + eps) * adv
    return -torch.min(surr1, surr2).mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return clip_loss(torch.randn(6), torch.randn(6), torch.randn(6, 1))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
