"""A one-stage detector of the RetinaNet kind: anchors, boxes, and non-maximum suppression per class.

Source: Lin et al., "Focal Loss for Dense Object Detection" (2017, arXiv:1708.02002). How many boxes an image gets
depends on the image.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from namedtorch import Float, Int, checked


class Detections(NamedTuple):
    """What is seen in an image, the surest first: corners, how sure, of which class."""

    boxes: Float[Tensor, "K 4"]
    scores: Float[Tensor, "K"]
    labels: Int[Tensor, "K"]


def overlaps(a: Float[Tensor, "A 4"], b: Float[Tensor, "B 4"]) -> Float[Tensor, "A B"]:
    """Intersection over union of each box with each."""
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    corner = torch.max(a[:, None, :2], b[None, :, :2])
    opposite = torch.min(a[:, None, 2:], b[None, :, 2:])
    sides = (opposite - corner).clamp(min=0)
    common = sides[:, :, 0] * sides[:, :, 1]
    return common / (area_a[:, None] + area_b[None, :] - common)


def suppressed(
    boxes: Float[Tensor, "B 4"], scores: Float[Tensor, "B"], threshold: float, limit: int
) -> Int[Tensor, "K"]:
    """The places of at most `limit` boxes that no better one overlaps, the best first."""
    order = scores.argsort(descending=True)
    common = overlaps(boxes, boxes)
    kept: list[int] = []
    while order.numel() > 0 and len(kept) < limit:
        best = int(order[0].item())
        kept.append(best)
        if order.numel() == 1:
            break
        rest = order[1:]
        order = rest[common[best, rest] <= threshold]
    return torch.tensor(kept, dtype=torch.int64, device=boxes.device)


def decoded(anchors: Float[Tensor, "A 4"], shifts: Float[Tensor, "A 4"]) -> Float[Tensor, "A 4"]:
    """Boxes as corners, of anchors as centre and sides, and shifts relative to them."""
    centres = anchors[:, :2] + shifts[:, :2] * anchors[:, 2:]
    sides = anchors[:, 2:] * shifts[:, 2:].clamp(max=math.log(1000.0 / 16)).exp()
    return torch.cat([centres - sides / 2, centres + sides / 2], dim=1)


class Backbone(nn.Module):
    """Two maps of an image, of an eighth and a sixteenth of its size, the second added to the first."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.deep = nn.Sequential(nn.Conv2d(width, width, 3, stride=2, padding=1), nn.ReLU())
        self.lateral = nn.Conv2d(width, width, 1)

    def forward(self, images: Float[Tensor, "N 3 H W"]) -> list[Float[Tensor, "N K ?h ?w"]]:
        fine = self.stem(images)
        coarse = self.deep(fine)
        upward = nn.functional.interpolate(coarse, size=fine.shape[-2:], mode="nearest")
        return [self.lateral(fine) + upward, coarse]


class Head(nn.Module):
    """For each anchor of each place, numbers: scores of classes, or shifts of its box."""

    def __init__(self, width: int, anchors: int, numbers: int) -> None:
        super().__init__()
        self.numbers = numbers
        self.body = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU())
        self.last = nn.Conv2d(width, anchors * numbers, 3, padding=1)

    def forward(self, maps: list[Float[Tensor, "N K ?h ?w"]]) -> Float[Tensor, "N A numbers"]:
        found: list[Tensor] = []
        for one in maps:
            x = self.last(self.body(one))
            N, _, H, W = x.shape
            x = x.view(N, -1, self.numbers, H, W).permute(0, 3, 4, 1, 2)
            found.append(x.reshape(N, -1, self.numbers))
        return torch.cat(found, dim=1)


@checked
class Detector(nn.Module):
    """Finds objects in colour images."""

    def __init__(
        self,
        classes: int,
        width: int = 256,
        strides: tuple[int, ...] = (8, 16),
        ratios: tuple[float, ...] = (0.5, 1.0, 2.0),
        least_score: float = 0.05,
        overlap: float = 0.5,
        limit: int = 100,
    ) -> None:
        super().__init__()
        self.classes = classes
        self.least_score = least_score
        self.overlap = overlap
        self.limit = limit
        self.strides = [int(stride) for stride in strides]
        self.ratios = [float(ratio) for ratio in ratios]
        self.backbone = Backbone(width)
        self.scores = Head(width, len(ratios), classes)
        self.shifts = Head(width, len(ratios), 4)

    def anchors(self, maps: list[Float[Tensor, "N K ?h ?w"]]) -> Float[Tensor, "A 4"]:
        """Centre and sides of the anchors of all maps, in the order of the heads' results."""
        found: list[Tensor] = []
        for one, stride in zip(maps, self.strides):  # noqa: B905 (TorchScript has no strict)
            rows = (torch.arange(one.size(2), device=one.device) + 0.5) * stride
            columns = (torch.arange(one.size(3), device=one.device) + 0.5) * stride
            y, x = torch.meshgrid(rows, columns, indexing="ij")
            for_each_ratio: list[Tensor] = []
            for ratio in self.ratios:
                side = 4.0 * stride
                width = torch.full_like(x, side * math.sqrt(1.0 / ratio))
                height = torch.full_like(x, side * math.sqrt(ratio))
                for_each_ratio.append(torch.stack([x, y, width, height], dim=-1))
            found.append(torch.stack(for_each_ratio, dim=2).reshape(-1, 4))
        return torch.cat(found)

    def detected(self, boxes: Float[Tensor, "A 4"], scores: Float[Tensor, "A classes"]) -> Detections:
        """What one image holds."""
        sure = (scores > self.least_score).nonzero()
        places, labels = sure[:, 0], sure[:, 1]
        candidates, values = boxes[places], scores[places, labels]
        # Boxes of different classes are moved apart, so that they do not suppress each other.
        offsets = labels.to(candidates.dtype)[:, None] * 10000.0
        kept = suppressed(candidates + offsets, values, self.overlap, self.limit)
        return Detections(candidates[kept], values[kept], labels[kept])

    def forward(
        self, images: Float[Tensor, "N C=3 H W where H >= 16, W >= 16"]
    ) -> tuple[list[Float[Tensor, "?K 4"]], list[Float[Tensor, "?K"]], list[Int[Tensor, "?K"]]]:
        """For each image its boxes, how sure they are, and their classes."""
        maps = self.backbone(images)
        anchors = self.anchors(maps)
        scores, shifts = self.scores(maps).sigmoid(), self.shifts(maps)
        boxes: list[Tensor] = []
        sure: list[Tensor] = []
        labels: list[Tensor] = []
        for i in range(images.size(0)):
            found = self.detected(decoded(anchors, shifts[i]), scores[i])
            boxes.append(found.boxes)
            sure.append(found.scores)
            labels.append(found.labels)
        return boxes, sure, labels


def make() -> nn.Module:
    torch.manual_seed(0)
    return Detector(classes=4, width=16, least_score=0.5, limit=20)


SIZES = ({"N": 2, "H": 48, "W": 64}, {"N": 1, "H": 41, "W": 30})


def example(N: int, H: int, W: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 3, H, W),)


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(2, 48, 64, 3),)


REFUSED = "`C` is 3"
