"""What a trace has lost of the source: conditions that were asked once, and numbers that became constants."""

import ast
import re
from collections.abc import Iterator, Mapping

from namedtorch.diagnostics import Finding
from namedtorch.lower.complaint import Place, enclosing, source_line
from namedtorch.lower.conditions import Condition, Form
from namedtorch.lower.trace_watch import Reading, Watch

_BRANCH = "compute both and choose with torch.where, or lower it by script"
_REMEDIES: Mapping[Form, str] = {
    "if": _BRANCH,
    "choice": _BRANCH,
    "filter": _BRANCH,
    "while": "lower it by script, which keeps loops",
    "for": "lower it by script, which keeps loops",
    "assert": "say it in the signature, which is checked in the graph",
}
_CONSTANT = "compute it with operations of torch on tensors, or lower it by script"
_CONVERTED = re.compile(r"Converting a tensor to a (?:Python )?(?P<what>[\w ]+?) might")
_KINDS: Mapping[str, str] = {"boolean": "a truth value", "integer": "an integer", "index": "an integer"}
_ITERATED = re.compile(r"Iterating over a tensor")
_REFERENCES = re.compile(r"live references")


def dropped(watch: Watch) -> tuple[Finding, ...]:
    """What is to be warned of after a trace, in the order of files and lines, each place once."""
    lost = dict[tuple[str, Condition], None]()
    found: dict[tuple[str, int, str], Finding] = {}
    lost.update(watch.met)
    for reading in watch.readings:
        asked = list(_asked_by(watch, reading))
        lost.update(dict.fromkeys(asked))
        within = any(_is_within(reading, file, one) for file, one in asked)
        if not within and not any(_is_loop_of(reading, file, one) for file, one in lost):
            finding = _read(watch, reading)
            found[finding.file, finding.line, finding.what] = finding
    for file, condition in lost:
        finding = _lost(watch, file, condition)
        found[file, finding.line, finding.what] = finding
    return tuple(sorted(found.values(), key=lambda one: (one.file, one.line)))


def _asked_by(watch: Watch, reading: Reading) -> Iterator[tuple[str, Condition]]:
    """The conditions that depend on what was read: those that it stands in, and those that its names reach."""
    for file, position in reading.places:
        source = watch.file(file)
        nodes = source.node_at(position)
        for one in source.conditions:
            if any(node is one.test for node in nodes):
                yield file, one
        function = next((one for one in nodes if isinstance(one, ast.FunctionDef)), None)
        statement = next((one for one in nodes if isinstance(one, ast.stmt)), None)
        if function is None or statement is None:
            return
        names = _reached(function, set(_targets(statement)))
        for one in source.conditions:
            if one.function is function and _was_run(watch, file, one) and names & _names_in(one.test):
                yield file, one
        returned = (
            one.value for one in ast.walk(function) if isinstance(one, ast.Return) and one.value is not None
        )
        if not isinstance(statement, ast.Return) and not any(names & _names_in(one) for one in returned):
            # It does not leave the function, so that callers know nothing of it.
            return


def _targets(statement: ast.stmt) -> Iterator[str]:
    """The names and attributes that a statement gives a value."""
    match statement:
        case ast.Assign(targets=targets):
            yield from (name for one in targets for name in _stored_in(one))
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target) | ast.For(target=target):
            yield from _stored_in(target)
        case _:
            pass
    if not hasattr(statement, "body"):
        named = (one.target for one in ast.walk(statement) if isinstance(one, ast.NamedExpr))
        yield from (one.id for one in named)


def _stored_in(target: ast.expr) -> Iterator[str]:
    for one in ast.walk(target):
        if isinstance(one, ast.Name | ast.Attribute) and isinstance(one.ctx, ast.Store):
            yield ast.unparse(one)


def _names_in(node: ast.AST) -> set[str]:
    return {ast.unparse(one) for one in ast.walk(node) if isinstance(one, ast.Name | ast.Attribute)}


def _reached(function: ast.FunctionDef, names: set[str]) -> set[str]:
    """The names of a function whose values may come from those of `names`."""
    statements = [one for one in ast.walk(function) if isinstance(one, ast.stmt)]
    while True:
        more = {
            target
            for one in statements
            if isinstance(one, ast.Assign | ast.AnnAssign | ast.AugAssign)
            and one.value is not None
            and names & _names_in(one.value)
            and not _gives_tensors(one.value)
            for target in _targets(one)
        }
        if more <= names:
            return names
        names = names | more


