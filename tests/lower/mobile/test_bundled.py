"""Inputs in the file, and where errors come from: for apps that know nothing of the model."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.jit.mobile import LiteScriptModule

from namedtorch import DimError, Float, LowerError, load, named
from tests.lower.mobile.phone_models import Dense, Photos, channels_last, images, on_phone
from tests.lower.unverified import lower


def run_like_an_app(phone: LiteScriptModule) -> list[Any]:
    """What an app does that benchmarks any model: it asks it for inputs, and runs it on them."""
    calls = phone.run_method("get_all_bundled_inputs")
    assert phone.run_method("get_num_bundled_inputs") == len(calls)
    return [phone(*call) for call in calls]


@pytest.mark.parametrize("optimize", [None, "mobile"])
def test_drawn_inputs_pass_the_guard(tmp_path: Path, optimize: str | None) -> None:
    lowered = lower(Photos(), optimize=optimize)
    (result,) = run_like_an_app(on_phone(lowered, tmp_path, bundle=True))
    assert result.shape[1] == 5
    assert not hasattr(lowered.module, "get_all_bundled_inputs")
    plain = on_phone(lowered, tmp_path)
    assert not plain.find_method("get_all_bundled_inputs")


def test_inputs_that_the_original_took_are_bundled(tmp_path: Path) -> None:
    class Sound(nn.Module):
        """Takes no less than 48 samples, which its signature does not say."""

        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 4, 3)

        def forward(self, x: Float[Tensor, "N T where T % 16 == 0"]) -> Float[Tensor, "N 4"]:
            return self.conv(x.reshape(x.size(0), 1, 16, -1)).mean((2, 3))

    lowered = lower(Sound(), verify=True)
    (result,) = run_like_an_app(on_phone(lowered, tmp_path, bundle=True))
    assert result.shape[1] == 4


def test_inputs_of_the_example_are_bundled(tmp_path: Path) -> None:
    lowered = lower(Photos(), optimize="mobile", example=(torch.ones(1, 3, 20, 20),))
    phone = on_phone(lowered, tmp_path, bundle=True)
    ((image,),) = phone.run_method("get_all_bundled_inputs")
    assert torch.equal(image, torch.ones(1, 3, 20, 20))
    assert image.is_contiguous(memory_format=torch.channels_last)
    # One number over and over is written once.
    assert os.path.getsize(tmp_path / "model.ptl") < 4 * image.numel() + 25_000


def test_inputs_of_the_user(tmp_path: Path) -> None:
    class Scaled(nn.Module):
        def forward(
            self, x: Float[Tensor, "N C"], by: float = 2.0, more: list[Float[Tensor, "N"]] | None = None
        ) -> Float[Tensor, "N C"]:
            total = x * by
            if more is not None:
                for one in more:
                    total = total + one[:, None]
            return total

    x = torch.randn(2, 30)
    y = torch.randn(30, 2).t()
    calls: list[Any] = [
        (x, 3.0),
        ((x,), {"by": 0.5, "more": [torch.ones(2)]}),
        y,
        (named(x, "N C"),),
    ]
    phone = on_phone(lower(Scaled()), tmp_path, bundle=calls)
    results = run_like_an_app(phone)
    for result, expected in zip(results, [x * 3, x * 0.5 + 1, y * 2, x * 2], strict=True):
        torch.testing.assert_close(result, expected)
    given = phone.run_method("get_all_bundled_inputs")
    assert given[2][0].stride() == y.stride()
    # What is bundled with a .pt is read by torch itself, and the guard of the file is that of any.
    lower(Scaled()).save(tmp_path / "m.pt", bundle=calls[:1])
    loaded = load(tmp_path / "m.pt")
    ((first, by, _),) = loaded.module.get_all_bundled_inputs()
    torch.testing.assert_close(loaded(first, by), x * 3)


def test_inputs_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    lowered = lower(Photos(), optimize="mobile")
    path = tmp_path / "m.ptl"
    with pytest.raises(DimError, match="`image` has size 12 at axis 1, but `C` is 3"):
        lowered.save(path, bundle=[(images().permute(0, 2, 3, 1),)])
    with pytest.raises(DimError, match="is not stored as `@ channels_last`"):
        lowered.save(path, bundle=[channels_last(images()), images()])
    with pytest.raises(
        LowerError, match=r"call 1 of those .* is none of .*`image` is missing; it takes image: N"
    ):
        lowered.save(path, bundle=[()])
    with pytest.raises(LowerError, match="there are no inputs to bundle"):
        lowered.save(path, bundle=[])

    def double(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x * 2

    with pytest.raises(LowerError, match="double is a function, and torch bundles inputs with modules only"):
        lower(double).save(path, bundle=True)
    assert os.listdir(tmp_path) == []


def test_a_model_that_fails_with_what_is_drawn_wants_inputs(tmp_path: Path) -> None:
    class Squares(nn.Module):
        def forward(self, x: Float[Tensor, "N M"]) -> Float[Tensor, "N M"]:
            return x @ x

    with pytest.raises(
        LowerError, match=r"give inputs that it takes: save\(\.\.\., bundle=\[\(\.\.\.,\)\]\)$"
    ):
        lower(Squares()).save(tmp_path / "m.ptl", bundle=True)


@pytest.mark.parametrize("optimize", [None, "mobile"])
def test_debug_info_names_the_line(tmp_path: Path, optimize: str | None) -> None:
    class Fails(Dense):
        def forward(self, x: Float[Tensor, "N C=6"]) -> Float[Tensor, "N 3"]:
            return self.head(x) @ torch.ones(x.size(0), 3)  # the line

    source = Path(__file__).read_text().splitlines()
    line = next(number for number, text in enumerate(source, 1) if text.endswith("# the line"))
    lowered = lower(Fails(), optimize=optimize)
    sizes: list[int] = []
    for debug in (False, True):
        phone = on_phone(lowered, tmp_path, debug=debug)
        sizes.append(os.path.getsize(tmp_path / "model.ptl"))
        with pytest.raises(RuntimeError, match="cannot be multiplied") as caught:
            phone(torch.randn(2, 6))
        assert (f'File "{__file__}", line {line}' in str(caught.value)) == debug
    assert sizes[0] < sizes[1]
    lowered.save(tmp_path / "m.pt", debug=True)
    assert load(tmp_path / "m.pt")(torch.randn(3, 6)).shape == (3, 3)
