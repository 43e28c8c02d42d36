"""Drawing: sizes for all dims of a signature, such that tensors of these sizes fit it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import prod

from namedtorch.diagnostics import DimError
from namedtorch.dims.attributes import Attributes, steps_of
from namedtorch.dims.bindings import Bindings
from namedtorch.dims.match import Matching
from namedtorch.dims.pattern import Dim, Flattened, Group
from namedtorch.dims.subject import Subject, sizes_text
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.drawn import Drawn, drawn_tensors
from namedtorch.signature.plan import Plan, build_plan
from namedtorch.signature.signature import Signature
from namedtorch.signature.unknowns import GENERAL, SMALL, Unknowns, is_path, key_of

MOST_ELEMENTS = 1 << 28
"""A drawn tensor has no more elements: 1 GiB of float32."""

_RANKS = (1, 0, 2, 3)
_MOST_CHOICES = 256
_ANONYMOUS = "..."


@dataclass(frozen=True, slots=True)
class Assignment:
    """Sizes that fit a signature: of dims (`"H"`; `"[0]?H"` in an element), of groups (`"batch"`), of tensors."""

    sizes: Mapping[str, int]
    groups: Mapping[str, tuple[int, ...]]
    tensors: Mapping[tuple[int, str], Drawn]

    def tensor(self, site: int, scope: str) -> tuple[int, ...]:
        """The sizes of the tensor at a site, in an element of a container (`"[0]"`; `""` outside)."""
        return self.tensors[site, scope].sizes

    def __str__(self) -> str:
        shown = [f"{key}={size}" for key, size in self.sizes.items()]
        shown += [f"*{key}={sizes_text(sizes)}" for key, sizes in self.groups.items() if key != _ANONYMOUS]
        return " ".join(shown)


def draw_sizes(
    signature: Signature,
    *,
    seed: int = 0,
    given: Mapping[str, int | tuple[int, ...]] | None = None,
    absent: bool = False,
) -> Assignment:
    """Draws a size for every dim, group and `?` dim, such that the arguments of a call fit the signature.

    Sizes are small, and differ from each other where they may, so that swapped axes show; neighbouring seeds give
    each free dim another size. `given` fixes sizes of dims (`"N": 8`), groups (`"*batch": (2, 3)`) and integer
    parameters (`"{n}": 4`); `absent` leaves out what is optional. Raises DimError, naming the constraints, where no
    sizes are found; for a given name that the signature has not; and for a tensor of more than 2**28 elements.
    """
    plan = build_plan(signature)
    drawn = tuple(drawn_tensors(signature, absent))
    fixed_groups, fixed = _split(given or {}, _groups(drawn))
    unknowns = Unknowns(signature, drawn, fixed)
    sizes = unknowns.solve(seed)
    tried: Sequence[str] = ()
    taken = {*sizes.values(), *unknowns.numbers}
    for groups in _choices(drawn, fixed_groups, taken, seed):
        made = [replace(one, sizes=_sizes_of(one, sizes, groups, seed)) for one in drawn]
        problems = _misfits(plan, made, sizes)
        if not problems:
            _refuse_large(made)
            return Assignment(sizes, groups, {(one.site, one.scope): one for one in made})
        tried = tried or problems
    raise DimError(f"no sizes were found for `{signature}`: {'; '.join(tried)}")


def _groups(drawn: Iterable[Drawn]) -> list[str]:
    """The groups of all tensors, the anonymous ones as one."""
    found = [axis for one in drawn for axis in one.hint.shape.axes if isinstance(axis, Group)]
    return list(dict.fromkeys(_ANONYMOUS if axis.name is Unknown else axis.name for axis in found))


def _split(
    given: Mapping[str, int | tuple[int, ...]], groups: Sequence[str]
) -> tuple[dict[str, tuple[int, ...]], dict[str, int]]:
    """What is given for groups, and what for dims."""
    fixed_groups: dict[str, tuple[int, ...]] = {}
    fixed: dict[str, int] = {}
    for name, size in given.items():
        bare = name.lstrip("*")
        if isinstance(size, tuple) and name == f"*{bare}" and bare in groups:
            if any(type(one) is not int or one < 0 for one in size):
                raise DimError(f"the sizes that are given for `{name}` are {size!r}, which are no sizes")
            fixed_groups[bare] = size
        elif isinstance(size, tuple) or name != bare:
            known = ", ".join(f"`*{one}`" for one in groups if one != _ANONYMOUS) or "none"
            raise DimError(
                f'sizes of a group are given as `"*name": (2, 3)`, not as {name!r}: {size!r}; '
                f"the groups of the arguments are {known}"
            )
        else:
            fixed[name] = size
    return fixed_groups, fixed


def _choices(
    drawn: Iterable[Drawn], given: Mapping[str, tuple[int, ...]], taken: Iterable[int], seed: int
) -> Iterator[dict[str, tuple[int, ...]]]:
    """Sizes for the groups: one axis each, then other ranks, since two groups in a shape must be told apart."""
    names = _groups(drawn)
    start = seed % len(SMALL)
    used = set(taken)
    free = [size for size in (*SMALL[start:], *SMALL[:start], *range(14, 200)) if size not in used]
    ranks = [(len(given[name]),) if name in given else _RANKS for name in names]
    for chosen in islice(product(*ranks), _MOST_CHOICES):
        rest = iter(free)
        yield {
            name: given[name] if name in given else tuple(islice(rest, rank))
            for name, rank in zip(names, chosen, strict=True)
        }


def _sizes_of(
    one: Drawn, sizes: Mapping[str, int], groups: Mapping[str, tuple[int, ...]], seed: int
) -> tuple[int, ...]:
    """The sizes of one tensor."""
    found: list[int] = []
    for place, axis in enumerate(one.hint.shape.axes):
        anonymous = GENERAL[(place + seed) % len(GENERAL)]
        match axis:
            case Group(name=name):
                found += groups[_ANONYMOUS if name is Unknown else name]
            case Flattened(factors=factors):
                found.append(prod(_size_of(dim, one, sizes, anonymous) for dim in factors))
            case Dim():
                found.append(_size_of(axis, one, sizes, anonymous))
    return tuple(found)


def _size_of(dim: Dim, one: Drawn, sizes: Mapping[str, int], anonymous: int) -> int:
    shape = one.hint.shape
    named = anonymous if dim.name is Unknown else sizes[key_of(dim.name, shape, one.scope)]
    if dim.size is Unknown:
        return named
    known = {symbol: sizes[key_of(symbol, shape, one.scope)] for symbol in dim.size.symbols}
    try:
        size = dim.size.evaluate(known)
    except ZeroDivisionError:
        size = 0
    # Size 1 always broadcasts; the size itself may contradict its label, or be none.
    fits = size > 0 and (dim.name is Unknown or size == named)
    return 1 if dim.broadcast and not fits else size


def _misfits(plan: Plan, made: Iterable[Drawn], sizes: Mapping[str, int]) -> list[str]:
    """What the matcher has against tensors of these sizes."""
    attributes = {".".join(steps_of(key)): size for key, size in sizes.items() if is_path(key)}
    matching = Matching(Bindings(), Attributes(attributes))
    subjects: dict[int | None, list[Subject | None]] = {None: [None]}
    for one in made:
        subject = Subject(one.argument, one.hint.shape, one.sizes, Unknown, one.scope)
        subjects.setdefault(one.site, []).append(subject)
    for step in plan.before:
        for subject in subjects.get(step.tensor, ()):
            matching.run(step, subject)
    return [failure.message for failure in matching.failures]


def _refuse_large(made: Iterable[Drawn]) -> None:
    for one in made:
        if prod(one.sizes) > MOST_ELEMENTS:
            raise DimError(
                f"`{one.argument}: {one.hint}` would be a tensor of sizes {sizes_text(one.sizes)}, which is too large "
                "to draw: give smaller sizes where they are free"
            )
