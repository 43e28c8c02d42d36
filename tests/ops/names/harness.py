"""Which names the results of operators carry: cases as one line of dims each.

`torch.sum` of `t(2, 3, 5)` under "N C T -> N T": the dims of the tensors among the arguments, in the order in which
they stand there, and those of the results; `_` is an axis without a name, `()` a tensor without axes. "refused" in the
place of the results says that these names do not go together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.table import operator_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields
from tests.ops.oracle import T, row_value


@dataclass(frozen=True)
class NamesCase:
    """One call of an operator by one of its spellings, the dims of its tensors, and those that its results have."""

    dims: str
    spelling: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [*map(repr, self.arguments), *(f"{name}={value!r}" for name, value in self.keywords.items())]
        return f"{self.spelling}({', '.join(parts)}): {self.dims}"


def names(dims: str, spelling: str, /, *arguments: Any, **keywords: Any) -> NamesCase:
    """A case; `dims` as in the docstring of this file."""
    return NamesCase(dims, spelling, arguments, keywords)


def carried(value: Any, dims: Iterator[str]) -> Any:
    """The value that a row is called with, its tensors under the next dims."""
    match value:
        case T():
            listed = _listed(next(dims))
            assert len(listed) == len(value.sizes), f"{value} has other dims than {listed}"
            axes = [
                Axis(axis.size, carried=Unknown if name == "_" else name)
                for axis, name in zip(TensorShape.of(value.sizes).fixed, listed, strict=True)
            ]
            return Array(TensorShape(tuple(axes)), str(value.dtype).removeprefix("torch."))
        case tuple():
            return tuple(carried(one, dims) for one in value)
        case list():
            return [carried(one, dims) for one in value]
        case _:
            return row_value(value)


def _listed(text: str) -> list[str]:
    """The names in `N (C H) _`; those in parentheses are one."""
    found: list[str] = []
    depth = 0
    for word in text.split():
        if depth:
            found[-1] += " " + word
        elif word != "()":
            found.append(word)
        depth += word.count("(") - word.count(")")
    return found


def shown(value: Any) -> str:
    """The names of a result as a case writes them."""
    match value:
        case Array():
            return " ".join(_name(axis) for axis in value.shape.axes) or "()"
        case Fields():
            return ", ".join(shown(one) for one in value.items)
        case tuple() | list():
            return ", ".join(shown(one) for one in value)
        case bool():
            return str(value)
        case _:
            return "?"


def _name(axis: Any) -> str:
    if not isinstance(axis, Axis):
        return "..."
    return "_" if axis.carried is Unknown else axis.carried


def check(case: NamesCase) -> None:
    """Holds a row to a case. Raises `AssertionError`."""
    before, _, after = case.dims.partition("->")
    dims = iter([one.strip() for one in before.split(",") if one.strip()])
    rule = operator_for(case.spelling)
    assert rule is not Unknown, f"no row for {case.spelling}"
    arguments = [carried(one, dims) for one in case.arguments]
    keywords = {name: carried(one, dims) for name, one in case.keywords.items()}
    assert next(dims, None) is None, f"{case}: there are fewer tensors than dims"
    reason = ""
    try:
        told = shown(rule(arguments, keywords, Plain()))
    except Misfit as error:
        told, reason = "refused", f": {error.detail}"
    assert told == after.strip(), f"{case}: the row gives {told}{reason}"
