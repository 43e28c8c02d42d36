"""The example server, which is C++ from its socket to its model: right inputs are answered, wrong ones named."""

import json
import re
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float
from tests.cpp.client import ask, call, numbers, refusal, said_of, serving
from tests.cpp.conftest import Programs


class Scorer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 4)

    def forward(
        self,
        image: Float[Tensor, "N C=3 H W"],
        extras: list[Float[Tensor, "N ?K"]],
        bias: Float[Tensor, "classes=4"] | None = None,
        scale: float = 1.0,
    ) -> tuple[Float[Tensor, "N classes"], Float[Tensor, "N"]]:
        total = torch.zeros(image.shape[0])
        for one in extras:
            total = total + one.sum(1)
        scores = self.linear(image.mean((2, 3))) * scale
        if bias is not None:
            scores = scores + bias
        return scores, total


@pytest.fixture(scope="module")
def model() -> nn.Module:
    return Scorer().eval()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, model: nn.Module) -> Path:
    folder = tmp_path_factory.mktemp("models")
    namedtorch.lower(model, verify=False).save(folder / "model.pt")
    namedtorch.lower(model, to="lite", verify=False).save(folder / "model.ptl")
    return folder


@pytest.mark.parametrize("name", ["model.pt", "model.ptl"])
def test_a_model_is_served(programs: Programs, folder: Path, model: nn.Module, name: str) -> None:
    image, one, other, bias = numbers(2, 3, 5, 6), numbers(2, 4), numbers(2, 7), numbers(4)
    with serving(programs, folder / name) as port:
        status, body = ask(port, "GET")
        described = json.loads(body)
        assert status == 200
        assert described["signature"] == str(namedtorch.load(folder / name).signature)
        assert described["inputs"] == ["image", "extras", "bias", "scale"]

        given = (("image", image), ("extras", one), ("extras", other))
        status, results = call(port, *given, ("bias", bias), ("scale", 2))
        with torch.no_grad():
            tensors = [torch.from_numpy(value) for value in (one, other)]
            wanted = model(torch.from_numpy(image), tensors, torch.from_numpy(bias), 2.0)
        assert status == 200, results
        assert list(results) == ["result[0]", "result[1]"]
        for found, value in zip(results.values(), wanted, strict=True):
            np.testing.assert_allclose(found, value.numpy(), rtol=1e-5)

        loaded = namedtorch.load(folder / name)
        wrong: list[tuple[Any, ...]] = [
            (("image", numbers(2, 5, 6, 3)), ("extras", one), ("extras", other)),
            (("image", numbers(3, 5, 6)), ("extras", one), ("extras", other)),
            (("image", image), ("extras", one), ("extras", numbers(3, 7))),
            (("image", image.astype(np.int64)), ("extras", one), ("extras", other)),
            (*given, ("bias", numbers(5))),
            (*given, ("scale", "2")),
            (("image", image), ("extras", None)),
        ]
        for inputs in wrong:
            status, said = call(port, *inputs)
            assert status == 400
            assert said == refusal(loaded, inputs)

        status, said = call(port, ("image", image))
        assert (status, said["error"]) == (400, "CallError")
        assert said["message"] == f"{loaded.name}: `extras` is missing; it takes {loaded.signature}"
        status, said = call(port, *given, ("images", image))
        assert said["message"].startswith(f"{loaded.name}: there is no argument `images`; it takes ")


def test_requests_that_are_no_calls(programs: Programs, folder: Path) -> None:
    with serving(programs, folder / "model.pt") as port:
        bodies = {
            b"": "is no JSON",
            b"{}\n": "a list belongs",
            b'[{"name": "image"}]\n': "has no field 'dtype'",
            b'[{"name": "image", "dtype": "quint8", "sizes": [2]}]\nab': 'there is no dtype "quint8"',
            b'[{"name": "image", "dtype": "float32", "sizes": [2]}]\nab': 'before the data of "image"',
            b'[{"name": "image", "dtype": "uint8", "sizes": [1]}]\nab': "1 bytes behind the data",
            b'[{"name": "image", "dtype": "uint8", "sizes": [-1]}]\n': "out of range, -1",
            b'[{"name": "image", "dtype": "uint8", "sizes": [99999999, 99999999]}]\n': "more elements than",
            b'[{"name": "state.1", "value": 1}]\n': "are not in order",
            b"[" * 200: "nested too deeply",
            b"[" + b"0," * 1000 + b"0]\n": "more than 1000 inputs",
        }
        for body, problem in bodies.items():
            status, said = ask(port, "POST", body)
            assert status == 400
            assert problem in json.loads(said)["message"]
        assert ask(port, "PUT")[0] == 404
        assert ask(port, "POST", path="/encode")[0] == 404


