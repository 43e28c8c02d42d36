"""What subtyping means, by trying: every call of small tensors, held to two signatures by the real matcher."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from namedtorch.dims.layout import strides_of
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.explain import Explanation
from namedtorch.signature.hints import Hint, ListHint, OptionalHint, TensorHint, TupleHint, UnionHint
from namedtorch.signature.plan import Plan, build_plan
from namedtorch.signature.signature import Parameter, Signature
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape

SIZES = (0, 1, 2, 3)
_MOST = 12_000  # pairs of arguments and result that are tried

_BARE = ("A", "B", "A", "B", "C", "2", "3", "1", "_", "A=2", "B=3")
_OPEN = ("#A", "#B", "*g", "*h", "...", "*#g", "#2")
_ARITHMETIC = (
    "2*A", "A+1", "A+B", "A//2", "A-1", "(A B)", "(2 A)", "(D=2 A)", "B=A", "D=A+1", "A%2", "min(A,2)", "(A _)",
    "A//B", "#(A+1)",
)  # fmt: skip
_WHERE = ("A >= 2", "A == B", "A < B", "A != B", "B <= 2")
_WHERE_ARITHMETIC = ("A % 2 == 0", "A*B <= 4", "A == 2*B", "A >= B+1", "A//B >= 1")
_KINDS = ("tensor",) * 5 + ("optional", "list", "each", "tuple", "union")

Axes = list[str]


class Array:
    """A tensor, as far as matching asks."""

    dtype = "float32"

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def stride(self) -> tuple[int, ...]:
        return strides_of(self.shape)

    def __repr__(self) -> str:
        return f"Array{self.shape}"


@dataclass(frozen=True)
class Pair:
    """Two signatures of like parameters; `reckons` tells that arithmetic or constraints stand in one of them."""

    old: Signature
    new: Signature
    reckons: bool

    def __str__(self) -> str:
        return f"{self.old}  <-  {self.new}"


def draw_pair(seed: int) -> Pair:
    """Two small signatures, of which the second is the first with some axes changed.

    Raises AnnotationError where the draw has no meaning.
    """
    random = Random(seed)
    arithmetic, opened, where = random.random() < 0.4, random.random() < 0.5, random.random() < 0.3
    axes = (*_BARE, *(_OPEN if opened else ()), *(_ARITHMETIC if arithmetic else ()))
    constraints = (*_WHERE, *(_WHERE_ARITHMETIC if arithmetic else ()))

    def shape() -> Axes:
        return [random.choice(axes) for _ in range(random.randint(0, 2))]

    def changed(parts: Axes) -> Axes:
        if not parts or random.random() < 0.5:
            return parts
        place = random.randrange(len(parts))
        return [
            *parts[:place],
            *([random.choice(axes)] if random.random() < 0.9 else []),
            *parts[place + 1 :],
        ]

    def constraint() -> str:
        return random.choice(constraints) if where and random.random() < 0.7 else ""

    count = random.randint(1, 2)
    kinds = [random.choice(_KINDS) for _ in range(count)]
    texts, others = [shape() for _ in range(count)], [shape() for _ in range(count)]
    result, asked = shape(), constraint()
    old = _signature(kinds, texts, others, result, asked)
    if random.random() < 0.1:
        kinds[0] = random.choice(("tensor", "optional"))
    texts, others = [changed(one) for one in texts], [changed(one) for one in others]
    again = asked if random.random() < 0.5 else constraint()
    new = _signature(kinds, texts, others, changed(result), again)
    for one in (old, new):
        build_plan(one)
    return Pair(old, new, arithmetic or where)


def _signature(
    kinds: list[str], texts: list[Axes], others: list[Axes], result: Axes, where: str
) -> Signature:
    parameters = [
        Parameter(f"x{place}", _hint(*parts))
        for place, parts in enumerate(zip(kinds, texts, others, strict=True))
    ]
    constraints = parse_signature(f"x: A B -> A where {where}").where if where else ()
    return Signature(tuple(parameters), _tensor(result), constraints)


def _tensor(axes: Axes) -> TensorHint:
    return TensorHint("torch.Tensor", FAMILIES["Shaped"], parse_shape(" ".join(axes)))


def _hint(kind: str, axes: Axes, other: Axes) -> Hint:
    match kind:
        case "optional":
            return OptionalHint(_tensor(axes))
        case "list":
            return ListHint(_tensor(axes))
        case "each":
            return ListHint(_tensor([f"?{axis}" if axis in ("B", "C") else axis for axis in axes]))
        case "tuple":
            return TupleHint((_tensor(axes), _tensor(other)))
        case "union":
            return UnionHint((_tensor(axes), _tensor(other)))
        case _:
            return _tensor(axes)


def counterexample(pair: Pair) -> tuple[Any, ...] | None:
    """A call that the old signature accepts and the new one does not, or a result that goes the other way.

    None if there is none among those that are tried.
    """
    old, new = build_plan(pair.old), build_plan(pair.new)
    hints = [hint.shape for one in (pair.old, pair.new) for hint in one.tensors]
    rank = min(3 if len(pair.old.parameters) == 1 else 2, max(len(one.axes) for one in hints) + 1)
    results = list(_arrays(min(rank, 2), SIZES))
    left = _MOST
    for values in product(*(_values(one.hint, rank) for one in pair.old.parameters)):
        if _call(pair.old, old, values).arguments():
            continue
        if _call(pair.new, new, values).arguments():
            return values
        for result in results:
            left -= 1
            if not _refuses(pair.new, new, values, result) and _refuses(pair.old, old, values, result):
                return (*values, result)
        if left < 0:
            return None
    return None


def _values(hint: Hint, rank: int) -> Iterator[Any]:
    match hint:
        case OptionalHint(inner=inner):
            yield None
            yield from _values(inner, rank)
        case ListHint():
            elements = list(_arrays(min(rank, 2), SIZES[1:]))
            yield []
            yield from ([one] for one in elements)
            yield from ([one, other] for one in elements for other in elements)
        case TupleHint():
            yield from product(_arrays(min(rank, 2), SIZES[1:]), repeat=2)
        case _:
            yield from _arrays(rank, SIZES)


def _arrays(rank: int, sizes: tuple[int, ...]) -> Iterator[Array]:
    for count in range(rank + 1):
        yield from (Array(one) for one in product(sizes, repeat=count))


def _call(signature: Signature, plan: Plan, values: tuple[Any, ...]) -> Explanation:
    names = (one.name for one in signature.parameters)
    return Explanation(signature, plan, dict(zip(names, values, strict=True)), {"torch.Tensor": Array})


def _refuses(signature: Signature, plan: Plan, values: tuple[Any, ...], result: Array) -> bool:
    call = _call(signature, plan, values)
    return bool(call.arguments()) or bool(call.result(result))
