"""The detection example: what suppression keeps, how precision counts, and that a phone finds the same."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch import DimError, load, lower


@pytest.fixture
def example() -> ModuleType:
    return import_module("detection")


BOXES = torch.tensor([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10], [20, 20, 30, 40]]).float()


def test_overlaps_are_shares_of_what_two_boxes_cover(example: ModuleType):
    shares = example.overlaps(BOXES[:2], BOXES)
    assert torch.allclose(shares[0], torch.tensor([1.0, 90 / 110, 1.0, 0.0]))
    assert example.overlaps(BOXES[:0], BOXES).shape == (0, 4)


@pytest.mark.parametrize(
    ("labels", "most", "kept"),
    [
        ([0, 0, 0, 0], 0.5, [1, 3]),  # the surest of three that overlap, and one apart
        ([0, 0, 1, 0], 0.5, [1, 2, 3]),  # another label is no rival
        ([0, 0, 0, 0], 0.9, [1, 0, 3]),  # 0 and 2 are one box, 1 overlaps them by less
    ],
)
def test_suppression_keeps_the_surest_of_boxes_that_overlap(
    example: ModuleType, labels: list[int], most: float, kept: list[int]
):
    scores = torch.tensor([0.8, 0.9, 0.7, 0.1])
    assert example.survivors(BOXES, torch.tensor(labels), scores, most).tolist() == kept


def test_suppression_of_nothing_is_nothing(example: ModuleType):
    none = torch.zeros(0)
    assert len(example.survivors(none.view(0, 4), none.long(), none, 0.5)) == 0


def test_suppression_refuses_scores_of_another_count(example: ModuleType):
    with pytest.raises(DimError, match="`scores` has size 3 at axis 0, but `boxes` is 4"):
        example.survivors(BOXES, torch.zeros(4, dtype=torch.int64), torch.zeros(3), 0.5)


def test_a_suppressed_box_suppresses_no_other(example: ModuleType):
    # Each overlaps its neighbour alone: the second falls to the first, and the third stays.
    chain = torch.tensor([[0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]]).float()
    kept = example.survivors(chain, torch.zeros(3, dtype=torch.int64), torch.tensor([0.9, 0.8, 0.7]), 0.4)
    assert kept.tolist() == [0, 2]


def test_scenes_are_the_same_for_a_seed_and_hold_their_shapes(example: ModuleType):
    seen, again = example.scenes(20, seed=3), example.scenes(20, seed=3)
    assert all(
        torch.equal(a.image, b.image) and torch.equal(a.boxes, b.boxes)
        for a, b in zip(seen, again, strict=True)
    )
    assert len({tuple(one.image.shape) for one in seen}) > 10
    for one in seen:
        height, width = one.image.shape[1:]
        assert (one.boxes >= 0).all()
        assert (one.boxes <= torch.tensor([width, height, width, height])).all()
        for left, top, right, bottom in one.boxes.int().tolist():
            assert one.image[:, top:bottom, left:right].amax() > 0.5
    assert {label for one in seen for label in one.labels.tolist()} == {0, 1, 2}


def test_precision_is_that_of_the_ranking(example: ModuleType):
    image = torch.zeros(3, 64, 64)
    truth = example.Scene(image, torch.tensor([[0, 0, 8, 8], [20, 20, 40, 40]]).float(), torch.tensor([1, 1]))
    wrong = torch.tensor([[50.0, 50.0, 60.0, 60.0]])

    def precision(boxes: torch.Tensor, scores: list[float]) -> float:
        labels = torch.ones(len(boxes), dtype=torch.int64)
        return example.average_precision(
            example.Detections([boxes], [labels], [torch.tensor(scores)]), [truth], label=1
        )

    assert precision(truth.boxes, [0.9, 0.8]) == 1
    # A box that is found twice is wrong the second time.
    assert precision(torch.cat([truth.boxes, truth.boxes]), [0.9, 0.8, 0.7, 0.6]) == 1
    assert precision(truth.boxes[:1], [0.9]) == 0.5
    assert precision(torch.cat([wrong, truth.boxes]), [0.95, 0.9, 0.8]) == pytest.approx(2 / 3)
    assert precision(torch.cat([wrong, truth.boxes]), [0.1, 0.9, 0.8]) == 1


def test_the_loss_of_a_step_falls(example: ModuleType):
    torch.manual_seed(0)
    model = example.Detector(width=8)
    seen = [one for one in example.scenes(8, seed=0) if len(one.boxes)][:4]
    batch = example.padded([one.image for one in seen])
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)

    def loss() -> torch.Tensor:
        logits, boxes = model.cells(batch)
        parts = [example.loss(logits[i], boxes[i], one.boxes, one.labels) for i, one in enumerate(seen)]
        return torch.stack([shapes + box for shapes, box in parts]).sum()

    before = loss()
    before.backward()
    optimizer.step()
    assert loss() < before


def test_a_phone_finds_the_same_and_refuses_another_layout(example: ModuleType, tmp_path: Path):
    torch.manual_seed(0)
    model = example.Detector(width=8).eval()
    model.least_score = 0.01  # untrained, it is sure of nothing
    path = tmp_path / "detector.ptl"
    lower(model, verify=False).save(path)
    loaded, phone = load(path), _load_for_lite_interpreter(str(path))
    images = [torch.rand(3, 21, 30), torch.rand(3, 50, 18), torch.rand(3, 8, 8)]
    with torch.no_grad():
        found = model(images)
        assert len({len(boxes) for boxes in found.boxes}) > 1
        assert example.same(found, loaded(images))
        assert example.same(found, phone(images))
        images[1] = images[1].permute(1, 2, 0)
        for one in (loaded, phone):
            assert "`images[1]` has size 50 at axis 0, but `C` is 3" in example.refusal(one, images)
