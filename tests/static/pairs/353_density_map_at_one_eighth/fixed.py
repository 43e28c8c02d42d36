import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class CSRNet(nn.Module):
    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.frontend = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(2),
            nn.Conv2d(width, width, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(2),
            nn.Conv2d(width, width, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(2),
        )
        self.backend = nn.Sequential(nn.Conv2d(width, width, 3, padding=2, dilation=2), nn.ReLU(True))
        self.output_layer = nn.Conv2d(width, 1, kernel_size=1)

    def forward(self, x: Float[Tensor, "N 3 64 96"]) -> Float[Tensor, "N 1 8 12"]:
        x = self.frontend(x)
        x = self.backend(x)
        return self.output_layer(x)


def train_loss(
    model: CSRNet, img: Float[Tensor, "N 3 64 96"], target: Float[Tensor, "N 1 64 96"]
) -> Float[Tensor, ""]:
    output = model(img)
    target = F.avg_pool2d(target, 8) * 64
    return F.mse_loss(output, target, reduction="sum") / img.size(0)


def main() -> Tensor:
    torch.manual_seed(0)
    return train_loss(CSRNet(), torch.randn(1, 3, 64, 96), torch.rand(1, 1, 64, 96))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
