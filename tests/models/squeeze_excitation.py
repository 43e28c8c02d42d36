"""Images and videos through one squeeze-and-excitation, which finds the channels by name in every layout.

Source: Hu, Shen, Sun, "Squeeze-and-Excitation Networks" (2018).
"""

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, NamedTensor, checked, named, named_module

CHANNELS, CLASSES = 128, 6
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@checked
def normalize(
    x: Float[NamedTensor, "... C ..."],
    mean: Float[NamedTensor, "C"],
    deviation: Float[NamedTensor, "C"],
) -> Float[NamedTensor, "... C ..."]:
    """Takes off the mean of each channel and divides by its deviation, wherever the channels stand."""
    return (x - mean.align_as(x)) / deviation.align_as(x)


class SqueezeExcitation(nn.Module):
    """Scales every channel by what all of the tensor says of it; `N` and `C` are known, whatever else there is."""

    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        self.channels = channels
        self.squeeze = named_module(nn.Linear(channels, channels // reduction), "C -> squeezed")
        self.excite = named_module(nn.Linear(channels // reduction, channels), "squeezed -> C")

    @checked
    def forward(self, x: Float[NamedTensor, "N ... C ..."]) -> Float[NamedTensor, "N ... C ..."]:
        summary = x.align_to("N", "C", ...).reduce("N C ... -> N C", "mean")
        scale = self.excite(self.squeeze(summary).relu()).sigmoid()
        return x * scale.align_as(x)


@checked
class ImageStem(nn.Module):
    """Features of images, channels first, as convolutions have them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolve = named_module(
            nn.Conv2d(3, channels, 3, stride=2, padding=1, bias=False), "N C H W -> N K H W"
        )
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Float[NamedTensor, "N C=3 H W"]) -> Float[NamedTensor, "N K ..."]:
        return self.norm(self.convolve(x)).relu()


@checked
class VideoStem(nn.Module):
    """Features of the patches of videos, channels last, as linear layers have them."""

    def __init__(self, channels: int, patch: int) -> None:
        super().__init__()
        self.patch = patch
        self.embed = named_module(nn.Linear(3 * patch * patch, channels), "pixels -> K")
        self.norm = nn.LayerNorm(channels)

    def forward(
        self, x: Float[NamedTensor, "N T height width C=3"]
    ) -> Float[NamedTensor, "N T rows columns K"]:
        patches = x.rearrange(
            "N T (rows h) (columns w) C -> N T rows columns (h w C)", h=self.patch, w=self.patch
        )
        return torch.relu(self.norm(self.embed(patches.rename("N T rows columns pixels"))))


@checked
class ImagesAndVideos(nn.Module):
    """Scores the classes of pairs of an image and a video."""

    def __init__(self, channels: int, classes: int, patch: int = 2) -> None:
        super().__init__()
        self.channels = channels
        self.classes = classes
        self.patch = patch
        self.register_buffer("mean", torch.tensor(MEAN))
        self.register_buffer("deviation", torch.tensor(DEVIATION))
        self.image = ImageStem(channels)
        self.video = VideoStem(channels, patch)
        # One module for both: it has the channels' weights, and no layout.
        self.excitation = SqueezeExcitation(channels)
        self.classify = named_module(nn.Linear(2 * channels, classes), "C -> class")

    def forward(
        self,
        image: Float[NamedTensor, "N C=3 H W"],
        video: Float[
            NamedTensor, "N T height width C=3 where height % self.patch == 0, width % self.patch == 0"
        ],
    ) -> Float[NamedTensor, "N class=self.classes"]:
        mean, deviation = named(self.mean, "C"), named(self.deviation, "C")
        x = self.image(normalize(image, mean, deviation)).rename(K="C")
        x = self.excitation(x)
        y = self.video(normalize(video, mean, deviation)).rename(K="C")
        y = self.excitation(y)
        # Videos once more, channels first.
        y = self.excitation(y.align_to("N", "C", ...))
        seen = [x.mean(("H", "W")), y.mean(("T", "rows", "columns"))]
        return self.classify(namedtorch.cat(seen, "C"))


def make() -> nn.Module:
    torch.manual_seed(0)
    return ImagesAndVideos(CHANNELS, CLASSES)


SIZES = ({"N": 2, "T": 3, "H": 9, "W": 8}, {"N": 1, "T": 1, "H": 5, "W": 6})


def example(N: int, T: int, H: int, W: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(N + T + H + W)
    return torch.rand(N, 3, H, W, generator=generator), torch.rand(N, T, 4, 6, 3, generator=generator)


def wrong() -> tuple[Tensor, ...]:
    """An image with its channels last."""
    image, video = example(2, 3, 9, 8)
    return image.permute(0, 2, 3, 1), video


REFUSED = "`C` is 3"
