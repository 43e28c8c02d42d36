"""A detector for a phone: images of different sizes in, any number of boxes out, one file that checks its input.

`python examples/detection.py` takes about 15 seconds, and needs no network. It draws bright shapes on dark
ground, trains a small one-stage detector on them, measures what it finds in new images of other sizes, and saves it for
torch's lite interpreter. Non-maximum suppression is part of the model, written in plain torch: a phone needs no other
library. The exit status is 1 when anything that it shows does not hold.
"""

import argparse
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from digits import one_thread
from torch import Tensor, nn
from torch.jit.mobile import _load_for_lite_interpreter
from tqdm import tqdm

from namedtorch import DimError, Float, Int64, checked, load, lower

SHAPES = ("rectangle", "ellipse", "cross")
STRIDE = 4  # pixels between two cells of the grid in which the detector looks for shapes
LEAST_PRECISION = 0.8


class Detections(NamedTuple):
    """What was found, one entry for each image; in it the surest box comes first.

    A box is left, top, right and bottom, in pixels; a label is a place in `SHAPES`.
    """

    boxes: list[Float[Tensor, "?boxes 4"]]
    labels: list[Int64[Tensor, "?boxes"]]
    scores: list[Float[Tensor, "?boxes"]]


@checked
def overlaps(a: Float[Tensor, "a 4"], b: Float[Tensor, "b 4"]) -> Float[Tensor, "a b"]:
    """The area that each box of `a` has in common with each of `b`, as a share of what the two cover."""
    left_top = torch.maximum(a[:, None, :2], b[:, :2])
    right_bottom = torch.minimum(a[:, None, 2:], b[:, 2:])
    common = (right_bottom - left_top).clamp(min=0).prod(2)
    area_a = (a[:, 2:] - a[:, :2]).prod(1)
    area_b = (b[:, 2:] - b[:, :2]).prod(1)
    return common / (area_a[:, None] + area_b - common).clamp(min=1e-6)


@checked
def survivors(
    boxes: Float[Tensor, "boxes 4"],
    labels: Int64[Tensor, "boxes"],
    scores: Float[Tensor, "boxes"],
    most: float,
) -> Int64[Tensor, "kept"]:
    """Non-maximum suppression: the boxes, the surest first, that overlap no surer one of their label by over `most`."""
    order = scores.argsort(descending=True)
    boxes, labels = boxes[order], labels[order]
    rivals = (overlaps(boxes, boxes) > most) & (labels[:, None] == labels)
    kept = torch.ones_like(labels, dtype=torch.bool)
    for i in range(kept.size(0)):
        if bool(kept[i]):
            kept[i + 1 :] = kept[i + 1 :] & ~rivals[i, i + 1 :]
    return order[kept]