def test_a_file_without_a_program_for_the_lite_interpreter(
    programs: Programs, folder: Path, tmp_path: Path
) -> None:
    """It is called `.ptl`, and runs in the other one."""
    path = tmp_path / "model.ptl"
    path.write_bytes((folder / "model.pt").read_bytes())
    with serving(programs, path) as port:
        status, results = call(port, ("image", numbers(2, 3, 5, 6)), ("extras", []))
        assert (status, results["result[1]"].tolist()) == (200, [0.0, 0.0])


def test_calls_beside_each_other(programs: Programs, folder: Path) -> None:
    image, extra = numbers(2, 3, 5, 6), numbers(2, 4)
    with serving(programs, folder / "model.pt") as port, ThreadPoolExecutor(8) as threads:

        def one(place: int) -> int:
            wrong = numbers(3, 4) if place % 2 else extra
            return call(port, ("image", image), ("extras", wrong), ("extras", extra))[0]

        assert list(threads.map(one, range(32))) == [200, 400] * 16


def test_files_that_are_no_archives(programs: Programs, folder: Path, tmp_path: Path) -> None:
    whole = (folder / "model.pt").read_bytes()
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "text.pt").write_text("a model")
    (tmp_path / "half.pt").write_bytes(whole[: len(whole) // 2])
    torch.jit.save(torch.jit.script(nn.ReLU()), tmp_path / "plain.pt")
    torch.save({"a": torch.zeros(2)}, tmp_path / "weights.pt")
    again = "; get the file again, or lower the model again"
    wanted = {
        "none.pt": "can't be read (no such file or directory); check the path",
        "": "is a folder; give the path of an archive (.pt, .ptl)",
        "empty.pt": "is empty" + again,
        "text.pt": "is no TorchScript file" + again,
        "plain.pt": "is a TorchScript file without a manifest, not a namedtorch archive (plain torch drops the "
        "manifest when it loads and saves); lower the model again",
        "weights.pt": "is a zip file, but not a namedtorch archive; write one with namedtorch.lower(model).save(...)",
    }
    for name, problem in wanted.items():
        assert said_of(programs, tmp_path / name) == f"{tmp_path / name}: {problem}"
    assert "torch can't load it" in said_of(programs, tmp_path / "half.pt")


def changed(
    source: Path, path: Path, change: Mapping[str, Any], record: str = "extra/namedtorch.json"
) -> Path:
    """A copy of an archive with other fields in its manifest, or other bytes in a record."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith(record):
                if record.endswith(".json"):
                    data = json.dumps({**json.loads(data), **change}, indent=1, sort_keys=True).encode()
                else:
                    data = bytes([data[0] ^ 1]) + data[1:]
            new.writestr(info.filename, data)
    return path


def test_files_that_were_changed(programs: Programs, folder: Path, tmp_path: Path) -> None:
    source, path = folder / "model.pt", tmp_path / "model.pt"
    said = said_of(programs, changed(source, path, {"name": "other"}))
    assert "namedtorch.json was changed after it was written (it does not match its own digest); get" in said
    said = said_of(programs, changed(source, path, {"schema_version": 99, "namedtorch_version": "7.1"}))
    assert re.search(
        r": written by namedtorch 7\.1 with schema 99, and this header \(.*\) reads schemas up to \d", said
    )
    said = said_of(programs, changed(source, path, {"schema_version": "5"}))
    assert "namedtorch.json has a bad 'schema_version'" in said
    said = said_of(programs, changed(source, path, {}, "data/0"))
    assert ": its weights changed since the file was saved; get" in said


@pytest.mark.skipif(torch.cuda.is_available(), reason="the device is there")
def test_devices_that_are_not_there(programs: Programs, folder: Path) -> None:
    said = said_of(programs, folder / "model.pt", "cuda:1")
    assert said.startswith("device 'cuda:1' can't be used here: "), said
    assert "get the file again" not in said
    assert "cudda" in said_of(programs, folder / "model.pt", "cudda")
