"""Arrays and records as arguments: wherever a tensor goes, an array does too."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Optional

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, load
from namedtorch.deploy.model import LoadedModel
from tests.deploy.archives import write

F, T = Float, Tensor


class Pair(NamedTuple):
    """A record as the model has it."""

    left: Tensor
    right: Tensor


class Swapped(NamedTuple):
    """A record of a caller's: the same fields in another order, and one more."""

    right: Tensor
    left: Tensor
    more: int = 0


class Sums(nn.Module):
    """One method for each place that a tensor may have."""

    def forward(self, x: Tensor, scale: float = 1.0) -> Tensor:
        return x * scale

    @torch.jit.export
    def in_list(self, xs: list[Tensor]) -> Tensor:
        return torch.stack(xs).sum(0)

    @torch.jit.export
    def in_dict(self, xs: dict[str, Tensor]) -> Tensor:
        return xs["a"] - xs["b"]

    @torch.jit.export
    def in_tuple(self, xs: tuple[Tensor, Tensor]) -> Tensor:
        return xs[0] - xs[1]

    @torch.jit.export
    def in_record(self, pair: Pair) -> Tensor:
        return pair.left - pair.right

    @torch.jit.export
    def in_records(self, pairs: list[Pair]) -> Tensor:
        return pairs[0].left - pairs[0].right

    @torch.jit.export
    def optional(self, x: Tensor, y: Optional[Tensor] = None) -> Tensor:
        return x if y is None else x - y

    @torch.jit.export
    def without_dims(self, xs: list[Tensor]) -> Tensor:
        return xs[0]


class Dims(NamedTuple):
    """The dims of `Pair`."""

    left: F[T, "N"]
    right: F[T, "N"]


def forward(x: F[T, "N"], scale: float = 1.0) -> F[T, "N"]: ...
def in_list(xs: list[F[T, "N"]]) -> F[T, "N"]: ...
def in_dict(xs: dict[str, F[T, "N"]]) -> F[T, "N"]: ...
def in_tuple(xs: tuple[F[T, "N"], F[T, "N"]]) -> F[T, "N"]: ...
def in_record(pair: Dims) -> F[T, "N"]: ...
def in_records(pairs: list[Dims]) -> F[T, "N"]: ...
def optional(x: F[T, "N"], y: Optional[F[T, "N"]] = None) -> F[T, "N"]: ...
def without_dims(xs: list[Tensor]) -> F[T, "N"]: ...


METHODS = [forward, in_list, in_dict, in_tuple, in_record, in_records, optional, without_dims]


@pytest.fixture(scope="module", params=["m.pt", "m.ptl"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    path: Path = tmp_path_factory.mktemp("archives") / request.param
    return load(write(path, Sums().eval(), {one.__name__: one for one in METHODS}))


A, B = np.array([5.0, 7.0], np.float32), np.array([2.0, 3.0], np.float32)
TA, TB = torch.tensor([5.0, 7.0]), torch.tensor([2.0, 3.0])

# Each is 5 and 7 less 2 and 3, or says what it is.
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any], list[float]]] = [
    ("forward", (A,), {}, [5, 7]),
    ("forward", (), {"x": A, "scale": 2.0}, [10, 14]),
    ("in_list", ([A, TB],), {}, [7, 10]),
    ("in_list", ((A, B),), {}, [7, 10]),
    ("in_dict", ({"a": A, "b": TB},), {}, [3, 4]),
    ("in_tuple", ((TA, B),), {}, [3, 4]),
    ("in_record", (Pair(TA, TB),), {}, [3, 4]),
    ("in_record", ((A, B),), {}, [3, 4]),
    ("in_record", (), {"pair": Swapped(TB, TA)}, [3, 4]),
    ("in_record", (Swapped(B, A),), {}, [3, 4]),
    ("in_record", (SimpleNamespace(left=TA, right=B),), {}, [3, 4]),
    ("in_records", ([Swapped(TB, TA), (A, B)],), {}, [3, 4]),
    ("optional", (A,), {}, [5, 7]),
    ("optional", (A, None), {}, [5, 7]),
    ("optional", (TA,), {"y": B}, [3, 4]),
    ("without_dims", ([A],), {}, [5, 7]),
]


@pytest.mark.parametrize(("method", "args", "kwargs", "expected"), CALLS)
def test_arrays_and_records_anywhere(
    model: LoadedModel, method: str, args: tuple[Any, ...], kwargs: dict[str, Any], expected: list[float]
) -> None:
    if method == "in_list" and isinstance(args[0], tuple):
        # A tuple is no list, with arrays as without.
        with pytest.raises(DimError, match="`xs` is a tuple of 2, but the annotation asks for a list"):
            getattr(model, method)(*args, **kwargs)
        return
    result = getattr(model, method)(*args, **kwargs)
    assert isinstance(result, Tensor)
    assert result.tolist() == expected


def test_arrays_are_held_to_the_signature(model: LoadedModel) -> None:
    with pytest.raises(DimError, match="`x` has rank 2"):
        model(np.zeros((2, 3), np.float32))
    with pytest.raises(DimError, match="`x` has dtype int64, but the annotation says Float"):
        model(np.zeros(3, np.int64))
    with pytest.raises(DimError, match=r"`xs\[1\]` has size 3 at axis 0, but `N` is 2"):
        model.in_list([A, np.zeros(3, np.float32)])


@pytest.mark.parametrize("value", [np.array(["a"]), np.array([object()]), [1.0, 2.0], "text", 1.0])
def test_what_is_no_tensor_stays_what_it_is(model: LoadedModel, value: Any) -> None:
    with pytest.raises(DimError, match=r"^`x` is "):
        model(value)


def test_arrays_of_every_layout(model: LoadedModel) -> None:
    for array in (A[::-1], A.astype(">f4"), np.broadcast_to(A[:1], 2), A[:0], np.float32([1, 2, 3])[::2]):
        assert model(array).tolist() == array.tolist()
    frozen = A.copy()
    frozen.flags.writeable = False
    assert model(frozen).tolist() == [5, 7]


def test_masked_numbers_are_not_given_to_a_model(model: LoadedModel) -> None:
    assert model(np.ma.masked_greater(A, 9)).tolist() == [5, 7]
    with pytest.raises(
        DimError, match=r"^`x` is a float32 MaskedArray \(2,\), but the annotation asks for a Tensor"
    ):
        model(np.ma.masked_greater(A, 6))


def test_a_number_of_numpys_is_a_scalar(tmp_path: Path) -> None:
    model = load(write(tmp_path / "m.pt", Sums().eval(), "x: -> "))
    assert model(np.float32(3)).tolist() == 3


def test_an_array_is_not_copied_where_torch_can_share_it(tmp_path: Path) -> None:
    class Writes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.add_(1)

    model = load(write(tmp_path / "m.pt", Writes().eval(), "x: N -> N"))
    array = np.zeros(2, np.float32)
    model(array)
    assert array.tolist() == [1, 1]


def test_a_union_takes_arrays_for_each_of_its_alternatives(tmp_path: Path) -> None:
    class Either(nn.Module):
        def forward(self, x: list[Tensor] | Tensor) -> Tensor:
            if isinstance(x, list):
                return torch.stack(x)
            return x[None]

    def either(x: list[F[T, "N"]] | F[T, "N"]) -> F[T, "M N"]: ...

    model = load(write(tmp_path / "m.pt", Either().eval(), either))
    assert model(A).tolist() == [[5, 7]]
    assert model([A, TB]).tolist() == [[5, 7], [2, 3]]
