"""`optimize="mobile"`: what comes out does what the model does, and the report says how it was made."""

import copy
import os
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import DimError, Float, LowerError, load
from namedtorch.archive.container import read_manifest
from namedtorch.lower.stages import FROZEN
from tests.lower.mobile.phone_models import Dense, Photos, channels_last, images
from tests.lower.unverified import lower

XNNPACK = f"no XNNPACK prepacking: this torch ({torch.__version__}) was built without XNNPACK"


def test_what_is_optimized_is_verified_and_told() -> None:
    model = Photos().eval()
    lowered = namedtorch.lower(model, optimize="mobile")
    lines = str(lowered.report).splitlines()
    assert lines[:6] == [
        "`Photos` is scripted",
        "freezing: calls are inlined, and weights are part of the graph",
        "folding of batch norms: the layers before them took in 2 batch norms (2 methods together)",
        "dropout removal: it does nothing in inference",
        "channels-last: the weights of 2 2-D convolutions and inputs `image`, `encode: image`",
        XNNPACK,
    ]
    assert [line.partition(" as the original")[0] for line in lines[6:8]] == [
        "verified: Photos",
        "verified: Photos.encode",
    ]
    done = {one["name"]: one["done"] for one in lowered.report.to_dict()["optimizations"]}
    assert done == {
        "freezing": True,
        "folding of batch norms": True,
        "dropout removal": True,
        "channels-last": True,
        "XNNPACK prepacking": False,
    }
    x = channels_last(images())
    torch.testing.assert_close(lowered(x), model(x), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(lowered.encode(x), model.encode(x), rtol=1e-4, atol=1e-5)


def test_the_model_itself_stays_as_it_is() -> None:
    model = Photos()
    before = copy.deepcopy(model.state_dict())
    lower(model, optimize="mobile")
    assert model.training
    assert all(torch.equal(one, model.state_dict()[name]) for name, one in before.items())
    assert model.conv.weight.is_contiguous()


def test_the_manifest_says_the_stages_and_the_memory_format(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    lower(Photos(), optimize="mobile").save(path)
    manifest = read_manifest(path)
    assert manifest.stages == (FROZEN, "mobile")
    assert str(manifest.signature) == "image: N C=3 H W @ channels_last -> N classes=5 where H >= 4, W >= 4"
    assert manifest.state == {}


def test_a_norm_that_nothing_can_take_in_stays_and_is_told() -> None:
    class First(Dense):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(6)

        def forward(self, x: Float[Tensor, "N C=6"]) -> Float[Tensor, "N 3"]:
            return self.head(self.norm(x))

    told = str(lower(First(), optimize="mobile").report).splitlines()
    assert "no folding of batch norms: no layer before them could take them in (1 batch norm)" in told
    assert "no dropout removal: there is no dropout in the graph" in told


def test_a_result_that_is_not_the_models_is_found() -> None:
    class Scripted(Photos):
        def forward(
            self, image: Float[Tensor, "N C=3 H W where H >= 4, W >= 4"]
        ) -> Float[Tensor, "N classes=5"]:
            scores = self.head(self.features(image).mean((2, 3)))
            return scores * 1.01 if torch.jit.is_scripting() else scores

    with pytest.raises(LowerError, match="does not compute what the original does"):
        namedtorch.lower(Scripted(), optimize="mobile")


REFUSED = [
    (
        {"train": True},
        r'^optimize="mobile" takes out what training needs: lower the model without train=True$',
    ),
    ({"optimize": "phone"}, r"^optimize='phone' is none of \"mobile\"$"),
    ({"to": "phone"}, r"^to='phone' is none of \"torchscript\", \"lite\", "),
]


@pytest.mark.parametrize(("given", "said"), REFUSED, ids=[next(iter(given)) for given, _ in REFUSED])
def test_what_can_not_be_asked_for(given: dict[str, object], said: str) -> None:
    with pytest.raises(LowerError, match=said):
        lower(Photos(), **{"optimize": "mobile", **given})


def test_functions_have_no_weights() -> None:
    def scaled(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
        return x * 2

    with pytest.raises(
        LowerError, match=r"scaled is a function, which has no weights to freeze .*for modules$"
    ):
        lower(scaled, optimize="mobile")
    assert lower(scaled, to="lite").target == "lite"


def test_hooks_are_not_dropped_in_silence() -> None:
    def hook(module: nn.Module, given: tuple[Tensor], result: Tensor) -> Tensor:
        return result

    model = Photos()
    model.register_forward_hook(hook)
    with pytest.raises(LowerError, match=r"has forward hooks, which torch\.jit\.freeze drops"):
        lower(model, optimize="mobile")


def test_frozen_once_is_enough() -> None:
    with pytest.raises(LowerError, match="Dense is frozen already"):
        lower(Dense(), optimize="mobile").freeze()


@pytest.mark.parametrize("method", ["script", "trace", "auto"])
def test_by_every_method(method: str) -> None:
    model = Photos().eval()
    lowered = lower(model, optimize="mobile", method=method)
    assert str(lowered.signature).startswith("image: N C=3 H W @ channels_last -> N classes=5")
    x = channels_last(images(3, 9, 7))
    torch.testing.assert_close(lowered(x), model(x), rtol=1e-4, atol=1e-5)
    with pytest.raises(torch.jit.Error, match=r"`image` is not stored as `@ channels_last`"):
        lowered.module(images(3, 9, 7))


def test_without_guards_in_the_graph_python_still_checks() -> None:
    lowered = lower(Photos(), optimize="mobile", guards="none")
    assert lowered.module(images()).shape == (2, 5)
    assert "@ channels_last" in str(lowered.signature)


def test_warm_up_and_graphs_go_on_working() -> None:
    lowered = lower(Photos(), optimize="mobile", example=lambda N, H, W: torch.randn(N, 3, H, W))
    assert lowered.warm_up() is lowered
    assert lowered.warm_up(2, sizes={"N": 3}) is lowered
    drawn = lower(Photos(), optimize="mobile")
    assert drawn.warm_up() is drawn
    graphs = drawn.stage_graphs()
    assert list(graphs) == ["frozen", "fused"]
    assert "%image : Float(N, C=3, H, W)" in graphs["frozen"]
    assert "dropout" not in graphs["frozen"]
    assert drawn.graph_diff("frozen", "fused", channels_last(images()))
    with pytest.raises(DimError, match="is not stored as `@ channels_last`"):
        drawn.stage_graphs(images())


def test_copies_are_models_too() -> None:
    lowered = copy.deepcopy(lower(Photos(), optimize="mobile", to="lite"))
    assert lowered(channels_last(images())).shape == (2, 5)
    assert lowered.target == "lite"


def test_folded_weights_of_several_methods_are_written_once(tmp_path: Path) -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 256, 5)
            self.norm = nn.BatchNorm2d(256)

        def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N 256"]:
            return self.norm(self.conv(image)).mean((2, 3))

        @torch.jit.export
        def largest(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N 256"]:
            return self.norm(self.conv(image)).amax((2, 3))

    weights = 3 * 256 * 25 * 4
    lowered = lower(Twice(), optimize="mobile")
    for name in ("m.pt", "m.ptl"):
        lowered.save(tmp_path / name)
        assert weights < os.path.getsize(tmp_path / name) < 2 * weights
    model = load(tmp_path / "m.ptl", memory_format="convert")
    assert model.largest(images(1, 8, 8)).shape == (1, 256)
