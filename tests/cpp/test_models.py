"""Models of many kinds behind the C++ guard: quantized, of several methods, with records, hooks, errors of theirs."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float
from tests.cpp.client import ask, call, numbers, refusal, serving
from tests.cpp.conftest import Programs
from tests.deploy.archives import write
from tests.lower.unverified import lower


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(8, 4)
        self.outer = nn.Linear(4, 8)

    @torch.jit.export
    def encode(self, x: Float[Tensor, "N C=8"]) -> Float[Tensor, "N K=4"]:
        return self.inner(x)

    @torch.jit.export
    def decode(self, codes: Float[Tensor, "N K=4"], scale: float = 2.0) -> Float[Tensor, "N C=8"]:
        return self.outer(codes) * scale

    def forward(self, x: Float[Tensor, "N C=8"]) -> Float[Tensor, "N C=8"]:
        return self.decode(self.encode(x), 1.0)


def test_methods_have_guards_of_their_own(programs: Programs, tmp_path: Path) -> None:
    model = Encoder().eval()
    lower(model).save(tmp_path / "model.pt")
    loaded = namedtorch.load(tmp_path / "model.pt")
    x, codes = numbers(3, 8), numbers(3, 4)
    with serving(programs, tmp_path / "model.pt") as port, torch.no_grad():
        described = json.loads(ask(port, "GET")[1])
        assert {name: one["signature"] for name, one in described["methods"].items()} == {
            name: str(loaded.manifest.methods[name].signature) for name in loaded.methods
        }
        assert described["methods"]["decode"]["inputs"] == ["codes", "scale"]
        rights: list[tuple[str, Any, tuple[Any, ...]]] = [
            ("/", model(torch.from_numpy(x)), (("x", x),)),
            ("/encode", model.encode(torch.from_numpy(x)), (("x", x),)),
            ("/decode", model.decode(torch.from_numpy(codes)), (("codes", codes),)),
            ("/decode", model.decode(torch.from_numpy(codes), 3.0), (("codes", codes), ("scale", 3))),
        ]
        for path, wanted, inputs in rights:
            status, results = call(port, *inputs, path=path)
            assert status == 200, results
            np.testing.assert_allclose(results["result"], wanted.numpy(), rtol=1e-5)
        wrong: list[tuple[str, Any, tuple[Any, ...]]] = [
            ("/", loaded, (("x", codes),)),
            ("/encode", loaded.encode, (("x", codes),)),
            ("/decode", loaded.decode, (("codes", x),)),
            ("/decode", loaded.decode, (("codes", numbers(4)), ("scale", "2"))),
        ]
        for path, method, inputs in wrong:
            assert call(port, *inputs, path=path) == (400, refusal(method, inputs))
        status, said = call(port, ("x", x), path="/decode")
        with pytest.raises(TypeError) as caught:
            loaded.decode(x=torch.from_numpy(x))
        assert (status, said["message"]) == (400, str(caught.value))
        status, said = call(port, ("x", x), path="/embed")
        known = "(its methods: decode, encode, forward)"
        assert (status, said["message"]) == (404, f"{loaded.name} has no method `embed` {known}")


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))

    def forward(self, x: Float[Tensor, "N C=8"]) -> Float[Tensor, "N classes=4"]:
        return self.layers(x)


def test_a_quantized_model(programs: Programs, tmp_path: Path) -> None:
    quantized = namedtorch.quantize(Classifier().eval(), "dynamic", progress=False)
    lower(quantized).save(tmp_path / "model.pt")
    loaded = namedtorch.load(tmp_path / "model.pt")
    assert loaded.manifest.quantization is not None
    x = numbers(3, 8)
    with serving(programs, tmp_path / "model.pt") as port:
        status, results = call(port, ("x", x))
        assert status == 200, results
        np.testing.assert_allclose(results["result"], loaded(torch.from_numpy(x)).numpy(), rtol=1e-5)
        for wrong in (numbers(3, 7), numbers(8, 3), numbers(8), x.astype(np.int8)):
            assert call(port, ("x", wrong)) == (400, refusal(loaded, (("x", wrong),)))


class State(NamedTuple):
    h: Tensor
    c: Tensor


class Described(NamedTuple):
    h: Float[Tensor, "N D"]
    c: Float[Tensor, "N D"]


class Recurrent(nn.Module):
    def forward(self, x: Tensor, state: State) -> State:
        return State(state.h + x, state.c * 2)


@pytest.mark.parametrize("name", ["model.pt", "model.ptl"])
def test_records_are_tuples(programs: Programs, tmp_path: Path, name: str) -> None:
    """Torch's lite interpreter crashes over an argument that is a record: the other one runs such a file."""

    def signature(x: Float[Tensor, "N D"], state: Described) -> Described: ...

    path = write(tmp_path / name, Recurrent(), signature)
    x, h, c = numbers(2, 3), numbers(2, 3), numbers(2, 3)
    with serving(programs, path) as port:
        status, results = call(port, ("x", x), ("state.0", h), ("state.1", c))
        assert status == 200, results
        np.testing.assert_allclose(results["result[0]"], h + x)
        status, said = call(port, ("x", x), ("state.0", h), ("state.1", numbers(2, 4)))
        assert status == 400
        assert said["message"].startswith(
            "`state.c` has size 4 at axis 1, but `D` is 3 (bound by `x` at axis 1)"
        )
        status, said = call(port, ("x", x), ("state.0", h))
        assert said["message"].startswith("`state` is a tuple of 1, but the annotation asks for a Described")


