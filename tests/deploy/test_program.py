"""Exported programs of strangers: what would run as Python when torch opens them is refused before."""

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim

from namedtorch import ArchiveError, load
from namedtorch.archive.container import read_archive
from namedtorch.archive.interface import Input, Interface, Output, Sequence
from namedtorch.archive.seal import seal
from namedtorch.deploy.runtimes.program import look_through
from namedtorch.deploy.runtimes.symbolic_text import is_arithmetic
from tests.deploy.archives import write_exported


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 4)
        self.shift = torch.ones(4)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (self.layer(x) + self.shift,)


class Mark:
    """What a pickle of a stranger does when it is read: it makes a folder."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.path,)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archives") / "m.pt2"
    x = torch.ones(2, 3)
    return write_exported(path, Model(), {"x": x}, "x: N C=3 -> N 4", {"x": {0: Dim("N")}})


def rewritten(path: Path, new: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A file with other records, and a manifest whose digests are theirs: the stranger wrote both."""
    manifest = read_archive(path).manifest
    with zipfile.ZipFile(path) as old:
        records = {name.partition("/")[2]: old.read(name) for name in old.namelist()}
    del records["extra/namedtorch.json"]
    change(records)
    writer = torch._C.PyTorchFileWriter(str(new))
    try:
        for name, data in records.items():
            if name not in (".data/version", ".data/serialization_id", "byteorder", "version"):
                writer.write_record(name, data, len(data))
    finally:
        writer.write_end_of_file()
    seal(new, manifest)
    return new


def edited(name: str, change: Callable[[Any], None]) -> Callable[[dict[str, bytes]], None]:
    def change_records(records: dict[str, bytes]) -> None:
        document = json.loads(records[name])
        change(document)
        records[name] = json.dumps(document).encode()

    return change_records


def added(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda records: records.update({name: data})


PROGRAM = "models/model.json"
WEIGHTS = "data/weights/model_weights_config.json"
CONSTANTS = "data/constants/model_constants_config.json"


def graph(document: Any) -> Any:
    return document["graph_module"]["graph"]


def first_size(document: Any) -> Any:
    return graph(document)["tensor_values"]["x"]["sizes"][0]["as_expr"]


def test_what_was_written_is_opened(path: Path, tmp_path: Path) -> None:
    same = rewritten(path, tmp_path / "same.pt2", lambda records: None)
    x = torch.rand(5, 3)
    assert torch.equal(load(same)(x), load(path)(x))


CASES: list[tuple[Callable[[dict[str, bytes]], None], str]] = [
    (added("data/aotinductor/model/model.so", b""), "holds the record 'data/aotinductor/model/model.so'"),
    (added("data/weights/model.pt", b""), "holds the record 'data/weights/model.pt'"),
    (added("models/other.json", b"{}"), "holds the record 'models/other.json'"),
    (added("data/constants/opaque_obj_0", b""), "holds the record 'data/constants/opaque_obj_0'"),
    (
        edited(WEIGHTS, lambda one: one["config"]["layer.weight"].update(use_pickle=True)),
        "holds 'weight_0' as a pickle",
    ),
    (
        edited(CONSTANTS, lambda one: one["config"]["shift"].update(path_name="custom_obj_0")),
        "holds 'custom_obj_0', which is no tensor",
    ),
    (
        edited(CONSTANTS, lambda one: one["config"]["shift"].update(path_name="../../tensor_0")),
        "holds '../../tensor_0', which is no tensor",
    ),
    (
        edited(PROGRAM, lambda one: graph(one)["nodes"][0].update(target="torch.os.system")),
        "calls 'torch.os.system', which is no operator",
    ),
    (
        edited(PROGRAM, lambda one: graph(one)["nodes"][0].update(target="torch.ops.aten.add.__init__")),
        "calls 'torch.ops.aten.add.__init__', which is no operator",
    ),
    (
        edited(PROGRAM, lambda one: graph(one)["nodes"][0].update(target="_operator.methodcaller")),
        "calls '_operator.methodcaller', which is no operator",
    ),
    (
        edited(PROGRAM, lambda one: graph(one)["nodes"][0].update(target="torch.ops.aten.save.default")),
        "calls 'torch.ops.aten.save.default', which reads or writes files",
    ),
    (
        edited(
            PROGRAM,
            lambda one: graph(one)["nodes"][0].update(target="torch.ops.debugprims.load_tensor.default"),
        ),
        "calls 'torch.ops.debugprims.load_tensor.default', which is none of the operators that compute",
    ),
    (
        edited(
            PROGRAM, lambda one: graph(one)["nodes"][0].update(target="torch.ops.higher_order.call_torchbind")
        ),
        "calls 'torch.ops.higher_order.call_torchbind', which is none of the operators that compute",
    ),
    (
        edited(PROGRAM, lambda one: graph(one)["nodes"][0].update(name="y = __import__('os').getcwd()")),
        """has a node of the name "y = __import__('os').getcwd()\"""",
    ),
    (
        edited(PROGRAM, lambda one: first_size(one).update(expr_str="__import__('os').getcwd()")),
        """has a size that is no arithmetic, "__import__('os').getcwd()\"""",
    ),
    (
        edited(
            PROGRAM,
            lambda one: one["graph_module"]["signature"]["input_specs"][0]["parameter"].update(
                parameter_name='layer.weight"); print("'
            ),
        ),
        """has the name 'layer.weight"); print("'""",
    ),
    (
        edited(
            PROGRAM,
            lambda one: one["graph_module"]["module_call_graph"][0]["signature"].update(
                in_spec=json.dumps(
                    [
                        1,
                        {
                            "type": "collections.defaultdict",
                            "context": '{"default_factory_module": "antigravity"}',
                            "children_spec": [],
                        },
                    ]
                )
            ),
        ),
        "takes or gives 'collections.defaultdict'",
    ),
    (added(PROGRAM, b"{"), "holds no JSON in 'models/model.json'"),
    (
        lambda records: records.pop("data/sample_inputs/model.pt") and None,
        "lacks the record 'data/sample_inputs",
    ),
]


@pytest.mark.parametrize(("change", "text"), CASES, ids=[text[:40] for _, text in CASES])
@pytest.mark.parametrize("digest", ["check", "skip"])
def test_what_runs_as_python_is_refused(
    path: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None], text: str, digest: Any
) -> None:
    wrong = rewritten(path, tmp_path / "wrong.pt2", change)
    with pytest.raises(ArchiveError) as caught:
        load(wrong, digest=digest)
    assert str(caught.value).startswith(f"{wrong}: {text}")
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(
        "which namedtorch does not open; get the file again, or lower the model again"
    )


