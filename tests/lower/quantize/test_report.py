"""The report of a quantized model: what it measures, as text, as JSON and as files."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float
from namedtorch.diagnostics import ArchiveError, DimError, LowerError, MissingDependencyError
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.quantize.latency_rows import Form, Left
from namedtorch.lower.quantize.measuring import measured
from namedtorch.lower.quantize.metrics import Metric
from namedtorch.lower.quantize.report import QuantizationReport
from namedtorch.lower.quantize.steps import Step
from tests.lower.quantize.reports import BARE, ODD, PLAIN

TEXT = """\
Tagger: static for x86, 2 layers quantized
x: N T 6 -> N 3

Size
                         float  quantized  ratio
  file (.pt)            4.1 MB     1.1 MB   0.26
  weights in memory     4.0 MB     1.0 MB   0.25
  numbers            1,000,000  1,000,000   1.00

Latency
                     float            quantized  faster   samples/s               eager  over eager
  N=1  8.00 ms (7.60-8.80)  2.00 ms (1.90-2.20)   4.00x  125 -> 500  10.0 ms -> 3.00 ms       5.00x
  N=8  64.0 ms (60.8-70.4)  16.0 ms (15.2-17.6)   4.00x  125 -> 500  80.0 ms -> 24.0 ms       5.00x
  With T=16: float and quantized are scripted and frozen, as they are deployed; eager is Python, over eager
  the deployed quantized model against float in Python. Medians and quartiles of 3 rounds, all forms in turns
  after 5 that do not count, on 1 thread; the ratios are medians of the rounds' own.
  left out: N=64: a call of each form takes 9.10 s

Metrics
               float  quantized  difference  tolerated loss
  accuracy      0.97       0.96       -0.01            0.02  within
  worst class    0.9        0.6        -0.3            0.02  TOO MUCH IS LOST

Layers that cost most
  layer  kind         scheme                cost  share      own   so far
  head   Linear       qint8, per tensor  20.0 dB  99.0%  30.0 dB  25.0 dB
  embed  Linear ReLU  qint8, per out     40.0 dB   1.0%  30.0 dB  25.0 dB
  Signal to noise of the outputs, on 2 calls: 20.0 dB. 20 dB are noise of a hundredth of the power, 40 dB of a
  ten-thousandth.
  cost: the outputs if this layer alone is quantized, and its share in the noise of all such; own: its own
  outputs for float inputs; so far: its outputs in the quantized model, with the noise of the layers before.
  without numbers of their own, as no call reaches them as modules: attention

Stayed float
  why                                layers
  it is skipped, by `lstm`           lstm
  torch has no quantized form of it  norm

A note.
Measured on A Processor, 2 cores, AVX512, Linux x86_64; torch 2.13.0, engine x86, 1 thread; on another machine
times and ratios differ, and so may the numbers of an integer kernel.\
"""


def test_the_text_is_aligned() -> None:
    assert str(PLAIN) == TEXT


def test_sizes_that_one_reason_leaves_out_stand_together() -> None:
    left = (Left({"N": 1}, "no inputs were found"), Left({"N": 8}, "no inputs were found"), Left({}, "slow"))
    text = str(replace(BARE, latency=replace(BARE.latency, left=left)))
    assert "  left out: N=1, N=8: no inputs were found\n  left out: slow\n" in text


def test_what_is_not_known_is_left_out() -> None:
    lines = str(BARE).splitlines()
    assert not {"Metrics", "Layers that cost most", "The way here"} & set(lines)
    assert "  No layer with weights stayed float." in lines


def test_odd_names_and_numbers_in_text() -> None:
    text = str(ODD)
    assert "\x1b" not in text
    (bad,) = [line for line in text.splitlines() if "gives numbers that are not finite" in line]
    assert " - - lost exact 9 calls; gives numbers" in " ".join(bad.split())
    assert "1 tensors of the outputs have other sizes than in float and could not be compared." in text
    assert "no .ptl file of the float model:" in text


def test_the_way_of_auto_is_told() -> None:
    step = Step("dynamic", {"accuracy": 0.96}, True, "within the tolerance", "int8")
    text = str(replace(PLAIN, steps=(step,)))
    assert "\nThe way here\n" in text
    assert "  1. dynamic (int8): within the tolerance\n" in text


def nothing(_: str) -> Any:
    raise AssertionError("not JSON")


@pytest.mark.parametrize("report", [PLAIN, ODD, BARE], ids=["plain", "odd", "bare"])
def test_json_is_strict_and_says_what_the_data_says(report: QuantizationReport) -> None:
    assert json.loads(report.to_json(), parse_constant=nothing) == report.to_dict()


def test_numbers_by_name() -> None:
    data = PLAIN.to_dict()
    assert data["size"]["quantized"]["file_bytes"] == {".pt": 1_066_000}
    first = data["latency"]["rows"][0]
    assert (first["sizes"], first["speed"]) == ({"N": 1, "T": 16}, pytest.approx(4.0))
    assert first["times"]["quantized"]["quartiles_s"] == pytest.approx([0.0019, 0.0022])
    assert [one["within"] for one in data["metrics"]["changes"]] == [True, False]
    assert data["noise"]["layers"][1]["share"] == pytest.approx(0.990099)
    assert data["quantization"]["stayed"]["norm"] == "torch has no quantized form of it"
    odd = ODD.to_dict()["noise"]["layers"][0]
    assert (odd["output"], odd["share"], odd["own"]["snr_db"], odd["own"]["broken"]) == (None, None, None, 1)


class Small(nn.Module):
    """Two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(8, 16)
        self.head = nn.Linear(16, 3)

    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 3"]:
        return self.head(self.body(x).relu())


