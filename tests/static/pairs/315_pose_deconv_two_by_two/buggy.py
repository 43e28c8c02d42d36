import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class PoseHead(nn.Module):
    def __init__(self, inplanes: int, num_joints: int) -> None:
        super().__init__()
        self.deconv = nn.Sequential(
            nn.ConvTranspose2d(inplanes, 64, kernel_size=2, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
        )
        self.final_layer = nn.Conv2d(64, num_joints, kernel_size=1)

    def forward(self, x: Float[Tensor, "B inplanes H W"]) -> Float[Tensor, "B num_joints 2*H 2*W"]:
        return self.final_layer(self.deconv(x))


def main() -> Tensor:
    torch.manual_seed(0)
    return PoseHead(32, 17)(torch.randn(2, 32, 16, 12))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
