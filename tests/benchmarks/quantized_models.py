"""What `quantized.py` measures: convolutional networks, an LSTM over embeddings, and an encoder, with random weights.

Their sizes are those of the papers, and are asserted. Batch norms get the statistics of blurred noise: with the initial
ones an untrained net of this depth answers nearly the same whatever it sees.
"""

import torch
import torch.nn.functional as F
from named_models import imported
from torch import Tensor, nn

from namedtorch import Float, Int

SIDE = 224
VOCABULARY, FEATURES, HIDDEN, STEPS = 50_000, 512, 1024, 50
TOKENS = 32


class Shortcut(nn.Module):
    """What goes around a bottleneck: a 1x1 convolution where sizes change."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N D H2 W2"]:
        return self.norm(self.conv(x))


class Bottleneck(nn.Module):
    """A 3x3 convolution, which has the stride, between two 1x1 ones, and its input added."""

    def __init__(self, inputs: int, width: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else Shortcut(inputs, outputs, stride)

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N D H2 W2"]:
        out = self.relu(self.norm1(self.conv1(x)))
        out = self.relu(self.norm2(self.conv2(out)))
        out = self.norm3(self.conv3(out))
        return self.relu(out + self.shortcut(x))


class ResNet50(nn.Module):
    """ResNet-50 (He et al., 2015, arXiv:1512.03385, table 1) in plain positions, as most write it."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.classes = classes
        self.conv = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.norm = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.pool = nn.MaxPool2d(3, 2, 1)
        blocks: list[nn.Module] = []
        inputs = 64
        for width, repeats, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            for repeat in range(repeats):
                blocks.append(Bottleneck(inputs, width, 4 * width, stride if repeat == 0 else 1))
                inputs = 4 * width
        self.blocks = nn.Sequential(*blocks)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(inputs, classes)

    def forward(
        self, image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"]
    ) -> Float[Tensor, "N classes=self.classes"]:
        x = self.pool(self.relu(self.norm(self.conv(image))))
        x = self.average(self.blocks(x))
        return self.head(torch.flatten(x, 1))


class TextLSTM(nn.Module):
    """Scores what the words of a text say together, from where an LSTM is after the last one."""

    def __init__(self, vocabulary: int, features: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.classes = classes
        self.words = nn.Embedding(vocabulary, features)
        self.recurrent = nn.LSTM(features, hidden, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, text: Int[Tensor, "N T"]) -> Float[Tensor, "N classes=self.classes"]:
        states, _ = self.recurrent(self.words(text))
        return self.head(states[:, -1])


def mobilenet_v2() -> nn.Module:
    """The MobileNetV2 of the examples: 3,504,872 parameters."""
    return _sized(imported("mobilenet_v2").random_mobilenet_v2(), 3_504_872)


def mobilenet_v3_large() -> nn.Module:
    """MobileNetV3-Large (Howard et al., 2019, arXiv:1905.02244, table 1): 5,483,032 parameters."""
    file = imported("tests.models.mobilenet_v3")
    torch.manual_seed(0)
    return _settled(_sized(file.MobileNetV3(file.LARGE, hidden=1280), 5_483_032))


def resnet50() -> nn.Module:
    """ResNet-50: 25,557,032 parameters."""
    torch.manual_seed(0)
    return _settled(_sized(ResNet50(), 25_557_032))


def text_lstm() -> nn.Module:
    """Embeddings of 50,000 words by 512 features, an LSTM of 1024: 31,903,748 parameters."""
    torch.manual_seed(0)
    return _sized(TextLSTM(VOCABULARY, FEATURES, HIDDEN, 4).eval(), 31_903_748)


def encoder() -> nn.Module:
    """The encoder of the base Transformer (Vaswani et al., 2017): 6 layers of 512 features, 18,914,304 parameters."""
    file = imported("tests.models.bert")
    torch.manual_seed(0)
    config = file.Config(hidden=FEATURES, layers=6, heads=8, intermediate=4 * FEATURES)
    return _sized(file.Encoder(config).eval(), 18_914_304)


def image(batch: int = 1) -> Tensor:
    """Blurred noise, by which batch norms were set, too."""
    return F.interpolate(torch.rand(batch, 3, 7, 7), size=(SIDE, SIDE), mode="bilinear")


def text() -> Tensor:
    return torch.randint(0, VOCABULARY, (1, STEPS))


def features() -> Tensor:
    return torch.randn(1, TOKENS, FEATURES)


def _sized(model: nn.Module, parameters: int) -> nn.Module:
    """The model; raises AssertionError where it has another number of parameters than that of the paper."""
    found = sum(one.numel() for one in model.parameters())
    if found != parameters:
        raise AssertionError(f"{type(model).__name__} has {found:,} parameters, not {parameters:,}")
    return model


def _settled(model: nn.Module) -> nn.Module:
    """A convolutional network as after training: kernels of a spread that keeps values alive, norms that are set."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
    imported("mobilenet_v2").adopt_statistics(model, F.interpolate(torch.rand(8, 3, 6, 6), size=(96, 96)))
    return model.eval()
