"""Findings for a workflow of GitHub: commands in its log, which become annotations of the changed files."""

from collections.abc import Callable, Sequence

from namedtorch.diagnostics.source import Problem, in_order

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def write(problems: Sequence[Problem], source: Callable[[str], str]) -> str:
    """A workflow command for each finding; the source is not read."""
    return "\n".join(_command(one) for one in in_order(problems))


def _command(problem: Problem) -> str:
    place = problem.place
    properties = {"file": place.path, "line": place.line, "endLine": max(place.line, place.end_line)}
    # A command whose columns are on different lines, or in the wrong order, is refused as a whole.
    if place.end_line == place.line and place.end_column >= place.column:
        properties |= {"col": place.column, "endColumn": place.end_column}
    properties["title"] = f"namedtorch {problem.code}"
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[problem.severity]} {written}::{_data(_message(problem))}"


def _message(problem: Problem) -> str:
    """All that is said: an annotation shows neither the labels nor other places by itself."""
    lines = [problem.message]
    lines += [problem.label] if problem.label else []
    for one in problem.remarks:
        lines.append(f"{one.place.path}:{one.place.line}:{one.place.column}: {one.text}")
    lines += [f"help: {problem.help}"] if problem.help else []
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
