"""Annotations of tensors in source: `Float[Tensor, "N C"]`, `Annotated[Tensor, Dims("N C")]`."""

import ast
import re
from collections.abc import Iterator

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.dtypes import FAMILIES, Family
from namedtorch.signature.hints import Hint, OptionalHint, PlainHint, TensorHint, UnionHint
from namedtorch.static.hints_arrays import SCALARS, array_named, family_named, narrowed, takes_scalar
from namedtorch.static.hints_containers import ANNOTATED, MAPPINGS, SEQUENCES, TUPLES
from namedtorch.static.hints_refusal import Refusal, complaint
from namedtorch.static.hints_text import elements, is_text, source
from namedtorch.static.hints_written import Written, is_none
from namedtorch.syntax.resolve import parse_shape

_DIMS = frozenset({"namedtorch.Dims", "namedtorch.signature.annotation.Dims"})

# jaxtyping runs what stands in braces; a path in them is the language's.
_RUN_BY_JAXTYPING = re.compile(r"\{(?!\s*[^\W\d]\w*(\.[^\W\d]\w*)*\s*\})")

# The array types that may be imported by `*`, from where no source is.
_USUAL = frozenset({"Tensor", "Array", "ndarray", "NDArray"})

_MAX_NESTING = 10


class TensorReader:
    """Reads annotations of tensors and adds what is refused to `refusals`."""

    def __init__(self, refusals: list[Refusal]) -> None:
        self._refusals = refusals

    def is_tensor(self, base: str) -> bool:
        """Tells whether a generic type of this qualified name annotates tensors."""
        return family_named(base) is not Unknown

    def array(self, node: ast.Subscript, base: str, written: Written) -> Hint | UnknownType:
        """The hint of `Float[Tensor, "N C"]`; Unknown where it is refused or computed."""
        family, inside = family_named(base), elements(node)
        assert family is not Unknown
        if len(inside) != 2:
            return self._refuse(written, f'write an array type and a shape: {family.name}[Tensor, "N C"]')
        array, foreign = inside[0], base.startswith("jaxtyping.")
        if is_text(array) and not foreign:
            message = f"the array type {array.value!r} is a text; write the class itself, such as Tensor"
            return self._refuse(written.part(array), message)
        text = written.part(inside[1])
        shape = self._shape(text, foreign)
        if shape is Unknown:
            return Unknown
        types = list(
            dict.fromkeys(part for one in written.part(array).members() for part in self._array_types(*one))
        )
        if Unknown in types:
            return Unknown
        read: list[Hint] = []
        for one in types:
            if isinstance(one, str | TensorHint):
                made = self._of(family, one, shape, text)
                if made is Unknown:
                    return Unknown
                read += made
        if not read and types != [None]:
            what = f'{family.name}[{source(array)}, "{shape}"]'
            return self._refuse(written, f"{what}: a Python number has no axes and one dtype")
        return alternatives(read, None in types)

    def annotated(self, node: ast.Subscript, written: Written) -> Hint | UnknownType | None:
        """The hint of `Annotated[Tensor, Dims("N C")]`; None where no `Dims` are among what is said."""
        said = dims_said(node, written)
        return None if said is None else self._dims(written.part(elements(node)[0]), *said)

    def _dims(self, array: Written, call: ast.Call, written: Written) -> Hint | UnknownType:
        given: dict[str, ast.expr] = dict(zip(("text", "dtype"), call.args, strict=False))
        given |= {one.arg: one.value for one in call.keywords if one.arg}
        family = FAMILIES["Shaped"]
        if "dtype" in given:
            dtype = written.part(given["dtype"])
            name, found = dtype.named()
            if name is not Unknown or isinstance(found.node, ast.Constant):
                family = family_named(name)
                if family is Unknown:
                    what = source(given["dtype"])
                    return self._refuse(dtype, f"the dtype of Dims is a family such as Float, not {what}")
        shape = self._shape(written.part(given["text"]), False) if "text" in given else Unknown
        if shape is Unknown:
            return Unknown
        read: list[Hint] = []
        members = list(array.members())
        for name, one in members:
            if is_none(name, one):
                continue
            if name is Unknown and isinstance(one.node, ast.Subscript):
                name, _ = one.part(one.node.value).named()
                if name in SEQUENCES or name in TUPLES or name in MAPPINGS:
                    return self._refuse(
                        one,
                        f"dims describe one tensor, and `{source(one.node)}` is none: put them at the tensor "
                        f'inside, list[Float[Tensor, "{shape}"]]',
                    )
            read.append(TensorHint(array_named(name), family, shape))
        return alternatives(read, any(is_none(*one) for one in members))

    def _array_types(
        self, name: str | UnknownType, written: Written
    ) -> Iterator[str | TensorHint | UnknownType | None]:
        """The array types that a member of a union stands for, by name or as annotations; None for None.

        Unknown where there may be an annotation with axes of its own.
        """
        node = written.node
        if is_none(name, written):
            yield None
        elif name is not Unknown or written.depth > _MAX_NESTING:
            yield Unknown if name is Unknown else array_named(name)
        elif isinstance(node, ast.Subscript):
            base, _ = written.part(node.value).named()
            if base in ANNOTATED:
                yield from self._array_types(*written.part(elements(node)[0]).opened())
            elif base is Unknown or not self.is_tensor(base):
                # Of a generic array type, what is in its brackets says nothing of the axes.
                yield Unknown if base is Unknown else array_named(base)
            else:
                yield from _array_types_of(self.array(node, base, written))
        elif isinstance(node, ast.Call):
            parts = bounds(node, written, True)
            for part in parts:
                for one in part.members():
                    yield from self._array_types(*one)
            if not parts:
                yield "Any"
        else:
            yield "Any" if source(node).rpartition(".")[2] in _USUAL else Unknown

    def _of(
        self, family: Family, array: str | TensorHint, shape: Shape, text: Written
    ) -> tuple[Hint, ...] | UnknownType:
        """The hint of one array type; none for a Python number that has axes, or no dtype of the family."""
        if isinstance(array, str):
            if array not in SCALARS:
                return (TensorHint(array, family, shape),)
            fits = takes_scalar(family, array) and len(shape.groups) == len(shape.axes)
            return (PlainHint(array),) if fits else ()
        both = narrowed(family, array.family)
        if both is Unknown:
            return self._refuse(text, f"no dtype is both {family.name} and {array.family.name}")
        try:
            return (TensorHint(array.array, both, parse_shape(f"{shape} {array.shape}".strip())),)
        except AnnotationError as error:
            return self._refuse(text, *complaint(error))

    def _shape(self, written: Written, foreign: bool) -> Shape | UnknownType:
        """The shape that a text stands for; what only jaxtyping can read is `foreign`, and not refused."""
        name, found = written.named()
        text = found.text()
        if text is Unknown:
            if name is Unknown and isinstance(found.node, ast.Constant | ast.Tuple | ast.List):
                what = source(found.node)
                self._refuse(
                    written, f'the shape is a text with spaces between its axes, such as "N C", not {what}'
                )
            return Unknown
        try:
            return parse_shape(text)
        except AnnotationError as error:
            if not (foreign and _RUN_BY_JAXTYPING.search(text)):
                self._refusals.append(found.refused(text, error))
            return Unknown

    def _refuse(self, written: Written, message: str, help: str = "") -> UnknownType:
        self._refusals.append(written.refusal(message, help))
        return Unknown


