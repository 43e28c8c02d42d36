import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def upsample_like(
    logits: Float[Tensor, "B K h w"], image: Float[Tensor, "B 3 H W"]
) -> Float[Tensor, "B K H W"]:
    height, width = image.shape[-2:]
    return F.interpolate(logits, size=(height, width), mode="bilinear", align_corners=False)


def main() -> Tensor:
    torch.manual_seed(0)
    return upsample_like(torch.randn(1, 5, 6, 8), torch.randn(1, 3, 24, 40))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
