"""How a model was exported: what its graph keeps fixed, what was left out, and what was verified."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from namedtorch.archive.interface import Interface, Path
from namedtorch.archive.places import hint_at, place_text
from namedtorch.archive.targets import Target
from namedtorch.lower.lowering_report import Checked
from namedtorch.signature.hints import DictHint
from namedtorch.signature.signature import Signature

_DONE: dict[str, str] = {
    "export": "exported by torch.export",
    "onnx": "exported to ONNX",
    "executorch": "exported to ExecuTorch",
}


@dataclass(frozen=True, slots=True)
class ExportReport:
    """How a model was exported to a target.

    `notes` tell what the graph keeps fixed of the call that it was made of, and what it lacks. `verification` is None
    where nothing was compared, and `unverified` says why. The text is for people, `to_dict` for programs.
    """

    name: str
    target: Target
    notes: tuple[str, ...] = ()
    verification: Checked | None = None
    unverified: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-able data."""
        return {
            "target": self.target,
            "notes": list(self.notes),
            "verification": None if self.verification is None else dict(self.verification.to_dict()),
            "unverified": self.unverified,
        }

    def __str__(self) -> str:
        lines = [f"`{self.name}` is {_DONE[self.target]}", *(f"  note: {one}" for one in self.notes)]
        if self.verification is None:
            lines.append(f"not verified: {self.unverified}" if self.unverified else "not verified")
        else:
            text = str(self.verification)
            # What was converted further is compared by its own target, which says so in a note.
            lines.append(
                text
                if self.target == "export"
                else text.replace("verified: ", "verified, as torch.export gives it: ", 1)
            )
        return "\n".join(lines)


def fixed_notes(interface: Interface, signature: Signature) -> Iterator[str]:
    """What a graph keeps of the call that it was made of, in words."""
    for one in interface.fixed:
        # A tensor that was left out could have been given.
        given = ": an example= that gives it makes it an input" if one.value is None else ""
        yield f"`{place_text(one.path)}` is {one.value!r} in the file, which takes no other value{given}"
    for one in interface.lengths:
        yield f"`{place_text(one.path)}` always has {one.length} element{'s' * (one.length != 1)}"
    keys: dict[Path, list[str]] = {}
    for one in (*interface.inputs, *interface.fixed):
        for depth in range(1, len(one.path)):
            if isinstance(hint_at(signature, one.path[:depth]), DictHint):
                known = keys.setdefault(one.path[:depth], [])
                known += [] if repr(one.path[depth]) in known else [repr(one.path[depth])]
    for path, several in keys.items():
        yield f"`{place_text(path)}` always has the key{'s' * (len(several) != 1)} {', '.join(several)}"
