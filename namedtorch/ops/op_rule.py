"""`OpRule`: one row of the table of operators."""

import ast
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, TypeAlias, cast

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Judge, Misfit
from namedtorch.ops.matching import apply_signatures
from namedtorch.ops.recipes import Product, Recipe
from namedtorch.ops.roles import notice_normalization
from namedtorch.ops.tensor_shape import NoSuchAxis, TensorShape, Undetermined
from namedtorch.ops.values import Array, Fields, Value
from namedtorch.signature.text import parse_signature

Result: TypeAlias = "TensorShape | Value | tuple[Result, ...] | list[Result]"
"""What a rule gives: shapes, which become arrays of the row's dtype, or values."""

Rule: TypeAlias = str | tuple[str, ...] | Callable[[Call], Result]

_AS_NUMPY: Final = {"axis": "dim", "keepdims": "keepdim"}
"""Names of numpy's for parameters, which torch takes as well."""

SAME: Final = "same"
"""As `dtype`: the dtype of the first tensor."""


@dataclass(frozen=True)
class Taken:
    """One parameter of a row: its name, its default (`Unknown` if required), and whether it takes several arguments.

    One of `keywords` takes all that no other does, as `Fields`.
    """

    name: str
    default: Value = Unknown
    several: bool = False
    required: bool = True
    keywords: bool = False


class Mismatch(Exception):
    """A call that does not have the parameters of the row: torch refuses it, or the row is of another overload."""