X = torch.linspace(-1, 1, 32).view(4, 8)


def largest(model: Any) -> Tensor:
    return model(X).detach().abs().max()


def spread(model: Any) -> float:
    return float(model(X).std().detach())


@pytest.fixture(scope="module")
def small() -> Any:
    torch.manual_seed(0)
    return namedtorch.quantize(
        Small().eval(),
        "dynamic",
        skip=["head"],
        metrics={"largest": Metric(largest, tolerance=10.0), "spread": Metric(spread, "lower", 0.0)},
    )


def test_what_is_measured_of_a_model(small: Any) -> None:
    found = small.measured(batch_sizes=(4,), rounds=3, files=(".pt",), budget=5.0)
    assert found.name == "Small"
    (only,) = found.latency.rows
    assert (only.sizes, only.times.keys()) == ({"N": 4}, set(Form))
    assert {len(one.seconds) for one in only.times.values()} == {3}
    assert found.before.numbers == found.after.numbers == 8 * 16 + 16 + 16 * 3 + 3
    assert found.after.memory < found.before.memory
    assert found.before.files.keys() == found.after.files.keys() == {".pt"}
    assert [one.name for one in found.judgement.changes] == ["largest", "spread"]
    assert found.judgement.changes[0].before == pytest.approx(float(largest(small.float_module)))
    assert found.judgement.changes[0].after == pytest.approx(float(largest(small)))
    assert found.noise is not Unknown
    assert [one.path for one in found.noise.layers] == ["body"]
    # Nothing else is quantized.
    assert found.noise.layers[0].output == found.noise.outputs
    assert found.quantization.stayed.keys() == {"head"}


def test_the_report_is_measured_once_when_it_is_asked_for(small: Any) -> None:
    calls: list[object] = []
    counted = replace(small, measure=lambda one, **asked: calls.append((one, asked)) or PLAIN)
    assert not calls
    assert counted.report is counted.report is PLAIN
    assert calls == [(counted, {})]


