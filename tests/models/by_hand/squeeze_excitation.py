"""Images and videos through one squeeze-and-excitation, in positions: who calls it says where the channels stand."""

import torch
from torch import Tensor, nn

CHANNELS, CLASSES = 128, 6
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class SqueezeExcitation(nn.Module):
    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // reduction)
        self.excite = nn.Linear(channels // reduction, channels)

    def scale(self, summary: Tensor) -> Tensor:
        return self.excite(self.squeeze(summary).relu()).sigmoid()

    def forward(self, x: Tensor, last: bool = False) -> Tensor:
        if last:
            return x * self.scale(x.flatten(1, -2).mean(1))[:, None, None, None, :]
        scale = self.scale(x.flatten(2).mean(2))
        return x * scale.view([x.size(0), x.size(1)] + [1] * (x.dim() - 2))


class ImageStem(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolve = nn.Conv2d(3, channels, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.convolve(x)).relu()


class VideoStem(nn.Module):
    def __init__(self, channels: int, patch: int) -> None:
        super().__init__()
        self.patch = patch
        self.embed = nn.Linear(3 * patch * patch, channels)
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        n, t, h, w, c = x.shape
        p = self.patch
        patches = x.view(n, t, h // p, p, w // p, p, c).permute(0, 1, 2, 4, 3, 5, 6).flatten(4)
        return torch.relu(self.norm(self.embed(patches)))


class ImagesAndVideos(nn.Module):
    def __init__(self, channels: int, classes: int, patch: int = 2) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN))
        self.register_buffer("deviation", torch.tensor(DEVIATION))
        self.image = ImageStem(channels)
        self.video = VideoStem(channels, patch)
        self.excitation = SqueezeExcitation(channels)
        self.classify = nn.Linear(2 * channels, classes)

    def forward(self, image: Tensor, video: Tensor) -> Tensor:
        image = (image - self.mean[:, None, None]) / self.deviation[:, None, None]
        x = self.excitation(self.image(image))
        y = self.excitation(self.video((video - self.mean) / self.deviation), last=True)
        y = self.excitation(y.movedim(-1, 1))
        seen = [x.mean((2, 3)), y.mean((2, 3, 4))]
        return self.classify(torch.cat(seen, 1))


def make() -> nn.Module:
    torch.manual_seed(0)
    return ImagesAndVideos(CHANNELS, CLASSES)
