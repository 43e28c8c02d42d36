import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class PoseResNet(nn.Module):
    def __init__(self, num_joints: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.final_layer = nn.Conv2d(64, num_joints, kernel_size=1)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N num_joints H//4 W//4"]:
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        return self.final_layer(x)


def train_step(
    model: PoseResNet, images: Float[Tensor, "N 256 192 3"], target: Float[Tensor, "N K 64 48"]
) -> Float[Tensor, ""]:
    heatmaps = model(images)
    return F.mse_loss(heatmaps, target)


def main() -> Tensor:
    torch.manual_seed(0)
    return train_step(PoseResNet(17), torch.randn(2, 256, 192, 3), torch.rand(2, 17, 64, 48))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
