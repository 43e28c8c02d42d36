import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def fba_fusion(
    alpha: Float[Tensor, "B 1 H W"],
    img: Float[Tensor, "B 3 H W"],
    fg: Float[Tensor, "B 3 H W"],
    bg: Float[Tensor, "B 3 H W"],
    la: float = 0.1,
) -> tuple[Float[Tensor, "B 1 H W"], Float[Tensor, "B 3 H W"], Float[Tensor, "B 3 H W"]]:
    fg = (alpha * img + (1 - alpha) * alpha * fg).clamp(0, 1)
    bg = ((1 - alpha) * img + alpha * (1 - alpha) * bg).clamp(0, 1)
    num = torch.sum((img - bg) * (fg - bg), 1, keepdim=True)
    den = torch.sum((fg - bg) * (fg - bg), 1, keepdim=True)
    alpha = (alpha * la + num) / (den + la)
    return alpha.clamp(0, 1), fg, bg


def main() -> Tensor:
    torch.manual_seed(0)
    return fba_fusion(torch.rand(2, 1, 5, 6), torch.rand(2, 3, 5, 6), torch.rand(2, 3, 5, 6), torch.rand(2, 3, 5, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
