"""`namedtorch run`: arrays in, a result in a file or on the terminal."""

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Run = Callable[..., Any]
Lower = Callable[..., str]

pytestmark = pytest.mark.usefixtures("project")


def test_one_result_becomes_one_array(run: Run, lowered: Lower) -> None:
    path = lowered("make")
    for words in (["image=@image.npy"], ["@image.npy"], ["-o", "y.npy", "@image.npy"]):
        done = run("run", path, *words, "-o", "y.npy")
        assert (done.code, done.err) == (0, "")
        assert done.out == "result: N=2 classes=5, float32\nwrote y.npy\n"
        np.testing.assert_allclose(np.load("y.npy"), np.full((2, 5), 27.0))


def test_small_result_is_printed_where_it_is_not_written(run: Run, lowered: Lower) -> None:
    done = run("run", lowered("split"), "@x.npy", "scale=2.0", "shift=1")
    assert done.out == "0: N=2, float32\n  [ 7., 25.]\n1: C=3, float32\n  [3., 5., 7.]\n"


def test_large_result_is_not_printed(run: Run, lowered: Lower) -> None:
    np.save("long.npy", np.zeros(65, np.float32))
    done = run("run", lowered("named"), "x=@long.npy")
    assert done.out == "file: N=65, float32\ndouble: N=65, float32\n"


def test_lite_archive_runs(run: Run) -> None:
    assert run("lower", "models_of_a_user:make", "-o", "m.ptl").code == 0
    assert run("run", "m.ptl", "@image.npy", "-o", "y.npy").out.startswith("result: N=2 classes=5, float32\n")


def test_several_results_become_a_npz(run: Run, lowered: Lower) -> None:
    path = lowered("split")
    done = run("run", path, "@x.npy", "scale=2.0", "shift=1", "-o", "y.npz")
    assert (done.code, done.err) == (0, "")
    assert done.out == "0: N=2, float32\n1: C=3, float32\nwrote y.npz\n"
    with np.load("y.npz") as arrays:
        assert arrays.files == ["0", "1"]
        np.testing.assert_allclose(arrays["0"], [7, 25])
    done = run("run", path, "@x.npy", "scale=2.0", "shift=1", "-o", "y.npy")
    assert done.out == ""
    assert (done.code, done.err) == (1, "error: the result is 2 arrays (0, 1); write them with -o y.npz\n")


def test_results_with_names(run: Run, lowered: Lower) -> None:
    done = run("run", lowered("named"), "x=[1.0, 2.0]", "-o", "y.npz")
    assert done.out == "file: N=2, float32\ndouble: N=2, float32\nwrote y.npz\n"
    with np.load("y.npz") as arrays:
        np.testing.assert_allclose(arrays["double"], [2, 4])


def test_group_of_axes_in_a_result(run: Run, lowered: Lower) -> None:
    path = lowered("halve")
    assert run("run", path, "x=[[[1.0, 2.0]]]").out == "result: *batch=(1 1) C//2=1, float32\n  [[[1.]]]\n"
    assert run("run", path, "x=[1.0, 2.0]").out == "result: *batch=() C//2=1, float32\n  [1.]\n"


LISTS = [
    "images=@small.npy,@large.npy",
    "images=[@small.npy, @large.npy]",
    "[@small.npy,@large.npy]",
    "images=(@small.npy, @large.npy)",
]


@pytest.mark.parametrize("word", LISTS)
def test_list_of_arrays(run: Run, lowered: Lower, word: str) -> None:
    done = run("run", lowered("means"), word)
    assert (done.code, done.err) == (0, "")
    assert done.out == "result: 3, float32\n  [3., 3., 3.]\n"


def test_list_of_one_array(run: Run, lowered: Lower) -> None:
    path = lowered("means")
    assert run("run", path, "images=[@small.npy]", "scale=4.0").out == "result: 3, float32\n  [4., 4., 4.]\n"
    done = run("run", path, "images=@small.npy")
    assert (done.code, done.err) == (
        1,
        "error: `images` is a list of arrays, also of one: write images=@A.npy,@B.npy, or 'images=[@A.npy]'\n",
    )


def test_tuple_and_dict_of_arrays(run: Run, lowered: Lower) -> None:
    done = run("run", lowered("pair"), "(@x.npy, @places.npy)")
    assert done.out == "result: N=2 C=3, float32\n  [[ 0.,  3.,  6.],\n   [12., 16., 20.]]\n"
    done = run("run", lowered("looked_up"), "tables={'a@b': @v.npy, 'c': [5.0, 6.0]}", "key=a@b")
    assert done.out == "result: N=2, float32\n  [0., 1.]\n"