def test_a_pickle_in_the_place_of_sample_inputs_is_not_run(path: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    buffer = io.BytesIO()
    torch.save((Mark(str(mark)),), buffer)
    wrong = rewritten(path, tmp_path / "wrong.pt2", added("data/sample_inputs/model.pt", buffer.getvalue()))
    with pytest.raises(ArchiveError, match="has sample inputs that are more than tensors"):
        load(wrong)
    assert not mark.exists()
    # torch itself runs it: the harness would see it.
    torch.load(io.BytesIO(buffer.getvalue()), weights_only=False)
    assert mark.exists()


def test_a_pickle_in_the_place_of_a_weight_is_not_run(path: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def change(records: dict[str, bytes]) -> None:
        edited(WEIGHTS, lambda one: one["config"]["layer.weight"].update(use_pickle=True))(records)
        records["data/weights/weight_0"] = pickle.dumps(Mark(str(mark)))

    with pytest.raises(ArchiveError, match="holds 'weight_0' as a pickle"):
        load(rewritten(path, tmp_path / "wrong.pt2", change))
    assert not mark.exists()


def test_guards_of_a_stranger_are_not_run(path: Path, tmp_path: Path) -> None:
    """torch writes them into a function; the guard of the manifest stands in their place."""
    mark = tmp_path / "mark"
    wrong = rewritten(
        path,
        tmp_path / "wrong.pt2",
        edited(
            PROGRAM, lambda one: one.update(guards_code=[f"__import__('os').mkdir({str(mark)!r}) is None"])
        ),
    )
    load(wrong)(torch.rand(2, 3))
    assert not mark.exists()


def test_a_tensor_may_be_called_as_the_notes_of_a_node_are(path: Path, tmp_path: Path) -> None:
    """What stands under `metadata` is for a debugger only where a node has it."""
    mark = tmp_path / "mark"

    def called_so(document: Any) -> None:
        renamed = json.dumps(document["graph_module"]).replace('"add"', '"metadata"')
        document["graph_module"] = json.loads(renamed)

    def sized(document: Any) -> None:
        called_so(document)
        text = f"__import__('os').mkdir({str(mark)!r}) or 4"
        graph(document)["tensor_values"]["metadata"]["sizes"][0]["as_expr"].update(expr_str=text)

    x = torch.rand(2, 3)
    assert torch.equal(
        load(rewritten(path, tmp_path / "so.pt2", edited(PROGRAM, called_so)))(x), load(path)(x)
    )
    with pytest.raises(ArchiveError, match="has a size that is no arithmetic"):
        load(rewritten(path, tmp_path / "wrong.pt2", edited(PROGRAM, sized)))
    assert not mark.exists()


@pytest.mark.parametrize("notes", [[], {"stack_trace": {"expr_str": "f()"}}, "f()"])
def test_notes_of_a_node_are_texts(path: Path, tmp_path: Path, notes: Any) -> None:
    change = edited(PROGRAM, lambda one: graph(one)["nodes"][0].update(metadata=notes))
    with pytest.raises(ArchiveError):
        load(rewritten(path, tmp_path / "wrong.pt2", change))


def test_a_graph_of_another_number_of_inputs(path: Path, tmp_path: Path) -> None:
    class Two(nn.Module):
        def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor]:
            return (x + y,)

    two = write_exported(
        tmp_path / "two.pt2", Two(), {name: torch.rand(2) for name in "xy"}, "x: N=2, y: N -> N"
    )
    with zipfile.ZipFile(two) as file:
        program = file.read("two/models/model.json")

    def change(records: dict[str, bytes]) -> None:
        records[PROGRAM] = program
        records[WEIGHTS] = records[CONSTANTS] = b'{"config": {}}'
        records["data/sample_inputs/model.pt"] = b""

    wrong = rewritten(path, tmp_path / "wrong.pt2", change)
    with pytest.raises(ArchiveError) as caught:
        load(wrong)
    assert str(caught.value) == (
        f"{wrong}: its graph has other inputs or outputs than its manifest tells of; get the file again, or lower the "
        "model again"
    )


def test_a_graph_of_another_number_of_outputs(tmp_path: Path) -> None:
    interface = Interface((Input("x", ("x",)),), ("y", "z"), Sequence("tuple", (Output(0), Output(1))))
    x = {"x": torch.ones(2, 3)}
    wrong = write_exported(tmp_path / "m.pt2", Model(), x, "x: N=2 C=3 -> N 4, N 4", None, interface)
    with pytest.raises(
        ArchiveError, match="its graph has other inputs or outputs than its manifest tells of"
    ):
        load(wrong)


def test_what_is_looked_through_is_what_torch_reads(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In between another file takes its place."""
    mark, own = tmp_path / "mark", tmp_path / "own.pt2"
    own.write_bytes(path.read_bytes())
    text = f"__import__('os').mkdir({str(mark)!r}) or 4"
    other = rewritten(
        path, tmp_path / "other.pt2", edited(PROGRAM, lambda one: first_size(one).update(expr_str=text))
    )
    looked_through: list[str] = []

    def replacing(file: Any, size: int, where: str) -> None:
        look_through(file, size, where)
        looked_through.append(where)
        os.replace(other, own)

    monkeypatch.setattr("namedtorch.deploy.runtimes.exported.look_through", replacing)
    with pytest.raises(ArchiveError, match="was changed while it was loaded; load it again"):
        load(own)
    assert looked_through == [str(own)]
    assert not mark.exists()


TEXTS = [
    ("Symbol('s40', positive=True, integer=True)", True),
    ("Mul(Integer(3), Symbol('s6', positive=True, integer=True), Integer(-2))", True),
    ("FloorDiv(Add(Symbol('s6', positive=True, integer=True), Integer(-2)), Integer(2))", True),
    ("Max(Integer(1), Symbol('u0', integer=True))", True),
    ("Equality(Symbol('s0', integer=True), Integer(4))", True),
    ("s0 + 2*s1 // 3", True),
    ("Max(1,\n2)", False),
    ("Max(1, 2)  # s0", False),
    ("Symbol('s0\\\n')", False),
    ("true", True),
    ("4", True),
    ("Float('0.5', precision=53)", True),
    ("__import__('os')", False),
    ("Symbol('s0').__class__", False),
    ("lambdify('x', 'x')", False),
    ("sympify('1')", False),
    ("Symbol(open('f'))", False),
    ("Symbol('__import__')", False),
    ("(lambda: 0)()", False),
    ("[s0 for s0 in ()]", False),
    ("Integer", False),
    ("s0 if s0 else s1", False),
    ("9" * 40, False),
    ("Symbol('s0'", False),
    ("Add(" * 5000, False),
    ("x" * 30_000, False),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS, ids=[text[:40] for text, _ in TEXTS])
def test_texts_of_sizes(text: str, expected: bool) -> None:
    assert is_arithmetic(text) is expected
