"""Normalizations with symbols for sizes: what comes out, and what is blamed."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims as d
from tests.ops.symbols import gives, module_gives
from tests.ops.written import size as s

C = s("C")

MODULES: list[tuple[str, tuple[Any, ...], dict[str, Any], str, str]] = [
    ("BatchNorm2d", (C,), {}, "N C H W", "N C H W"),
    ("BatchNorm2d", (C,), {}, "N H W C", "channels-differ input[1]"),
    ("BatchNorm2d", (C,), {}, "N _ H W", "N C H W"),
    ("BatchNorm2d", (C,), {}, "...", "_ C _ _"),
    ("BatchNorm2d", (C,), {}, "... C H W", "_ C H W"),
    ("BatchNorm2d", (64,), {}, "N 32 H W", "channels-differ input[1]"),
    ("BatchNorm2d", (C,), {}, "C H W", "rank-unfit input"),
    ("BatchNorm2d", (C,), {"affine": False}, "N D H W", "channels-differ input[1]"),
    (
        "BatchNorm2d", (C,), {"affine": False, "track_running_stats": False}, "N D H W",
        "N D H W !channels-unchecked",
    ),
    ("BatchNorm2d", (C,), {"affine": Unknown, "track_running_stats": False}, "N D H W", "N D H W"),
    ("BatchNorm2d", (Unknown,), {}, "N D H W", "N D H W"),
    ("LazyBatchNorm2d", (), {}, "N D H W", "N D H W"),
    ("LazyBatchNorm2d", (), {}, "D H W", "rank-unfit input"),
    ("BatchNorm1d", (C,), {}, "B T C", "channels-differ input[1]"),
    ("BatchNorm1d", (C,), {}, "B C", "B C"),
    ("BatchNorm1d", (C,), {}, "B C T", "B C T"),
    ("BatchNorm1d", (C,), {}, "... C", "... C"),
    ("BatchNorm3d", (C,), {}, "... C D H W", "_ C D H W"),
    ("SyncBatchNorm", (C,), {}, "... C", "... C"),
    ("SyncBatchNorm", (C,), {}, "N D ...", "channels-differ input[1]"),
    ("InstanceNorm2d", (C,), {}, "N D H W", "N D H W !channels-unchecked"),
    ("InstanceNorm2d", (C,), {"affine": True}, "N D H W", "channels-differ input[1]"),
    ("InstanceNorm2d", (C,), {"affine": True}, "D H W", "channels-differ input[0]"),
    ("InstanceNorm2d", (C,), {"affine": True}, "C H W", "C H W"),
    ("InstanceNorm2d", (C,), {"affine": True}, "... D H W", "... D H W"),
    ("GroupNorm", (32, C), {}, "N C H W", "N C H W"),
    ("GroupNorm", (32, 48), {}, "N 48 H W", "channels-differ num_channels"),
    ("GroupNorm", (s("g"), C), {}, "N H W C", "channels-differ input[1]"),
    ("GroupNorm", (3, 6), {"affine": False}, "N 9 T", "N 9 T !channels-unchecked"),
    ("GroupNorm", (3, 6), {"affine": False}, "N 8 T", "channels-differ input[1]"),
    ("LayerNorm", (C,), {}, "B T C", "B T C"),
    ("LayerNorm", (C,), {}, "B C T", "norm-sizes-differ input[2]"),
    ("LayerNorm", (C,), {}, "*batch C", "*batch C"),
    ("LayerNorm", (C,), {}, "B T _", "B T C"),
    ("LayerNorm", (C,), {}, "...", "... C"),
    ("LayerNorm", (C,), {}, "B ...", "B ..."),
    ("LayerNorm", (C,), {"elementwise_affine": False}, "B T D", "norm-sizes-differ input[2]"),
    ("LayerNorm", ([s("H"), s("W")],), {}, "B H W", "B H W"),
    ("LayerNorm", ((s("H"), s("W")),), {}, "B W H", "norm-sizes-differ input[2]"),
    ("LayerNorm", ((s("H"), s("W")),), {}, "W", "rank-unfit input"),
    ("LayerNorm", (Unknown,), {}, "B W H", "B W H"),
    ("RMSNorm", (C,), {}, "B T D", "norm-sizes-differ input[2]"),
    ("LocalResponseNorm", (2,), {}, "N C H W", "N C H W"),
    ("LocalResponseNorm", (2,), {}, "N C", "rank-unfit input"),
    ("CrossMapLRN2d", (2,), {}, "N C W", "rank-unfit input"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "made", "options", "image", "out"), MODULES)
def test_module(name: str, made: tuple[Any, ...], options: dict[str, Any], image: str, out: str) -> None:
    assert module_gives(f"torch.nn.{name}", made, options, d(image)) == out


OPERATORS: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("batch_norm", (d("N C H W"), d("C"), d("C")), {}, "N C H W"),
    ("batch_norm", (d("N _ H W"), d("C"), d("C")), {}, "N _ H W"),
    ("batch_norm", (d("N H C"), d("C"), d("C")), {}, "channels-differ input[1]"),
    ("batch_norm", (d("N C"), None, None, d("C"), d("D")), {}, "channels-differ input[1]"),
    ("batch_norm", (d("N C"), None, None, d("C 1")), {}, "rank-unfit weight"),
    ("batch_norm", (d("... C"), d("D"), d("C")), {}, "channels-differ input[1]"),
    ("instance_norm", (d("N C T"),), {}, "N C T"),
    ("instance_norm", (d("N C 1"),), {}, "size-impossible input"),
    ("group_norm", (d("N C T"), 4), {}, "N C T"),
    ("group_norm", (d("N 6 T"), 4), {}, "channels-differ input[1]"),
    ("layer_norm", (d("B T C"), (C,)), {}, "B T C"),
    ("layer_norm", (d("B T C"), (C,), d("T")), {}, "norm-sizes-differ weight[0]"),
    ("layer_norm", (d("B T C"), [s("T")]), {}, "norm-sizes-differ input[2]"),
    ("layer_norm", (d("B T C"), Unknown), {}, "B T C"),
    ("layer_norm", (d("B T C"), [Unknown, C]), {}, "B T C"),
    ("rms_norm", (d("B T C"), [C], d("C")), {}, "B T C"),
    ("local_response_norm", (d("N C T"), 2), {}, "N C T"),
]


@pytest.mark.parametrize(("name", "given", "options", "out"), OPERATORS)
def test_operator(name: str, given: tuple[Any, ...], options: dict[str, Any], out: str) -> None:
    assert gives(f"torch.nn.functional.{name}", *given, **options) == out
