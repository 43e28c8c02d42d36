"""What a caller of `lower` asks of sizes beyond the signature: `where="N <= 64, H <= 512"`."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from namedtorch.diagnostics import AnnotationError, LowerError
from namedtorch.dims.attributes import is_attribute
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.shape import Shape
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.known import map_signature
from namedtorch.signature.signature import Signature
from namedtorch.syntax.resolve import parse_shape


def read_where(text: str) -> tuple[Constraint, ...]:
    """The constraints in a text, which may begin with `where`; raises LowerError, which points at what is wrong."""
    bare = text.strip().removeprefix("where ").strip()
    try:
        shape = parse_shape(f"where {bare}")
    except AnnotationError as error:
        raise LowerError(
            f'where="{text}" is no list of constraints such as "N <= 64, H % 8 == 0": {error}'
        ) from error
    if shape.axes or not shape.where:
        raise LowerError(f'where="{text}" holds no constraint: write where="N <= 64, H % 8 == 0"')
    return shape.where


def constrained(signature: Signature, where: Iterable[Constraint]) -> Signature:
    """The signature with more constraints; one that stands there already is not said twice.

    What is about dims that are bound anew for each element (`?H`) is said of the tensors that have them.
    """
    each = {name for hint in signature.tensors for name in hint.shape.each}
    of_call = [one for one in where if not one.symbols & each]
    of_elements = [one for one in where if one.symbols & each]

    def close(hint: TensorHint) -> TensorHint:
        own = [one for one in of_elements if one.symbols & hint.shape.each]
        shape = hint.shape
        if not own:
            return hint
        return replace(
            hint,
            shape=Shape(shape.axes, tuple(dict.fromkeys([*shape.where, *own])), shape.memory_format),
        )

    made = map_signature(signature, close) if of_elements else signature
    return replace(made, where=tuple(dict.fromkeys([*made.where, *of_call])))


def known(signature: Signature, where: Iterable[Constraint]) -> tuple[list[Constraint], list[Constraint]]:
    """The constraints on dims that the signature has, and the others."""
    dims = {*dims_of(signature)}
    own, others = list[Constraint](), list[Constraint]()
    for one in where:
        (own if one.symbols <= dims else others).append(one)
    return own, others


def require_known(signature: Signature, where: Iterable[Constraint], name: str) -> None:
    """Raises LowerError for a constraint on what is no dim of the signature; `name` is the model."""
    dims = dims_of(signature)
    for one in where:
        for symbol in sorted(one.symbols - {*dims}):
            near = get_close_matches(symbol, dims, n=1)
            listed = ", ".join(f"`{dim}`" for dim in dims) or "none"
            help = f"; did you mean `{near[0]}`?" if near else ""
            raise LowerError(
                f'where="{one}" is about `{symbol}`, which is no dim of {name} (`{signature}`); its dims are '
                f"{listed}{help}"
            )


def without_absent(signature: Signature, where: Iterable[Constraint], name: str) -> Signature:
    """The signature without constraints on dims that no tensor of it has: they were of an Optional, which is None.

    Raises LowerError for one that was asked for; `name` is the model.
    """
    dims = {*dims_of(signature)}
    absent = [one for one in signature.where if not one.symbols <= dims]
    for one in absent:
        if one in [*where]:
            symbol = min(one.symbols - dims)
            raise LowerError(
                f'where="{one}" is about `{symbol}`, which only an argument has that is None in the file of {name} '
                f"(`{signature}`): leave it out, or give the argument by example="
            )
    return replace(signature, where=tuple(one for one in signature.where if one not in absent))


def dims_of(signature: Signature) -> Sequence[str]:
    """The dims of a signature that constraints may be about, in the order in which they are written."""
    found: dict[str, None] = {}
    for hint in signature.tensors:
        words = str(hint.shape).replace("?", "").split()
        own = [one for one in hint.shape.symbols if not one.startswith("*") and not is_attribute(one)]
        # What stands in arithmetic alone comes last.
        found |= dict.fromkeys(
            sorted(own, key=lambda one: (words.index(one) if one in words else len(words), one))
        )
    return list(found)
