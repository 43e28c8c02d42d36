"""NamedTensors in calls of a loaded model: held to the signature by name, and names on the results."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, NamedTensor, checked, load, named
from tests.deploy.archives import write
from tests.lower.unverified import lower


class Pooled(nn.Module):
    def forward(self, image: Tensor, scale: float = 1.0) -> Tensor:
        return image.mean((2, 3)) * scale


IMAGE = torch.arange(2.0 * 3 * 4 * 5).reshape(2, 3, 4, 5)
NAMED = named(IMAGE, "N C H W")
SIGNATURE = "image: N C=3 H W, scale: float = 1.0 -> N C"


def pooled(image: Float[Tensor, "N C=3 H W"], scale: float = 1.0) -> Float[Tensor, "N C"]: ...


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("archives") / "m.pt", Pooled().eval(), pooled)


def model_of(tmp_path: Path, function: Callable[..., Any], signature: Any, **options: Any) -> Any:
    """The model of a function in TorchScript, with a signature as text or that of another function."""
    return load(write(tmp_path / "m.pt", torch.jit.script(function), signature, kind="function"), **options)


def test_results_have_the_names_of_the_signature(path: Path) -> None:
    model = load(path)
    for result in (model(NAMED), model(image=NAMED), model(scale=1.0, image=NAMED)):
        assert isinstance(result, NamedTensor)
        assert result.dims == ("N", "C")
        assert torch.equal(result.tensor, model(IMAGE))


def test_plain_arguments_give_plain_results(path: Path) -> None:
    assert type(load(path)(IMAGE)) is Tensor
    assert type(load(path)(IMAGE.numpy())) is Tensor


def test_another_order_is_refused_and_says_which(path: Path) -> None:
    turned = NAMED.align_to("N H W C")
    with pytest.raises(DimError) as caught:
        load(path)(turned)
    assert str(caught.value) == (
        "`image` is `N H W C`, and the model wants `N C=3 H W`; give it aligned, "
        '`image.align_to("N C H W")`, or load the model with align=True\n'
        f"  signature: {SIGNATURE}\n"
        "  image: N H W C\n"
        "  in tests.Model"
    )
    assert caught.value.failures[0].code == "names-differ"


def test_another_order_is_put_in_order_on_request(path: Path) -> None:
    turned = NAMED.align_to("W C N H")
    result = load(path, align=True)(turned)
    assert result.dims == ("N", "C")
    assert torch.equal(result.tensor, load(path)(IMAGE))


def test_align_is_for_names_alone(path: Path) -> None:
    """A plain tensor has no names, so that nothing says in which order it is."""
    with pytest.raises(DimError, match="is it N H W C"):
        load(path, align=True)(IMAGE.permute(0, 2, 3, 1))


def test_other_names_are_refused(path: Path) -> None:
    for align in (False, True):
        with pytest.raises(DimError) as caught:
            load(path, align=align)(named(IMAGE, "N D H W"))
        assert str(caught.value).startswith("axis 1 of `image` is `D`, but the model wants `C` there\n")


def test_another_rank_is_refused(path: Path) -> None:
    with pytest.raises(DimError) as caught:
        load(path)(named(IMAGE[0], "C H W"))
    assert str(caught.value).startswith("`image` has rank 3, but `N C=3 H W` has rank 4: it is `C H W`\n")


def test_sizes_are_held_as_ever(path: Path) -> None:
    with pytest.raises(DimError, match="`image` has size 2 at axis 1, but `C` is 3"):
        load(path)(named(IMAGE[:, :2], "N C H W"))


def test_an_axis_without_a_name_lies_where_it_stands(path: Path) -> None:
    assert load(path)(named(IMAGE, "N _ H W")).dims == ("N", "C")


def test_groups_take_the_names_of_their_axes(tmp_path: Path) -> None:
    def add(x: Tensor, y: Tensor) -> Tensor:
        return x + y

    model = model_of(tmp_path, add, "x: *batch C, y: *batch C -> *batch C")
    x = torch.ones(2, 3, 4)
    assert model(named(x, "B T C"), named(x, "B T C")).dims == ("B", "T", "C")
    assert model(named(x, "B T C"), x).dims == ("B", "T", "C")
    with pytest.raises(DimError) as caught:
        model(named(x, "B T C"), named(x, "B S C"))
    assert str(caught.value).startswith("`*batch` is `B S` in `y`, and `B T` elsewhere\n")


def test_a_group_that_no_argument_names_has_no_names(tmp_path: Path) -> None:
    def add(x: Tensor, y: Tensor) -> Tensor:
        return x + y

    model = model_of(tmp_path, add, "x: *batch C, y: C -> *batch C")
    assert model(torch.ones(2, 3, 4), named(torch.ones(4), "C")).dims == (None, None, "C")


def test_broadcast_groups_are_named_from_the_right(tmp_path: Path) -> None:
    def add(x: Tensor, y: Tensor) -> Tensor:
        return x + y

    model = model_of(tmp_path, add, "x: *#batch C, y: *#batch C -> *batch C")
    result = model(named(torch.ones(2, 3, 4), "B T C"), named(torch.ones(3, 4), "T C"))
    assert result.dims == ("B", "T", "C")
    assert model(torch.ones(2, 3, 4), named(torch.ones(3, 4), "T C")).dims == (None, "T", "C")


def test_axes_without_names_in_the_signature_have_none(tmp_path: Path) -> None:
    def twice(x: Tensor) -> Tensor:
        return torch.cat([x, x], 1)

    model = model_of(tmp_path, twice, "x: N C -> N 2*C")
    assert model(named(torch.ones(2, 3), "N C")).dims == ("N", None)


def test_lists_tuples_and_dicts(tmp_path: Path) -> None:
    def apart(
        images: list[Tensor], pair: tuple[Tensor, Tensor], by: dict[str, Tensor]
    ) -> tuple[list[Tensor], dict[str, Tensor]]:
        return [image.mean(0) for image in images], {"sum": pair[0] + pair[1] + by["bias"]}

    def described(
        images: list[Float[Tensor, "C=3 ?H ?W"]],
        pair: tuple[Float[Tensor, "N"], Float[Tensor, "N"]],
        by: dict[str, Float[Tensor, "N"]],
    ) -> tuple[list[Float[Tensor, "?H ?W"]], dict[str, Float[Tensor, "N"]]]: ...

    model = model_of(tmp_path, apart, described)
    image, one = torch.ones(3, 4, 5), torch.ones(2)
    images, sums = model(
        [named(image, "C H W"), image[:, :2]], (one, named(one, "N")), {"bias": named(one, "N")}
    )
    assert [part.dims for part in images] == [("H", "W"), ("H", "W")]
    assert sums["sum"].dims == ("N",)
    with pytest.raises(DimError) as caught:
        model([image, named(image, "H W C")], (one, one), {"bias": named(one, "K")})
    assert "1. `images[1]` is `H W C`, and the model wants `C=3 ?H ?W`" in str(caught.value)
    assert "2. axis 0 of `by['bias']` is `K`, but the model wants `N` there" in str(caught.value)


class Both(NamedTuple):
    h: Tensor
    c: Tensor


class Cell(nn.Module):
    def forward(self, x: Tensor, state: Both) -> Both:
        return Both(state.h + x, state.c * 2)


class Mine:
    """What has the fields of a record, in the order of its own."""

    def __init__(self, c: Any, h: Any) -> None:
        self.c = c
        self.h = h


def test_records(tmp_path: Path) -> None:
    class Hinted(NamedTuple):
        h: Float[Tensor, "N D"]
        c: Float[Tensor, "N D"]

    def described(x: Float[Tensor, "N D"], state: Hinted) -> Hinted: ...

    model = load(write(tmp_path / "m.pt", Cell().eval(), described))
    x, c = torch.ones(2, 3), torch.full((2, 3), 4.0)
    for state in (Both(named(x, "N D"), c), Mine(c, named(x, "N D")), (named(x, "N D"), c)):
        found = model(x, state)
        assert (found.h.dims, found.c.dims) == (("N", "D"), ("N", "D"))
        assert torch.equal(found.h.tensor, x + x)
        assert torch.equal(found.c.tensor, c * 2)
    with pytest.raises(DimError, match=r"`state\.h` is `D N`, and the model wants `N D`"):
        model(x, Both(named(x.t(), "D N"), c))


def test_optional_and_either(tmp_path: Path) -> None:
    def shifted(x: Tensor, shift: Tensor | None = None) -> Tensor:
        return x if shift is None else x + shift

    def described(
        x: Float[Tensor, "N"] | Float[Tensor, "N C"], shift: Float[Tensor, "C"] | None = None
    ) -> Float[Tensor, "N"] | Float[Tensor, "N C"]: ...

    model = model_of(tmp_path, shifted, described)
    x = torch.ones(2, 3)
    assert model(named(x, "N C")).dims == ("N", "C")
    assert model(named(x, "N C"), named(x[0], "C")).dims == ("N", "C")
    assert model(named(x[:, 0], "N")).dims == ("N",)
    with pytest.raises(DimError, match=r"`x` is `C N`, and the model wants `N C`"):
        model(named(x.t(), "C N"))


def test_beside_arrays(tmp_path: Path) -> None:
    def add(x: Tensor, y: Tensor) -> Tensor:
        return x + y

    model = model_of(tmp_path, add, "x: N, y: N -> N")
    assert model(named(torch.ones(2), "N"), np.ones(2, np.float32)).dims == ("N",)


def test_calls_that_do_not_fit_are_told_as_ever(path: Path) -> None:
    model = load(path)
    with pytest.raises(TypeError, match="3 arguments given by position, 2 taken"):
        model(NAMED, 1.0, NAMED)
    with pytest.raises(TypeError, match="there is no argument `img`; did you mean `image`"):
        model(img=NAMED)


def test_what_was_lowered_takes_names_too() -> None:
    @checked
    class Model(nn.Module):
        def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N C"]:
            return image.mean((2, 3))

    lowered = lower(Model())
    assert lowered(NAMED).dims == ("N", "C")
    assert type(lowered(IMAGE)) is Tensor
    with pytest.raises(DimError) as caught:
        lowered(NAMED.align_to("N H W C"))
    text = str(caught.value).partition("\n")[0]
    assert text.endswith('give it aligned, `image.align_to("N C H W")`')
