import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def thumbnail(image: Float[Tensor, "C H W"], side: int = 8) -> Float[Tensor, "C {side} {side}"]:
    """Shrinks one picture."""
    small = F.interpolate(image[None], size=(side, side), mode="bilinear", align_corners=False)
    return small[0].clamp(0, 1)


def main() -> Tensor:
    torch.manual_seed(0)
    return thumbnail(torch.rand(3, 20, 30))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
