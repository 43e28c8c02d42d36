"""The guide to named tensors is a program."""

import pytest

from namedtorch.ops import registry
from tests.values.pages import blocks, run


def test_the_code_of_the_guide_prints_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "OPERATORS", dict(registry.OPERATORS))
    run("named-tensors.md")


def test_the_guide_says_what_its_code_prints() -> None:
    assert sum(bool(text) for _, text in blocks("named-tensors.md")) > 10
