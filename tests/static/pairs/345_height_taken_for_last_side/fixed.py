import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class ConvBranch(nn.Module):
    def __init__(self, planes: int, head: int, kernel_conv: int = 3) -> None:
        super().__init__()
        self.head = head
        self.head_dim = planes // head
        self.fc = nn.Conv2d(3 * head, kernel_conv * kernel_conv, kernel_size=1, bias=False)
        self.dep_conv = nn.Conv2d(kernel_conv**2 * self.head_dim, planes, kernel_size=3, padding=1, groups=self.head_dim)

    def forward(self, x: Float[Tensor, "B planes H W"]) -> Float[Tensor, "B planes H W"]:
        b, _, h, w = x.shape
        q = x.view(b, self.head, self.head_dim, h * w)
        f_all = self.fc(torch.cat([q, q, q], 1))
        f_conv = f_all.permute(0, 2, 1, 3).reshape(x.shape[0], self.dep_conv.in_channels, -1, x.shape[-1])
        return self.dep_conv(f_conv)


def main() -> Tensor:
    torch.manual_seed(0)
    return ConvBranch(12, 4)(torch.randn(2, 12, 6, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