def dims_said(node: ast.Subscript, written: Written) -> tuple[ast.Call, Written] | None:
    """The first `Dims(...)` of an `Annotated[...]`; None where there is none."""
    for one in elements(node)[1:]:
        _, said = written.part(one).named()
        if isinstance(said.node, ast.Call) and said.part(said.node.func).named()[0] in _DIMS:
            return said.node, said
    return None


def _array_types_of(hint: Hint | UnknownType) -> Iterator[str | TensorHint | UnknownType | None]:
    """The array types of an annotation of tensors that stands where an array type does."""
    if isinstance(hint, OptionalHint):
        yield None
        hint = hint.inner
    for one in hint.members if isinstance(hint, UnionHint) else (hint,):
        yield one if isinstance(one, TensorHint) else one.text if isinstance(one, PlainHint) else Unknown


def bounds(call: ast.Call, written: Written, constraints: bool) -> list[Written]:
    """What a type variable (its bound, else its `constraints`) or a `NewType` stands for; nothing for other calls."""
    name, _ = written.part(call.func).named()
    own = name.rpartition(".")[2] if isinstance(name, str) else ""
    if own == "NewType":
        return [written.part(one) for one in call.args[1:2]]
    if own == "TypeVar":
        bound = [one.value for one in call.keywords if one.arg == "bound"]
        return [written.part(one) for one in bound or (call.args[1:] if constraints else [])]
    return []


def alternatives(members: list[Hint], optional: bool) -> Hint | UnknownType:
    """The hint of a union of members, those of unions among them by themselves; Unknown of none."""
    flat: list[Hint] = []
    for member in members:
        if isinstance(member, OptionalHint):
            optional, member = True, member.inner
        flat += [
            one for one in (member.members if isinstance(member, UnionHint) else (member,)) if one not in flat
        ]
    if not flat:
        return Unknown
    inner = flat[0] if len(flat) == 1 else UnionHint(tuple(flat))
    return OptionalHint(inner) if optional else inner
