"""`namedtorch lower`, from a user's module to an archive."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from namedtorch.archive.container import read_manifest

Run = Callable[..., Any]

CLASSIFIER = "image: N C=3 H W -> N classes={} where H >= 8"
LOWERED = [
    ("Classifier --arg classes=10", CLASSIFIER.format(10), "eval", "boundary"),
    ("Classifier --arg classes=10 --train", CLASSIFIER.format(10), "train", "boundary"),
    ("instance --guards none", CLASSIFIER.format(4), "eval", "none"),
    ("instance --guards all", CLASSIFIER.format(4), "eval", "all"),
    ("make", CLASSIFIER.format(5), "eval", "boundary"),
    ("make --arg classes=6", CLASSIFIER.format(6), "eval", "boundary"),
    ("named", "x: N -> dict[str, N]", "eval", "boundary"),
]


@pytest.mark.parametrize(
    ("words", "signature", "mode", "guards"), LOWERED, ids=[words for words, *_ in LOWERED]
)
@pytest.mark.usefixtures("project")
def test_lowers_classes_functions_and_instances(
    run: Run, words: str, signature: str, mode: str, guards: str
) -> None:
    name, *options = words.split()
    done = run("lower", f"models_of_a_user:{name}", "-o", "m.pt", "--no-verify", *options)
    assert (done.code, done.err) == (0, "")
    function = "named" if name == "named" else "Classifier"
    assert done.out.splitlines() == [
        f"m.pt: {signature} ({Path('m.pt').stat().st_size:,} bytes)",
        f"  `{function}` is scripted",
        "  not verified: verify=False leaves the comparison out",
    ]
    manifest = read_manifest("m.pt")
    assert (str(manifest.signature), manifest.mode, manifest.guards) == (signature, mode, guards)
    assert manifest.name == f"models_of_a_user.{'named' if name == 'named' else 'Classifier'}"


DESCRIBED = [
    ("Plain", "x: N in=3 -> N out=2", "models_of_a_user.Plain"),
    # The parameters of the signature are the function's own, so that it is no factory.
    ("plain_function", "x: *any -> *any", "models_of_a_user.plain_function"),
]


@pytest.mark.parametrize(("name", "signature", "qualified"), DESCRIBED)
@pytest.mark.usefixtures("project")
def test_signature_of_a_model_without_annotations(
    run: Run, name: str, signature: str, qualified: str
) -> None:
    done = run("lower", f"models_of_a_user:{name}", "--signature", signature, "-o", "m.pt")
    assert (done.code, done.err) == (0, "")
    manifest = read_manifest("m.pt")
    assert (str(manifest.signature), manifest.name) == (signature, qualified)


@pytest.mark.usefixtures("project")
def test_signatures_of_several_methods(run: Run) -> None:
    text = "x: N in=3 -> N out=2"
    done = run(
        "lower", "models_of_a_user:Plain", "--signature", text, "--signature", "y=z: N -> N", "-o", "m.pt"
    )
    assert done.code == 1
    assert "Plain has no method `y`" in done.err
    done = run("lower", "models_of_a_user:Plain", "--signature", text, "--signature", text, "-o", "m.pt")
    assert (done.code, "two signatures for `forward`" in done.err) == (2, True)


def test_bad_signature_points_at_the_character(run: Run, project: Path) -> None:
    done = run("lower", "models_of_a_user:Plain", "--signature", "x: N C H W ->> N", "-o", "m.pt")
    assert (done.code, done.out) == (1, "")
    assert "x: N C H W ->> N" in done.err
    assert not (project / "m.pt").exists()


def test_metadata_of_files_and_values(run: Run, project: Path) -> None:
    (project / "labels.json").write_text('{"labels": ["cat", "dog"]}')
    words = ["--metadata", "labels.json", "--metadata", "mean=[0.5, 0.5]", "--metadata", "author=me"]
    done = run("lower", "models_of_a_user:make", "-o", "m.pt", *words)
    assert (done.code, done.err) == (0, "")
    assert read_manifest("m.pt").metadata == {"labels": ["cat", "dog"], "mean": [0.5, 0.5], "author": "me"}


@pytest.mark.usefixtures("project")
def test_metadata_that_is_no_json_is_refused(run: Run) -> None:
    done = run("lower", "models_of_a_user:make", "-o", "m.pt", "--metadata", "means=[1e999]")
    assert (done.code, done.out) == (1, "")
    assert "metadata.means[0]" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.usefixtures("project")
def test_freeze(run: Run) -> None:
    done = run("lower", "models_of_a_user:make", "-o", "m.pt", "--freeze", "--json")
    assert (done.code, done.err) == (0, "")
    assert done.data["stages"] == ["freeze"]
    assert read_manifest("m.pt").stages == ("freeze",)
    assert run("run", "m.pt", "@image.npy", "-o", "y.npy").code == 0


def test_data_of_what_was_written(run: Run, project: Path) -> None:
    done = run("lower", "models_of_a_user:make", "-o", "m.pt", "--json")
    assert (done.code, done.err) == (0, "")
    data = done.data
    assert data.pop("report")["verification"]["is_same"]
    assert data == {
        "path": "m.pt",
        "bytes": (project / "m.pt").stat().st_size,
        "name": "models_of_a_user.Classifier",
        "kind": "module",
        "mode": "eval",
        "guards": "boundary",
        "method": "script",
        "stages": [],
        "signature": CLASSIFIER.format(5),
        "methods": {"forward": CLASSIFIER.format(5)},
    }


def test_what_the_users_module_prints_is_not_the_answer(run: Run, project: Path) -> None:
    module = project / "models_of_a_user.py"
    module.write_text(module.read_text() + "\nprint('hello')\n")
    done = run("lower", "models_of_a_user:make", "-o", "m.pt", "--json")
    assert (done.data["path"], done.err) == ("m.pt", "hello\n")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", ["instance", "split"])
def test_lowered_objects_take_no_arguments(run: Run, name: str) -> None:
    done = run("lower", f"models_of_a_user:{name}", "-o", "m.pt", "--arg", "classes=3")
    assert done.code == 2
    assert done.err.startswith(f"error: `models_of_a_user:{name}` is lowered as it is and takes no --arg\n")


@pytest.mark.usefixtures("project")
def test_what_can_not_be_lowered_is_refused_in_one_block(run: Run) -> None:
    done = run("lower", "models_of_a_user:unscriptable", "-o", "m.pt")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: ")
    assert "models_of_a_user.py" in done.err
    assert "Traceback" not in done.err
    assert not Path("m.pt").exists()


def test_old_file_stays_where_lowering_fails(run: Run, lowered: Callable[..., str]) -> None:
    path = lowered("make")
    before = Path(path).read_bytes()
    assert run("lower", "models_of_a_user:unscriptable", "-o", path).code == 1
    assert Path(path).read_bytes() == before


OUTPUTS = [
    ("no/m.pt", "there is no folder 'no' to write m.pt to"),
    ("a\0b.pt", "-o 'a\\x00b.pt': a file name has no null character"),
]


def test_suffix_of_the_archive_is_looked_at_first(run: Run) -> None:
    kinds = (
        ".pt (TorchScript), .ptl (lite interpreter), .pt2 (torch.export), .onnx (ONNX) or .pte (ExecuTorch)"
    )
    done = run("lower", "no_such_module:x", "-o", "m.bin")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: -o m.bin: an archive is written as {kinds}\n  see: namedtorch lower --help\n"
    done = run("annotate", "no.pt", "x: N -> N", "-o", "m.onnx")
    text = "-o m.onnx: an archive is written as .pt (TorchScript) or .ptl (lite interpreter)"
    assert (done.code, done.err) == (2, f"error: {text}\n  see: namedtorch annotate --help\n")


@pytest.mark.parametrize(("output", "text"), OUTPUTS)
def test_name_of_the_archive_is_looked_at_first(run: Run, output: str, text: str) -> None:
    for words in (["lower", "no_such_module:x"], ["annotate", "no.pt", "x: N -> N"]):
        done = run(*words, "-o", output)
        assert (done.code, done.out) == (2, "")
        assert done.err == f"error: {text}\n  see: namedtorch {words[0]} --help\n"


def test_unwritable_output(run: Run, project: Path) -> None:
    (project / "folder.pt").mkdir()
    done = run("lower", "models_of_a_user:make", "-o", "folder.pt")
    assert done.code == 1
    assert (
        done.err
        == f"error: can't write {str(project / 'folder.pt')!r}: it is a folder; give the path of a file\n"
    )


def test_as_a_program_in_the_users_folder(project: Path) -> None:
    command = [sys.executable, "-m", "namedtorch", "lower", "models_of_a_user:make", "-o", "m.pt"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("m.pt: image: N C=3 H W -> N classes=5 where H >= 8 (")


@pytest.mark.usefixtures("project")
def test_report_says_what_was_compared_and_where_the_signature_is_too_wide(run: Run) -> None:
    done = run("lower", "models_of_a_user:wide_only", "-o", "m.pt")
    assert (done.code, done.err) == (0, "")
    _, scripted, verified, *notes = done.out.splitlines()
    assert scripted == "  `WideOnly` is scripted"
    assert verified.startswith("  verified: WideOnly as the original at N=")
    assert len(notes) == 1
    assert notes[0].startswith("  note: the signature is wider than the code: H >= 5")


@pytest.mark.usefixtures("project")
def test_parts_that_script_refuses_are_traced_with_auto(run: Run) -> None:
    done = run("lower", "models_of_a_user:Routed", "-o", "m.pt")
    assert (done.code, done.out) == (1, "")
    assert "`try`" in done.err
    done = run("lower", "models_of_a_user:Routed", "-o", "m.pt", "--method", "auto")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[1:3] == [
        "  `Routed` is scripted",
        "  `gate` (Gate) is traced: TorchScript can't take its code",
    ]
    assert lines[3].endswith(": `try`")
    assert "models_of_a_user.py" in lines[3]
    assert (read_manifest("m.pt").method, read_manifest("m.pt").traced) == ("script", ("gate",))
    assert "traced   gate" in run("inspect", "m.pt").out


@pytest.mark.usefixtures("project")
def test_trace_with_an_example_and_a_warning(run: Run) -> None:
    words = ["--method", "trace", "--example", "models_of_a_user:warm", "--no-verify", "--json"]
    done = run("lower", "models_of_a_user:Routed", "-o", "m.pt", *words)
    assert (done.code, done.err) == (0, "")
    (choice,) = done.data["report"]["choices"]
    assert (choice["path"], choice["class"], choice["method"]) == ("", "Routed", "trace")
    (warning,) = choice["warnings"]
    assert warning["what"] == "`x.sum() > 0` is decided once, for all calls (here it held)"
    assert warning["text"] == "if x.sum() > 0:"
    assert (done.data["report"]["verification"], read_manifest("m.pt").traced) == (None, ("",))


@pytest.mark.usefixtures("project")
def test_trace_that_computes_something_else_is_not_written(run: Run) -> None:
    words = ["--method", "trace", "--example", "models_of_a_user:any_sign"]
    done = run("lower", "models_of_a_user:Routed", "-o", "m.pt", *words)
    assert (done.code, done.out, Path("m.pt").exists()) == (1, "", False)
    assert "does not compute what the original does" in done.err
    assert "warning: " in done.err
    assert "`x.sum() > 0` is decided once, for all calls" in done.err


@pytest.mark.usefixtures("project")
def test_example_that_is_not_there(run: Run) -> None:
    done = run("lower", "models_of_a_user:Routed", "-o", "m.pt", "--example", "models_of_a_user:wram")
    assert (done.code, done.out) == (2, "")
    assert "`models_of_a_user` has no `wram`; did you mean `warm`?" in done.err
