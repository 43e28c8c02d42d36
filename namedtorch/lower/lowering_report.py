"""How a model was lowered: what was scripted, what traced and why, what traces keep fixed, what was verified."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from namedtorch.diagnostics import Finding

How = Literal["script", "trace"]
"""How TorchScript got to know a module: from its source, or from one run of it."""

ASKED = 'method="trace" asks for it'
"""The reason of a trace that the user wants."""

REFUSED = "TorchScript can't take its code"
"""The reason of a trace that nobody asked for."""

AROUND = "what is in it can't be traced alone"
"""The reason of a trace of a module whose own code TorchScript takes."""

_SHOWN = 3
"""The refusals of a module that a text lists; the rest is counted."""


class Checked(Protocol):
    """What is known of a model that was run beside its original; its text says what was compared."""

    def to_dict(self) -> Mapping[str, Any]:
        """What is known, as JSON-able data."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """How one module was lowered: its path ("" for the outermost, or a function), its class, the method, the reason.

    `refused` is what TorchScript can't take in it; `warnings` are lines of the source whose meaning the trace has lost,
    `notes` what else it keeps fixed.
    """

    path: str
    kind: str
    method: How
    reason: str = ""
    refused: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The module, for a reader: `blocks.1` (Router)."""
        return f"`{self.path}` ({self.kind})" if self.path else f"`{self.kind}`"

    def lines(self) -> Iterable[str]:
        """The choice as lines of text."""
        reason = f": {self.reason}" if self.reason else ""
        yield f"{self.label} is {_DONE[self.method]}{reason}"
        for one in self.refused[:_SHOWN]:
            yield f"  {one.place}: {one.what}"
        if len(self.refused) > _SHOWN:
            yield f"  ... and {len(self.refused) - _SHOWN} more, all in `.refused`"
        yield from (f"  note: {note}" for note in self.notes)
        for one in self.warnings:
            yield f"  warning: {one.place}: {one.what}" + (f"; {one.remedy}" if one.remedy else "")

    def to_dict(self) -> dict[str, Any]:
        """The choice as JSON-able data."""
        return {
            "path": self.path,
            "class": self.kind,
            "method": self.method,
            "reason": self.reason,
            "refused": [one.to_dict() for one in self.refused],
            "warnings": [one.to_dict() for one in self.warnings],
            "notes": list(self.notes),
        }


_DONE: Mapping[How, str] = {"script": "scripted", "trace": "traced"}


@dataclass(frozen=True, slots=True)
class Optimization:
    """One thing that `optimize=` does, whether it was done, and what came of it, or why it was not done."""

    name: str
    done: bool
    what: str

    def __str__(self) -> str:
        return f"{self.name}: {self.what}" if self.done else f"no {self.name}: {self.what}"

    def to_dict(self) -> dict[str, Any]:
        """The optimization as JSON-able data."""
        return {"name": self.name, "done": self.done, "what": self.what}


@dataclass(frozen=True, slots=True)
class LoweringReport:
    """How a model was lowered: a choice for its outermost module, and for each inside that was lowered otherwise.

    What has no choice of its own was lowered like the nearest module around it that has one. `verification` is None
    where nothing was compared, and `unverified` says why; `optimizations` are those that `optimize=` asked for. The
    text is for people, `to_dict` for programs.
    """

    choices: tuple[Choice, ...]
    verification: Checked | None = None
    unverified: str = ""
    optimizations: tuple[Optimization, ...] = ()

    @property
    def traced(self) -> tuple[str, ...]:
        """The paths of the modules that were traced, "" for the outermost."""
        return tuple(one.path for one in self.choices if one.method == "trace")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The lines of the source whose meaning traces have lost, of all modules."""
        return tuple(dict.fromkeys(warning for one in self.choices for warning in one.warnings))

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-able data."""
        return {
            "choices": [one.to_dict() for one in self.choices],
            "verification": None if self.verification is None else dict(self.verification.to_dict()),
            "unverified": self.unverified,
            "optimizations": [one.to_dict() for one in self.optimizations],
        }

    def __str__(self) -> str:
        lines = [line for one in self.choices for line in one.lines()]
        lines += map(str, self.optimizations)
        if self.verification is None:
            lines.append(f"not verified: {self.unverified}" if self.unverified else "not verified")
        else:
            lines.append(str(self.verification))
        return "\n".join(lines)
