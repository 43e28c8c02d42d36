"""Writes the checks of a plan in their order, each inside the blocks that lead to its tensor."""

import re
from collections.abc import Iterable, Mapping, Sequence

from namedtorch.dims.pattern import Axis, Dim, Group
from namedtorch.dims.schedule import Scheduled
from namedtorch.dims.steps import Bind, BindGroup, Equal, Flat, Format, Place, Rank, Where
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.emit.flattened import emit_flattened
from namedtorch.signature.emit.groups import emit_group, emit_place
from namedtorch.signature.emit.lines import Dialect, Lines, literal
from namedtorch.signature.emit.sizes import emit_bind, emit_equal, emit_format, emit_rank, emit_where
from namedtorch.signature.hints import described
from namedtorch.signature.plan import Plan
from namedtorch.signature.sites import Attribute, Each, EachValue, Item, Member, Part, Present, Root, Site


class Emitter:
    """Writes lines; what is bound so far is remembered between the checks before the call and those after it."""

    def __init__(
        self, plan: Plan, dialect: Dialect, result: str, tag: str, roots: Mapping[str, str] | None = None
    ) -> None:
        """`result` names the result, `tag` begins the names of variables, `roots` renames parameters."""
        self.plan = plan
        self.dialect = dialect
        self._lines = Lines(plan, dialect, result, tag)
        self._members: dict[tuple[Part, ...], str] = {}
        self._sized: set[int] = set()
        self._aliases = 0
        self._roots = roots or {}
        self._twins = _twins(plan)

    @property
    def used(self) -> frozenset[str]:
        """The guard functions that the lines call."""
        return frozenset(self._lines.used)

    def take(self) -> list[str]:
        """The lines written since the last time."""
        taken, self._lines.text = self._lines.text, []
        return taken

    def prelude(self) -> list[str]:
        """Lines that must stand before all others: variables that a call may leave unset."""
        return [f"{name} = {value}" for name, value in sorted(self._lines.unset.items())]

    def write(self, steps: Sequence[Scheduled]) -> None:
        """Writes these checks; those of one tensor that follow each other share its blocks."""
        runs: list[tuple[int | None, list[Scheduled], bool]] = []
        alike = {
            tensor: [one for one in steps if one.tensor == tensor and _is_plain(one)]
            for tensor in self._twins
        }
        for one in steps:
            if one.tensor in alike and _is_plain(one):
                if one is alike[one.tensor][-1]:
                    runs.append((one.tensor, alike[one.tensor], True))
            elif runs and runs[-1][0] == one.tensor and not runs[-1][2]:
                runs[-1][1].append(one)
            else:
                runs.append((one.tensor, [one], False))
        for tensor, run, twin in runs:
            self._write(tensor, run, twin)

    def _write(self, tensor: int | None, steps: list[Scheduled], twin: bool) -> None:
        lines = self._lines
        if tensor is None:
            lines.argument, lines.scope, lines.certain = "", "", True
            for one in steps:
                assert isinstance(one.step, Where)
                emit_where(lines, one.step, one, None)
            return
        site = self.plan.sites[tensor]
        depth, start = lines.depth, len(lines.text)
        value = self._open(site.path, tensor, site.always)
        sizes = f"{lines.tag}s{tensor}"
        if site.hint.shape.each:
            scope = f'f"{lines.scope}"' if "{" in lines.scope else f'"{lines.scope}"'
            lines.line(f"{lines.element()} = {scope}")
        if not site.always or tensor not in self._sized:
            lines.line(f"{sizes} = {value}.shape")
            self._sized.add(tensor)
        if twin:
            # Equal sizes get equal verdicts: one comparison of whole shapes stands for one of each axis.
            lines.block(f"if {sizes} != {lines.tag}s{self._twins[tensor]}:")
        body = len(lines.text)
        for one in steps:
            self._step(one, site, sizes, value)
        if len(lines.text) == body and not site.always:
            del lines.text[start:]  # a block without a check
        elif len(lines.text) == body and twin:
            del lines.text[-1]
        lines.depth = depth

    def _step(self, one: Scheduled, site: Site, sizes: str, value: str) -> None:
        lines = self._lines
        match one.step:
            case Rank() as step:
                emit_rank(lines, step, site, sizes)
            case Equal() as step:
                emit_equal(lines, step, one, site, sizes, str(step.axis))
            case Bind() as step:
                emit_bind(lines, step, site, sizes, str(step.axis))
            case Flat() as step:
                emit_flattened(lines, step, one, site, sizes)
            case BindGroup(start=start, behind=behind, name=name, broadcast=broadcast, each=each):
                end = f"len({sizes}) - {behind}" if behind else ""
                emit_group(lines, Group(name, broadcast, each), f"list({sizes}[{start}:{end}])", site)
            case Place() as step:
                emit_place(lines, step, one, site, sizes, value)
            case Format() as step:
                emit_format(lines, step, site, sizes, value)
            case Where() as step:
                emit_where(lines, step, one, site)

    def _open(self, path: tuple[Part, ...], tensor: int, always: bool) -> str:
        """Opens the blocks that lead to a value and returns its expression."""
        lines = self._lines
        lines.scope, lines.argument, lines.certain = "", "", always
        value = ""
        for level, part in enumerate(path):
            step = ""
            match part:
                case Root(name=name):
                    result = tensor >= self.plan.first_result
                    value = lines.result if result else self._roots.get(name, name)
                    lines.argument = name
                case Present():
                    loops = any(isinstance(one, Each | EachValue) for one in path[level:])
                    if loops or not value.isidentifier():
                        # TorchScript narrows a variable to what is not None, but no element of a tuple; and its
                        # interpreter loses a list that is narrowed twice under one name to be looped over.
                        self._aliases += 1
                        lines.line(f"{lines.tag}o{self._aliases} = {value}")
                        value = f"{lines.tag}o{self._aliases}"
                    lines.block(f"if {value} is not None:")
                case Each():
                    place, element = f"{lines.tag}i{level}", f"{lines.tag}e{level}"
                    lines.block(f"for {place}, {element} in enumerate({value}):")
                    value, step = element, f"[{{{place}}}]"
                case EachValue():
                    key, element = f"{lines.tag}k{level}", f"{lines.tag}e{level}"
                    lines.block(f"for {key}, {element} in {value}.items():")
                    value, step = element, f"[{{{key}}}]"
                case Item(index=item):
                    value, step = f"{value}[{item}]", f"[{item}]"
                case Attribute(name=name):
                    value, step = f"{value}.{name}", f".{name}"
                case Member(index=member):
                    chosen = self._members.get(path[:level])
                    if chosen:
                        lines.block(f"if {chosen} == {member}:")
                    value = self._narrowed(value, member, part, told=bool(chosen))
            lines.scope += step
            lines.argument += step
        return value

    # Types, where the language of the guard checks them here

    def refuse_dtype(self, tensor: int, bad: str, expected: str) -> None:
        """Refuses tensors of a site whose dtype is `bad`, a condition over `{value}`."""
        depth = self._lines.depth
        site = self.plan.sites[tensor]
        value = self._open(site.path, tensor, site.always)
        message = self._lines.sentence("dtype-differs", expected=expected)
        self._lines.check(bad.replace("{value}", value), "dtype-differs", message, site)
        self._lines.depth = depth

    def choose_members(self, sites: Iterable[int]) -> None:
        """Tells, once for each union that leads to these sites, which alternative its value is, or refuses it.

        A union inside of a loop is told apart where it is used.
        """
        seen: set[tuple[Part, ...]] = set()
        for tensor in sites:
            path = self.plan.sites[tensor].path
            for level, part in enumerate(path):
                if isinstance(part, Member) and path[:level] not in seen:
                    seen.add(path[:level])
                    self._choose(path[:level], tensor, part)

    def _choose(self, path: tuple[Part, ...], tensor: int, member: Member) -> None:
        lines = self._lines
        site = self.plan.sites[tensor]
        depth = lines.depth
        value = self._open(path, tensor, False)
        message = f"`{lines.argument}` fits none of {literal(described(member.union))}"
        members = range(len(member.union.members))
        inside = any(isinstance(part, Each | EachValue) for part in path)
        if inside and not self.dialect.narrowed(0, member):
            conditions = " or ".join(f"({self.dialect.member(value, at, member)})" for at in members)
            lines.check(f"not ({conditions})", "no-member-fits", message, site)
        else:
            chosen = f"{lines.tag}u{len(self._members)}"
            if inside:
                lines.line(f"{chosen} = -1")
            else:
                lines.unset[chosen] = "-1"
                self._members[path] = chosen
            for at in members:
                level = lines.depth
                self._narrowed(value, at, member, told=False)
                lines.line(f"{chosen} = {at}")
                lines.depth = level
            lines.check(f"{chosen} == -1", "no-member-fits", message, site)
        lines.depth = depth

    def _narrowed(self, value: str, index: int, part: Member, told: bool) -> str:
        """Opens the blocks where a value is this alternative of a union; gives the variable that it is there.

        It is `told` apart where a block around tells which alternative it is: then only its type is to be narrowed.
        A graph that narrows one variable twice, or uses it again behind the block, saves what it can't load: each test
        has a variable of its own.
        """
        lines = self._lines
        narrowed = self.dialect.narrowed(index, part)
        if narrowed:
            self._aliases += 1
            alias = f"{lines.tag}m{self._aliases}"
            lines.line(f"{alias} = {value}")
            lines.block(f"if isinstance({alias}, {narrowed}):")
            value = alias
        test = "" if told else self.dialect.member(value, index, part)
        if test:
            lines.block(f"if {test}:")
        return value