def _gives_tensors(value: ast.expr) -> bool:
    """Whether an expression calls something: what it gives is rather a tensor than a number that was read."""
    return any(isinstance(one, ast.Call) and not isinstance(one.func, ast.Name) for one in ast.walk(value))


def _was_run(watch: Watch, file: str, one: Condition) -> bool:
    first = one.test.lineno
    return any(line in (first, one.statement.lineno) for _, line in watch.steps.get(file, ()))


def _is_within(reading: Reading, file: str, condition: Condition) -> bool:
    """Whether something was read by a condition itself."""
    test = condition.test
    first, last = (test.lineno, test.col_offset), (test.end_lineno or test.lineno, test.end_col_offset or 0)
    return any(
        where == file and first <= (line, start) and (end_line, end) <= last
        for where, (line, end_line, start, end) in reading.places
    )


def _is_loop_of(reading: Reading, file: str, condition: Condition) -> bool:
    """Whether what was read is a tensor that a loop runs over."""
    where, (first, last, _, _) = reading.places[0]
    over = condition.form == "for" and _ITERATED.search(reading.words) is not None
    return over and where == file and first <= condition.test.lineno <= last


def _lost(watch: Watch, file: str, one: Condition) -> Finding:
    text = _short(ast.unparse(one.test))
    match one.form:
        case "assert":
            what = f"`assert {text}` is not in the graph"
        case "for" | "while":
            head = f"for {ast.unparse(_target(one))} in {text}" if one.form == "for" else f"while {text}"
            times = None if one.body is None else watch.runs(file, one.body)
            runs = "as often as in this run" if times is None else f"{times} time{'s' * (times != 1)}"
            what = f"`{head}` runs {runs} in every call"
        case "if" | "choice" | "filter":
            what = f"`{text}` is decided once, for all calls{_way(watch, file, one)}"
    return _finding(file, one.test.lineno, what, _REMEDIES[one.form])


def _target(one: Condition) -> ast.expr:
    """What a loop gives its values to."""
    if isinstance(one.statement, ast.For) and one.statement.iter is one.test:
        return one.statement.target
    comprehensions = (node for node in ast.walk(one.statement) if isinstance(node, ast.comprehension))
    return next(node.target for node in comprehensions if node.iter is one.test)


def _way(watch: Watch, file: str, one: Condition) -> str:
    """Which way the trace went, where that can be seen."""
    if one.body is None:
        return ""
    taken = watch.runs(file, one.body)
    asked = sum(count for (_, line), count in watch.steps.get(file, {}).items() if line == one.test.lineno)
    if taken == 0:
        return " (here it did not hold)"
    return (
        " (here it held)"
        if taken >= asked or not _otherwise(watch, file, one)
        else " (here it went both ways)"
    )


def _otherwise(watch: Watch, file: str, one: Condition) -> bool:
    """Whether the code of the `else` was run too."""
    match one.statement:
        case ast.If(orelse=[first, *_]):
            return watch.runs(file, (first.lineno, first.end_lineno or first.lineno)) > 0
        case _:
            return False


def _read(watch: Watch, reading: Reading) -> Finding:
    file, position = reading.places[0]
    nodes = watch.file(file).node_at(position)
    text = _short(ast.unparse(nodes[0])) if nodes else source_line(Place(file, position[0]))
    converted = _CONVERTED.search(reading.words)
    if _REFERENCES.search(reading.words):
        return _finding(file, position[0], f"`{text}` changes memory that something else shares", _CONSTANT)
    kind = _KINDS.get(converted["what"], f"a {converted['what']}") if converted is not None else ""
    what = f"`{text}`, {kind}," if kind else f"`{text}`"
    return _finding(file, position[0], f"{what} is what it was in this run, in every call", _CONSTANT)


def _finding(file: str, line: int, what: str, remedy: str) -> Finding:
    place = Place(file, line)
    return Finding(file, line, what, remedy, source_line(place), enclosing(place) or "")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
