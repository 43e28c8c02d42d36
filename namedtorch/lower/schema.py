"""What a method of a TorchScript file takes and gives, and signatures that are held against it."""

import keyword
from dataclasses import dataclass, replace
from typing import Any

from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.jit_type import field_names, type_text
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import (
    TENSOR,
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.signature import Parameter, Signature
from namedtorch.syntax.resolve import parse_shape

_ANYTHING = TensorHint(TENSOR, FAMILIES["Shaped"], parse_shape("..."))
"""Any tensor; in a signature that is text, also all that is no tensor."""

_ARRAYS = (TENSOR, "torch.nn.Parameter", "Any")
_LONGEST = 1000


class _Misfit(Exception):
    """A hint that a type has no place for; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter of a compiled method: its name, torch's type, and its default (Unknown if it is required)."""

    name: str
    type: Any
    default: Any = Unknown

    def __str__(self) -> str:
        text = f"{self.name}: {type_text(self.type)}"
        return text if self.default is Unknown else f"{text} = {self.default!r}"


@dataclass(frozen=True, slots=True)
class Schema:
    """A compiled method: its name, its parameters without `self`, and torch's type of its result."""

    method: str
    arguments: tuple[Argument, ...]
    result: Any

    def __str__(self) -> str:
        taken = ", ".join(map(str, self.arguments))
        return one_line(f"{self.method}({taken}) -> {type_text(self.result)}", _LONGEST)

    @property
    def plain(self) -> Signature:
        """The signature of the method where nobody has said any dims."""
        parameters = tuple(
            Parameter(one.name, _plain(one.type), default=one.default) for one in self.arguments
        )
        return Signature(parameters, _plain(self.result))

    def signature(self, given: Signature) -> Signature:
        """The signature of the method with the dims that `given` says; types and defaults are those of the method.

        Parameters are found by name; where no name of `given` is one of the method's, by position, and then they keep
        the names of `given`. What it leaves out, and what it writes as `...`, is of the type that it has here.
        Raises AnnotationError, one line, for names and types that do not fit, and where no dims are said.
        """
        hints = {one.name: one.hint for one in given.parameters}
        parameters: list[Parameter] = []
        for name, one in zip(self._names(given), self.arguments, strict=True):
            hint = hints.get(name)
            if hint is None:
                hint = _plain(one.type)
            else:
                hint = self._fitted(hint, one.type, f"{name}: {hint}", f"`{one.name}`")
            parameters.append(Parameter(name, hint, default=one.default))
        said = str(Signature((), given.result))
        result = self._fitted(given.result, self.result, said, "the result")
        signature = Signature(tuple(parameters), result, given.where)
        if all(hint == _ANYTHING for hint in signature.tensors):
            raise AnnotationError(
                f"the signature `{given}` names no dims of {self}, so there is nothing to guard"
            )
        return signature

    def _names(self, given: Signature) -> list[str]:
        """The name that each parameter has in the signature."""
        own = [one.name for one in self.arguments]
        said = [one.name for one in given.parameters]
        unknown = [name for name in said if name not in own]
        if len(said) > len(own):
            count = f"{len(said)} parameter" + "s" * (len(said) != 1)
            raise AnnotationError(f"the signature has {count}, but the file has {self}")
        if unknown and len(unknown) < len(said):
            raise AnnotationError(
                f"the signature names `{unknown[0]}`, but the file has {self}; name parameters as the file does, "
                "or all of them otherwise, in its order"
            )
        for name in unknown:
            if keyword.iskeyword(name) or name == "__debug__":
                raise AnnotationError(f"a parameter can't be called `{name}`, which is a word of Python's")
        return [*said, *own[len(said) :]] if unknown else own

    def _fitted(self, hint: Hint, type_: Any, said: str, what: str) -> Hint:
        try:
            return _fitted(hint, type_)
        except _Misfit as misfit:
            remedy = str(misfit)
            if (
                type_ is self.result
                and type_.kind() == "TupleType"
                and isinstance(hint, TensorHint | TupleHint)
            ):
                count = len(type_.elements())
                remedy = f"give dims to each of {count} values, commas between, or `...` to what is no tensor"
            raise AnnotationError(
                f"the signature says `{said}`, but {what} is {type_text(type_)} in the file, {self}; {remedy}"
            ) from None


def _plain(type_: Any) -> Hint:
    """The hint of a value of which nothing is said; a tensor stays known as one."""
    if type_.kind() == "TensorType":
        return _ANYTHING
    if type_.kind() == "OptionalType" and type_.getElementType().kind() == "TensorType":
        return OptionalHint(_ANYTHING)
    return PlainHint(type_text(type_))


def _fitted(hint: Hint, type_: Any) -> Hint:
    """The hint as it holds for values of a type; raises _Misfit."""
    kind = type_.kind()
    if isinstance(hint, PlainHint) or hint == _ANYTHING:
        return _plain(type_)
    if kind == "OptionalType":
        # Text has no form for a value that may be None, and the file says it anyway.
        inner = hint.inner if isinstance(hint, OptionalHint) else hint
        return OptionalHint(_fitted(inner, type_.getElementType()))
    parts = type_.elements() if kind == "TupleType" else []
    match hint:
        case TensorHint(array=array) if kind == "TensorType" and array in _ARRAYS:
            return replace(hint, array=TENSOR)
        case UnionHint(members=members):
            return UnionHint(tuple(_fitted(member, type_) for member in members))
        case ListHint(item=item) if kind == "ListType":
            return ListHint(_fitted(item, type_.getElementType()))
        case DictHint(value=value, key=key) if kind == "DictType" and type_text(type_.getKeyType()) == key:
            return replace(hint, value=_fitted(value, type_.getValueType()))
        case TupleHint(items=items) if len(parts) == len(items):
            return TupleHint(tuple(_fitted(item, part) for item, part in zip(items, parts, strict=True)))
        case RecordHint(fields=fields) if field_names(type_) == tuple(name for name, _ in fields):
            named = zip(fields, parts, strict=True)
            return replace(hint, fields=tuple((name, _fitted(field, part)) for (name, field), part in named))
        case OptionalHint():
            raise _Misfit("it is never None there")
        case TupleHint() if kind == "TensorType":
            raise _Misfit("give dims to that one value")
        case RecordHint() if parts:
            raise _Misfit("a record has the fields of the file's, in their order")
        case _:
            raise _Misfit("write `...` for what is no tensor")