@dataclass(frozen=True, eq=False)
class OpRule:
    """What an operator of torch does to dims.

    `name` is the main spelling, `torch.softmax`; `spelled` are the others: functions, methods (`torch.Tensor.softmax`),
    Python's operators (`operator.matmul`). `parameters` are those of torch with defaults, `input, dim=None`; one with a
    star takes several arguments or one list. `rule` is a signature, several that differ in the ranks that they take, or
    a function of the call. `dims` names the parameters that are dims or lists of dims, which names may stand for.
    `code` is what a signature blames. `dtype` is that of the result, `SAME`, or `Unknown`. `normalizes` names the
    parameter along whose dims values compete: softmax. `by_size` says that which dims the result carries depends on
    sizes, on dtypes (an index or a mask), or on numbers among the arguments that are no dims; of any other row, what
    one call gives holds for every size. `recipe` tells how plain torch does what an operator of namedtorch's own does;
    it gives None for a call that is torch's own method of that name, with numbers in the place of names. `counts` says
    that the result is an integer, or a tuple of them where no dim is asked for.
    """

    name: str
    parameters: str
    rule: Rule
    spelled: tuple[str, ...] = ()
    dims: tuple[str, ...] = ()
    code: str = "contracted-dims-differ"
    dtype: str | UnknownType = Unknown
    normalizes: str = ""
    by_size: bool = False
    recipe: Callable[[Call], Recipe | Product | None] | None = None
    counts: bool = False

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every name that the operator has."""
        return (self.name, *self.spelled)

    @cached_property
    def taken(self) -> tuple[Taken, ...]:
        """The parameters."""
        return read_parameters(self.parameters)

    def bind(self, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> dict[str, Value]:
        """The arguments by parameter, with defaults. Raises `Mismatch`."""
        names = {one.name for one in self.taken}
        keywords = {
            name if name in names else _AS_NUMPY.get(name, name): value for name, value in keywords.items()
        }
        return bound_arguments(self.taken, arguments, keywords)

    def __call__(self, arguments: Sequence[Value], keywords: Mapping[str, Value], judge: Judge) -> Value:
        """What the operator gives; `Unknown` where that is not known. Raises `Misfit`, and `Mismatch`."""
        return self.given(Call(self.bind(arguments, keywords), judge))

    def given(self, call: Call) -> Value:
        """What a call of bound arguments gives, as above; the call tells afterwards what its dims are as numbers."""
        try:
            if self.normalizes:
                self._notice(call)
            if callable(self.rule):
                result = self.rule(call)
            else:
                texts = (self.rule,) if isinstance(self.rule, str) else self.rule
                result = apply_signatures(call, [parse_signature(text) for text in texts], self.code)
        except (Undetermined, NoSuchAxis):
            return Unknown
        return arrays(result, self._dtype(call))

    def _notice(self, call: Call) -> None:
        with suppress(Undetermined, Misfit, NoSuchAxis):
            name = self.taken[0].name
            notice_normalization(call, name, call.place(self.normalizes, name))

    def _dtype(self, call: Call) -> str | UnknownType:
        if self.dtype != SAME:
            return self.dtype
        for name in call.arguments:
            value = call.value(name)
            if isinstance(value, Array):
                return value.dtype
        return Unknown


def arrays(result: Result, dtype: str | UnknownType = Unknown) -> Value:
    """A result with arrays in the place of shapes."""
    match result:
        case TensorShape():
            return Array(result, dtype)
        case Array() if result.dtype is Unknown:
            return Array(result.shape, dtype)
        case tuple():
            return tuple(arrays(one, dtype) for one in result)
        case list():
            return [arrays(one, dtype) for one in result]
        case Fields(names=names, items=items):
            return Fields(names, tuple(arrays(one, dtype) for one in items))
        case _:
            return result


@lru_cache(maxsize=2048)
def read_parameters(text: str) -> tuple[Taken, ...]:
    """Reads `input, *size, dim=None`; defaults are literals of Python."""
    if not text:
        return ()
    definition = ast.parse(f"def f({text.replace(', *, ', ', ')}): pass").body[0]
    assert isinstance(definition, ast.FunctionDef)
    listed = definition.args
    plain = [*listed.posonlyargs, *listed.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(listed.defaults)) + list(listed.defaults)
    found = [_taken(one.arg, default) for one, default in zip(plain, defaults, strict=True)]
    if listed.vararg is not None:
        found.append(Taken(listed.vararg.arg, (), several=True, required=False))
    found += [
        _taken(one.arg, default) for one, default in zip(listed.kwonlyargs, listed.kw_defaults, strict=True)
    ]
    if listed.kwarg is not None:
        found.append(Taken(listed.kwarg.arg, Fields((), ()), required=False, keywords=True))
    return tuple(found)


def _taken(name: str, default: ast.expr | None) -> Taken:
    return (
        Taken(name) if default is None else Taken(name, as_value(ast.literal_eval(default)), required=False)
    )


def as_value(literal: object) -> Value:
    """A value of Python as rules see it: integers are sizes."""
    match literal:
        case bool() | float() | complex() | str() | None:
            return literal
        case int():
            return Size.constant(literal)
        case tuple():
            return tuple(as_value(one) for one in cast("tuple[object, ...]", literal))
        case list():
            return [as_value(one) for one in cast("list[object]", literal)]
        case _:
            return Unknown


def bound_arguments(
    taken: Sequence[Taken], arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> dict[str, Value]:
    """The arguments of a call by parameter, with defaults. Raises `Mismatch`."""
    bound: dict[str, Value] = {}
    waiting = list(arguments)
    for parameter in taken:
        if parameter.keywords:
            continue
        if parameter.several:
            if waiting:
                bound[parameter.name] = tuple(waiting)
                waiting = []
            continue
        if waiting and parameter.name not in keywords:
            bound[parameter.name] = waiting.pop(0)
    others = [one.name for one in taken if one.keywords]
    left: dict[str, Value] = {}
    for name, value in keywords.items():
        if all(one.name != name or one.keywords for one in taken) and others:
            left[name] = value
            continue
        if name in bound or all(one.name != name for one in taken):
            raise Mismatch(name)
        bound[name] = value
    if left:
        bound[others[0]] = Fields(tuple(left), tuple(left.values()))
    if waiting:
        raise Mismatch("too many arguments")
    for parameter in taken:
        if parameter.name not in bound:
            if parameter.required:
                raise Mismatch(parameter.name)
            bound[parameter.name] = parameter.default
    return bound
