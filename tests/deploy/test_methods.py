"""The methods of a loaded model: forward and those that were exported, each behind its own guard."""

import inspect
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, load
from tests.deploy.archives import write


class Coder(nn.Module):
    """Two exported methods, one of which calls the other."""

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x, 2))

    @torch.jit.export
    def encode(self, x: Tensor, times: int = 2) -> Tensor:
        return x * times

    @torch.jit.export
    def decode(self, code: Tensor) -> Tensor:
        return code[:, :2]


def encode(x: Float[Tensor, "N C=3"], times: int = 2) -> Float[Tensor, "N C"]: ...
def decode(code: Float[Tensor, "N C where C >= 2"]) -> Float[Tensor, "N 2"]: ...


CODER = {"forward": "x: N C=3 -> N 2", "encode": encode, "decode": decode}


@pytest.fixture(scope="module", params=["m.pt", "m.ptl"])
def coder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("archives") / request.param
    return write(path, Coder().eval(), CODER, name="app.Coder", metadata={"labels": ["a", "b"], "mean": 0.5})


def test_exported_methods_are_attributes(coder: Path) -> None:
    model = load(coder)
    assert model.methods == ("forward", "decode", "encode")
    x = torch.ones(2, 3)
    torch.testing.assert_close(model.encode(x), x * 2)
    torch.testing.assert_close(model.encode(times=3, x=x), x * 3)
    torch.testing.assert_close(model.decode(code=model.encode(x)), model(x))
    assert model.forward(x).is_inference()
    assert str(inspect.signature(model.encode)) == "(x, times=2)"
    assert model.encode.__doc__ == "x: N C=3, times: int = 2 -> N C"
    assert {"encode", "decode", "forward", "signature"} <= set(dir(model))


def test_exported_methods_are_held_to_their_signatures(coder: Path) -> None:
    model = load(coder)
    with pytest.raises(DimError) as caught:
        model.decode(torch.ones(2, 1))
    assert "C >= 2" in str(caught.value)
    assert caught.value.function == "app.Coder.decode"
    with pytest.raises(TypeError) as wrong:
        model.encode(torch.ones(2, 3), time=2)
    assert str(wrong.value) == (
        "app.Coder.encode: there is no argument `time`; did you mean `times`? It takes "
        "x: N C=3, times: int = 2 -> N C"
    )


def test_a_result_is_held_to_the_signature(tmp_path: Path) -> None:
    model = load(write(tmp_path / "m.pt", nn.ReLU().eval(), "input: N C -> N classes=10"))
    with pytest.raises(DimError, match="`result` has size 3 at axis 1, but `classes` is 10"):
        model(torch.ones(2, 3))


ATTRIBUTES = [
    (
        "encod",
        (
            "LoadedModel has no `encod`; did you mean `encode`? (its methods: forward, decode, encode; torch's are "
            "those of `.module`)"
        ),
    ),
    (
        "metadatas",
        (
            "LoadedModel has no `metadatas`; did you mean `metadata`? (its methods: forward, decode, encode; "
            "torch's are those of `.module`)"
        ),
    ),
    (
        "parameters",
        "LoadedModel has no `parameters` (its methods: forward, decode, encode; torch's are those of `.module`)",
    ),
]


@pytest.mark.parametrize(("name", "text"), ATTRIBUTES)
def test_attributes_that_are_not_there(coder: Path, name: str, text: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(load(coder), name)
    assert str(caught.value) == text


def test_metadata_of_the_user(coder: Path) -> None:
    assert load(coder).metadata == {"labels": ["a", "b"], "mean": 0.5}


def test_hooks_that_were_compiled_run(tmp_path: Path) -> None:
    def hook(self, given: tuple[Tensor], result: Tensor) -> Tensor:
        return result + 10

    module = nn.ReLU().eval()
    module.register_forward_hook(hook)
    model = load(write(tmp_path / "m.pt", module, "input: N -> N"))
    assert model(torch.ones(1)).tolist() == [11]
    assert model(input=torch.ones(1)).tolist() == [11]
    with pytest.raises(TypeError, match="there is no argument `x`; it takes input: N -> N"):
        model(x=torch.ones(1))
