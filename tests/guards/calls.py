"""Random signatures of the whole language, and calls of them that fit or nearly fit.

Everything is drawn from one `random.Random`, so that a seed reproduces a case and hypothesis can shrink one.
"""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import torch

from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.pattern import Dim, Flattened, Group
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.plan import Plan, build_plan
from namedtorch.signature.signature import Parameter, Signature
from namedtorch.syntax.parse import parse_signature_tree
from namedtorch.syntax.resolve import parse_shape, resolve_comparison

DIMS = ("A", "B", "C")
ARITHMETIC = (
    "2*A", "A+1", "A-1", "A+B", "A*B", "A//2", "(A+1)//2", "A%2+1", "min(A,B)", "max(A,3)", "A**2", "A//B", "A%B",
    "(A)", "{n}", "{n}+A", "B+1", "C//2", "C-B", "A//(B-C)",
)  # fmt: skip
FLATTENED = (
    "(A B)",
    "(2 A)",
    "(D=2 A)",
    "(A B C)",
    "(A _)",
    "(2 B)",
    "(A B+1)",
    "({n} A)",
    "(E=A B)",
    "(A A)",
)
LABELLED = ("E=3", "D=2", "E=2*A", "A=2", "B=A", "D=A+B", "A={n}", "E=B+1", "#E=3")
GROUPS = ("*g", "*h", "*#g", "...", "*#h")
WHERES = (
    "A >= 2",
    "A == B",
    "A % 2 == 0",
    "A < B",
    "A != C",
    "A*B <= 12",
    "C == 2*B",
    "A % B == 0",
    "{n} > A",
    "B >= 1",
)


@dataclass(frozen=True)
class Call:
    """A signature and the values of one call: the arguments in order, and what the function gives."""

    signature: Signature
    plan: Plan
    arguments: tuple[Any, ...]
    result: Any
    # Every size was computed from one size for every dim and group, and nothing was changed since.
    fits: bool

    def reordered(self, order: list[int]) -> "Call":
        """The same call of a signature with its parameters in another order."""
        signature = replace(self.signature, parameters=tuple(self.signature.parameters[at] for at in order))
        arguments = tuple(self.arguments[at] for at in order)
        return replace(self, signature=signature, plan=build_plan(signature), arguments=arguments)

    def __str__(self) -> str:
        given = ", ".join(
            f"{one.name}: {one.hint} = {shown(value)}"
            for one, value in zip(self.signature.parameters, self.arguments, strict=True)
        )
        where = "".join(f" where {one}" for one in self.signature.where)
        return f"{given} -> {self.signature.result} = {shown(self.result)}{where}"


def shown(value: Any) -> str:
    """A value by its sizes."""
    if isinstance(value, torch.Tensor):
        dtype = "" if value.dtype == torch.float32 else f" {value.dtype}"
        return f"{tuple(value.shape)}/{value.stride()}{dtype}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(one) for one in value) + "]"
    return repr(value)


