"""What holds for exported programs, whose files torch reads as Python: what is let through names known things only."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from torch._export.serde import schema
from torch._export.serde.serialize import _dict_to_dataclass
from torch._export.serde.union import _Union

from namedtorch.archive.container import opened
from namedtorch.archive.content import read_content
from namedtorch.archive.document import parse_document
from namedtorch.archive.plain_file import plain_file
from namedtorch.deploy.runtimes.program import look_through
from namedtorch.deploy.runtimes.symbolic_text import is_arithmetic
from namedtorch.diagnostics import ArchiveError
from tests.fuzz.documents import refusal
from tests.fuzz.files import written_to
from tests.fuzz.json_mutators import places

TARGETS = ("torch.ops.", "_operator.", "math.", "torch.sym_", "torch._sym_")


def exported(data: bytes) -> bool:
    """A program is looked through or refused in one line; each function that a node of it names is an operator."""
    written = written_to(data)
    try:
        with plain_file(written, str(written)) as (file, size):
            look_through(file, size, str(written))
        with opened(written) as container:
            record = container.find("models/model.json")
            assert record is not None
            program = parse_document(read_content(container.file, record))
    except ArchiveError as error:
        refusal(error, str(written))
        return False
    except ValueError:
        return False
    for holder, key in places(program):
        if key == "target":
            _check_target(holder[key])
    for size in _sizes(program):
        assert is_arithmetic(size.expr_str)
    return True


def _sizes(program: Any) -> Iterator[Any]:
    """The texts of sizes that torch would evaluate, as it reads a program itself; none in what it refuses."""
    try:
        waiting = [_dict_to_dataclass(schema.ExportedProgram, program)]
    # torch trusts what it reads, and lets out what falls.
    except Exception:
        return
    while waiting:
        one = waiting.pop()
        if isinstance(one, schema.SymExpr):
            yield one
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, _Union):
            waiting.append(one.value)
        elif dataclasses.is_dataclass(one):
            waiting += vars(one).values()


def _check_target(target: Any) -> None:
    assert isinstance(target, str)
    assert target.startswith(TARGETS) or target.isidentifier() or "." in target
    assert not target.startswith(("torch.os", "torch.sys", "builtins", "os.", "subprocess"))