def test_array_out_of_a_npz(run: Run, lowered: Lower) -> None:
    path = lowered("make")
    assert run("run", path, "image=@several.npz:image", "-o", "y.npz").code == 0
    done = run("run", path, "image=@y.npz:result")
    assert done.code == 1
    assert done.err.startswith("error: `image` has rank 2, but `N C=3 H W` has rank 4")


def test_byte_order_of_the_file_does_not_matter(run: Run, lowered: Lower) -> None:
    done = run("run", lowered("split"), "@big_endian.npy", "1.0", "0.0", "-o", "y.npz")
    assert done.out.startswith("0: N=2, float32\n1: C=3, float32\n")


def test_data_of_a_result(run: Run, lowered: Lower) -> None:
    path = lowered("split")
    done = run("run", path, "[[1e999, 1.0], [2.0, 3.0]]", "1.0", "0.0", "--json")
    assert (done.code, done.err) == (0, "")
    assert done.data == {
        "archive": path,
        "name": "models_of_a_user.split",
        "method": "forward",
        "signature": "x: N C, scale: float, shift: -> N, C",
        "result": [
            {"name": "0", "dims": "N=2", "sizes": [2], "dtype": "float32", "value": ["inf", 5.0]},
            {"name": "1", "dims": "C=2", "sizes": [2], "dtype": "float32", "value": ["inf", 4.0]},
        ],
        "output": None,
    }


def test_numbers_of_the_data_stand_on_one_line(run: Run, lowered: Lower) -> None:
    done = run("run", lowered("halve"), "[[1.0, 0.0], [-2.5e-9, 0.0]]", "--json")
    assert '      "sizes": [2, 1],\n' in done.out
    assert done.data["result"][0]["value"] == [[1.0], [pytest.approx(-2.5e-9)]]


def test_array_out_of_a_pipe(run: Run, lowered: Lower, project: Path) -> None:
    pipe = project / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(Path("several.npz").read_bytes()))
    writer.start()
    done = run("run", lowered("make"), f"image=@{pipe}", "-o", "y.npy")
    writer.join()
    assert done.err.startswith(f"error: can't read {pipe}: it holds several arrays, image, objects; name one")


def test_data_of_a_large_result_has_no_numbers(run: Run, lowered: Lower) -> None:
    np.save("long.npy", np.zeros(10_001, np.float32))
    done = run("run", lowered("named"), "x=@long.npy", "--json", "-o", "y.npz")
    assert done.data["output"] == "y.npz"
    assert done.data["result"][0] == {
        "name": "file",
        "dims": "N=10001",
        "sizes": [10001],
        "dtype": "float32",
    }


def test_wrong_dims_are_refused_with_the_guards_text(run: Run, lowered: Lower) -> None:
    done = run("run", lowered("make"), "image=@nhwc.npy", "-o", "y.npy")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: `image` has size 8 at axis 1, but `C` is 3")
    assert done.err.endswith("\n  see: namedtorch explain dims-differ\n")
    assert not Path("y.npy").exists()


NO_NUMBERS = (
    "can't read {}: it holds Python objects, not numbers; save an array of numbers, array.astype('float32')"
)
REFUSED = [
    ("make", "image=@no.npy", "can't read no.npy: No such file or directory"),
    ("make", "image=@.", "can't read .: Is a directory"),
    ("make", "image=@text.npy", "`image` is no tensor ("),
    ("make", "image=@objects.npy", NO_NUMBERS.format("objects.npy")),
    ("make", "image=@several.npz:objects", NO_NUMBERS.format("several.npz:objects")),
    (
        "make",
        "image=@several.npz",
        "can't read several.npz: it holds several arrays, image, objects; name one, @several.npz:image",
    ),
    (
        "make",
        "image=@several.npz:img",
        "can't read several.npz: there is no `img` in it, only image, objects; name one, @several.npz:image",
    ),
    ("make", "image=@broken.npy", "can't read broken.npy: it is cut off or broken ("),
    ("make", "image=@broken.npz", "can't read broken.npz: it is cut off or broken ("),
    (
        "make",
        "image=@models_of_a_user.py",
        "can't read models_of_a_user.py: it is no .npy file, which numpy.save writes",
    ),
    ("make", "image=@double.npy", "image.astype('float32')"),
    (
        "make",
        "image=hello",
        "`image` is the text 'hello', and the model takes an array: a file is read with @hello",
    ),
    (
        "make",
        "img=@image.npy",
        "models_of_a_user.Classifier: there is no argument `img`; did you mean `image`?",
    ),
    ("make", "", "models_of_a_user.Classifier: `image` is missing; it takes image: N C=3 H W"),
    ("make", "@image.npy 3", "models_of_a_user.Classifier: 2 arguments given by position, 1 taken"),
    ("split", "@x.npy scale=big shift=0", "scale"),
    ("picky", "[1.0,2.0,3.0]", "the model failed: "),
    ("make", "@image.npy --device toaster", "device 'toaster' can't be used here: Expected one of cpu, cuda"),
    ("pair", "(@x.npy,@text.npy)", "`argument 1.1` is no tensor ("),
]


