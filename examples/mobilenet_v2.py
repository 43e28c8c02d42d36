"""MobileNetV2 (Sandler et al., 2018, arXiv:1801.04381) with its dims in annotations; random weights."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from namedtorch import Float, checked

# Table 2 of the paper: expansion, output channels, repeats, stride of the first repeat.
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
STEM_CHANNELS = 32
LAST_CHANNELS = 1280


@checked
class ConvNormRelu(nn.Module):
    """A convolution, batch norm and ReLU6; a stride of 2 halves the image, rounded up."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1):
        super().__init__()
        if kernel % 2 == 0:
            raise ValueError(f"kernel is {kernel}: only an odd one keeps the image size at stride 1")
        self.inputs = inputs
        self.outputs = outputs
        self.stride = stride
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU6(inplace=True)

    def forward(
        self, x: Float[Tensor, "N self.inputs H W"]
    ) -> Float[Tensor, "N self.outputs (H-1)//self.stride+1 (W-1)//self.stride+1"]:
        return self.relu(self.norm(self.conv(x)))


@checked
class InvertedResidual(nn.Module):
    """Widens, filters each channel by itself, and narrows again; adds its input where the shapes allow."""

    def __init__(self, inputs: int, outputs: int, expansion: int, stride: int):
        super().__init__()
        self.inputs = inputs
        self.outputs = outputs
        self.stride = stride
        self.residual = stride == 1 and inputs == outputs
        wide = inputs * expansion
        self.body = nn.Sequential(
            nn.Identity() if expansion == 1 else ConvNormRelu(inputs, wide, kernel=1),
            ConvNormRelu(wide, wide, stride=stride, groups=wide),
            nn.Conv2d(wide, outputs, kernel_size=1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(
        self, x: Float[Tensor, "N self.inputs H W"]
    ) -> Float[Tensor, "N self.outputs (H-1)//self.stride+1 (W-1)//self.stride+1"]:
        if self.residual:
            return x + self.body(x)
        return self.body(x)


@checked
class MobileNetV2(nn.Module):
    """Scores every class for colour images of any size from 32x32: 3,504,872 parameters with 1000 classes."""

    def __init__(self, classes: int = 1000, dropout: float = 0.2):
        super().__init__()
        self.classes = classes
        layers: list[nn.Module] = [ConvNormRelu(3, STEM_CHANNELS, stride=2)]
        inputs = STEM_CHANNELS
        for expansion, outputs, repeats, stride in STAGES:
            for repeat in range(repeats):
                layers.append(InvertedResidual(inputs, outputs, expansion, stride if repeat == 0 else 1))
                inputs = outputs
        layers.append(ConvNormRelu(inputs, LAST_CHANNELS, kernel=1))
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(LAST_CHANNELS, classes)

    def forward(
        self, image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"]
    ) -> Float[Tensor, "N self.classes"]:
        x = self.features(image).mean([2, 3])
        return self.head(self.dropout(x))


def parameter_count(model: nn.Module) -> int:
    """How many numbers training would tune."""
    return sum(parameter.numel() for parameter in model.parameters())


def random_mobilenet_v2(classes: int = 1000, seed: int = 0) -> MobileNetV2:
    """A `MobileNetV2` from a fixed seed, in eval mode; the caller's random state is kept.

    Batch norms get the statistics of one batch of blurred noise: with the initial ones (mean 0, variance 1) an
    untrained net of this depth answers nearly the same whatever it sees.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = MobileNetV2(classes)
        for module in model.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
        adopt_statistics(model, F.interpolate(torch.rand(8, 3, 6, 6), size=(96, 96), mode="bilinear"))
    return model.eval()


@torch.no_grad()
def adopt_statistics(model: nn.Module, images: Tensor) -> None:
    """Sets the running statistics of every batch norm in `model` to those that `images` have there."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    model(images)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
