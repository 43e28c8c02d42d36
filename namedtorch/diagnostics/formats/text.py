"""Findings for people, in the form of rustc: the message, the source with its marks, what to do."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from namedtorch.diagnostics.formats.characters import visible, visible_lines
from namedtorch.diagnostics.formats.excerpt import Texts, excerpt
from namedtorch.diagnostics.source import Problem, in_order

_HELP = "help: "
_SEVERITIES = ("error", "warning", "note")


def write(problems: Sequence[Problem], source: Callable[[str], str]) -> str:
    """The findings with their source lines, a blank line between two, and one line that counts them.

    Nothing where there are none; no source lines of a path whose text can't be read.
    """
    if not problems:
        return ""
    texts = Texts(source)
    parts = ["\n".join(_problem(one, texts)) for one in in_order(problems)]
    return "\n\n".join([*parts, _summary(problems)])


def _problem(problem: Problem, texts: Texts) -> list[str]:
    first, *more = visible_lines(problem.message)
    lines = [f"{problem.severity}[{visible(problem.code)}]: {first}".rstrip()]
    lines += [f"  {line}".rstrip() for line in more]
    lines += excerpt(problem, texts)
    if problem.help:
        first, *more = visible_lines(problem.help)
        lines.append(f"{_HELP}{first}".rstrip())
        lines += [f"{' ' * len(_HELP)}{line}".rstrip() for line in more]
    return lines


def _summary(problems: Iterable[Problem]) -> str:
    counts = Counter(one.severity for one in problems)
    parts = [_counted(counts[severity], severity) for severity in _SEVERITIES if counts[severity]]
    found = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return f"Found {found} in {_counted(len({one.place.path for one in problems}), 'file')}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
