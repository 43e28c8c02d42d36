"""Calls of rows with sizes that are symbols; what a row blames stands in the text of its answer."""

from typing import Any

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import Mismatch
from namedtorch.ops.table import MODULES, operator_for
from namedtorch.ops.values import Array, Fields, Value
from tests.ops.oracle import row_value
from tests.ops.written import Rigid, tensor, written


class Written(Rigid):
    """A judge for whom every symbol is a dim that somebody wrote, and so of any size."""

    def insists(self, left: Size, right: Size) -> bool:
        """Whether the first is a dim that need not be as long as the second."""
        return left.name is not Unknown and left != right


def dims(text: str) -> Array:
    """A tensor of these dims, of whose dtype nothing is known: `N C 3 _ ...`."""
    return Array(tensor(text).shape)


def row_values(value: Any) -> Any:
    """A value of a row: tensors and what is not known stay, the rest is as in a call of torch."""
    match value:
        case Array():
            return value
        case list():
            return [row_values(one) for one in value]
        case tuple():
            return tuple(row_values(one) for one in value)
        case _:
            return value if value is Unknown else row_value(value)


def told(value: Value) -> Any:
    """A result as text: the dims of a tensor; what is not known is `?`."""
    match value:
        case Array():
            return written(value)
        case Fields(items=items):
            return tuple(told(one) for one in items)
        case tuple() | list():
            return tuple(told(one) for one in value)
        case Size():
            return str(value)
        case None:
            return None
        case _:
            return "?"


def gives(spelling: str, *arguments: Any, **keywords: Any) -> Any:
    """What a row gives, as text; where it refuses the code and what is blamed: `rank-unfit input`.

    The codes of what it notices stand behind: `N !loss-broadcasts`.
    """
    return _judged(Rigid(), spelling, arguments, keywords)


def gives_where_dims_are_written(spelling: str, *arguments: Any, **keywords: Any) -> Any:
    """What a row gives to a reader who knows that every symbol is a dim that somebody wrote."""
    return _judged(Written(), spelling, arguments, keywords)


def _judged(judge: Rigid, spelling: str, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    rule = operator_for(spelling)
    assert rule is not Unknown
    given = [row_values(one) for one in arguments]
    named = {name: row_values(one) for name, one in keywords.items()}
    try:
        return _noticed(told(rule(given, named, judge)), judge)
    except Misfit as misfit:
        return _blamed(misfit)
    except Mismatch as mismatch:
        return f"mismatch {mismatch}"


def module_gives(
    name: str, made: tuple[Any, ...], options: dict[str, Any], *arguments: Any, **keywords: Any
) -> Any:
    """What a module gives that was made with these arguments and options, as `gives` tells it."""
    rule, judge = MODULES[name], Rigid()
    given = [row_values(one) for one in made]
    named = {key: row_values(one) for key, one in options.items()}
    try:
        attributes = rule.made(given, named, judge)
        result = rule.call(
            lambda key: attributes.get(key, Unknown),
            [row_values(one) for one in arguments],
            {key: row_values(one) for key, one in keywords.items()},
            judge,
        )
        return _noticed(told(result), judge)
    except Misfit as misfit:
        return _blamed(misfit)
    except Mismatch as mismatch:
        return f"mismatch {mismatch}"


def _blamed(misfit: Misfit) -> str:
    axis = "" if misfit.axis is Unknown else f"[{misfit.axis}]"
    return f"{misfit.code} {misfit.argument}{axis}"


def _noticed(result: Any, judge: Rigid) -> Any:
    codes = "".join(f" !{one.code}" for one in judge.notices)
    return f"{result}{codes}" if codes else result
