"""Frozen and warmed up: guards and methods stay, and errors are still told."""

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch import DimError, Float, LowerError
from namedtorch.archive.container import read_manifest
from namedtorch.archive.manifest import Method, State
from namedtorch.lower.lowered import Lowered
from namedtorch.lower.torchscript import open_archive
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature
from tests.lower.unverified import lower


class Net(nn.Module):
    scale: float

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 4, 3, stride=2)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 10)
        self.scale = 2.0

    def forward(
        self, image: Float[Tensor, "N C=3 H W where H >= 8, W >= 8"]
    ) -> Float[Tensor, "N classes=10"]:
        return self.head(self.pooled(image)) * self.scale

    def pooled(self, image: Tensor) -> Tensor:
        if image.size(0) > 50:
            raise ValueError("too many")
        return self.norm(self.conv(image)).relu().mean((2, 3))

    @torch.jit.export
    def encode(self, image: Tensor) -> Tensor:
        return self.pooled(image)


IMAGE = torch.rand(2, 3, 9, 10)


def lowered_net() -> Lowered:
    """The network with its exported method in the manifest."""
    lowered = lower(Net())
    signature = parse_signature("image: N C=3 H W -> N 4")
    methods = {**lowered.manifest.methods, "encode": Method(signature, build_plan(signature))}
    state = {
        "conv.weight": State("parameter", "float32", (4, 3, 3, 3), "out=4 in=3 kh=3 kw=3"),
        "head.weight": State("parameter", "float32", (10, 4), None),
    }
    return replace(lowered, manifest=replace(lowered.manifest, methods=methods, state=state))


def scaled(x: Float[Tensor, "*batch C"], y: Float[Tensor, "C"], by: float = 2.0) -> Float[Tensor, "*batch C"]:
    return (x * y).tanh() * by


class Drops(nn.Module):
    """Works for 3 channels only, which its signature does not say."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return self.norm(self.drop(x) * 1.0)


# Freezing


def test_a_frozen_module_gives_the_same_and_keeps_guards_and_methods() -> None:
    lowered = lowered_net()
    code = lowered.code
    frozen = lowered.freeze()
    torch.testing.assert_close(frozen(IMAGE), lowered(IMAGE))
    torch.testing.assert_close(frozen.encode(IMAGE), lowered.encode(image=IMAGE))
    assert "batch_norm" not in str(frozen.graph)
    assert frozen.methods == ("forward", "encode")
    assert frozen.manifest.stages == ("freeze",)
    assert (lowered.manifest.stages, lowered.code) == ((), code)
    for call in (frozen, frozen.encode):
        with pytest.raises(DimError, match=r"`image` has size 9 at axis 1, but `C` is 3"):
            call(IMAGE.permute(0, 2, 3, 1))
    with pytest.raises(torch.jit.Error, match=r"namedtorch: `image` has size 9 at axis 1, but `C` is 3"):
        frozen.module(IMAGE.permute(0, 2, 3, 1))


@pytest.mark.parametrize("name", ["net.pt", "net.ptl"])
def test_a_frozen_module_is_saved(tmp_path: Path, name: str) -> None:
    frozen = lowered_net().freeze()
    frozen.save(tmp_path / name)
    loaded = open_archive(tmp_path / name)
    torch.testing.assert_close(loaded(IMAGE), frozen(IMAGE))
    torch.testing.assert_close(loaded.encode(IMAGE), frozen.encode(IMAGE))
    assert read_manifest(tmp_path / name).stages == ("freeze",)
    if name.endswith(".ptl"):
        torch.testing.assert_close(_load_for_lite_interpreter(str(tmp_path / name))(IMAGE), frozen(IMAGE))


def test_what_is_preserved_stays_and_state_is_what_is_left() -> None:
    frozen = lowered_net().freeze(preserve=["scale", "conv"])
    assert frozen.module.scale == 2.0
    assert frozen.manifest.state.keys() == {"conv.weight"}
    assert lowered_net().freeze(preserve="scale").module.scale == 2.0
    assert not lowered_net().freeze().manifest.state


def add_one(module: nn.Module, given: tuple[Tensor], result: Tensor) -> Tensor:
    return result + 1


def hooked() -> Lowered:
    model = Drops()
    model.register_forward_hook(add_one)
    return lower(model)


NOT_FROZEN: list[tuple[Callable[[], Lowered], Any, str]] = [
    (
        lambda: lower(scaled),
        (),
        f"{__name__}.scaled is a function, which has no weights to freeze; only modules can be frozen",
    ),
    (
        lambda: lower(Drops(), train=True),
        (),
        f"{__name__}.Drops is in training mode, and a frozen module can't be trained: lower it without train=True",
    ),
    (lambda: lowered_net().freeze(), (), f"{__name__}.Net is frozen already"),
    (
        hooked,
        (),
        (
            f"{__name__}.Drops has forward hooks, which torch.jit.freeze drops: move what they do into forward, or "
            "hook a part of the module"
        ),
    ),
    (lowered_net, ("scal",), f"{__name__}.Net can't be frozen: Unknown name: scal"),
]


@pytest.mark.parametrize(("make", "preserve", "message"), NOT_FROZEN)
def test_what_is_not_frozen(make: Callable[[], Lowered], preserve: Any, message: str) -> None:
    with pytest.raises(LowerError) as caught:
        make().freeze(preserve)
    assert str(caught.value) == message


RAISING = """
import gc, re, sys
from dataclasses import replace
import torch
from namedtorch.lower.torchscript import open_archive
from tests.lower.test_stages import lowered_net

