"""A refused model: all that TorchScript can't take in it, at once, and nothing else."""

import importlib.util
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch.jit import _recursive, _state

from namedtorch import LowerError
from namedtorch.diagnostics.errors import MOST_SHOWN
from namedtorch.lower.mending.mend import unmended
from tests.lower.unverified import lower

Importer = Callable[[str, str], ModuleType]
HEAD = "import torch\nfrom torch import Tensor, nn\nfrom namedtorch import Float\nX = Float[Tensor, 'N C']\n"

BLOCKS = """
EPS = 1e-5

def normalize(x: X) -> X:
    mean = x.mean(0, keepdims=True)  # here
    return x - mean + EPS  # here

class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.act = lambda y: y * 2

    def forward(self, x: X) -> X:
        try:  # here
            return normalize(self.act(x))  # here
        finally:
            pass

class Fine(nn.Module):
    def forward(self, x: X) -> X:
        return x + 1
"""

MODEL = """
from blocks import Block, Fine

class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Block(), Fine()])
        self.first = 0

    def forward(self, x: X) -> X:
        return self.layers[self.first](x)  # here

class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()

    def pooled(self, x: X) -> X:
        rows = [row for row in x.unbind(0) if row.sum() > 0]  # here
        total: int = rows[0]  # here
        return torch.stack(rows) * total

    def forward(self, x: X) -> X:
        print(f"{x.dim():02d}")  # here
        scale = lambda y: y * 2  # here
        return scale(self.pooled(self.encoder(x)))
"""


@pytest.fixture(autouse=True)
def as_written() -> Iterator[None]:
    """What is reported of constructs that lowering would mend."""
    with unmended():
        yield


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Importer:
    """Writes a module and imports it."""

    def write(name: str, text: str) -> ModuleType:
        path = tmp_path / f"{name}.py"
        path.write_text(HEAD + text)
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module

    return write


def refusal(given: Any) -> LowerError:
    with pytest.raises(LowerError) as caught:
        lower(given)
    return caught.value


def here(*modules: ModuleType) -> list[str]:
    """The places that say `# here`, in the order of files and lines."""
    found: list[str] = []
    for module in sorted(modules, key=lambda one: str(one.__file__)):
        assert module.__file__ is not None
        lines = Path(module.__file__).read_text().splitlines()
        found += [
            f"{module.__file__}:{number}" for number, line in enumerate(lines, 1) if line.endswith("# here")
        ]
    return found


def test_all_at_once_over_files_functions_and_submodules(imported: Importer) -> None:
    blocks, model = imported("blocks", BLOCKS), imported("model", MODEL)
    error = refusal(model.Classifier())
    assert [one.place for one in error.findings] == here(blocks, model)
    lines = str(error).splitlines()
    assert lines[0] == "TorchScript can't take 9 things in `Classifier`:"
    folder = Path(str(model.__file__)).parent
    assert lines[1:7] == [
        f"  {folder}/blocks.py:9: `mean` has no keyword `keepdims`",
        "      mean = x.mean(0, keepdims=True)  # here",
        "    TorchScript knows it as `mean(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None)`",
        f"  {folder}/blocks.py:10: `EPS`, a number or text outside of the function",
        "      return x - mean + EPS  # here",
        "    in a method, keep it in an attribute (`self.EPS = EPS` in `__init__`); in a function, make it a default",
    ]
    assert lines[-3:] == [
        f"  {folder}/model.py:29: a lambda",
        "      scale = lambda y: y * 2  # here",
        "    write a function with def at the top of the file and call it",
    ]
    assert {one.function for one in error.findings} == {
        "normalize",
        "Block.forward",
        "Encoder.forward",
        "Classifier.pooled",
        "Classifier.forward",
    }
    assert error.findings[0].callers[0] == error.findings[3].place
    said = json.loads(json.dumps(error.to_dict()))
    assert said["error"] == "LowerError"
    assert said["message"] == str(error)
    assert [one["line"] for one in said["findings"]] == [one.line for one in error.findings]