class Encoder(Small):
    @torch.jit.export
    def encode(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 16"]:
        return self.body(x)


def test_a_quantized_model_has_the_exported_methods_of_the_float_one() -> None:
    made = namedtorch.quantize(Encoder().eval(), "dynamic")
    assert made.eval().encode(torch.ones(2, 8)).shape == (2, 16)
    with pytest.raises(DimError, match="`x`"):
        made.encode(torch.ones(2, 7))


def test_what_a_quantized_model_has_not_says_where_it_is(small: Any) -> None:
    for name, text in [
        ("save", 'lower(quantized).save("model.pt") writes a file'),
        ("train", 'it is not trained further: train what prepare(model, "qat") gives'),
        ("state_dict", "quantized.module is the torch module behind its guard, quantized.body without it"),
    ]:
        with pytest.raises(AttributeError) as caught:
            getattr(small, name)
        assert str(caught.value) == f"a quantized model has no `{name}`; {text}"


def test_an_attribute_error_of_a_metric_comes_as_it_is(small: Any) -> None:
    wrong = Metric(lambda model: model.undefined)
    with pytest.raises(AttributeError, match="'Held' object has no attribute 'undefined'") as caught:
        _ = replace(small, metrics={"wrong": wrong}).report
    assert caught.value.__notes__ == ["in the metric `wrong` of <Held Small: x: N 8 -> N 3>"]


def test_numbers_that_auto_measured_are_not_measured_again(small: Any) -> None:
    numbers = {"largest": 2.0, "spread": 3.0}
    step = Step("dynamic", numbers, True, "within", float_metrics={"largest": 4.0, "spread": 3.0})
    found = measured(replace(small, steps=(step,)), batch_sizes=(1,), rounds=1, files=(), budget=0.0)
    assert [(one.before, one.after) for one in found.judgement.changes] == [(4.0, 2.0), (3.0, 3.0)]


class Traced(Small):
    """What TorchScript can't read, and a trace can follow."""

    def forward(self, x: Float[Tensor, "N 8"]) -> Float[Tensor, "N 3"]:
        layers = {one: getattr(self, one) for one in ("body", "head")}
        return layers["head"](layers["body"](x).relu())


class Unlowered(Small):
    """What no trace can give either."""

    def forward(self, x: Float[Tensor, "N 8"]) -> tuple[Float[Tensor, "N 3"], str]:
        layers = {one: getattr(self, one) for one in ("body", "head")}
        return layers["head"](layers["body"](x).relu()), "text"


def in_short(model: nn.Module) -> Any:
    made: Any = namedtorch.quantize(model.eval(), "dynamic")
    return made.measured(batch_sizes=(2,), rounds=1, budget=0.0)


def test_a_model_that_is_lowered_as_a_trace_says_so() -> None:
    found = in_short(Traced())
    assert found.latency.rows[0].times.keys() == set(Form)
    notes = [note for note in found.notes if "traces" in note]
    assert notes == [
        f'Of the {which} model TorchScript takes parts only as traces (method="auto").'
        for which in ("float", "quantized")
    ]


def test_a_model_that_can_not_be_lowered_is_measured_in_python() -> None:
    found = in_short(Unlowered())
    assert found.latency.rows[0].times.keys() == {Form.FLOAT_EAGER, Form.QUANTIZED_EAGER}
    assert found.before.files == {}
    for which in ("float", "quantized"):
        assert any(note.startswith(f"The {which} model was not lowered: ") for note in found.notes)
    text = " ".join(str(found).split())
    assert "all is Python, as the models were not lowered" in text
    assert "file (" not in text
    assert found.noise is not Unknown
    assert {one.path for one in found.noise.layers} == {"body", "head"}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"batch_sizes": ()}, "batch_sizes is empty: give sizes, batch_sizes=(1, 8), or leave it out"),
    ({"batch_sizes": (0,)}, "batch_sizes holds 0, which is no whole number of 1 or more"),
    ({"rounds": 0}, "rounds holds 0, which is no whole number of 1 or more"),
    ({"threads": True}, "threads holds True, which is no whole number of 1 or more"),
    ({"budget": math.nan}, "budget=nan is no time in seconds"),
    ({"batch_sizes": 8}, "batch_sizes are one or more sizes: batch_sizes=(8,)"),
    ({"files": ("onnx",)}, "files holds 'onnx', and is suffixes of the files to weigh: files=(\".pt\", \".ptl\")"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "text"), WRONG)
def test_what_can_not_be_asked_for(small: Any, asked: dict[str, Any], text: str) -> None:
    with pytest.raises(LowerError) as caught:
        small.measured(**asked)
    assert str(caught.value) == text


def test_the_suffix_says_what_is_written(tmp_path: Path) -> None:
    PLAIN.save(tmp_path / "r.json")
    PLAIN.save(tmp_path / "r.txt")
    assert json.loads((tmp_path / "r.json").read_text()) == PLAIN.to_dict()
    assert (tmp_path / "r.txt").read_text() == f"{PLAIN}\n"
    with pytest.raises(LowerError) as caught:
        PLAIN.save("report.pdf")
    assert str(caught.value) == "can't save a report as 'report.pdf': its name ends in .html, .json, .txt"
    with pytest.raises(ArchiveError):
        PLAIN.save(tmp_path / "nowhere" / "r.txt")


@pytest.mark.parametrize("package", ["jinja2", "matplotlib"])
def test_text_and_json_need_no_further_package(
    package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in (package, f"{package}.figure", f"{package}.style"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    assert str(PLAIN) == TEXT
    assert PLAIN.to_json()
    with pytest.raises(MissingDependencyError) as caught:
        PLAIN.save(tmp_path / "r.html")
    assert str(caught.value) == (
        f"the page of a report needs {package}, which is not installed: pip install 'namedtorch[report]'; its text, "
        "print(report), and report.to_json() need nothing"
    )
    assert not list(tmp_path.iterdir())
