"""What the module itself makes of its classes: two arguments that have to be equal, and that it always gives as equal.

A class has to be right for all arguments of its constructor. Where the file that defines it also makes objects of it,
and every one of them fits, nothing is wrong that anybody has met.
"""

from collections.abc import Mapping, Sequence

from namedtorch.dims.decide import Answer, decide
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.judge import name_conflict
from namedtorch.static.interpreter.definitions import CONSTRUCTOR, member
from namedtorch.static.interpreter.domain import Instance, Val
from namedtorch.static.interpreter.judge import exactly_equal, is_argument
from namedtorch.static.interpreter.machine import Fault
from namedtorch.static.interpreter.plain import as_number

Made = Mapping[str, Val]
"""The arguments that an object was made with, by parameter."""


def is_disproved(fault: Fault, made: Mapping[int, Sequence[Made]]) -> bool:
    """Whether a fault about arguments of a constructor holds for no object that the module makes."""
    left, right = fault.misfit.left, fault.misfit.right
    checked = fault.frames[0].receiver
    constructor = member(checked.kind, CONSTRUCTOR) if isinstance(checked, Instance) else None
    if (
        constructor is None
        or left is Unknown
        or right is Unknown
        or left.size is Unknown
        or right.size is Unknown
        or name_conflict(left, right)
    ):
        return False
    symbols = left.size.symbols | right.size.symbols
    if not symbols or not all(map(is_argument, symbols)) or decide(left.size, right.size) is Answer.DIFFERENT:
        return False
    seen = False
    for one in made.get(id(constructor[1].node), ()):
        sizes = {symbol: as_number(one.get(symbol.strip("{}"), Unknown)) for symbol in symbols}
        known = {symbol: size for symbol, size in sizes.items() if size is not Unknown}
        if len(known) != len(sizes):
            # Made with arguments that are not known: nobody has met one that does not fit.
            seen = True
            continue
        if not _fit(left.size, right.size, known):
            return False
        seen = True
    return seen


def _fit(left: Size, right: Size, sizes: Mapping[str, Size]) -> bool:
    """Whether two sizes are equal for these arguments; a division may be taken to leave no rest."""
    try:
        one, other = left.substitute(sizes), right.substitute(sizes)
    except (SizeLimitError, ZeroDivisionError):
        return False
    answer = decide(one, other)
    return answer is Answer.EQUAL or (answer is Answer.UNKNOWN and exactly_equal(one, other))
