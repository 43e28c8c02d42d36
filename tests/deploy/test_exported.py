"""Models out of .pt2 archives: the same checks, whatever torch.export makes of the graph."""

import gc
import inspect
import warnings
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim

from namedtorch import ArchiveError, DimError, Float, load, named
from namedtorch.archive.interface import (
    Constant,
    Fixed,
    Input,
    Interface,
    Length,
    Mapping,
    Output,
    Record,
    Sequence,
)
from tests.deploy.archives import write_exported

SIGNATURE = "image: N C=3 H W -> N 4 where H >= 4, W >= 4"
IMAGE = torch.linspace(-1.0, 1.0, 2 * 3 * 5 * 6).reshape(2, 3, 5, 6)


class Classifier(nn.Module):
    """Scores of images; a buffer, which a call may change."""

    def __init__(self, counting: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        self.counting = counting

    def forward(self, image: Tensor) -> tuple[Tensor]:
        if self.counting:
            self.calls.add_(1)
        return (self.norm(self.conv(image)).mean((2, 3)),)


def free() -> dict[str, Any]:
    return {"image": {0: Dim("N"), 2: Dim("H", min=4), 3: Dim("W", min=4)}}


@pytest.fixture(scope="module")
def model() -> Classifier:
    torch.manual_seed(0)
    return Classifier().eval()


@pytest.fixture(scope="module")
def path(model: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archives") / "m.pt2"
    return write_exported(path, model, {"image": IMAGE}, SIGNATURE, free())


def test_gives_what_the_model_gives(path: Path, model: Classifier) -> None:
    loaded = load(path)
    for image in (IMAGE, IMAGE[:1], torch.rand(7, 3, 9, 4)):
        expected = model(image)[0]
        for result in (loaded(image), loaded(image=image), loaded(image.numpy())):
            assert result.is_inference()
            torch.testing.assert_close(result, expected)


def test_says_what_it_is(path: Path) -> None:
    loaded = load(path)
    assert repr(loaded) == f"<tests.Model: {SIGNATURE}>"
    assert loaded.manifest.format == "export"
    assert (loaded.methods, loaded.device) == (("forward",), torch.device("cpu"))
    assert list(inspect.signature(loaded).parameters) == ["image"]
    assert isinstance(loaded.module, torch.fx.GraphModule)
    assert min(name for name, _ in loaded.module.named_parameters()) == "conv.bias"


def test_wrong_dims_are_refused_by_name(path: Path) -> None:
    loaded = load(path)
    with pytest.raises(DimError, match=r"`image` has size 5 at axis 1, but `C` is 3[^\n]*is it N H W C"):
        loaded(IMAGE.permute(0, 2, 3, 1))
    with pytest.raises(DimError, match="`image` has rank 3"):
        loaded(IMAGE[0])
    with pytest.raises(DimError, match="H >= 4"):
        loaded(IMAGE[:, :, :3])
    with pytest.raises(TypeError, match="there is no argument `img`; did you mean `image`"):
        loaded(img=IMAGE)
    with pytest.raises(TypeError, match="`image` is missing"):
        loaded()


def test_results_are_held_too(tmp_path: Path) -> None:
    path = write_exported(
        tmp_path / "m.pt2", Classifier(), {"image": IMAGE}, "image: N C=3 H W -> N 5", free()
    )
    with pytest.raises(DimError, match="`result` has size 4 at axis 1, but the annotation says 5"):
        load(path)(IMAGE)


def test_expect_and_warm_up(path: Path) -> None:
    loaded = load(path, expect="image: N 3 8 8 -> N 4", warm_up=2, sizes={"N": 2, "H": 5, "W": 6})
    assert loaded(IMAGE).shape == (2, 4)
    with pytest.raises(ArchiveError, match="is not what `expect` asks for"):
        load(path, expect="image: N 1 8 8 -> N 4")


def test_a_device_is_where_weights_and_inputs_go(path: Path, model: Classifier) -> None:
    loaded = load(path, device="cpu")
    assert loaded.device == torch.device("cpu")
    torch.testing.assert_close(loaded(IMAGE), model(IMAGE)[0])
    away = load(path, device="meta")
    assert {one.device.type for one in away.module.parameters()} == {"meta"}
    assert away(IMAGE.numpy()).device.type == "meta"
    with pytest.raises(ValueError, match="device 'toaster' can't be used here"):
        load(path, device="toaster")


def test_gradients_on_request(path: Path) -> None:
    image = IMAGE.clone().requires_grad_()
    load(path, grad=True)(image).sum().backward()
    assert image.grad is not None
    assert not load(path)(image).requires_grad


def test_a_memory_format_is_asked_for_and_converted(tmp_path: Path, model: Classifier) -> None:
    class Pooled(nn.Module):
        def forward(self, image: Tensor) -> tuple[Tensor]:
            return (image.mean((2, 3)),)

    stored = IMAGE.to(memory_format=torch.channels_last)
    text = "image: N C=3 H W @ channels_last -> N C"
    path = write_exported(tmp_path / "m.pt2", Pooled(), {"image": stored}, text, free())
    with pytest.raises(DimError, match='memory_format="convert"'):
        load(path)(IMAGE)
    torch.testing.assert_close(load(path, memory_format="convert")(IMAGE), IMAGE.mean((2, 3)))


def test_a_buffer_that_counts_counts(tmp_path: Path) -> None:
    path = write_exported(tmp_path / "m.pt2", Classifier(counting=True), {"image": IMAGE}, SIGNATURE, free())
    model = load(path)
    before = int(model.module.calls)
    for _ in range(3):
        model(IMAGE)
    assert int(model.module.calls) == before + 3


def test_containers_go_in_and_come_out(tmp_path: Path) -> None:
    class Flat(nn.Module):
        def forward(self, images_0: Tensor, images_1: Tensor, by_bias: Tensor) -> tuple[Tensor, Tensor]:
            return images_0 + by_bias, images_1 * 2

    def described(
        images: list[Float[Tensor, "N"]], by: dict[str, Float[Tensor, "N"]], scale: float = 2.0
    ) -> dict[str, list[Float[Tensor, "N"]]]: ...

    interface = Interface(
        inputs=(
            Input("images_0", ("images", 0)),
            Input("images_1", ("images", 1)),
            Input("by_bias", ("by", "bias")),
        ),
        outputs=("a", "b"),
        result=Mapping((("found", Sequence("list", (Output(1), Output(0)))),)),
        fixed=(Fixed(("scale",), 2.0),),
        lengths=(Length(("images",), 2),),
    )
    size = Dim("N")
    names = ("images_0", "images_1", "by_bias")
    path = write_exported(
        tmp_path / "m.pt2",
        Flat(),
        {name: torch.rand(3) for name in names},
        described,
        {name: {0: size} for name in names},
        interface,
    )
    model = load(path, warm_up=2)
    one = torch.ones(4)
    found = model([one, one * 3], {"bias": one})["found"]
    assert [part.tolist() for part in found] == [[6.0] * 4, [2.0] * 4]
    assert model([np.ones(4, np.float32), one], by={"bias": one}, scale=2.0)["found"][1].tolist() == [2.0] * 4
    with pytest.raises(DimError, match=r"`scale` is 2\.0 in this file"):
        model([one, one], {"bias": one}, 3.0)
    with pytest.raises(DimError, match="`images` has 2 elements in this file"):
        model([one], {"bias": one})
    with pytest.raises(DimError, match=r"`images\[1\]` has size 5 at axis 0, but `N` is 4"):
        model([one, torch.ones(5)], {"bias": one})


def test_any_number_of_arguments(tmp_path: Path) -> None:
    class Flat(nn.Module):
        def forward(self, x_0: Tensor, x_1: Tensor, y: Tensor) -> tuple[Tensor]:
            return (x_0 + x_1 * y,)

    def described(*x: Float[Tensor, "N"], **y: Float[Tensor, "N"]) -> Float[Tensor, "N"]: ...

    interface = Interface(
        (Input("x_0", ("x", 0)), Input("x_1", ("x", 1)), Input("y", ("y", "scale"))),
        ("out",),
        Output(0),
        lengths=(Length(("x",), 2),),
    )
    size = Dim("N")
    inputs = {name: torch.rand(3) for name in ("x_0", "x_1", "y")}
    dynamic = {name: {0: size} for name in inputs}
    path = write_exported(tmp_path / "m.pt2", Flat(), inputs, described, dynamic, interface)
    model, one = load(path), torch.ones(4)
    for scale in (one * 2, np.full(4, 2, np.float32)):
        assert model(one, np.ones(4, np.float32), scale=scale).tolist() == [3.0] * 4
    assert model(named(one, "N"), one, scale=named(one, "N")).dims == ("N",)
    with pytest.raises(DimError) as caught:
        model(one, named(one, "K"), scale=named(one, "L"))
    assert "1. axis 0 of `x[1]` is `K`, but the model wants `N` there" in str(caught.value)
    assert "2. axis 0 of `scale` is `L`, but the model wants `N` there" in str(caught.value)


def test_an_interface_that_does_not_fit_the_signature(tmp_path: Path) -> None:
    interface = Interface((Input("image", ("picture",)),), ("y",), Output(0))
    path = write_exported(tmp_path / "m.pt2", Classifier(), {"image": IMAGE}, SIGNATURE, free(), interface)
    with pytest.raises(ArchiveError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path}: the interface speaks of `picture`, which the signature has not; get the file again, or lower the "
        "model again"
    )


def test_records_and_constants_come_out(tmp_path: Path) -> None:
    interface = Interface(
        (Input("image", ("image",)),),
        ("y",),
        Record("Found", (("scores", Output(0)), ("note", Constant(None)))),
    )

    def forward(image: Float[Tensor, "N C=3 H W"]) -> Any: ...

    path = write_exported(tmp_path / "m.pt2", Classifier(), {"image": IMAGE}, forward, free(), interface)
    found = load(path)(IMAGE)
    assert (found.scores.shape, found.note) == ((2, 4), None)


def test_the_name_of_a_file_may_end_in_anything(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "model"
    other.write_bytes(path.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(other)(IMAGE).shape == (2, 4)


def test_broken_weights_are_found(path: Path, tmp_path: Path) -> None:
    data = bytearray(path.read_bytes())
    at = data.index(b"weight_0") + 200
    data[at] ^= 1
    (tmp_path / "m.pt2").write_bytes(data)
    with pytest.raises(ArchiveError) as caught:
        load(tmp_path / "m.pt2")
    assert "\n" not in str(caught.value)


def test_a_model_is_freed_with_its_last_reference(path: Path) -> None:
    model = load(path)
    gone = weakref.ref(model.module)
    del model
    gc.collect()
    assert gone() is None
