"""The texts of boundaries: signatures of the language of shapes, in which parameters need no names."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from namedtorch.diagnostics import Span
from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.hints import TensorHint, TupleHint
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.refusal import refuse

BOUNDARY_KIND: Final = "_namedtorch_kind"
"""Where the class that `named_module` gives a module tells the class that it had."""

BOUNDARY_DIMS: Final = "_namedtorch_dims"
"""Where it tells the signature, as it was given."""

BOUNDARY_FUNCTION: Final = "__namedtorch_plain__"
"""Where what `named_function` gives tells the function of plain tensors; `BOUNDARY_DIMS` tells the signature."""

_ARROW: Final = "->"
_NAMED: Final = re.compile(r"\s*[^\W\d]\w*\s*:")


def read_boundary(
    text: str, parameters: Sequence[str], known: Collection[str] | UnknownType = Unknown
) -> Signature:
    """Reads "N C H W -> N K H W": shapes of the first parameters, the arrow, the shapes of the results.

    `parameters` are the names of those that arguments by position go to, `known` those of all, Unknown where there may
    be more. A shape may also name its parameter: "mask: N T". One dim alone on either side is the last axis:
    "features -> classes" means "... features -> ... classes". Raises `AnnotationError`.
    """
    taken, arrow, given = text.partition(_ARROW)
    if not arrow:
        raise refuse(
            text, Span(0, len(text)), "there is no arrow",
            'write what goes in and what comes out: "features -> classes"',
        )  # fmt: skip
    parts = _split(taken)
    free = [name for name in parameters if not any(_names(part, name) for part in parts)]
    named: list[str] = []
    for part in parts:
        found = _NAMED.match(part)
        if found is not None:
            own = found.group().rstrip(" :").strip()
            if known is not Unknown and own not in known:
                start = taken.index(part) + found.start() + len(part) - len(part.lstrip())
                raise refuse(
                    text,
                    Span(start, start + len(own)),
                    f"it has no parameter `{own}`",
                    _listed(parameters, known),
                )
            named.append(part)
        elif free:
            named.append(f"{free.pop(0)}: {part.strip()}")
        else:
            count = len(parameters)
            raise refuse(
                text, Span(0, len(taken)), f"there are {len(parts)} shapes before the arrow, and it takes {count}",
                _listed(parameters, known),
            )  # fmt: skip
    signature = parse_signature(f"{', '.join(named)} {_ARROW}{given}")
    return _lengthened(signature)


def _listed(parameters: Sequence[str], known: Collection[str] | UnknownType) -> str:
    others = () if known is Unknown else sorted(name for name in known if name not in parameters)
    names = ", ".join(f"`{name}`" for name in (*parameters, *others))
    return f"its parameters are {names}" if names else ""


def _split(taken: str) -> list[str]:
    """The shapes between commas, which stand in no parentheses."""
    parts, depth = [""], 0
    for character in taken:
        depth += (character in "({") - (character in ")}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _names(part: str, name: str) -> bool:
    found = _NAMED.match(part)
    return found is not None and found.group().rstrip(" :").strip() == name


def shapes_of(signature: Signature) -> tuple[dict[str, Shape], tuple[Shape, ...]]:
    """The shapes of the parameters by name, and those of the results."""
    taken = {one.name: one.hint.shape for one in signature.parameters if isinstance(one.hint, TensorHint)}
    results = signature.result.items if isinstance(signature.result, TupleHint) else (signature.result,)
    return taken, tuple(one.shape for one in results if isinstance(one, TensorHint))


def is_short(signature: Signature) -> bool:
    """Whether a signature says of one parameter and one result just what the last axis is."""
    taken, results = shapes_of(signature)
    return len(taken) == len(results) == 1 and all(
        len(shape.axes) == 2 and shape.axes[0] == Group() and isinstance(shape.axes[1], Dim)
        for shape in (*taken.values(), *results)
    )


def _lengthened(signature: Signature) -> Signature:
    """The signature with `...` in front of the dims that stand alone on both sides."""
    taken, results = shapes_of(signature)
    if len(taken) != 1 or len(results) != 1:
        return signature
    sides = (*taken.values(), *results)
    if not all(len(shape.axes) == 1 and isinstance(shape.axes[0], Dim) for shape in sides):
        return signature
    ((name, before),) = taken.items()
    constraints = ", ".join(str(one) for one in (*before.where, *results[0].where, *signature.where))
    return parse_signature(
        f"{name}: ... {before.axes[0]} {_ARROW} ... {results[0].axes[0]}"
        + (f" where {constraints}" if constraints else "")
    )
