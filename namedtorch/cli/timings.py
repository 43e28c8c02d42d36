"""What was measured, as a table for people and data for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from namedtorch.archive.inspect import bytes_text
from namedtorch.cli.cases import Left, Sized, Subject
from namedtorch.cli.command import Answer
from namedtorch.cli.sizes import Size
from namedtorch.diagnostics.table import aligned, duration, rate
from namedtorch.lower.latency import Timing


@dataclass(frozen=True, slots=True)
class Measured:
    """An archive, the timing of each of its cases, and what was left out."""

    subject: Subject
    timings: Sequence[tuple[Sized, Timing]]
    left: Sequence[Left]


@dataclass(frozen=True, slots=True)
class Conditions:
    """How it was measured; `rounds` is how many were asked for."""

    method: str
    threads: int
    device: str
    burn_in: int
    rounds: int
    budget: float
    torch_version: str


def answer(measured: Sequence[Measured], conditions: Conditions) -> Answer:
    """The archives, a table with a row a case, and how it was measured."""
    lines = [line for one in measured for line in _heading(one.subject)]
    lines += ["", *_table(measured), ""]
    lines += [f"left out: {left.why}" for one in measured for left in one.left]
    lines += [_conditions(measured, conditions)]
    data = {
        "archives": [_archive(one, measured[0]) for one in measured],
        "method": conditions.method,
        "threads": conditions.threads,
        "device": conditions.device,
        "burn_in": conditions.burn_in,
        "rounds": _rounds(measured),
        "torch_version": conditions.torch_version,
    }
    return Answer("\n".join(lines), data)


def _heading(subject: Subject) -> list[str]:
    facts = f"{subject.parameters:,} parameters, {bytes_text(subject.bytes)}"
    return [f"{subject.label}: {subject.signature}", f"  {facts}"]


def _table(measured: Sequence[Measured]) -> list[str]:
    compared = _is_compared(measured)
    rows = [["archive", "sizes", "median", "p10", "p90", "samples/s", *(["speed"] if compared else [])]]
    for one in measured:
        for place, (sized, timing) in enumerate(one.timings):
            ratio = _ratio(one, sized, timing, measured[0])
            rows.append(
                [
                    one.subject.label if not place else "",
                    sized.text or "-",
                    *map(duration, (timing.median, timing.p10, timing.p90)),
                    rate(timing.samples_per_second),
                    *([f"{ratio:.2f}x" if ratio is not None else ""] if compared else []),
                ]
            )
    return aligned(rows, right=range(2, len(rows[0])))


def _conditions(measured: Sequence[Measured], conditions: Conditions) -> str:
    threads = "1 thread" if conditions.threads == 1 else f"{conditions.threads} threads"
    rounds = _rounds(measured)
    text = f"{rounds} rounds in turns"
    if rounds < conditions.rounds:
        text = f"{rounds} of {conditions.rounds} rounds in turns, for --budget {conditions.budget:g} s"
    if _is_compared(measured):
        text += f"; speed is against {measured[0].subject.label}, round by round"
    return f"{text}; {threads}, {conditions.device}, torch {conditions.torch_version}"


def _archive(one: Measured, first: Measured) -> dict[str, Any]:
    subject = one.subject
    return {
        "path": subject.path,
        "name": subject.model.name,
        "signature": str(subject.signature),
        "bytes": subject.bytes,
        "parameters": subject.parameters,
        "batch_dim": subject.batch or None,
        "cases": [_case(one, sized, timing, first) for sized, timing in one.timings],
        "left_out": [{"sizes": _plain(left.sizes), "why": left.why} for left in one.left],
    }


def _case(one: Measured, sized: Sized, timing: Timing, first: Measured) -> dict[str, Any]:
    return {
        "sizes": _plain(sized.sizes),
        "samples": timing.samples,
        "median_s": timing.median,
        "p10_s": timing.p10,
        "p90_s": timing.p90,
        "samples_per_second": timing.samples_per_second,
        "speed": _ratio(one, sized, timing, first),
        "rounds": len(timing.seconds),
        "calls_per_round": timing.calls,
    }


def _plain(sizes: Mapping[str, Size]) -> dict[str, int | list[int]]:
    return {name: list(size) if isinstance(size, tuple) else size for name, size in sizes.items()}


def _is_compared(measured: Sequence[Measured]) -> bool:
    return any(
        _ratio(one, sized, timing, measured[0]) is not None
        for one in measured
        for sized, timing in one.timings
    )


def _ratio(one: Measured, sized: Sized, timing: Timing, first: Measured) -> float | None:
    """How many times as fast as the first archive, round by round; None where that does not take the same inputs."""
    if one is first or _takes(one.subject) != _takes(first.subject):
        return None
    for other, before in first.timings:
        if other.sizes == sized.sizes:
            return timing.speed_over(before)
    return None


def _takes(subject: Subject) -> list[str]:
    return [str(one.hint) for one in subject.signature.parameters]


def _rounds(measured: Sequence[Measured]) -> int:
    return len(measured[0].timings[0][1].seconds)
