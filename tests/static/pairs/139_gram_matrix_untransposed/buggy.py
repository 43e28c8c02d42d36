import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def gram_matrix(feat: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c c"]:
    b, c, h, w = feat.shape
    flat = feat.view(b, c, h * w)
    return torch.bmm(flat, flat) / (c * h * w)


def style_loss(feat: Float[Tensor, "b c h w"], style: Float[Tensor, "b c hs ws"]) -> Float[Tensor, ""]:
    return F.mse_loss(gram_matrix(feat), gram_matrix(style))


def main() -> Tensor:
    torch.manual_seed(0)
    return style_loss(torch.randn(2, 8, 6, 5), torch.randn(2, 8, 7, 4))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