@dataclass
class _Writer:
    random: Random
    # Only what one assignment of sizes to dims decides: no groups, `#`, `?`, alternatives, or values left out.
    plain: bool = False
    sizes: dict[str, int] = field(default_factory=dict[str, int])
    groups: dict[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    # A label (`A=2`) contradicts the size that was drawn for its dim, or a value was drawn that may not fit.
    doubtful: bool = False
    each: set[int] = field(default_factory=set[int])

    def shape(self, each: bool) -> str:
        """The text of a shape; most axes are bare dims, so that most signatures can be bound."""
        random = self.random
        axes: list[str] = []
        groups = 0 if self.plain else random.choice((0, 0, 0, 0, 1, 1, 2))
        for _ in range(random.randint(0 if groups else 1, 3)):
            kind = random.random()
            if kind < 0.5:
                axes.append(("?" if each and random.random() < 0.3 else "") + random.choice(DIMS))
            elif kind < 0.6 and not self.plain:
                axes.append("#" + random.choice((*DIMS, *ARITHMETIC[:6])))
            elif kind < 0.78:
                axes.append(random.choice(ARITHMETIC))
            elif kind < 0.86:
                axes.append(random.choice(LABELLED).replace("#", "" if self.plain else "#"))
            elif kind < 0.94:
                axes.append(random.choice(FLATTENED) if groups < 2 else "_")
            else:
                axes.append(str(random.randint(1, 3)))
        for _ in range(groups):
            group = random.choice(GROUPS)
            if each and "#" not in group and group != "..." and random.random() < 0.3:
                group = group.replace("*", "*?")
            axes.insert(random.randint(0, len(axes)), group)
        text = " ".join(axes)
        if random.random() < 0.08 and not self.plain:
            names = [axis for axis in axes if axis.isidentifier()]
            orders = ["contiguous"]
            if len(axes) == 4 and not groups:
                orders.append("channels_last")
            if len(names) == len(axes) == len(set(axes)) > 1:
                orders.append(" ".join(random.sample(names, len(names))))
            text += f" @ {random.choice(orders)}"
        if random.random() < 0.1:
            text += f" where {random.choice(WHERES)}"
        return text

    def hint(self, depth: int, each: bool) -> Hint:
        """A hint with a tensor in it."""
        random = self.random
        kind = random.random()
        if self.plain:
            kind = 0 if kind < 0.8 else 0.7 if kind < 0.9 else 0.9
            each = False
        if depth == 0 or kind < 0.55:
            family = FAMILIES["Shaped" if random.random() < 0.5 else "Float"]
            return TensorHint("torch.Tensor", family, parse_shape(self.shape(each)), torch.Tensor)
        if kind < 0.67:
            return OptionalHint(self.hint(depth - 1, each))
        if kind < 0.78:
            return ListHint(self.hint(depth - 1, not self.plain), random.choice(("list", "tuple")))
        if kind < 0.85:
            return DictHint(self.hint(depth - 1, True))
        if kind < 0.92:
            return TupleHint(tuple(self.hint(depth - 1, not self.plain) for _ in range(random.randint(1, 2))))
        members = [self.hint(0, each) for _ in range(2)]
        return UnionHint(tuple(members))

    def assign(self) -> None:
        """Draws a size for every dim, and sizes for every group."""
        random = self.random
        smallest = 0 if random.random() < 0.08 else 1
        self.sizes = {name: random.randint(smallest, 4) for name in (*DIMS, "{n}")}
        self.groups = {
            name: tuple(random.randint(1, 3) for _ in range(random.randint(0, 2))) for name in ("g", "h")
        }

    def value(self, hint: Hint) -> Any:
        """A value that fits a hint."""
        random = self.random
        match hint:
            case TensorHint():
                return self.tensor(hint)
            case OptionalHint(inner=inner):
                return None if random.random() < 0.3 else self.value(inner)
            case ListHint(item=item, container=container):
                values = [
                    self.value(item) for _ in range(random.choice((1 if self.plain else 0, 1, 2, 2, 3)))
                ]
                return values if container == "list" else tuple(values)
            case DictHint(value=inner):
                return {f"k{place}": self.value(inner) for place in range(random.choice((0, 1, 2)))}
            case TupleHint(items=items):
                return tuple(self.value(item) for item in items)
            case UnionHint(members=members):
                self.doubtful = True  # the first member that fits is taken, whichever was meant
                return self.value(random.choice(members))
            case _:
                raise AssertionError(hint)

    def tensor(self, hint: TensorHint) -> torch.Tensor:
        """A tensor that fits a hint; raises OverflowError for a negative size."""
        shape = hint.shape
        sizes: list[int] = []
        own = {name: self.random.randint(1, 4) for name in shape.each}
        for axis in shape.axes:
            sizes += self.axis(axis, own)
        everything = {**self.sizes, **own}
        try:
            self.doubtful |= not all(one.holds(everything) for one in shape.where)
        except KeyError:
            self.doubtful = True
        if shape.each:
            # `?A` of two parameters is one dim in elements of the same place.
            self.each.add(id(hint))
        self.doubtful |= len(self.each) > 1
        self.doubtful |= len(shape.groups) > 1 or shape.memory_format is not Unknown
        if any(size < 0 for size in sizes):
            raise OverflowError
        order = list(range(len(sizes)))
        if self.random.random() < 0.2:
            self.random.shuffle(order)
        memory_format = hint.shape.memory_format
        if memory_format is not Unknown and self.random.random() < 0.7:
            order = list(range(len(sizes))) if memory_format.order is None else list(memory_format.order)
        return stored(sizes, order)

    def axis(self, axis: Any, own: dict[str, int]) -> list[int]:
        """The sizes of an axis; `own` are the dims of this element."""
        random = self.random
        match axis:
            case Group(name=name, broadcast=broadcast, each=each):
                if name is Unknown:
                    return [random.randint(1, 3) for _ in range(random.randint(0, 2))]
                sizes = list(self.groups[name])
                if each:
                    self.doubtful = True
                if broadcast:
                    sizes = [1 if random.random() < 0.2 else size for size in sizes]
                    if random.random() < 0.2:
                        sizes = sizes[1:]
                return sizes
            case Flattened(factors=factors):
                product = 1
                for factor in factors:
                    product *= self.axis(factor, own)[0]
                return [product]
            case Dim(name=name, size=size, broadcast=broadcast, each=each):
                if broadcast and random.random() < 0.4:
                    # What `#A` alone would bind stays unbound: the checks that need it are skipped.
                    return [1]
                if size is not Unknown:
                    found = size.evaluate({**self.sizes, **own})
                    if name is not Unknown:
                        known = own if name in own else self.sizes
                        self.doubtful |= known.setdefault(name, found) != found
                    return [found]
                if name is Unknown:
                    return [random.randint(1, 4)]
                # A shape with both `?A` and `A` has two dims of one name.
                self.doubtful |= name in own and not each
                return [own[name] if each else self.sizes[name]]
        raise AssertionError(axis)


def stored(sizes: list[int], order: list[int]) -> torch.Tensor:
    """A tensor of these sizes whose axes lie in memory in this order."""
    base = torch.zeros([sizes[axis] for axis in order])
    return base.permute([order.index(axis) for axis in range(len(sizes))])


def draw_call(random: Random, plain: bool = False) -> Call | None:
    """A random call, with `plain` of a signature without groups, `#` and `?`.

    None where the draw has no meaning: nothing binds a dim, or a size is negative.
    """
    try:
        return _drawn(random, plain)
    except (AnnotationError, OverflowError, ZeroDivisionError):
        return None


def _drawn(random: Random, plain: bool) -> Call:
    writer = _Writer(random, plain)
    parameters = [
        Parameter(f"x{place}", writer.hint(random.choice((0, 1, 1, 2)), False))
        for place in range(random.randint(1, 3))
    ]
    if random.random() < 0.5:
        bare = parse_shape(" ".join(random.sample(DIMS, random.randint(1, 3))))
        bare_hint = TensorHint("torch.Tensor", FAMILIES["Shaped"], bare, torch.Tensor)
        parameters.insert(random.randint(0, len(parameters)), Parameter("bare", bare_hint))
    number = Parameter("n", PlainHint("int", int))
    result = (
        writer.hint(random.choice((0, 0, 1, 2)), False) if random.random() < 0.6 else PlainHint("Any", Any)
    )
    where: tuple[Any, ...] = ()
    if random.random() < 0.15:
        text = f"x: A -> A where {random.choice(WHERES)}"
        where = tuple(
            one for node in parse_signature_tree(text).where for one in resolve_comparison(node, text)
        )
    signature = Signature((*parameters, number), result, where)
    plan = build_plan(signature)
    writer.assign()
    values = [writer.value(one.hint) for one in parameters]
    given = writer.value(result) if not isinstance(result, PlainHint) else None
    fits = not writer.doubtful and all(one.holds(writer.sizes) for one in where)
    everything: list[Any] = [*values, given]
    changes = random.choice((0, 0, 1, 1, 1, 2))
    for _ in range(changes):
        place = random.randrange(len(everything))
        everything[place] = _changed(everything[place], random)
    arguments = (*everything[:-1], writer.sizes["{n}"])
    return Call(signature, plan, arguments, everything[-1], fits and changes == 0)


def _changed(value: Any, random: Random) -> Any:
    """A value with one tensor in it changed: an axis, its rank, its dtype, or how it is stored."""
    if isinstance(value, list | tuple) and value:
        place = random.randrange(len(value))
        changed = [_changed(one, random) if at == place else one for at, one in enumerate(value)]
        return changed if isinstance(value, list) else tuple(changed)
    if isinstance(value, dict) and value:
        key = random.choice(list(value))
        return {name: _changed(one, random) if name == key else one for name, one in value.items()}
    if not isinstance(value, torch.Tensor):
        return value
    sizes = list(value.shape)
    kind = random.random()
    if kind < 0.1:
        return value.to(torch.int64)
    if kind < 0.2:
        sizes.insert(random.randint(0, len(sizes)), random.randint(1, 3))
    elif kind < 0.3 and sizes:
        del sizes[random.randrange(len(sizes))]
    elif kind < 0.4:
        random.shuffle(sizes)
    elif sizes:
        axis = random.randrange(len(sizes))
        sizes[axis] = max(0, random.choice((sizes[axis] + 1, sizes[axis] - 1, 1, sizes[axis] * 2)))
    return stored(sizes, list(range(len(sizes))))
