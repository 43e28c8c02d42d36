"""The exceptions of namedtorch.

None defines `__init__`: under `torch.compile(fullgraph=True)` such a class hides its text, and a plain one pickles
with its attributes.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

MOST_SHOWN = 12
"""The failures that a text lists; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing of a call that does not fit its signature.

    `axis` counts from 0; `expected` and `actual` are sizes, lists of sizes or texts; a field that says nothing is None.
    """

    code: str
    message: str
    argument: str | None = None
    dim: str | None = None
    axis: int | None = None
    expected: int | str | tuple[int, ...] | None = None
    actual: int | str | tuple[int, ...] | None = None
    help: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The failure as JSON-able data."""
        return asdict(self)


class DimError(TypeError):
    """A call, a tensor or an annotation whose dims do not fit.

    `failures` lists every one of them; `function` names what was called, `location` is its file and line, or "".
    """

    failures: Sequence[Failure] = ()
    function: str = ""
    location: str = ""

    @classmethod
    def of(
        cls,
        failures: Sequence[Failure],
        *,
        function: str = "",
        location: str = "",
        notes: Sequence[str] = (),
    ) -> "DimError":
        """Builds the error of these failures; `notes` are lines printed behind them (the call, what was bound)."""
        error = cls(_text(failures, function, location, notes))
        error.failures = tuple(failures)
        error.function = function
        error.location = location
        return error

    def to_dict(self) -> dict[str, Any]:
        """The error as JSON-able data: a server can answer 400 with it."""
        return {
            "error": "DimError",
            "message": str(self),
            "function": self.function,
            "location": self.location,
            "failures": [failure.to_dict() for failure in self.failures],
        }


def _text(failures: Sequence[Failure], function: str, location: str, notes: Sequence[str]) -> str:
    """The first line says what is wrong (or how much is), what follows says where."""
    lines: list[str] = []
    if len(failures) == 1:
        lines.append(_sentence(failures[0]))
    else:
        lines.append(f"{len(failures)} things do not fit" + (f" in `{function}`" if function else ""))
        lines.extend(f"  {number}. {_sentence(one)}" for number, one in enumerate(failures[:MOST_SHOWN], 1))
        if len(failures) > MOST_SHOWN:
            lines.append(f"  ... and {len(failures) - MOST_SHOWN} more, all in `.failures`")
    lines.extend(f"  {note}" for note in notes)
    if function or location:
        lines.append("  in " + ", ".join(part for part in (function, location) if part))
    return "\n".join(lines)


def _sentence(failure: Failure) -> str:
    return failure.message + (f"; {failure.help}" if failure.help else "")


class AnnotationError(DimError, ValueError):
    """An annotation that is wrong in itself: its text does not parse, or nothing could ever bind one of its dims."""


class ArchiveError(ValueError):
    """A file that is no namedtorch archive, is broken, or is too new; the text is one line."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in the user's code that TorchScript can't take.

    `what` says what stands at the line, whose source is `text`; `remedy` says what to write instead, or is "" where
    nothing is known to help. `function` is the function around the line, or the module that it is about; `callers` are
    the places that lead there, `file:line`, the nearest first.
    """

    file: str
    line: int
    what: str
    remedy: str
    text: str
    function: str = ""
    callers: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The line as tracebacks name it: `file:line`."""
        return f"{self.file}:{self.line}"

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON-able data."""
        return asdict(self)


class LowerError(ValueError):
    """Code that can't be lowered to TorchScript; the first line says what and where.

    Where torch refused to compile, `findings` lists all that it can't take.
    """

    findings: Sequence[Finding] = ()

    @classmethod
    def of(cls, findings: Sequence[Finding], name: str) -> "LowerError":
        """Builds the error of these findings, one or more, in code that was to become the graph of `name`."""
        error = cls(_one_finding(findings[0]) if len(findings) == 1 else _all_findings(findings, name))
        error.findings = tuple(findings)
        return error

    def to_dict(self) -> dict[str, Any]:
        """The error as JSON-able data."""
        return {
            "error": "LowerError",
            "message": str(self),
            "findings": [finding.to_dict() for finding in self.findings],
        }


class EraseError(LowerError):
    """Code whose names can't be told from its annotations; `findings` say at which expressions, and why."""

    @classmethod
    def of(cls, findings: Sequence[Finding], name: str) -> "EraseError":
        """Builds the error of these findings, one or more, in the code of `name`."""
        error = cls(_one_unsettled(findings[0]) if len(findings) == 1 else _all_unsettled(findings, name))
        error.findings = tuple(findings)
        return error


def _one_unsettled(one: Finding) -> str:
    remedy = f"; {one.remedy}" if one.remedy else ""
    lines = [
        f"the names in `{one.function}` can't be turned into positions: {one.what}{remedy}",
        f"  {one.place}",
    ]
    return "\n".join(lines + ([f"    {one.text}"] if one.text else []))


def _all_unsettled(findings: Sequence[Finding], name: str) -> str:
    lines = [f"the names in `{name}` can't be turned into positions at {len(findings)} places:"]
    for one in findings[:MOST_SHOWN]:
        lines.append(f"  {one.place}: {one.what}")
        lines += [f"      {one.text}"] if one.text else []
        lines += [f"    {one.remedy}"] if one.remedy else []
    if len(findings) > MOST_SHOWN:
        lines.append(f"  ... and {len(findings) - MOST_SHOWN} more, all in `.findings`")
    return "\n".join(lines)


def _one_finding(one: Finding) -> str:
    remedy = f"; {one.remedy}" if one.remedy else ""
    lines = [f"TorchScript refuses `{one.function}`: {one.what}{remedy}", f"  {one.place}"]
    lines += [f"    {one.text}"] if one.text else []
    lines += [f"  called from {caller}" for caller in one.callers]
    return "\n".join(lines)


def _all_findings(findings: Sequence[Finding], name: str) -> str:
    lines = [f"TorchScript can't take {len(findings)} things in `{name}`:"]
    shown = findings if len(findings) <= MOST_SHOWN + 1 else findings[:MOST_SHOWN]
    for one in shown:
        lines.append(f"  {one.place}: {one.what}")
        lines += [f"      {one.text}"] if one.text else []
        lines += [f"    {one.remedy}"] if one.remedy else []
    if len(findings) > len(shown):
        lines.append(f"  ... and {len(findings) - len(shown)} more, all in `.findings`")
    return "\n".join(lines)


class MissingDependencyError(ImportError):
    """An optional package that what was asked for needs; the text says how to install it."""
