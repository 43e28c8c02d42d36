"""`namedtorch bench`: which calls are measured, and what is said of them."""

import importlib.metadata
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim

from namedtorch import Float
from namedtorch.archive.interface import Fixed, Input, Interface, Length, Output
from namedtorch.cli import cases
from namedtorch.lower import latency
from namedtorch.lower.latency import Case, Timing
from tests.deploy.archives import write_exported

Run = Callable[..., Any]
Lower = Callable[..., str]

pytestmark = pytest.mark.usefixtures("project")

QUICK = ("--rounds", "3", "--burn-in", "1")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Times of one millisecond a sample (two for the cases of a second archive), and the options of each measuring."""
    asked: list[dict[str, Any]] = []

    def interleaved(cases: Sequence[Case], **options: Any) -> list[Timing]:
        asked.append(options)
        rounds = range(min(3, len(list(options["rounds"]))))
        return [
            Timing(
                tuple((1 + index // 3) * case.samples * 1e-3 + turn * 1e-4 for turn in rounds),
                1,
                case.samples,
            )
            for index, case in enumerate(cases)
        ]

    monkeypatch.setattr(latency, "interleaved", interleaved)
    return asked


def test_table(run: Run, lowered: Lower, measured: list[dict[str, Any]]) -> None:
    first, second = lowered("make"), lowered("instance")
    done = run("bench", first, second, "--sizes", "H=8", "W=9", "--rounds", "4", "--budget", "2")
    assert (done.code, done.err) == (0, "")
    size, other = (Path(path).stat().st_size / 1000 for path in (first, second))
    version = importlib.metadata.version("torch")
    assert done.out == (
        "make.pt: image: N C=3 H W -> N classes=5 where H >= 8\n"
        f"  140 parameters, {size:.1f} kB\n"
        "instance.pt: image: N C=3 H W -> N classes=4 where H >= 8\n"
        f"  112 parameters, {other:.1f} kB\n"
        "\n"
        "archive      sizes          median      p10      p90  samples/s  speed\n"
        "make.pt      N=1 H=8 W=9   1.10 ms  1.02 ms  1.18 ms        909\n"
        "             N=8 H=8 W=9   8.10 ms  8.02 ms  8.18 ms        988\n"
        "             N=32 H=8 W=9  32.1 ms  32.0 ms  32.2 ms        997\n"
        "instance.pt  N=1 H=8 W=9   2.10 ms  2.02 ms  2.18 ms        476  0.52x\n"
        "             N=8 H=8 W=9   16.1 ms  16.0 ms  16.2 ms        497  0.50x\n"
        "             N=32 H=8 W=9  64.1 ms  64.0 ms  64.2 ms        499  0.50x\n"
        "\n"
        "3 of 4 rounds in turns, for --budget 2 s; speed is against make.pt, round by round; "
        f"1 thread, cpu, torch {version}\n"
    )
    (options,) = measured
    assert (options["burn_in"], options["budget"], options["threads"]) == (5, 2.0, 1)
    assert list(options["rounds"]) == [0, 1, 2, 3]


def test_data(run: Run, lowered: Lower, measured: list[dict[str, Any]]) -> None:
    path = lowered("make")
    done = run("bench", path, "--sizes", "N=8", "H=8", "W=9", "--threads", "2", "--json", *QUICK)
    assert (done.code, done.err) == (0, "")
    assert done.data == {
        "archives": [
            {
                "path": path,
                "name": "models_of_a_user.Classifier",
                "signature": "image: N C=3 H W -> N classes=5 where H >= 8",
                "bytes": Path(path).stat().st_size,
                "parameters": 140,
                "batch_dim": "N",
                "cases": [
                    {
                        "sizes": {"N": 8, "H": 8, "W": 9},
                        "samples": 8,
                        "median_s": pytest.approx(8.1e-3),
                        "p10_s": pytest.approx(8.02e-3),
                        "p90_s": pytest.approx(8.18e-3),
                        "samples_per_second": pytest.approx(8 / 8.1e-3),
                        "speed": None,
                        "rounds": 3,
                        "calls_per_round": 1,
                    }
                ],
                "left_out": [],
            }
        ],
        "method": "forward",
        "threads": 2,
        "device": "cpu",
        "burn_in": 1,
        "rounds": 3,
        "torch_version": importlib.metadata.version("torch"),
    }


def sizes_of(done: Any) -> list[tuple[dict[str, Any], int]]:
    """The sizes and samples of each case."""
    assert (done.code, done.err) == (0, "")
    return [
        (case["sizes"], case["samples"]) for archive in done.data["archives"] for case in archive["cases"]
    ]


CHOSEN = [
    ("make", "--sizes H=8 W=8,9 N=1", [({"N": 1, "H": 8, "W": 8}, 1), ({"N": 1, "H": 8, "W": 9}, 1)]),
    ("make", "--sizes H=8 W=9 N=2 --dim H", [({"N": 2, "H": 8, "W": 9}, 8)]),
    ("make", "--input image=@image.npy", [({"N": 2, "H": 8, "W": 9}, 2)]),
    ("halve", "--sizes C=4 *batch=2x3,5", [({"*batch": [2, 3], "C": 4}, 1), ({"*batch": [5], "C": 4}, 1)]),
    ("means", "--input images=@small.npy,@large.npy scale=2.0", [({}, 1)]),
    # The signature has no batches of 8 and 32.
    ("picky", "", [({"N": 1}, 1)]),
    ("wide", "--sizes D=12 N=3", [({"N": 3, "D": 12}, 3)]),
    ("split", "--sizes N=2 C=3", [({"N": 2, "C": 3}, 2)]),
]


@pytest.mark.parametrize(("name", "words", "cases"), CHOSEN, ids=[f"{one[0]} {one[1]}" for one in CHOSEN])
@pytest.mark.usefixtures("measured")
def test_cases(
    run: Run, lowered: Lower, name: str, words: str, cases: list[tuple[dict[str, Any], int]]
) -> None:
    assert sizes_of(run("bench", lowered(name), *words.split(), "--json")) == cases


@pytest.mark.usefixtures("measured")
def test_batches_that_the_model_refuses_are_left_out_and_told(run: Run, lowered: Lower) -> None:
    path = lowered("picky")
    done = run("bench", path)
    failed = "picky.pt, with inputs drawn from its signature (N={}): the model failed: "
    assert [line.startswith(f"left out: {failed.format(8)}") for line in done.out.splitlines()[-3:]] == [
        True,
        False,
        False,
    ]
    (archive,) = run("bench", path, "--json").data["archives"]
    assert [one["sizes"] for one in archive["left_out"]] == [{"N": 8}, {"N": 32}]
    assert archive["left_out"][1]["why"].startswith(failed.format(32))


@pytest.mark.usefixtures("measured")
def test_archives_of_other_signatures_are_measured_each_on_its_own(run: Run, lowered: Lower) -> None:
    paths = [lowered("make"), lowered("halve"), lowered("named")]
    done = run("bench", *paths, "--sizes", "N=3", "H=8", "W=9", "C=4", "*batch=2", "--json")
    assert sizes_of(done) == [({"N": 3, "H": 8, "W": 9}, 3), ({"*batch": [2], "C": 4}, 1), ({"N": 3}, 3)]


@pytest.mark.usefixtures("measured")
def test_files_of_one_name_are_told_apart(run: Run, lowered: Lower, project: Path) -> None:
    path = lowered("named")
    (project / "old").mkdir()
    (project / "old" / path).write_bytes(Path(path).read_bytes())
    done = run("bench", path, f"old/{path}", "--sizes", "N=1")
    assert "\nold/named.pt  N=1" in done.out


def test_measures_for_real(run: Run, lowered: Lower) -> None:
    done = run("bench", lowered("named"), "--sizes", "N=1,2", "--json", *QUICK)
    for sizes, samples in sizes_of(done):
        assert sizes == {"N": samples}
    for case in done.data["archives"][0]["cases"]:
        assert 0 < case["p10_s"] <= case["median_s"] <= case["p90_s"]
        assert case["samples_per_second"] == case["samples"] / case["median_s"]
        assert case["calls_per_round"] >= 1


REFUSED = [
    (
        "wide",
        "--sizes D=7 N=1",
        "wide.pt, with inputs drawn from its signature (N=1 D=7): the model failed: ",
        "help: give sizes that the model takes, --sizes D=..., or inputs of your own, --input x=@FILE.npy",
    ),
    (
        "wide",
        "--sizes D=7",
        "wide.pt, with inputs drawn from its signature (N=1 D=7): the model failed: ",
        "help: give sizes that the model takes, --sizes D=..., or inputs of your own, --input x=@FILE.npy",
    ),
    (
        "make",
        "--input image=@nhwc.npy",
        "make.pt, with inputs: `image` has size 8 at axis 1, but `C` is 3",
        "help: give sizes that the model takes, --sizes H=... W=..., or inputs of your own, --input image=@FILE.npy",
    ),
    ("make", "--sizes H=4 W=8", "make.pt: ", "--input image=@FILE.npy"),
    ("make", "--input image=@no.npy", "can't read no.npy: No such file or directory", ""),
    ("halve", "--sizes C=3", "halve.pt: ", "help: give sizes that the model takes, --sizes *batch=... C=..."),
]


@pytest.mark.parametrize(
    ("name", "words", "start", "end"), REFUSED, ids=[f"{one[0]} {one[1]}" for one in REFUSED]
)
def test_inputs_that_the_model_refuses_are_told_with_their_sizes(
    run: Run, lowered: Lower, name: str, words: str, start: str, end: str
) -> None:
    done = run("bench", lowered(name), *words.split(), *QUICK)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {start}")
    assert end in done.err
    assert "Traceback" not in done.err


ARCHIVES = "named.pt has N; means.pt has none"
WRONG = [
    ("--sizes Z=1", f"--sizes Z: there is no free dim `Z`; {ARCHIVES}"),
    ("--dim C", f"--dim C: there is no free dim `C`; {ARCHIVES}"),
    (
        "--input y=1",
        "--input y: there is no argument `y`; named.pt has x; means.pt has images, scale",
    ),
    ("--method encode", "named.pt has no method `encode`; it has forward"),
]


@pytest.mark.parametrize(("words", "text"), WRONG)
def test_names_that_no_archive_has(run: Run, lowered: Lower, words: str, text: str) -> None:
    done = run("bench", lowered("named"), lowered("means"), *words.split())
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: {text}\n  see: namedtorch bench --help\n"


EARLY = [
    ("--rounds 0", "--rounds is a whole number, 1 or more"),
    ("--burn-in 0", "--burn-in is a whole number, 1 or more"),
    ("--threads -1", "--threads is a whole number, 1 or more"),
    ("--budget nan", "--budget is a time in seconds"),
    ("--input 3", "--input 3: write --input NAME=@FILE.npy behind the archives"),
    ("--input x=1 x=2", "--input x=2: `x` is given twice"),
    ("--sizes N", "--sizes N: write --sizes N=1,8,32 H=224 behind the archives"),
]


@pytest.mark.parametrize(("words", "text"), EARLY)
def test_wrong_use_is_told_before_the_archives_are_opened(run: Run, words: str, text: str) -> None:
    done = run("bench", "no.pt", *words.split())
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: {text}\n  see: namedtorch bench --help\n"


def test_progress_is_shown_on_a_terminal_only(
    run: Run, lowered: Lower, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lowered("named")
    words = ["bench", path, "--sizes", "N=1", *QUICK]
    assert run(*words).err == ""
    monkeypatch.setattr("namedtorch.cli.bench.is_terminal", lambda: True)
    done = run(*words)
    assert "rounds:" in done.err
    assert "rounds:" not in done.out
    # tqdm is no dependency.
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert run(*words).err == ""


@pytest.mark.usefixtures("measured")
def test_archives_of_several_formats_are_compared(run: Run, lowered: Lower) -> None:
    path = lowered("make")
    assert (
        run("lower", "models_of_a_user:make", "-o", "make.pt2", "--no-verify", "--where", "W >= 8").code == 0
    )
    done = run("bench", path, "make.pt2", "--sizes", "N=2", "H=8", "W=9", *QUICK)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[2].startswith("make.pt2: image: N C=3 H W -> N classes=5")
    assert lines[3].startswith("  140 parameters, ")
    assert [line.split()[:2] for line in lines[6:8]] == [["make.pt", "N=2"], ["make.pt2", "N=2"]]


def test_a_file_is_opened_with_as_many_threads_as_are_measured(
    run: Run, lowered: Lower, measured: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runtime with threads of its own takes as many as torch has then."""
    path = lowered("make")
    seen: list[int] = []
    opened = cases.loaded

    def counting(*given: Any) -> Any:
        seen.append(torch.get_num_threads())
        return opened(*given)

    monkeypatch.setattr(cases, "loaded", counting)
    before = torch.get_num_threads()
    run("bench", path, "--sizes", "N=1", "H=8", "W=9", "--threads", "3", *QUICK)
    assert (seen, torch.get_num_threads()) == ([3], before)


def test_inputs_are_drawn_as_a_flat_graph_takes_them(run: Run, measured: list[dict[str, Any]]) -> None:
    def described(images: list[Float[Tensor, "N"]], scale: float) -> Float[Tensor, "N"]: ...

    class Flat(nn.Module):
        def forward(self, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
            return a + b + c

    inputs = {name: torch.rand(3) for name in "abc"}
    write_exported(
        Path("flat.pt2"),
        Flat(),
        inputs,
        described,
        {name: {0: Dim("N")} for name in inputs},
        Interface(
            tuple(Input(name, ("images", place)) for place, name in enumerate(inputs)),
            ("y",),
            Output(0),
            (Fixed(("scale",), 0.5),),
            (Length(("images",), 3),),
        ),
    )
    done = run("bench", "flat.pt2", "--sizes", "N=4", *QUICK)
    assert (done.code, done.err) == (0, "")
    assert "flat.pt2: images: list[N], scale: float -> N\n  0 parameters, " in done.out
