"""Losses with symbols for sizes: what comes out, what is blamed, and what is noticed."""

from typing import Any

import pytest
import torch
from torch.nn import functional

from namedtorch.ops.values import Array
from tests.ops.symbols import dims as d
from tests.ops.symbols import gives, gives_where_dims_are_written, module_gives
from tests.ops.written import tensor

_NONE = {"reduction": "none"}


def i(text: str) -> Array:
    """A tensor of indices."""
    return tensor(text, "int64")


CLASSES: list[tuple[Array, Array, dict[str, Any], str]] = [
    (d("N C"), i("N"), {}, ""),
    (d("N C"), d("N"), _NONE, "N"),
    (d("N C H W"), i("N H W"), _NONE, "N H W"),
    (d("N C H W"), i("N W H"), {}, "target-differs target[1]"),
    (d("B T V"), i("B T"), {}, "target-differs target[1]"),
    (d("B V T"), i("B T"), {}, ""),
    (d("N C"), i("M"), {}, "target-differs target[0]"),
    (d("N C"), i("N 1"), {}, "target-differs target"),
    (d("N 10"), d("N 1"), {}, "target-differs target[1]"),
    (d("N C"), d("N 1"), {}, ""),
    (d("N C"), d("N C"), _NONE, "N"),
    (d("N C"), i("N C"), {}, "target-differs target"),
    (d("B T V"), i("(B T)"), {}, "target-differs target"),
    (d("(B T) V"), i("B T"), {}, "target-differs target"),
    (d("(B T) V"), i("(B T)"), _NONE, "(B T)"),
    (d("N C"), tensor("N"), {}, "dtype-differs target"),
    (d("C"), i(""), {}, ""),
    (d("..."), i("N"), {}, ""),
    (d("N C"), d("..."), _NONE, "..."),
    (d("N C"), i("N"), {"weight": d("C")}, ""),
    (d("N C"), i("N"), {"weight": d("N")}, "channels-differ weight[0]"),
    (d("N C"), i("N"), {"reduction": "most"}, "mismatch most"),
]


@pytest.mark.parametrize(("given", "target", "options", "out"), CLASSES)
def test_cross_entropy(given: Array, target: Array, options: dict[str, Any], out: str) -> None:
    assert gives("torch.nn.functional.cross_entropy", given, target, **options) == out
    made = {name: value for name, value in options.items() if name != "weight"}
    if made == options and out != "mismatch most":
        assert module_gives("torch.nn.CrossEntropyLoss", (), options, given, target) == out


def test_one_class_is_no_probability_of_several() -> None:
    name = "torch.nn.functional.cross_entropy"
    assert gives_where_dims_are_written(name, d("N C"), d("N 1")) == "target-differs target[1]"
    assert gives_where_dims_are_written(name, d("N 1"), d("N 1")) == ""


PAIRS: list[tuple[str, tuple[str, ...], dict[str, Any], str]] = [
    ("mse_loss", ("N C", "N C"), {}, ""),
    ("mse_loss", ("N C", "N C"), _NONE, "N C"),
    ("mse_loss", ("N 1", "N"), {}, " !loss-broadcasts"),
    ("mse_loss", ("N", "N 1"), {}, " !loss-broadcasts"),
    ("mse_loss", ("N 1", "N 3"), {}, " !loss-broadcasts"),
    ("mse_loss", ("N 1", "N D"), {}, ""),
    ("mse_loss", ("N C", ""), {}, ""),
    ("mse_loss", ("N C", "1"), {}, ""),
    ("mse_loss", ("N C", "N D"), {}, "broadcast-dims-differ target[1]"),
    ("l1_loss", ("N C H W", "N C W H"), {}, "broadcast-dims-differ target[2]"),
    ("smooth_l1_loss", ("... C", "N C"), {}, ""),
    ("huber_loss", ("N 1", "N"), _NONE, "N N !loss-broadcasts"),
    ("kl_div", ("N C", "N C"), {"reduction": "batchmean"}, ""),
    ("binary_cross_entropy", ("N", "N"), _NONE, "N"),
    ("binary_cross_entropy", ("N 1", "N"), {}, "target-differs target"),
    ("binary_cross_entropy_with_logits", ("N C", "N D"), {}, "target-differs target[1]"),
    ("binary_cross_entropy_with_logits", ("...", "N D"), _NONE, "..."),
    ("gaussian_nll_loss", ("N C", "N C", "N C"), _NONE, "N C"),
    ("gaussian_nll_loss", ("N C", "N C", "N 1"), _NONE, "N C"),
    ("gaussian_nll_loss", ("N C", "N C", "N"), _NONE, "N C"),
    ("gaussian_nll_loss", ("N C", "N C", "C"), _NONE, "target-differs var[0]"),
    ("soft_margin_loss", ("N C", "N C"), _NONE, "N C"),
    ("triplet_margin_loss", ("N D", "N D", "N D"), _NONE, "N"),
    ("triplet_margin_loss", ("N D", "N D", "N E"), {}, "broadcast-dims-differ negative[1]"),
    ("cosine_embedding_loss", ("N D", "N D", "N"), _NONE, "N"),
    ("cosine_embedding_loss", ("N D", "N D", "N 1"), {}, "target-differs target"),
    ("margin_ranking_loss", ("N", "N", "N 1"), {}, "rank-unfit target"),
    ("multi_margin_loss", ("N C", "N"), _NONE, "N"),
    ("multi_margin_loss", ("N C", "M"), {}, "target-differs target[0]"),
    ("multilabel_margin_loss", ("N C", "N C"), _NONE, "N"),
    ("multilabel_soft_margin_loss", ("N C", "N C"), _NONE, "N"),
    ("nll_loss", ("N C", "N C"), {}, "target-differs target"),
    ("ctc_loss", ("T N C", "N S", "N", "N"), _NONE, "N"),
    ("ctc_loss", ("N T C", "N S", "N", "N"), {}, "target-differs input_lengths[0]"),
]


@pytest.mark.parametrize(("name", "shapes", "options", "out"), PAIRS)
def test_losses(name: str, shapes: tuple[str, ...], options: dict[str, Any], out: str) -> None:
    assert gives(f"torch.nn.functional.{name}", *map(d, shapes), **options) == out


VARIANCES = [
    ((2, 3), (2, 3), (2, 3)),
    ((2, 3), (2, 3), (2, 1)),
    ((2, 3), (2, 3), (2,)),
    ((2, 3), (2, 1), (2,)),
    ((2, 1), (2, 3), (2, 1)),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("given", "target", "variance"), VARIANCES)
def test_gaussian_loss_agrees_with_torch(
    given: tuple[int, ...], target: tuple[int, ...], variance: tuple[int, ...]
) -> None:
    # It looks at its data: the meta device has none.
    shapes = (given, target, variance)
    first, second, third = (torch.ones(one) for one in shapes)
    result = functional.gaussian_nll_loss(first, second, third, reduction="none")
    told = gives(
        "torch.nn.functional.gaussian_nll_loss", *(d(" ".join(map(str, one))) for one in shapes), **_NONE
    )
    assert told.partition(" !")[0] == " ".join(map(str, result.shape))
