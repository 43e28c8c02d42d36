"""What a service was built for, asked of the model when it is loaded."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from namedtorch import AnnotationError, ArchiveError, Float, Int, load
from tests.deploy.archives import signature, write


class Model(nn.Module):
    """Two methods."""

    def forward(self, image: Tensor) -> Tensor:
        return image.mean((1, 2, 3))[:, None].expand(-1, 10)

    @torch.jit.export
    def encode(self, tokens: Tensor) -> Tensor:
        return tokens.float()


FORWARD = "image: N C=3 H W -> N classes=10 where H >= 8"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def encode(tokens: Int[Tensor, "N T"]) -> Float[Tensor, "N T"]: ...

    path = tmp_path_factory.mktemp("archives") / "m.pt"
    return write(path, Model().eval(), {"forward": FORWARD, "encode": encode})


FITS = [
    FORWARD,
    "image: N C=3 H W -> N 10 where H >= 32, W >= 32",
    "image: 1 3 224 224 -> 1 10",
    "image: batch 3 high wide -> batch scores where high > 7",
]


@pytest.mark.parametrize("text", FITS)
def test_a_model_that_does_what_is_expected_loads(path: Path, text: str) -> None:
    assert load(path, expect=text)(torch.rand(1, 3, 224, 224)).shape == (1, 10)
    assert load(path, expect=signature(text)).methods == ("forward", "encode")


def test_one_reason_is_one_line(path: Path) -> None:
    with pytest.raises(ArchiveError) as caught:
        load(path, expect="image: N C=3 H W -> N 1000 where H >= 8")
    assert str(caught.value) == (
        f"{path}: is not what `expect` asks for: the result: `expect` asks for 1000 at axis 1, and the model has 10 "
        f"there (it is `{FORWARD}`, `expect` is `image: N C=3 H W -> N 1000 where H >= 8`)"
    )


def test_several_reasons_are_listed(path: Path) -> None:
    with pytest.raises(ArchiveError) as caught:
        load(path, expect="image: N C=1 H W -> N 1000")
    assert str(caught.value).splitlines() == [
        f"{path}: is not what `expect` asks for, in 3 things",
        "  1. `image`: the model asks for `C=3` at axis 1, and `expect` has 1 there",
        "  2. the model asks for H >= 8, which `expect` does not promise: write `where H >= 8`",
        "  3. the result: `expect` asks for 1000 at axis 1, and the model has 10 there",
        f"  the model:  {FORWARD}",
        "  `expect`:   image: N C=1 H W -> N 1000",
    ]


def test_methods_by_name(path: Path) -> None:
    def tokens(tokens: Int[Tensor, "N T"]) -> Float[Tensor, "N T"]: ...
    def words(tokens: Float[Tensor, "N T"]) -> Float[Tensor, "N T"]: ...

    load(path, expect={"forward": FORWARD, "encode": signature(tokens)})
    load(path, expect={"encode": tokens})
    with pytest.raises(ArchiveError) as caught:
        load(path, expect={"encode": words})
    assert "`encode` is not what `expect` asks for: `tokens`: the model asks for the dtype Int" in str(
        caught.value
    )
    with pytest.raises(ArchiveError) as caught:
        load(path, expect={"decode": FORWARD})
    assert str(caught.value) == (
        f"{path}: has no method `decode`, which `expect` asks for; it has encode, forward"
    )


def test_a_function_as_its_caller_writes_it(path: Path) -> None:
    def scores(image: Float[Tensor, "N 3 224 224"]) -> Float[Tensor, "N K"]: ...
    def by_pixel(image: Float[Tensor, "N 3 224 224"]) -> Float[Tensor, "N K H W"]: ...

    load(path, expect=scores)
    with pytest.raises(ArchiveError, match=r"the result: `expect` asks for 4 axes, and the model has 2"):
        load(path, expect=by_pixel)


def test_an_expectation_that_is_no_signature(path: Path) -> None:
    with pytest.raises(AnnotationError, match="help: "):
        load(path, expect="image: N C=3 H W - N 10")


def test_an_expectation_is_held_against_the_manifest_before_the_file_is_opened(tmp_path: Path) -> None:
    path = write(tmp_path / "m.pt", Model().eval(), FORWARD)
    data = bytearray(path.read_bytes())
    data[data.index(b"code/__torch__") + 200] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="is not what `expect` asks for"):
        load(path, expect="image: N 1 -> N", digest="check")
    with pytest.raises(ArchiveError, match="its code changed since the file was saved"):
        load(path, expect=FORWARD)
