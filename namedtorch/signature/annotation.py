"""The annotations that users write: `Float[Tensor, "N C"]`, `Annotated[Tensor, Dims("N C")]`.

An annotation is a class, so that type checkers at run time take it anywhere; a static type checker reads
`Float` as `typing.Annotated` (in `namedtorch/__init__.pyi`) and sees a plain `Tensor`.
"""

import copyreg
import types
import typing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin

from namedtorch.diagnostics import AnnotationError, DimError
from namedtorch.dims.carried import misnamed
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.array import array_dtype, array_names, array_sizes, array_strides, array_text
from namedtorch.signature.dtypes import FAMILIES, Family
from namedtorch.syntax.resolve import parse_shape

_SCALARS: dict[object, str] = {bool: "bool", int: "int", float: "float", complex: "complex"}


class ArrayAnnotation(type):
    """The type of annotations; two are equal if their dtypes, array types and shapes are."""

    family: Family
    array: Any
    text: str
    shape: Shape

    def __instancecheck__(cls, instance: object) -> bool:
        return cls.__instancecheck_str__(instance) == ""

    def __instancecheck_str__(cls, instance: object) -> str:
        """Why a value is no instance, as a sentence; "" if it is one. beartype shows it."""
        if cls.array is Any:
            if not (hasattr(instance, "shape") and hasattr(instance, "dtype")):
                return f"it is {array_text(instance)}, which has no shape and dtype"
        elif not isinstance(instance, cls.array):
            return f"it is {array_text(instance)}, but the annotation asks for {type_name(cls.array)}"
        dtype = array_dtype(instance)
        if not cls.family.takes(dtype):
            return f"it has dtype {dtype}, but the annotation says {cls.family.name}"
        names = array_names(instance) if isinstance(cls.array, type) else Unknown
        if names is not Unknown:
            for wrong in misnamed(cls.shape.axes, names):
                return (
                    f"its dims are {' '.join('_' if name is None else name for name in names)}, "
                    f"but the annotation has `{wrong.expected}`"
                    + (f" at axis {wrong.axis}" if wrong.axis >= 0 else "")
                )
        try:
            cls.shape.match(
                array_sizes(instance),
                strides=array_strides(instance),
                argument="it",
                element="[0]" if cls.shape.each else "",
            )
        except DimError as error:
            sentences = [one.message + (f"; {one.help}" if one.help else "") for one in error.failures]
            return (
                ", and ".join(sentences).replace("`it`", "it") + f" (its sizes are {array_sizes(instance)})"
            )
        return ""

    def __eq__(cls, other: object) -> bool:
        return cls is other or (
            isinstance(other, ArrayAnnotation)
            and (cls.family, cls.array, cls.shape) == (other.family, other.array, other.shape)
        )

    def __hash__(cls) -> int:
        return hash((cls.family, cls.shape))

    def __repr__(cls) -> str:
        return f'{cls.family.name}[{type_name(cls.array)}, "{cls.text}"]'


def type_name(array: Any) -> str:
    """The name of an array type as it is written."""
    return "Any" if array is Any else getattr(array, "__name__", repr(array))


def _reduce(annotation: ArrayAnnotation) -> tuple[Any, ...]:
    return _annotation, (annotation.family, annotation.array, annotation.text)


copyreg.pickle(cast("Any", ArrayAnnotation), _reduce)


def _annotation(family: Family, array: Any, text: str) -> ArrayAnnotation:
    try:
        return _cached(family, array, text)
    except TypeError as error:  # an unhashable array type
        if "unhashable" not in str(error):
            raise
        return _cached.__wrapped__(family, array, text)


@lru_cache(maxsize=4096)
def _cached(family: Family, array: Any, text: str) -> ArrayAnnotation:
    shape = parse_shape(text)
    name = f'{family.name}[{type_name(array)}, "{text}"]'
    members: dict[str, Any] = {"family": family, "array": array, "text": text, "shape": shape}
    # Of "builtins", so that a union's repr is that of its members: beartype holds them to each other.
    made = ArrayAnnotation(name, (), {**members, "__module__": "builtins"})
    made.__qualname__ = name
    return made