@checked
class Detector(nn.Module):
    """Says of every cell of a grid which shape stands around it, and how far its sides are."""

    def __init__(self, classes: int = len(SHAPES), width: int = 32, most_overlap: float = 0.4) -> None:
        super().__init__()
        self.classes = classes
        self.most_overlap = most_overlap
        self.least_score = 0.25
        self.candidates = 100
        self.fine = nn.Sequential(layer(3, width // 2, stride=2), layer(width // 2, width, stride=2))
        self.coarse = nn.Sequential(
            layer(width, 2 * width, stride=2), layer(2 * width, 2 * width), layer(2 * width, width)
        )
        self.joined = nn.Sequential(layer(2 * width, 2 * width), layer(2 * width, 2 * width))
        self.shapes = nn.Conv2d(2 * width, classes, 1)
        self.sides = nn.Conv2d(2 * width, 4, 1)

    def forward(self, images: list[Float[Tensor, "C=3 ?H ?W"]]) -> Detections:
        logits, boxes = self.cells(padded(images))
        found = Detections([], [], [])
        for i, image in enumerate(images):
            height, width = image.size(1), image.size(2)
            # Cells of the padding see nothing of this image.
            rows, columns = -(-height // STRIDE), -(-width // STRIDE)
            scores, labels = logits[i, :, :rows, :columns].sigmoid().flatten(1).max(0)
            best, order = scores.topk(min(self.candidates, scores.size(0)))
            order = order[best >= self.least_score]
            inside = boxes[i, :, :rows, :columns].flatten(1).t()[order]
            edges = torch.tensor([width, height, width, height], dtype=inside.dtype, device=inside.device)
            inside = torch.minimum(inside.clamp(min=0), edges)
            scores, labels = scores[order], labels[order]
            kept = survivors(inside, labels, scores, self.most_overlap)
            found.boxes.append(inside[kept])
            found.labels.append(labels[kept])
            found.scores.append(scores[kept])
        return found

    def cells(
        self, batch: Float[Tensor, "N C=3 H W where H % 8 == 0, W % 8 == 0"]
    ) -> tuple[Float[Tensor, "N self.classes H//4 W//4"], Float[Tensor, "N 4 H//4 W//4"]]:
        """For each cell of a batch how likely each shape is, as logits, and the box around that shape, in pixels."""
        fine = self.fine(batch)
        coarse = F.interpolate(self.coarse(fine), scale_factor=2.0, mode="nearest")
        x = self.joined(torch.cat([fine, coarse], 1))
        left_top, right_bottom = (self.sides(x).clamp(max=5.0).exp() * STRIDE).chunk(2, 1)
        middle = centers(x.size(2), x.size(3), x)
        # Most cells are empty; a detector that begins with that need not learn it first.
        return self.shapes(x) - 4.0, torch.cat([middle - left_top, middle + right_bottom], 1)


def layer(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A convolution with its norm and activation."""
    convolution = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


@checked
def centers(rows: int, columns: int, like: Float[Tensor, "..."]) -> Float[Tensor, "xy=2 {rows} {columns}"]:
    """Where the middles of a grid's cells are, in pixels."""
    y = (torch.arange(rows, dtype=like.dtype, device=like.device) + 0.5) * STRIDE
    x = (torch.arange(columns, dtype=like.dtype, device=like.device) + 0.5) * STRIDE
    return torch.stack([x.expand(rows, columns), y[:, None].expand(rows, columns)])


@checked
def padded(images: list[Float[Tensor, "C=3 ?H ?W"]]) -> Float[Tensor, "N C=3 H W"]:
    """One batch of all images, black at the right and at the bottom where an image is smaller than another."""
    height = max([image.size(1) for image in images])
    width = max([image.size(2) for image in images])
    height, width = -(-height // 8) * 8, -(-width // 8) * 8
    return torch.stack([F.pad(one, (0, width - one.size(2), 0, height - one.size(1))) for one in images])


@checked
class Scene(NamedTuple):
    """An image, and the shapes that were drawn on it."""

    image: Float[Tensor, "C=3 H W"]
    boxes: Float[Tensor, "boxes 4"]
    labels: Int64[Tensor, "boxes"]


def scene(height: int, width: int, random: torch.Generator) -> Scene:
    """Up to four bright shapes on dark noise; they may touch, and hide a little of each other."""

    def uniform(low: float, high: float, count: int = 1) -> Tensor:
        return torch.rand(count, generator=random) * (high - low) + low

    image = uniform(0, 0.35, 3)[:, None, None] * torch.ones(3, height, width)
    y, x = torch.arange(height)[:, None] + 0.5, torch.arange(width) + 0.5
    boxes, labels = torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64)
    for _ in range(4):
        size = uniform(9, 28, 2).round()
        corner = (torch.rand(2, generator=random) * (torch.tensor([width, height]) - size)).round()
        box = torch.cat([corner, corner + size])[None]
        if overlaps(box, boxes).sum() > 0.1:
            continue
        label = int(torch.randint(len(SHAPES), (1,), generator=random))
        (left, top), (across, down) = corner.tolist(), size.tolist()
        u, v = (2 * (x - left) / across - 1).abs(), (2 * (y - top) / down - 1).abs()
        inside = (torch.maximum(u, v) <= 1, u**2 + v**2 <= 1, (torch.minimum(u, v) <= 0.35))[label]
        inside = inside & (u <= 1) & (v <= 1)
        image = torch.where(inside, uniform(0.5, 1, 3)[:, None, None], image)
        boxes, labels = torch.cat([boxes, box]), torch.cat([labels, torch.tensor([label])])
    image = image + 0.05 * torch.randn(image.shape, generator=random)
    return Scene(image.clamp(0, 1), boxes, labels)


def scenes(count: int, seed: int) -> list[Scene]:
    """Scenes of different sizes."""
    random = torch.Generator().manual_seed(seed)
    sizes = torch.randint(48, 113, (count, 2), generator=random).tolist()
    return [scene(height, width, random) for height, width in sizes]


@checked
def loss(
    logits: Float[Tensor, "classes rows columns"],
    boxes: Float[Tensor, "4 rows columns"],
    true_boxes: Float[Tensor, "boxes 4"],
    true_labels: Int64[Tensor, "boxes"],
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """How wrong the shapes of the cells are, and the boxes of those in the middle of a shape."""
    middle = centers(logits.size(1), logits.size(2), logits).flatten(1).t()[:, None]
    half = (true_boxes[:, 2:] - true_boxes[:, :2]) / 2
    off = (middle - (true_boxes[:, :2] + half)).abs() / half
    hits = off.amax(2) <= 0.6
    cell, box = hits.nonzero().unbind(1)
    wanted = torch.zeros_like(logits.flatten(1))
    wanted[true_labels[box], cell] = 1
    # The focal loss: cells that are right already count little, however many they are.
    flat = logits.flatten(1)
    missed = torch.where(wanted > 0, 1 - flat.sigmoid(), flat.sigmoid())
    shapes = (missed**2 * F.binary_cross_entropy_with_logits(flat, wanted, reduction="none")).sum()
    predicted, true = boxes.flatten(1).t()[cell], true_boxes[box]
    left_top = torch.maximum(predicted[:, :2], true[:, :2])
    right_bottom = torch.minimum(predicted[:, 2:], true[:, 2:])
    common = (right_bottom - left_top).prod(1)
    areas = (predicted[:, 2:] - predicted[:, :2]).prod(1) + (true[:, 2:] - true[:, :2]).prod(1)
    return shapes, (1 - common / (areas - common)).sum()


def trained(steps: int = 180, batch_size: int = 8, seed: int = 0) -> Detector:
    """A detector in eval mode, trained on scenes that are drawn as it learns."""
    torch.manual_seed(seed)
    model = Detector()
    random = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=steps)
    model.train()
    for _ in (bar := tqdm(range(steps), desc="training", unit="step", ncols=88)):
        seen = [scene(64, 64, random) for _ in range(batch_size)]
        logits, boxes = model.cells(torch.stack([one.image for one in seen]))
        losses = [loss(logits[i], boxes[i], one.boxes, one.labels) for i, one in enumerate(seen)]
        total = torch.stack([shapes + box for shapes, box in losses]).sum() / (4 * batch_size)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        schedule.step()
        bar.set_postfix(loss=f"{total.item():.3f}", refresh=False)
    return model.eval()


def average_precision(found: Detections, seen: Sequence[Scene], label: int, overlap: float = 0.5) -> float:
    """The area under precision over recall for one label.

    A box is right if it overlaps a shape that no surer box took.
    """
    hits: list[tuple[float, bool]] = []
    for boxes, labels, scores, one in zip(found.boxes, found.labels, found.scores, seen, strict=True):
        shared = overlaps(boxes[labels == label], one.boxes[one.labels == label])
        for score, row in zip(scores[labels == label].tolist(), shared, strict=True):
            right = bool((row > overlap).any())
            if right:
                shared[:, row.argmax()] = 0
            hits.append((score, right))
    hits.sort(reverse=True)
    shapes = sum(int((one.labels == label).sum()) for one in seen)
    right = torch.tensor([hit for _, hit in hits], dtype=torch.float32)
    precision = right.cumsum(0) / torch.arange(1, len(hits) + 1)
    # The best precision at this recall or a higher one, as it is usual.
    best = precision.flip(0).cummax(0).values.flip(0)
    return float((best * right).sum() / shapes)


def same(a: Detections, b: Detections) -> bool:
    """Tells whether two models found the same."""
    return all(
        len(ours) == len(theirs)
        and all(
            x.shape == y.shape and torch.allclose(x, y, atol=1e-3) for x, y in zip(ours, theirs, strict=True)
        )
        for ours, theirs in zip(a, b, strict=True)
    )


def refusal(model: Callable[[list[Tensor]], object], images: list[Tensor]) -> str:
    """What `model` says when it refuses `images`."""
    try:
        model(images)
    except DimError as error:
        return str(error)
    except (RuntimeError, torch.jit.Error) as error:
        return "namedtorch:" + str(error).rpartition("namedtorch:")[2].splitlines()[0]
    raise AssertionError("an image of another layout was accepted")


@torch.no_grad()
def shown(model: Detector, folder: Path, test_scenes: int) -> bool:
    """Shows what `model` finds, in Python and from a file, and what it refuses; tells whether all of it held."""
    seen = scenes(test_scenes, seed=1)
    images = [one.image for one in seen]
    found = model(images)
    drawn, boxes = sum(len(one.boxes) for one in seen), sum(len(boxes) for boxes in found.boxes)
    print(f"\n{test_scenes} new images of 48 to 112 pixels, {drawn} shapes in them: {boxes} boxes found")
    precision = [average_precision(found, seen, label) for label in range(len(SHAPES))]
    for name, value in zip(SHAPES, precision, strict=True):
        print(f"  {name:10} average precision {value:.1%}")

    path = folder / "detector.ptl"
    lowered = lower(model, to="lite")
    lowered.save(path)
    print(f"\n{path.name}: {path.stat().st_size / 1e3:.0f} kB\n  {lowered.signature}")
    loaded, phone = load(path), _load_for_lite_interpreter(str(path))
    equal = same(found, loaded(images)) and same(found, phone(images))
    print(f"  the lite interpreter finds the same: {equal}")

    wrong = [images[0], images[1].permute(1, 2, 0).contiguous()]
    print(f"\nThe second of two images is H W C, {tuple(wrong[1].shape)}:")
    print(
        f"namedtorch.load:\n{refusal(loaded, wrong)}\n\nthe lite interpreter alone:\n{refusal(phone, wrong)}"
    )
    return equal and min(precision) >= LEAST_PRECISION


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train a detector, save it for a phone, and find shapes.")
    parser.add_argument("--steps", type=int, default=180, help="steps of training")
    parser.add_argument("--scenes", type=int, default=200, help="images to measure with")
    options = parser.parse_args(arguments)
    for deprecated in (r"`torch\.jit\.\w+` is deprecated", "Lite Interpreter is deprecated"):
        warnings.filterwarnings("ignore", deprecated, DeprecationWarning)

    with tempfile.TemporaryDirectory() as folder, one_thread():
        return 0 if shown(trained(options.steps), Path(folder), options.scenes) else 1


if __name__ == "__main__":
    sys.exit(main())
