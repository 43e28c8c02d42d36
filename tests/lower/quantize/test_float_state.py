import copy
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from namedtorch import Float, LowerError
from namedtorch.lower.quantize.float_state import state_digest
from tests.lower.unverified import lower


class Tied(nn.Module):
    """Shared parameters, a shared module, a buffer that is not persistent, and what is never called."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 3)
        self.second.weight = self.first.weight
        self.again = self.first
        self.norm = nn.BatchNorm1d(3)
        self.unused = nn.Conv2d(2, 2, 3)
        self.kept: Tensor
        self.scale: Tensor
        self.register_buffer("kept", torch.arange(4).view(2, 2))
        self.register_buffer("scale", torch.tensor(2.0), persistent=False)
        self.register_buffer("nothing", None)

    def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        return self.norm(self.again(self.second(x))) * self.scale + self.kept.sum()


def model() -> Tied:
    torch.manual_seed(0)
    return Tied().eval()


def test_it_is_equal_for_copies_and_for_archives() -> None:
    given = model()
    digest = state_digest(given)
    assert len(digest) == 64
    assert state_digest(copy.deepcopy(given)) == digest
    assert state_digest(model()) == digest
    made = lower(given)
    assert state_digest(made.module) == digest
    file = io.BytesIO()
    torch.jit.save(made.module, file)
    file.seek(0)
    assert state_digest(torch.jit.load(file)) == digest


def test_it_is_the_formula_that_its_documentation_says() -> None:
    class Small(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.tensor([[1.0, 2.0], [3.0, 4.0]]).t())
            self.register_buffer("Bias", torch.tensor(7, dtype=torch.int16))

    expected = (
        b'["Bias", "int16", []]\n' + b"\x07\x00"
        b'["weight", "float32", [2, 2]]\n'
        + b"\x00\x00\x80?"  # 1, 3, 2, 4
        + b"\x00\x00@@"
        + b"\x00\x00\x00@"
        + b"\x00\x00\x80@"
    )
    assert state_digest(Small()) == hashlib.sha256(expected).hexdigest()


def flipped(given: Tied) -> None:
    bits = given.unused.weight.data.view(torch.int32)
    bits[1, 1, 2, 2] ^= 1


def flipped_buffer(given: Tied) -> None:
    given.kept[1, 1] ^= 1


def untied(given: Tied) -> None:
    given.second.weight = nn.Parameter(given.first.weight.detach().clone() + 1)


def renamed(given: Tied) -> None:
    given.unused, given.unuse = None, given.unused  # type: ignore[assignment]  # its name is what changes


def other_dtype(given: Tied) -> None:
    given.kept = given.kept.view(torch.float64)


def other_sizes(given: Tied) -> None:
    given.kept = given.kept.view(4)


def one_more(given: Tied) -> None:
    given.register_buffer("empty", torch.zeros(0))


@pytest.mark.parametrize(
    "change", [flipped, flipped_buffer, untied, renamed, other_dtype, other_sizes, one_more]
)
def test_it_differs_by_one_bit_a_name_a_dtype_or_a_size(change: Callable[[Tied], None]) -> None:
    given = model()
    digest = state_digest(given)
    change(given)
    assert state_digest(given) != digest


def test_strides_do_not_matter() -> None:
    given = model()
    digest = state_digest(given)
    given.unused.to(memory_format=torch.channels_last)
    assert not given.unused.weight.is_contiguous()
    given.kept = given.kept.t().contiguous().t()
    assert state_digest(given) == digest


@pytest.mark.parametrize(
    "value",
    [
        torch.ones(3, dtype=torch.bfloat16),
        torch.ones(3, dtype=torch.float8_e4m3fn),
        torch.tensor([True, False]),
        torch.tensor(1.5),
        torch.zeros(0, 4),
        torch.tensor([1 + 2j, 3 - 1j]),
        torch.tensor([1 + 2j, 3 - 1j]).conj(),
        torch.ones(3).expand(4, 3),
    ],
)
def test_tensors_of_every_kind_have_elements(value: Tensor) -> None:
    given, other, resolved = nn.Module(), nn.Module(), nn.Module()
    given.register_buffer("x", value)
    resolved.register_buffer("x", value.resolve_conj().clone().contiguous())
    other.register_buffer("x", value.clone().view(-1)[:0])
    assert state_digest(given) == state_digest(resolved)
    assert state_digest(given) != state_digest(other)


def quantized(values: Tensor) -> Tensor:
    return torch.quantize_per_tensor(values, 0.1, 0, torch.qint8)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nn.Sequential(nn.LazyLinear(3)),
            "`0.bias` has no values yet: its module makes it at the first call; call the model once",
        ),
        (
            lambda: nn.Sequential(nn.Linear(2, 2, device="meta")),
            "`0.bias` is on the meta device, which holds no values: load the weights, then quantize",
        ),
        (lambda: buffer(torch.ones(2, 2).to_sparse()), "`x` is a sparse_coo tensor, and a float model holds plain"),
        (lambda: buffer(quantized(torch.ones(2))), "`x` is a quantized tensor, and a float model holds plain ones"),
    ],
)  # fmt: skip
def test_what_has_no_plain_values_is_refused(make: Callable[[], nn.Module], message: str) -> None:
    with pytest.raises(LowerError) as error:
        state_digest(make())
    assert message in str(error.value)


def buffer(value: Tensor) -> nn.Module:
    made = nn.Module()
    made.register_buffer("x", value)
    return made


def test_a_model_without_a_state_has_the_digest_of_nothing() -> None:
    assert state_digest(nn.ReLU()) == hashlib.sha256(b"").hexdigest()


def test_a_file_with_a_guard_has_the_same_digest(tmp_path: Path) -> None:
    given = model()
    lower(given).save(tmp_path / "m.pt")
    loaded = torch.jit.load(tmp_path / "m.pt")
    assert state_digest(loaded) == state_digest(given)