def test_functions_are_reported_as_well(imported: Importer) -> None:
    module = imported(
        "functions",
        """
by = 2

def inner(x: X, *more: X) -> X:  # here
    return x

def outer(x: X) -> X:
    y = inner(x, x)
    return y * by  # here
""",
    )
    error = refusal(module.outer)
    assert [one.place for one in error.findings] == here(module)
    assert str(error).startswith("TorchScript can't take 2 things in `outer`:\n")
    assert [one.function for one in error.findings] == ["inner", "outer"]


def test_many_findings_are_counted(imported: Importer) -> None:
    lines = "".join(f"    f{i} = lambda x: x  # here\n" for i in range(MOST_SHOWN + 5))
    module = imported("many", f"def many(x: X) -> X:\n{lines}    return x\n")
    error = refusal(module.many)
    assert len(error.findings) == MOST_SHOWN + 5
    assert str(error).startswith(f"TorchScript can't take {MOST_SHOWN + 5} things in `many`:\n")
    assert str(error).endswith("\n  ... and 5 more, all in `.findings`")


NOT_COMPILED = """
by = 2

class Part(nn.Module):
    def forward(self, x: X) -> X:
        return x + 1

    def unused_here(self, x: X) -> X:
        return x * by

class Model(nn.Module):
    off: torch.jit.Final[bool]

    def __init__(self) -> None:
        super().__init__()
        self.part = Part()
        self.none = None
        self.off = False
        self.empty = nn.ModuleList()

    @torch.jit.unused
    def left(self, x: X) -> X:
        return x * by

    @torch.jit.ignore
    def kept(self, x: X) -> Tensor:
        return x * by

    def dead(self, x: X) -> X:
        return x * by

    def forward(self, x: X, more: "X | None" = None) -> X:
        if not torch.jit.is_scripting():
            return self.dead(x)
        if not torch.jit.is_scripting() and x.dim() == 2:
            x = x * by
        if self.none is not None:
            x = x * by
        if self.part is None:
            x = x * by
        if self.off:
            x = x * by
        if hasattr(self, "nothing"):
            x = x * by
        if x is None:
            x = x * by
        for layer in self.empty:
            x = layer(x) * by
        y = x if torch.jit.is_scripting() else x * by
        if torch.jit.is_tracing():
            y = y + by  # here
        if torch.jit.is_scripting():
            return self.left(y) if x.dim() == 3 else self.part(y)
        return x * by
"""


def test_code_that_torch_does_not_compile_is_left_alone(imported: Importer) -> None:
    module = imported("left", NOT_COMPILED)
    error = refusal(module.Model())
    assert [one.place for one in error.findings] == here(module)
    fixed = NOT_COMPILED.replace("y = y + by  # here", "y = y + 2")
    lower(imported("right", fixed).Model())


def test_a_body_that_torch_takes_is_not_reported(imported: Importer) -> None:
    module = imported(
        "taken",
        """
import functools

double = functools.partial(torch.mul, other=2)

class Model(nn.Module):
    def first(self, x: X) -> X:
        return double(x)

    def forward(self, x: X) -> X:
        return self.first(+x)  # here
""",
    )
    assert [one.place for one in refusal(module.Model()).findings] == here(module)


@pytest.mark.parametrize(("line", "listed"), [(7, True), (8, False)])
def test_what_is_refused_before_torch_is_asked_is_taken_up(
    imported: Importer, monkeypatch: pytest.MonkeyPatch, line: int, listed: bool
) -> None:
    module = imported(
        "before",
        """
by = 2
def helper(x: X, *more: X) -> X:  # here
    return x

def before(x: X) -> X:
    return helper(x) * by  # here
""",
    )

    def compiled(target: Any) -> Any:
        raise LowerError(f"helper takes `*more`\n  {module.__file__}:{line}")

    monkeypatch.setattr(sys.modules["namedtorch.lower.scripted"], "compile_target", compiled)
    error = refusal(module.before)
    if listed:
        assert [one.place for one in error.findings] == here(module)
    else:
        assert str(error) == f"helper takes `*more`\n  {module.__file__}:{line}"
        assert error.findings == ()