names = set()
for _ in range(6):
    lowered = lowered_net()
    lowered.save(sys.argv[1])
    # What is loaded has methods that die with it.
    frozen = replace(lowered, module=open_archive(sys.argv[1])).freeze()
    del lowered
    gc.collect()
    others = [bytes(size) for size in range(16, 4000, 8)], open_archive(sys.argv[1])
    for call in (frozen.module, frozen.module.encode):
        try:
            call(torch.ones(2, 3, 2, 2))
        except Exception as error:
            names |= set(re.findall("line [0-9]+, in (.*)", str(error)))
print(sorted(names))
"""


def test_an_error_in_a_method_that_freezing_dropped_is_told(tmp_path: Path) -> None:
    """torch's own freezing leaves the error a pointer to the method that is gone: garbage, or the process dies."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RAISING, str(tmp_path / "net.pt")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "MALLOC_PERTURB_": "165"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['_conv_forward', 'encode', 'forward', 'pooled']"


# Methods


def test_methods_are_attributes() -> None:
    lowered = lowered_net()
    torch.testing.assert_close(lowered.forward(IMAGE), lowered(IMAGE))
    assert lowered.encode is lowered.encode
    assert "encode" in dir(lowered)
    for name, message in {
        "encoed": "has no method `encoed` in its graph; it has `forward`, `encode`; did you mean `encode`?",
        "pooled": "has no method `pooled` in its graph; it has `forward`, `encode`; torch's own is `.module.pooled`",
    }.items():
        with pytest.raises(AttributeError) as caught:
            getattr(lowered, name)
        assert str(caught.value) == f"{__name__}.Net {message}"
    assert not hasattr(lowered, "_private")


def test_metadata_is_that_of_the_manifest() -> None:
    lowered = lowered_net()
    assert not lowered.metadata
    manifest = replace(lowered.manifest, metadata={"labels": ["cat", "dog"]})
    assert replace(lowered, manifest=manifest).metadata == {"labels": ["cat", "dog"]}


def test_a_copy_calls_its_own_module() -> None:
    lowered = lowered_net()
    lowered(IMAGE)
    made = copy.deepcopy(lowered)
    with torch.no_grad():
        made.module.head.bias += 1
    assert not torch.allclose(made(IMAGE), lowered(IMAGE))


# Warming up


def test_warming_up_calls_with_what_is_drawn_or_given() -> None:
    lowered = lowered_net()
    assert lowered.warm_up() is lowered
    called: list[int] = []

    def example() -> Tensor:
        called.append(1)
        return IMAGE

    lowered.warm_up(4, example)
    assert len(called) == 4
    lowered.warm_up(1, (IMAGE,)).warm_up(1, ((), {"image": IMAGE})).warm_up(1, lambda: ((IMAGE,), {}))
    with pytest.raises(DimError, match="`C` is 3"):
        lowered.warm_up(1, (IMAGE[:, :2],))
    lower(scaled).warm_up()


def test_a_model_that_refuses_what_is_drawn_says_so() -> None:
    lowered = lower(Drops())
    with pytest.raises(LowerError) as caught:
        lowered.warm_up()
    assert str(caught.value) == (
        f"{__name__}.Drops fails with inputs that were drawn for `x: N C -> N C`: RuntimeError: running_mean should "
        "contain 5 elements not 3; give inputs that it takes: warm_up(example=(...,)), or sizes: "
        'warm_up(sizes={"N": 8})'
    )
    lowered.warm_up(1, (torch.rand(2, 3),))
    with pytest.raises(LowerError, match=r"elements not 3; give inputs that it takes as further arguments$"):
        lowered.stage_graphs()


def test_the_graph_for_inputs_is_the_one_that_torch_runs() -> None:
    lowered = lowered_net().freeze()
    lowered.warm_up()
    assert "aten::conv2d" in str(lowered.graph_for(IMAGE))
    assert "aten::conv2d" in str(lowered.graph_for(image=IMAGE))
    assert "aten::tanh" in str(lower(scaled).graph_for(torch.rand(2, 3), torch.rand(3)))