def _twins(plan: Plan) -> dict[int, int]:
    """The tensors whose axes are written as those of an earlier one: each bound by it, and nothing else."""
    first: dict[tuple[Axis, ...], int] = {}
    twins: dict[int, int] = {}
    for tensor, site in enumerate(plan.sites):
        axes = site.hint.shape.axes
        if (
            site.always
            and len(site.hint.shape.groups) < 2
            and axes
            and all(_is_plain_axis(axis) for axis in axes)
        ):
            if axes in first:
                twins[tensor] = first[axes]
            else:
                first[axes] = tensor
    return twins


def _is_plain_axis(axis: Axis) -> bool:
    match axis:
        case Dim(size=size, broadcast=False, each=False):
            return size is Unknown or size.value is not Unknown
        case Group(broadcast=False, each=False):
            return True
        case _:
            return False


def _is_plain(one: Scheduled) -> bool:
    """Tells whether a check compares nothing but the sizes of its own tensor to what is bound."""
    match one.step:
        case Rank() | Bind(broadcast=False, each=False) | BindGroup(broadcast=False, each=False):
            return True
        case Equal(size=size, broadcast=False):
            return size.value is not Unknown
        case _:
            return False


def used_lines(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    """The lines without those that only set a dim which nothing reads."""
    words = re.findall(r"\b_*d\d+\b", "\n".join([*lines, *others]))
    return [
        line
        for line in lines
        if not (match := re.fullmatch(r"(_*d\d+) = .*", line)) or words.count(match[1]) > 1
    ]
