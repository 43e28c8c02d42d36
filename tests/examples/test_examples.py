"""The examples hold what they say: sizes, refusals, and a short run of the whole way."""

import warnings
from importlib import import_module
from pathlib import Path

import pytest
import torch
from torch import nn

from namedtorch import DimError

EXAMPLES = Path(__file__).parents[2] / "examples"


def mobilenet_on_meta(classes: int = 1000) -> nn.Module:
    with torch.device("meta"):
        return import_module("mobilenet_v2").MobileNetV2(classes).eval()


def test_mobilenet_v2_has_the_parameters_of_the_paper():
    model = mobilenet_on_meta()
    assert import_module("mobilenet_v2").parameter_count(model) == 3_504_872
    assert len(model.state_dict()) == 314


@pytest.mark.parametrize(
    ("image", "classes"), [((2, 3, 224, 224), 1000), ((5, 3, 32, 32), 7), ((1, 3, 37, 61), 11)]
)
def test_mobilenet_v2_scores_images_of_any_size(image: tuple[int, ...], classes: int):
    scores = mobilenet_on_meta(classes)(torch.empty(image, device="meta"))
    assert scores.shape == (image[0], classes)


@pytest.mark.parametrize(
    ("image", "axis"),
    [((2, 224, 224, 3), 1), ((2, 1, 224, 224), 1), ((2, 3, 31, 224), None), ((3, 64, 64), None)],
)
def test_mobilenet_v2_refuses_other_layouts_and_small_images(image: tuple[int, ...], axis: int | None):
    with pytest.raises(DimError) as caught:
        mobilenet_on_meta()(torch.empty(image, device="meta"))
    failure = caught.value.failures[0]
    assert failure.argument == "image"
    if axis is not None:
        assert failure.axis == axis


def test_random_mobilenet_v2_is_the_same_each_time_and_tells_images_apart():
    build = import_module("mobilenet_v2").random_mobilenet_v2
    images = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    state = torch.get_rng_state()
    with torch.no_grad():
        scores, again = build(10)(images), build(10)(images)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(scores, again)
    assert scores.isfinite().all()
    assert (scores.std(0) > 1e-3).all()


def test_digits_are_split_without_a_digit_in_both_parts():
    digits = import_module("digits").load_digits()
    assert len(digits.train_labels) + len(digits.test_labels) == 1797
    assert (digits.train_images.min(), digits.train_images.max()) == (0, 1)
    assert sorted(set(digits.test_labels.tolist())) == list(range(10))


def test_digits_refuse_labels_of_another_count():
    example = import_module("digits")
    digits = example.load_digits()
    with pytest.raises(DimError, match="test_labels"):
        example.Digits(digits.train_images, digits.train_labels, digits.test_images, digits.test_labels[:-1])
    with pytest.raises(DimError, match="labels"):
        example.accuracy(example.DigitClassifier(), digits.test_images, digits.test_labels[:-1])


def test_digit_classifier_learns_in_one_step():
    example = import_module("digits")
    digits = example.load_digits()
    torch.manual_seed(0)
    model = example.DigitClassifier()
    images, labels = digits.train_images[:64], digits.train_labels[:64]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    before = nn.functional.cross_entropy(model(images), labels)
    before.backward()
    optimizer.step()
    assert nn.functional.cross_entropy(model(images), labels) < before


@pytest.mark.parametrize("shape", [(4, 8, 8, 1), (4, 1, 28, 28), (4, 8, 8), (4, 3, 8, 8)])
def test_digit_classifier_refuses_other_layouts_and_sizes(shape: tuple[int, ...]):
    with pytest.raises(DimError, match="image"):
        import_module("digits").DigitClassifier()(torch.rand(shape))


def test_classifier_runs(capsys: pytest.CaptureFixture[str]):
    import_module("classifier").main()
    printed = capsys.readouterr().out
    assert "image: N C=3 H W -> N classes=10 where H >= 32, W >= 32" in printed
    assert "(8, 10)" in printed
    assert "N H W C" in printed


def test_normalize_takes_every_layout_and_tells_the_time_bomb(capsys: pytest.CaptureFixture[str]):
    assert import_module("normalize_any_layout").main() == 0
    printed = capsys.readouterr().out
    assert "N T H W C    (4, 5, 6, 7, 3)" in printed
    assert "axis 0 of `other` is `C`=3, axis 3 of `input` is `W`=3" in printed
    assert 'write `named(t, "... C ...")`' in printed
    assert "    return (t - mean.view(1, -1, 1, 1)) / std.view(1, -1, 1, 1)\n" in printed
    assert "`images` has size 6 at axis 1, but `C` is 3; axis 3 has size 3: is it N H W C?" in printed


def test_named_attention_is_torchs_and_learns(capsys: pytest.CaptureFixture[str]):
    example = import_module("multihead_attention")
    assert example.as_torch_has_it() < 1e-6
    assert example.main() == 0
    printed = capsys.readouterr().out
    assert "axis 1 of `mask` is `T`, but the annotation has `S` there" in printed
    assert "    scores = q @ k.transpose(2, 3) * self.scale\n" in printed


def test_quickstart_shows_every_refusal_and_keeps_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    example = import_module("quickstart")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        status = example.main(["--quick", "--out", str(tmp_path / "models")])
    printed = capsys.readouterr()
    assert status == 0, printed.err
    assert [str(one.message) for one in caught] == []
    # Two models, two mistakes: each refused in Python, alike by the loaded file, and by its graph in two runtimes.
    # A file that was annotated refuses one mistake, loaded by namedtorch and by torch.
    assert printed.out.count("DimError: ") == 2 * 2 + 1
    assert printed.out.count("the same DimError") == 2 * 2
    assert printed.out.count("namedtorch: ") == 2 * 2 * 2 + 1
    assert "All of it held" in printed.out
    assert "training: 100%" in printed.err
    files = sorted(path.name for path in (tmp_path / "models").iterdir())
    assert files == [
        *("annotated.pt", "digits.pt", "digits.ptl", "mobilenet_v2.pt", "mobilenet_v2.ptl", "old.pt"),
    ]


def test_quickstart_fails_when_a_mistake_is_accepted():
    example = import_module("quickstart")
    with pytest.raises(example.Unmet, match=r"a careless model accepted a batch of shape \(2, 8, 8, 1\)"):
        example.refusal(lambda images: images, torch.rand(2, 8, 8, 1), "a careless model")


def test_quickstart_fails_when_something_else_than_the_guard_refuses():
    example = import_module("quickstart")
    with pytest.raises(example.Unmet, match="not by its guard"):
        example.refusal(nn.Conv2d(1, 1, 3), torch.rand(2, 8, 8, 1), "a plain convolution")


def test_quickstart_ends_with_one_sentence_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    example = import_module("quickstart")

    def planted(folder: Path, quick: bool) -> None:
        example.expect(False, "only 12.0% right, expected 95%")

    monkeypatch.setattr(example, "run", planted)
    assert example.main(["--quick"]) == 1
    assert capsys.readouterr().err == "\nquickstart failed: only 12.0% right, expected 95%\n"


def test_the_custom_lstm_is_torchs_learns_and_is_scripted(capsys: pytest.CaptureFixture[str]):
    example = import_module("custom_lstm")
    assert example.as_torch_has_it() < 1e-6
    assert example.main([]) == 0
    assert "`D` is 12" in capsys.readouterr().out
