"""The examples of quantization: their data, their measures, and a tiny model the whole way."""

import ast
from importlib import import_module
from itertools import islice
from types import ModuleType

import pytest
import torch
from torch import Tensor

import namedtorch
from namedtorch import DimError


@pytest.fixture
def text() -> ModuleType:
    return import_module("text_lstm")


@pytest.fixture
def digits() -> ModuleType:
    return import_module("digits_quantized")


def test_functions_are_those_of_modules_and_classes_and_none_twice(text: ModuleType):
    first = "def f():\n    def inner(): ...\n"
    second = "class A:\n    async def g(self): ...\n    class B:\n        def h(self): ...\n"
    assert [node.name for node in text.functions(ast.parse(first + second).body)] == ["f", "g", "h"]


def test_the_library_has_text_for_every_package(text: ModuleType):
    for package in text.PACKAGES:
        first = list(islice(text.texts(package), 50))
        assert len(first) == 50
        assert sum(map(len, first)) > 500


def test_pieces_to_measure_with_are_none_to_learn_from(text: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(text, "PACKAGES", ("http", "logging"))
    train, test = text.load_pieces()
    assert train.words.shape[1] == test.words.shape[1] == text.LENGTH
    assert set(train.packages.tolist()) == set(test.packages.tolist()) == {0, 1}
    assert 0.1 < len(test.packages) / len(train.packages) < 0.6
    assert train.words.max() < text.VOCABULARY
    # What is unknown is rare: the vocabulary is that of the pieces to learn from.
    assert (test.words == text.UNKNOWN).float().mean() < 0.1


def test_an_lstm_and_its_embedding_become_int8(text: ModuleType):
    model = text.SourceClassifier(words=50, features=8, hidden=16).eval()
    quantized = namedtorch.quantize(model, "dynamic")
    assert {one.kind for one in quantized.quantization.layers.values()} == {"Embedding", "LSTM", "Linear"}
    words = torch.randint(50, (3, 9))
    assert (quantized(words) - model(words)).abs().max() < 0.05
    assert "`words` has rank 1, but `N T` has rank 2" in text.refusal(lambda: quantized(words[0]))


def test_an_encoder_becomes_int8_in_all_its_projections():
    example = import_module("encoder_int8")
    model = example.SourceEncoder(width=16, heads=2, layers=1).eval()
    quantized = namedtorch.quantize(model, "dynamic")
    layers = quantized.quantization.layers
    assert sum("self_attn" in path for path in layers) == 4
    assert "encoder.layers.0.linear1" in layers
    words = torch.randint(example.VOCABULARY, (3, 9))
    padding = torch.arange(9) >= torch.tensor([9, 4, 1])[:, None]
    assert (quantized(words, padding) - model(words, padding)).abs().max() < 0.1
    with pytest.raises(DimError, match="`padding` has size 8 at axis 1, but `T` is 9"):
        quantized(words, padding[:, 1:])


def test_padding_changes_nothing():
    example = import_module("encoder_int8")
    model = example.SourceEncoder(width=16, heads=2, layers=1).eval()
    words, ended = torch.randint(1, 50, (1, 5)), torch.arange(8)[None] >= 5
    longer = torch.cat([words, torch.full((1, 3), 7)], 1)
    assert torch.allclose(model(words, ended[:, :5]), model(longer, ended), atol=1e-5)


def test_the_worst_digit_shows_what_accuracy_hides(digits: ModuleType):
    images, labels = digits.digits().test_images, digits.digits().test_labels

    def knows(*unknown: int) -> Tensor:
        one_hot = torch.nn.functional.one_hot(labels, 10).float()
        one_hot[:, list(unknown)] = 0
        return one_hot.add(torch.linspace(0, 1e-3, 10))

    assert len(images) == len(knows())
    assert digits.accuracy(lambda _: knows()) == 1
    assert digits.worst_digit(lambda _: knows()) == 1
    assert digits.accuracy(lambda _: knows(3)) > 0.85
    assert digits.worst_digit(lambda _: knows(3)) == 0


def test_digits_are_refused_in_another_layout_before_calibration(digits: ModuleType):
    nhwc = [images.permute(0, 2, 3, 1) for images, _ in digits.loader()]
    said = digits.refusal(lambda: namedtorch.quantize(digits.DigitsNet().eval(), "static", nhwc))
    assert "`image` has size 8 at axis 1, but `C` is 1" in said
    assert "batch 0 of the data" in said