@pytest.mark.parametrize(
    ("name", "words", "text"), REFUSED, ids=[f"{name} {words}" for name, words, _ in REFUSED]
)
def test_inputs_that_do_not_do_are_refused_in_one_block(
    run: Run, lowered: Lower, name: str, words: str, text: str
) -> None:
    done = run("run", lowered(name), *words.split())
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: ")
    assert text in done.err
    assert "Traceback" not in done.err
    assert "allow_pickle" not in done.err


def test_error_inside_the_graph_ends_with_its_text(run: Run, lowered: Lower) -> None:
    done = run("run", lowered("picky"), "[1.0,2.0,3.0]")
    assert "too many" in done.err
    assert done.err.count("\n") == 1


TWICE = "`image` is given twice; a list of arrays is written image=@A.npy,@B.npy"
WRONG_USE = [
    ("image=@image.npy -o y.txt", "-o y.txt: the result is written as .npy (one array) or .npz (several)"),
    ("image=@image.npy -o no/y.npy", "there is no folder 'no' to write y.npy to"),
    ("image=@image.npy image=@image.npy", TWICE),
    ("image=@image.npy 3", "`3` has no name, and stands behind a named input: give it one, NAME=3"),
    ("image=@", "a file name belongs behind `@`: NAME=@FILE.npy"),
]


@pytest.mark.parametrize(("words", "text"), WRONG_USE)
def test_wrong_use_is_told_before_the_archive_is_opened(run: Run, words: str, text: str) -> None:
    done = run("run", "no.pt", *words.split())
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: {text}\n  see: namedtorch run --help\n"


def test_unknown_method(run: Run, lowered: Lower) -> None:
    done = run("run", lowered("make"), "@image.npy", "--method", "encode")
    assert (done.code, done.err) == (
        2,
        "error: make.pt has no method `encode`; it has forward\n  see: namedtorch run --help\n",
    )


def test_changed_weights_are_found_unless_nobody_looks(run: Run, lowered: Lower) -> None:
    path = Path(lowered("make"))
    data = bytearray(path.read_bytes())
    data[data.index(np.ones(8, np.float32).tobytes()) + 2] ^= 1
    path.write_bytes(data)
    done = run("run", path, "@image.npy", "-o", "y.npy")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {path}: its weights changed since the file was saved")
    assert run("run", path, "@image.npy", "-o", "y.npy", "--no-check").code == 0


# Other formats

FORMATS = [(".pt2", "torch"), (".onnx", "onnxruntime"), (".pte", "executorch")]


@pytest.mark.parametrize(("suffix", "package"), FORMATS)
def test_every_format_runs(run: Run, suffix: str, package: str) -> None:
    pytest.importorskip(package)
    path = f"m{suffix}"
    where = "W >= 8, N <= 4, H <= 16, W <= 16" if suffix == ".pte" else "W >= 8"
    assert run("lower", "models_of_a_user:make", "-o", path, "--no-verify", "--where", where).code == 0
    done = run("run", path, "image=@image.npy", "-o", "y.npy")
    assert (done.code, done.err) == (0, "")
    assert done.out == "result: N=2 classes=5, float32\nwrote y.npy\n"
    np.testing.assert_allclose(np.load("y.npy"), np.full((2, 5), 27.0), rtol=1e-5)
    done = run("run", path, "image=@nhwc.npy")
    assert done.code == 1
    assert "`image` has size 8 at axis 1, but `C` is 3" in done.err
    if suffix == ".pte":
        done = run("run", path, "image=@image.npy", "--device", "meta")
        assert (done.code, done.err) == (
            1,
            f"error: {path}: ExecuTorch runs on the CPU here, not on 'meta'; leave device out\n",
        )


def test_the_very_file_is_run(run: Run, lowered: Lower) -> None:
    path = lowered("make")
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert run("run", path, "@image.npy", "-o", "y.npy", "--sha256", digest).code == 0
    done = run("run", path, "@image.npy", "--sha256", "0" * 64)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        f"error: {path}: is not the file that was pinned: its sha256 is {digest[:12]}..., and"
    )
    done = run("run", path, "@image.npy", "--sha256", "abc")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: --sha256 is the digest of the whole file, 64 hexadecimal digits")
