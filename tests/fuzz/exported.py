"""What holds for exported programs, whose files torch reads as Python: what is let through names known things only."""

from typing import Any

from namedtorch.archive.container import opened
from namedtorch.archive.content import read_content
from namedtorch.archive.document import parse_document
from namedtorch.deploy.runtimes.program import look_through
from namedtorch.diagnostics import ArchiveError
from tests.fuzz.documents import refusal
from tests.fuzz.files import written_to
from tests.fuzz.json_mutators import places

TARGETS = ("torch.ops.", "_operator.", "math.", "torch.sym_", "torch._sym_")


def exported(data: bytes) -> bool:
    """A program is looked through or refused in one line; each function that a node of it names is an operator."""
    written = written_to(data)
    try:
        look_through(written, str(written))
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
    return True


def _check_target(target: Any) -> None:
    assert isinstance(target, str)
    assert target.startswith(TARGETS) or target.isidentifier() or "." in target
    assert not target.startswith(("torch.os", "torch.sys", "builtins", "os.", "subprocess"))