def cut(self: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
    return (inputs[0][:, :8],)


def doubled(self: nn.Module, inputs: tuple[Tensor], result: Tensor) -> Tensor:
    return torch.cat([result, result])


def test_hooks_run_before_and_behind_the_guard_in_the_graph(programs: Programs, tmp_path: Path) -> None:
    """They change what a caller gives to what forward takes, and what it gives to what a caller gets."""
    model = Classifier().eval()
    model.register_forward_pre_hook(cut)
    model.register_forward_hook(doubled)
    lower(model).save(tmp_path / "model.pt")
    loaded = namedtorch.load(tmp_path / "model.pt")
    x = numbers(3, 9)
    with serving(programs, tmp_path / "model.pt") as port:
        status, results = call(port, ("x", x))
        assert status == 200, results
        wanted = loaded(torch.from_numpy(x)).numpy()
        assert wanted.shape == (6, 4)
        np.testing.assert_allclose(results["result"], wanted, rtol=1e-5)
        status, said = call(port, ("x", numbers(3, 7)))
        with pytest.raises(namedtorch.DimError) as caught:
            loaded(torch.zeros(3, 7))
        assert (status, said) == (400, json.loads(json.dumps(caught.value.to_dict())))


class Refusing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.size(0) == 2:
            raise ValueError("namedtorch: in tests.inner: `y` has size 3 at axis 0, but `C` is 2")
        if x.size(0) == 5:
            raise ValueError("there is nothing to see")
        return torch.zeros(4) if x.size(0) == 3 else x.reshape(7)


@pytest.mark.parametrize("name", ["model.pt", "model.ptl"])
def test_errors_of_a_model(programs: Programs, tmp_path: Path, name: str) -> None:
    """What its guard refuses has the words of that guard, and any other error its own, without the traceback."""

    def signature(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]: ...

    path = write(tmp_path / name, Refusing(), signature)
    with serving(programs, path) as port:
        x = numbers(2)
        assert call(port, ("x", x)) == (400, refusal(namedtorch.load(path), (("x", x),)))
        status, said = call(port, ("x", numbers(3)))
        assert (status, said["error"]) == (500, "DimError")
        assert said["message"].startswith(
            "`result` has size 4 at axis 0, but `N` is 3 (bound by `x` at axis 0)"
        )
        status, said = call(port, ("x", numbers(4)))
        message = "shape '[7]' is invalid for input of size 4"
        assert (status, said) == (500, {"error": "ModelError", "message": message})
        status, said = call(port, ("x", numbers(5)))
        assert (status, said["message"]) == (500, "there is nothing to see")


class Scaled(nn.Module):
    def forward(self, x: Tensor, scale: float) -> Tensor:
        return x * scale


@pytest.mark.parametrize("name", ["model.pt", "model.ptl"])
def test_what_only_the_graph_refuses(programs: Programs, tmp_path: Path, name: str) -> None:
    """A hint that no guard checks, held to the type in the graph: the lite interpreter crashes over some values."""

    def signature(x: Float[Tensor, "N"], scale: Any) -> Float[Tensor, "N"]: ...

    with serving(programs, write(tmp_path / name, Scaled(), signature)) as port:
        for value, text in (("2", "the str '2'"), ([2], "a list of 1"), (None, "None")):
            status, said = call(port, ("x", numbers(2)), ("scale", value))
            assert (status, said["error"]) == (400, "CallError")
            assert said["message"].startswith(
                f"tests.Model: `scale` is {text}, but the graph takes float; it takes "
            )
        status, results = call(port, ("x", numbers(2)), ("scale", 2))
        assert status == 200
        np.testing.assert_allclose(results["result"], 2 * numbers(2))


class Counter(nn.Module):
    def forward(self, xs: list[Tensor], weights: list[float]) -> tuple[dict[str, Tensor], int, float, str]:
        total = torch.zeros(2)
        for place, one in enumerate(xs):
            total = total + one * weights[place]
        return {"total": total, "it's": total + 1}, len(xs), float("inf"), "é"


def test_lists_of_any_length_and_results_of_any_kind(programs: Programs, tmp_path: Path) -> None:
    def signature(
        xs: list[Float[Tensor, "2"]], weights: list[float]
    ) -> tuple[dict[str, Float[Tensor, "2"]], int, float, str]: ...

    x = numbers(2)
    with serving(programs, write(tmp_path / "model.pt", Counter(), signature)) as port:
        for inputs, weights, total in (
            ((("xs", []),), [], 0 * x),
            ((("xs[]", x),), [2], 2 * x),
            ((("xs", x), ("xs", x)), [2, 3.5], 5.5 * x),
        ):
            status, results = call(port, *inputs, ("weights", weights))
            assert status == 200, results
            np.testing.assert_allclose(results.pop("result[0]['total']"), total, rtol=1e-6)
            np.testing.assert_allclose(results.pop("""result[0]["it's"]"""), total + 1, rtol=1e-6)
            assert results == {"result[1]": len(weights), "result[2]": "inf", "result[3]": "é"}
