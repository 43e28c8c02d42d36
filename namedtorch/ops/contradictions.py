"""What contradicts a function, or itself, in a row that a program registers. All raise ValueError."""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence

from namedtorch.dims.pattern import Dim, Flattened
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.op_rule import read_parameters
from namedtorch.signature.hints import TensorHint, TupleHint
from namedtorch.signature.signature import Signature


def require_parameters(signature: Signature, taken: str, name: str) -> None:
    """A signature that names a parameter that is not taken."""
    known = read_parameters(taken)
    if any(one.keywords for one in known):
        return
    for one in signature.parameters:
        require_name(one.name, [other.name for other in known], name)


def require_name(one: str, known: Sequence[str], name: str) -> None:
    """A parameter that is not there."""
    if one in known:
        return
    near = difflib.get_close_matches(one, known, n=1, cutoff=0.5)
    meant = f"; did you mean `{near[0]}`?" if near else f"; it takes {', '.join(known)}" if known else ""
    raise ValueError(f"{name} has no parameter `{one}`{meant}")


def require_known(signature: Signature, name: str, sizes: Sequence[str]) -> None:
    """A dim of the result that no parameter has, or an attribute."""
    if signature.attributes:
        path = min(signature.attributes)
        raise ValueError(
            f'"{signature}" mentions `{path}`; an attribute is a size of the row: sizes={{"hidden": "hidden"}}'
        )
    taken = [one.hint for one in signature.parameters if isinstance(one.hint, TensorHint)]
    known = symbols_of(one.shape for one in taken) | set(sizes)
    results = signature.result.items if isinstance(signature.result, TupleHint) else (signature.result,)
    for one in results:
        if not isinstance(one, TensorHint):
            continue
        unknown = sorted(one.shape.symbols - known - _labels(one.shape))
        if unknown:
            raise ValueError(
                f'the result "{one.shape}" of {name} has `{unknown[0]}`, which no parameter has; write `_` for a size, '
                "and `...` for axes, that nothing is known of"
            )


def require_sizes(sizes: Mapping[str, str], mentioned: Collection[str], name: str) -> None:
    """A size of no dim."""
    for dim in sizes:
        if dim not in mentioned:
            near = difflib.get_close_matches(dim, sorted(mentioned), n=1, cutoff=0.5)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            raise ValueError(f"`sizes` has `{dim}`, which is no dim of {name}{meant}")


def symbols_of(shapes: Iterable[Shape]) -> set[str]:
    """Every dim that the shapes mention; groups as `*name`."""
    return {symbol for shape in shapes for symbol in shape.symbols}


def _labels(shape: Shape) -> set[str]:
    """The dims of a shape that are called so there: `D` of `D=2*C`."""
    found: set[str] = set()
    for axis in shape.axes:
        for dim in axis.factors if isinstance(axis, Flattened) else (axis,):
            if isinstance(dim, Dim) and dim.name is not Unknown and dim.size is not Unknown:
                found.add(dim.name)
    return found