@dataclass(frozen=True, eq=True)
class DtypeFamily:
    """A family of dtypes to annotate with: `Float[Tensor, "N C"]`."""

    family: Family

    def __getitem__(self, item: object) -> Any:
        """The annotation of an array type and a shape; raises `AnnotationError`, also for an unfit array type."""
        name = self.family.name
        parts = cast("tuple[object, ...]", item)
        if not isinstance(item, tuple) or len(parts) != 2:
            raise AnnotationError(f'write an array type and a shape: {name}[Tensor, "N C"]')
        array, text = parts
        if not isinstance(text, str):
            raise AnnotationError(
                f'the shape is a text with spaces between its axes: {name}[Tensor, "N C"]; this is {text!r}'
            )
        members = [one for part in _array_types(array) if (one := self._of(part, text)) is not None]
        if not members:
            raise AnnotationError(
                f'{name}[{type_name(array)}, "{text}"]: a Python number has no axes and one dtype'
            )
        # `Union` keeps what it was given before, and gives that for what is equal: "N C" for "N  C".
        return members[0] if len(members) == 1 else Union[tuple(members)]  # noqa: UP007

    def _of(self, array: Any, text: str) -> Any:
        if array is type(None):
            # `Float[Optional[Tensor], "N"]`: None has no dims.
            return array
        if array in _SCALARS:
            # As in jaxtyping: a Python number is an array without axes.
            fits = self.family.dtypes is None or any(
                d.startswith(_SCALARS[array]) for d in self.family.dtypes
            )
            return array if fits and len(parse_shape(text).groups) == len(parse_shape(text).axes) else None
        if isinstance(array, ArrayAnnotation):
            return _annotation(self._narrowed(array.family), array.array, f"{text} {array.text}".strip())
        if isinstance(array, str):
            raise AnnotationError(
                f"the array type {array!r} is a text; write the class itself, such as Tensor"
            )
        return _annotation(self.family, array, text)

    def _narrowed(self, inner: Family) -> Family:
        """The family of an annotation of an annotation: `Float[Image, "N"]`."""
        if self.family.dtypes is None or inner.dtypes is None:
            return inner if self.family.dtypes is None else self.family
        both = tuple(dtype for dtype in self.family.dtypes if dtype in inner.dtypes)
        if not both:
            raise AnnotationError(f"no dtype is both {self.family.name} and {inner.name}")
        return self.family if len(both) == len(self.family.dtypes) else inner

    def __instancecheck__(self, instance: object) -> bool:
        raise AnnotationError(
            f'isinstance needs a shape as well: {self.family.name}[Tensor, "..."] takes any'
        )

    def __repr__(self) -> str:
        return self.family.name

    def __reduce__(self) -> tuple[Any, ...]:
        return _family, (self.family.name,)


def _family(name: str) -> DtypeFamily:
    return ANNOTATIONS[name]


def _array_types(array: Any) -> tuple[Any, ...]:
    """The members of a union of array types; a type variable stands for its bound."""
    if isinstance(array, TypeVar):
        if array.__bound__ is not None:
            return _array_types(array.__bound__)
        return tuple(part for one in array.__constraints__ for part in _array_types(one)) or (Any,)
    if isinstance(array, ALIASES):
        return _array_types(array.__value__)
    if get_origin(array) in (Union, types.UnionType):
        return tuple(part for one in get_args(array) for part in _array_types(one))
    origin = get_origin(array)
    return (array if origin is None else origin,)


ALIASES: tuple[type, ...] = tuple(
    kind for kind in [getattr(typing, "TypeAliasType", None)] if kind is not None
)
"""The types of `type X = ...` (Python 3.12 and later)."""

ANNOTATIONS = {name: DtypeFamily(family) for name, family in FAMILIES.items()}
"""Every family to annotate with, by its name."""


@dataclass(frozen=True, slots=True)
class Dims:
    """The dims of a tensor in `Annotated[Tensor, Dims("N C")]`, which linters read without complaint.

    `dtype` is a family such as `Float`; without it, any dtype fits. Raises `AnnotationError`.
    """

    text: str
    dtype: DtypeFamily | Any = ANNOTATIONS["Shaped"]

    def __post_init__(self) -> None:
        if not isinstance(self.dtype, DtypeFamily):
            raise AnnotationError(f"the dtype of Dims is a family such as Float, not {self.dtype!r}")
        parse_shape(self.text)

    @property
    def shape(self) -> Shape:
        """The shape that the text stands for."""
        return parse_shape(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dims) and (self.shape, self.dtype) == (other.shape, other.dtype)

    def __hash__(self) -> int:
        return hash(self.shape)

    def __repr__(self) -> str:
        dtype = "" if self.dtype == ANNOTATIONS["Shaped"] else f", dtype={self.dtype!r}"
        return f'Dims("{self.text}"{dtype})'
