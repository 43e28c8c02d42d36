"""`namedtorch lower` for phones, and of models that are quantized first."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch.archive.container import read_manifest

Run = Callable[..., Any]

SIGNATURE = "image: N C=3 H W @ channels_last -> N classes=4 where H >= 8"
BATCHES = """\
import torch

def batches():
    for _ in range(2):
        yield torch.rand(2, 3, 8, 8), torch.zeros(2)

listed = [torch.rand(2, 3, 8, 8)]
wrong = [torch.rand(2, 8, 8, 3)]
doubles = [torch.rand(2, 3, 8, 8, dtype=torch.float64)]
number = 3

def example(N):
    return torch.ones(N, 3, 8, 8)
"""


@pytest.fixture(autouse=True)
def batches(project: Path) -> Iterator[None]:
    (project / "batches_of_a_user.py").write_text(BATCHES)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    sys.modules.pop("batches_of_a_user", None)


def lowered(run: Run, *words: str) -> Any:
    return run("lower", "models_of_a_user:instance", "--no-verify", *words)


def test_for_phones(run: Run) -> None:
    done = lowered(
        run, "-o", "m.ptl", "--to", "lite", "--optimize", "mobile", "--ops", "ops.yaml", "--bundle"
    )
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    operators = Path("ops.yaml").read_text().splitlines()
    assert lines[0] == f"m.ptl: {SIGNATURE} ({Path('m.ptl').stat().st_size:,} bytes)"
    assert "  channels-last: the weights of 1 2-D convolution and input `image`" in lines
    assert f"  no XNNPACK prepacking: this torch ({torch.__version__}) was built without XNNPACK" in lines
    assert lines[-1] == f"ops.yaml: {len(operators)} operators"
    assert "- aten::conv2d" in operators
    manifest = read_manifest("m.ptl")
    assert (str(manifest.signature), manifest.stages) == (SIGNATURE, ("freeze", "mobile"))
    phone = _load_for_lite_interpreter("m.ptl")
    assert [phone(*call).shape[1] for call in phone.run_method("get_all_bundled_inputs")] == [4]
    # Arrays of files come as their axes stand.
    assert run("run", "m.ptl", "image=@image.npy").code == 0
    assert "image  Float  N C=3 H W @ channels_last" in run("inspect", "m.ptl").out


def test_as_data(run: Run) -> None:
    words = ("-o", "m.ptl", "--optimize", "mobile", "--ops", "ops.yaml", "--debug-info", "--json")
    data = lowered(run, *words).data
    assert data["stages"] == ["freeze", "mobile"]
    assert [f"- {name}" for name in data["operators"]] == Path("ops.yaml").read_text().splitlines()
    assert {one["name"]: one["done"] for one in data["report"]["optimizations"]}["channels-last"]
    smaller = Path("m.ptl").stat().st_size
    assert "operators" not in lowered(run, "-o", "m.ptl", "--optimize", "mobile", "--json").data
    assert Path("m.ptl").stat().st_size < smaller


def test_inputs_of_the_example_are_bundled(run: Run) -> None:
    done = lowered(run, "-o", "m.ptl", "--example", "batches_of_a_user:example", "--bundle")
    assert (done.code, done.err) == (0, "")
    ((image,),) = _load_for_lite_interpreter("m.ptl").run_method("get_all_bundled_inputs")
    assert image.shape[1:] == (3, 8, 8)
    assert bool((image == 1).all())


WRONG = [
    ("-o m.pt --to lite", "-o m.pt: with --to lite the file ends in .ptl: -o m.ptl"),
    ("-o m.ptl --to torchscript", "-o m.ptl: with --to torchscript the file ends in .pt: -o m.pt"),
    ("-o m.pt --ops ops.yaml", "--ops lists what the lite interpreter calls: write -o m.ptl"),
    ("-o m.ptl --ops no/ops.yaml", "there is no folder 'no' to write ops.yaml to"),
    ("-o m.pt --optimize mobile --freeze", "--optimize mobile goes without --freeze: it freezes already"),
    (
        "-o m.pt --optimize mobile --train",
        "--optimize mobile goes without --train: it takes out what training needs",
    ),
    ("-o m.pt --data b:c", "--data is for --quantize: say how, --quantize static"),
    ("-o m.pt --engine x86", "--engine is for --quantize: say how, --quantize static"),
    (
        "-o m.pt --quantize static",
        "--quantize static learns scales from data: give it, --data MODULE:NAME",
    ),
    (
        "-o m.pt --quantize dynamic --data b:c",
        "--quantize dynamic needs no --data: scales are those of each call",
    ),
    ("-o m.pt --quantize dynamic --train", "a quantized model is no longer trained: leave --train out"),
    (
        "-o m.pt --quantize static --data batches_of_a_user:number",
        "`batches_of_a_user:number` is int, neither batches nor a function that returns them",
    ),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[words for words, _ in WRONG])
def test_options_that_contradict_each_other(run: Run, words: str, said: str) -> None:
    done = lowered(run, *words.split())
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: {said}\n  see: namedtorch lower --help\n"
    assert not list(Path().glob("m.*"))


def test_functions_are_not_optimized(run: Run) -> None:
    done = run("lower", "models_of_a_user:named", "-o", "m.ptl", "--optimize", "mobile")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: named is a function, which has no weights to freeze")


@pytest.mark.parametrize("data", ["batches", "listed"])
def test_static_quantization(run: Run, data: str) -> None:
    done = lowered(
        run,
        "-o",
        "m.pt",
        "--quantize",
        "static",
        "--data",
        f"batches_of_a_user:{data}",
        "--engine",
        "qnnpack",
    )
    assert done.code == 0, done.err
    quantization = read_manifest("m.pt").quantization
    assert quantization is not None
    assert (quantization.method, quantization.engine) == ("static", "qnnpack")
    assert "conv" in quantization.layers
    assert run("run", "m.pt", "image=@image.npy", "-o", "y.npy").code == 0
    assert np.load("y.npy").shape == (2, 4)


def test_data_that_the_model_does_not_take_is_no_fault_of_the_program(run: Run) -> None:
    done = lowered(run, "-o", "m.pt", "--quantize", "static", "--data", "batches_of_a_user:doubles")
    lines = done.err.splitlines()
    assert done.code == 1
    assert lines[0].startswith("error: RuntimeError: ")
    assert lines[-1] == "  `image` is float64, and the weights are float32: convert it, x.to(torch.float32)"
    assert "fault in namedtorch" not in done.err


def test_batches_of_another_layout_are_refused_by_name(run: Run) -> None:
    done = lowered(run, "-o", "m.pt", "--quantize", "static", "--data", "batches_of_a_user:wrong")
    assert (done.code, done.out) == (1, "")
    assert "`image` has size 8 at axis 1, but `C` is 3" in done.err
    assert not Path("m.pt").exists()


def test_dynamic_quantization_of_a_model_without_annotations(run: Run) -> None:
    options = ["-o", "m.ptl", "--to", "lite", "--quantize", "dynamic"]
    done = run("lower", "models_of_a_user:Plain", "--signature", "x: N in=3 -> N out=2", *options)
    assert done.code == 0, done.err
    manifest = read_manifest("m.ptl")
    assert manifest.quantization is not None
    assert (manifest.quantization.method, str(manifest.signature)) == ("dynamic", "x: N in=3 -> N out=2")
