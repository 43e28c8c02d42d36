"""What a service was built for, held against what a model takes and gives."""

from collections.abc import Callable, Mapping
from typing import Any

from namedtorch.archive.manifest import Manifest
from namedtorch.archive.sentence import one_line, printable
from namedtorch.diagnostics import ArchiveError
from namedtorch.diagnostics.errors import MOST_SHOWN
from namedtorch.signature.function import signature_of
from namedtorch.signature.signature import Signature
from namedtorch.signature.subtype import misfits
from namedtorch.signature.text import parse_signature

_LONGEST_LINE = 2000

Described = str | Signature | Callable[..., Any]
"""A signature: as text, itself, or that of an annotated function."""

Expected = Described | Mapping[str, Described]
"""The signature of forward, or those of several methods by name."""


def require(manifest: Manifest, expected: Expected, where: str) -> None:
    """Raises ArchiveError, which begins with `where`, unless each method can be called as expected, and gives that.

    Raises AnnotationError for a text that is no signature, and for wrong annotations.
    """
    methods = expected if isinstance(expected, Mapping) else {"forward": expected}
    for name, wanted in methods.items():
        old = _signature(wanted)
        if name not in manifest.methods:
            known = ", ".join(sorted(manifest.methods))
            raise ArchiveError(
                f"{where}: has no method `{one_line(name, 80)}`, which `expect` asks for; it has {known}"
            )
        new = manifest.methods[name].signature
        problems = misfits(old, new, caller="`expect`", model="the model")
        if problems:
            raise ArchiveError(_text(where, name, problems, old, new))


def _signature(described: Described) -> Signature:
    if isinstance(described, Signature):
        return described
    return parse_signature(described) if isinstance(described, str) else signature_of(described)


def _text(where: str, name: str, problems: list[str], old: Signature, new: Signature) -> str:
    """One line for one problem; else a line for each, and one for each signature."""
    what = "is not what `expect` asks for" if name == "forward" else f"`{name}` is not what `expect` asks for"
    if len(problems) == 1:
        lines = [f"{where}: {what}: {problems[0]} (it is `{new}`, `expect` is `{old}`)"]
    else:
        lines = [f"{where}: {what}, in {len(problems)} things"]
        lines += [f"  {number}. {text}" for number, text in enumerate(problems[:MOST_SHOWN], 1)]
        if len(problems) > MOST_SHOWN:
            lines.append(f"  ... and {len(problems) - MOST_SHOWN} more")
        lines += [f"  the model:  {new}", f"  `expect`:   {old}"]
    # Half of this comes out of the file: nothing in it may move a cursor.
    return "\n".join(printable(line)[:_LONGEST_LINE] for line in lines)