def test_one_cause_is_said_once(imported: Importer) -> None:
    module = imported(
        "cause",
        """
def parts(x: X, kind: frozenset):  # here
    return x, 2

class Model(nn.Module):
    def forward(self, x: X) -> X:
        left, right = parts(x, frozenset())
        return left * right
""",
    )
    error = refusal(module.Model())
    assert [one.place for one in error.findings] == here(module)
    assert "the type of `kind`, a set; take a list" in str(error).splitlines()[0]


def test_the_path_of_a_module_is_said(imported: Importer) -> None:
    module = imported(
        "lazy",
        """
class Part(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.ReLU(), nn.LazyLinear(3))

    def forward(self, x: X) -> X:
        return self.inner(x)

class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList([Part()])

    def forward(self, x: X) -> X:
        for part in self.parts:
            x = part(x)
        return x
""",
    )
    assert str(refusal(module.Model())) == (
        "TorchScript refuses `Model`: `parts.0.inner.1`: a LazyLinear whose parameters have no size yet; "
        "call the model once on an example before lowering it\n"
        f"  {module.__file__}:9\n    self.inner = nn.Sequential(nn.ReLU(), nn.LazyLinear(3))"
    )


def test_torchs_own_words_where_nothing_is_known(imported: Importer) -> None:
    module = imported("words", "def words(x: X) -> X:\n    return x(1)\n")
    assert str(refusal(module.words)) == (
        "TorchScript refuses `words`: cannot call a value of type 'Tensor'"
        f"\n  {module.__file__}:6\n    return x(1)"
    )


def test_an_older_error_says_nothing_in_a_newer_one(imported: Importer) -> None:
    inherited = imported(
        "older",
        """
class Base:
    def two(self) -> int:
        return 2

class Sizes(Base):
    def __init__(self):
        self.by = 3

    def total(self) -> int:
        return self.two()  # here

def older(x: X) -> X:
    return x * Sizes().total()
""",
    )
    # torch keeps an entry of its call stack for as long as somebody holds the error.
    held = refusal(inherited.older)
    assert [one.place for one in held.findings] == here(inherited)
    newer = imported(
        "newer", "import numpy as np\n\ndef newer(x: X) -> X:\n    return x * np.ones(3)[0]  # here\n"
    )
    error = refusal(newer.newer)
    assert [one.place for one in error.findings] == here(newer)
    assert "older.py" not in str(error)


def test_torchs_tables_and_the_users_objects_stay_as_they_are(imported: Importer) -> None:
    module = imported(
        "tables",
        """
class Count:
    def __init__(self):
        self.by = 2

def plain(x: Tensor, by: int) -> Tensor:
    return x * by

def caller(x: Tensor, by: int) -> Tensor:
    return plain(x, by)

class Part(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return caller(x, Count().by)

class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.part = Part()

    def forward(self, x: X) -> X:
        y = self.part(x)
        return +y
""",
    )
    names = {name: dict(vars(value)) for name, value in vars(module).items() if inspect.isfunction(value)}
    with pytest.raises(LowerError):
        lower(module.Model())
    store = _recursive.concrete_type_store
    types, compiled = dict(store.type_store), set(store.methods_compiled)
    functions, classes = dict(_state._jit_caching_layer), dict(_state._script_classes)
    with pytest.raises(LowerError):
        lower(module.Model())
    assert {owner: known for owner, known in store.type_store.items() if known} == {
        owner: known for owner, known in types.items() if known
    }
    assert store.methods_compiled == compiled
    assert dict(_state._jit_caching_layer) == functions
    assert dict(_state._script_classes) == classes
    for name, before in names.items():
        assert vars(getattr(module, name)) == before
    # A body that was left out while torch was heard must not stay so.
    scripted = torch.jit.script(module.Part())
    torch.testing.assert_close(scripted(torch.ones(2)), torch.ones(2) * 2)
