"""Writes a guard plan as straight-line source that Python and TorchScript both read.

The two differ in how a value's type is checked and in how a call is refused: that is the dialect. Dims never become
identifiers (`in` and `class` are fine dims); a guard's variables are numbered: `s0` the sizes of site 0, `d0` a dim,
`g0` a group.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from namedtorch.diagnostics.codes import sentence
from namedtorch.dims.attributes import is_attribute
from namedtorch.dims.broadcast import broadcast_sizes, group_agrees, places_between
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.layout import stored_as
from namedtorch.dims.pattern import Dim, Flattened, Group
from namedtorch.dims.schedule import Scheduled, key_of
from namedtorch.dims.size import Size
from namedtorch.dims.steps import Bind, BindGroup, Equal, Flat, Format, Place, Rank, Where
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.plan import Attribute, Each, EachValue, Item, Member, Plan, Present, Root, Site

GUARD_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "broadcast_sizes": broadcast_sizes,
    "group_agrees": group_agrees,
    "places_between": places_between,
    "stored_as": stored_as,
}
"""The functions that emitted lines may call; all of them are TorchScript too."""


class Dialect(Protocol):
    """What a language of guards says in its own way."""

    def refuse(self, code: str, message: str, site: Site | None) -> str:
        """The statement that refuses the call; `message` is the body of an f-string."""
        ...

    def member(self, variable: str, index: int, part: Member) -> str:
        """The condition that a value is this alternative of a union."""
        ...

    def strides(self, variable: str) -> str:
        """The strides of a tensor as a list."""
        ...

    def attribute(self, path: str) -> str:
        """The expression of an attribute path."""
        ...


@dataclass(slots=True)
class _Variable:
    """A dim or group of the guard: its name, whether it is surely bound, and a text of who bound it."""

    name: str
    sure: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Factor:
    """A factor of a flattened axis that may have to be solved for: its variable ("" if it has none), when it is set."""

    name: str
    is_set: str
    unset: str
    fresh: _Variable | None


@dataclass(frozen=True, slots=True)
class _FlatMessage:
    """What a flattened axis says when it does not fit."""

    emitter: "Emitter"
    step: Flat
    actual: str
    shown: str

    def of(self, kind: str, expected: str) -> str:
        """The message that the axis is not the expected size, or no multiple of it."""
        return self.emitter.sentence(
            "flattened-differs",
            actual=f"{{{self.actual}}}",
            axis=self.shown,
            dim=literal(Flattened(self.step.factors)),
            expected=f"{kind}{{{expected}}}",
        )


@dataclass(slots=True)
class Emitter:
    """Writes lines; what is bound so far is remembered between the checks before the call and those after it."""

    plan: Plan
    dialect: Dialect
    result: str = "result"
    lines: list[str] = field(default_factory=list[str])
    used: set[str] = field(default_factory=set[str])
    _dims: dict[str, _Variable] = field(default_factory=dict[str, _Variable])
    _groups: dict[str, _Variable] = field(default_factory=dict[str, _Variable])
    _unset: dict[str, str] = field(default_factory=dict[str, str])
    _members: dict[tuple[object, ...], str] = field(default_factory=dict[tuple[object, ...], str])
    _depth: int = 0
    _sized: set[int] = field(default_factory=set[int])
    _scope: str = ""
    _argument: str = ""
    _certain: bool = True

    def emit(self, steps: Sequence[Scheduled]) -> list[str]:
        """The lines of these checks."""
        self.lines = []
        for tensor, run in itertools.groupby(steps, key=lambda one: one.tensor):
            self._emit(tensor, list(run))
        return self.lines

    def prelude(self) -> list[str]:
        """Lines that must stand before all others: variables that a call may leave unset."""
        return [f"{name} = {value}" for name, value in sorted(self._unset.items())]

    # Types, where the language of the guard checks them by dtype alone

    def refuse_dtype(self, site: Site, index: int, bad: str, expected: str) -> None:
        """Refuses tensors of a site whose dtype is `bad`, a condition over `{value}`."""
        depth = self._depth
        value = self._open(site, index)
        message = f"`{self._argument}` has another dtype than {expected}"
        self._check(bad.replace("{value}", value), "dtype-differs", message, site)
        self._depth = depth

    def choose_members(self, sites: Iterable[int]) -> None:
        """Tells, once for each union that leads to these sites, which alternative its value is, or refuses it.

        A union inside of a loop is told apart where it is used.
        """
        for index in sites:
            site = self.plan.sites[index]
            for level, part in enumerate(site.path):
                prefix = site.path[:level]
                if isinstance(part, Member) and prefix not in self._members:
                    self._choose(Site(prefix, site.hint), index, part)

    def _choose(self, site: Site, index: int, member: Member) -> None:
        depth = self._depth
        looped = any(isinstance(part, Each | EachValue) for part in site.path)
        value = self._open(site, index)
        message = f"`{self._argument}` fits none of {literal(member.union)}"
        conditions = [self.dialect.member(value, at, member) for at in range(len(member.union.members))]
        if looped:
            self._check(f"not ({' or '.join(f'({one})' for one in conditions)})", "no-member-fits", message, site)
        else:
            chosen = f"u{len(self._members)}"
            self._unset[chosen] = "-1"
            for at, condition in enumerate(conditions):
                self.line(f"if {condition}:")
                self.line(f"    {chosen} = {at}")
            self._check(f"{chosen} == -1", "no-member-fits", message, site)
            self._members[site.path] = chosen
        self._depth = depth

    # Lines and blocks

    def line(self, text: str) -> None:
        """Adds a line at the present depth."""
        self.lines.append("    " * self._depth + text)

    def _check(self, bad: str, code: str, message: str, site: Site | None) -> None:
        self.line(f"if {bad}:")
        self.line("    " + self.dialect.refuse(code, message, site))

    def _emit(self, tensor: int | None, steps: list[Scheduled]) -> None:
        """The checks of one site that follow each other; the blocks that lead to it are opened once."""
        if tensor is None:
            self._argument, self._scope, self._certain = "", "", True
            for one in steps:
                self._where(one, None)
            return
        site = self.plan.sites[tensor]
        depth, start = self._depth, len(self.lines)
        value = self._open(site, tensor)
        sizes = f"s{tensor}"
        if not site.always or tensor not in self._sized:
            self.line(f"{sizes} = {value}.shape")
            self._sized.add(tensor)
        body = len(self.lines)
        for one in steps:
            self._step(one, site, sizes, value)
        if len(self.lines) == body and not site.always:
            del self.lines[start:]  # a block without a check
        self._depth = depth

    def _open(self, site: Site, index: int) -> str:
        """Opens the blocks that lead to a site and returns the variable of its tensor."""
        self._scope, self._argument, self._certain = "", site.root, site.always
        value = ""
        for level, part in enumerate(site.path):
            match part:
                case Root(name=name):
                    value = self.result if index >= self.plan.first_result else name
                case Present():
                    self._block(f"if {value} is not None:")
                case Each():
                    self._block(f"for i{level}, e{level} in enumerate({value}):")
                    value = self._enter(f"e{level}", f"[{{i{level}}}]")
                case EachValue():
                    self._block(f"for k{level}, e{level} in {value}.items():")
                    value = self._enter(f"e{level}", f"[{{k{level}}}]")
                case Item(index=item):
                    value = self._enter(f"{value}[{item}]", f"[{item}]")
                case Attribute(name=name):
                    value = self._enter(f"{value}.{name}", f".{name}")
                case Member(index=member):
                    chosen = self._members.get(site.path[:level])
                    test = f"{chosen} == {member}" if chosen else self.dialect.member(value, member, part)
                    self._block(f"if {test}:")
        return value

    def _enter(self, value: str, scope: str) -> str:
        self._scope += scope
        self._argument += scope
        return value

    def _block(self, header: str) -> None:
        self.line(header)
        self._depth += 1

    # Dims

    def _dim(self, name: str, each: bool) -> _Variable | None:
        return self._dims.get(f"?{name}" if each else name)

    def _new_dim(self, name: str, each: bool) -> _Variable:
        key = f"?{name}" if each else name
        variable = _Variable(f"{'e' if each else 'd'}{len(self._dims)}", False)
        if each:
            variable.name = f"each{len(self._dims)}"
            self._unset[f"{variable.name}: dict[str, int]"] = "{}"
        self._dims[key] = variable
        return variable

    def _maybe(self, variable: _Variable) -> str:
        """The name of a variable that may be unset: -1 stands for that."""
        self._unset[variable.name] = "-1"
        return variable.name

    def _value(self, symbol: str, one: Scheduled) -> tuple[str, str]:
        """The expression of a symbol, and the condition under which it is known ("" for always)."""
        if is_attribute(symbol):
            return self.dialect.attribute(symbol), ""
        each = symbol in one.each
        variable = self._dim(symbol, each)
        assert variable is not None, symbol
        if each:
            key = self._scope_key()
            return f"{variable.name}[{key}]", f"{key} in {variable.name}"
        return variable.name, "" if variable.sure else f"{self._maybe(variable)} >= 0"

    def _scope_key(self) -> str:
        return f'f"{self._scope}"' if "{" in self._scope else f'"{self._scope}"'

    def _expression(self, size: Size, one: Scheduled) -> tuple[str, list[str], list[str]]:
        """A size as an expression, the conditions under which it is known, and its divisors that may be 0."""
        known: list[str] = []
        names: dict[str, str] = {}
        for symbol in sorted(size.symbols):
            names[symbol], condition = self._value(symbol, one)
            if condition:
                known.append(condition)
        divisors = [Size.from_tree(tree).render(lambda name: names[name]) for tree in _divisors(size.tree())]
        return size.render(lambda name: names[name]), known, sorted(set(divisors))

    # Steps

    def _step(self, one: Scheduled, site: Site, sizes: str, value: str) -> None:
        match one.step:
            case Rank():
                self._rank(one.step, site, sizes)
            case Equal():
                self._equal(one.step, one, site, sizes)
            case Bind():
                self._bind(one.step, site, sizes, str(one.step.axis))
            case Flat():
                self._flat(one.step, one, site, sizes)
            case BindGroup(start=start, behind=behind):
                end = f"len({sizes}) - {behind}" if behind else ""
                group = Group(one.step.name, one.step.broadcast, one.step.each)
                self._group(group, f"list({sizes}[{start}:{end}])", str(start), site)
            case Place():
                self._place(one.step, one, site, sizes)
            case Format():
                self._format(one.step, site, sizes, value)
            case Where():
                self._where(one, site)

    def _rank(self, step: Rank, site: Site, sizes: str) -> None:
        if step.at_least and step.count == 0:
            return
        relation, expected = ("<", f"at least {step.count}") if step.at_least else ("!=", str(step.count))
        message = self.sentence(
            "rank-differs", actual=f"{{len({sizes})}}", dim=literal(site.hint.shape), expected=expected
        )
        self._check(f"len({sizes}) {relation} {step.count}", "rank-differs", message, site)

    def _axis(self, axis: str, sizes: str) -> tuple[str, str]:
        """An axis as an index, and as messages count it."""
        if axis.startswith("-"):
            return axis, f"{{len({sizes}) - {axis[1:]}}}"
        return axis, axis if axis.isdigit() else f"{{{axis}}}"

    def _equal(self, step: Equal, one: Scheduled, site: Site, sizes: str) -> None:
        expression, known, divisors = self._expression(step.size, one)
        index, shown = self._axis(str(step.axis), sizes)
        actual = f"{sizes}[{index}]"
        depth = self._depth
        if known:
            self._block(f"if {' and '.join(known)}:")
            self._certain = False
        code = "size-differs" if step.label is Unknown else "dims-differ"
        name = literal(step.size if step.label is Unknown else step.label)
        value = step.size.value
        expected = str(value) if value is not Unknown else f"{{{expression}}}" if not divisors else literal(step.size)
        if step.label is Unknown and value is not Unknown:
            message = f"`{self._argument}` has size {{{actual}}} at axis {shown}, but the annotation says {value}"
        else:
            message = self.sentence(code, actual=f"{{{actual}}}", axis=shown, dim=name, expected=expected)
        unequal = f"{actual} != {_wrapped(expression)}"
        bad = " or ".join([*(f"{divisor} == 0" for divisor in divisors), unequal])
        if step.broadcast:
            bad = f"{actual} != 1 and ({bad})" if divisors else f"{actual} != 1 and {unequal}"
        self._check(bad, code, message, site)
        if step.label is not Unknown:
            self._label(step, one, site, expression, divisors)
        self._depth = depth
        self._certain = site.always

    def _label(self, step: Equal, one: Scheduled, site: Site, expression: str, divisors: list[str]) -> None:
        """Binds the label of a known size, or holds it to what bound it before."""
        assert step.label is not Unknown
        each = step.label in one.each
        variable = self._dim(step.label, each)
        if each or (step.label in step.size.symbols):
            return
        message = self.sentence(
            "dims-differ",
            actual=f"{{{expression}}}",
            axis=str(step.axis),
            dim=literal(step.label),
            expected="{" + (variable.name if variable else "0") + "}",
        )
        if variable is not None and variable.sure:
            self._check(f"{variable.name} != {_wrapped(expression)}", "dims-differ", message, site)
        elif variable is None and self._certain:
            variable = self._new_dim(step.label, False)
            variable.sure = True
            self.line(f"{variable.name} = {expression}")
        else:
            variable = variable or self._new_dim(step.label, False)
            name = self._maybe(variable)
            self.line(f"if {name} < 0:")
            self.line(f"    {name} = {expression}")
            message = message.replace("{0}", f"{{{name}}}")
            self._check(f"{name} != {_wrapped(expression)}", "dims-differ", message, site)
            variable.sure = self._certain

    def _bind(self, step: Bind, site: Site, sizes: str, axis: str) -> None:
        index, shown = self._axis(axis, sizes)
        actual = f"{sizes}[{index}]"
        variable = self._dim(step.name, step.each)
        depth = self._depth
        certain = self._certain and not step.broadcast
        if step.broadcast:
            self._block(f"if {actual} != 1:")
        if step.each:
            self._bind_each(step, site, actual, shown)
        elif variable is not None and variable.sure:
            message = self._differs(step.name, actual, shown, variable)
            self._check(f"{actual} != {variable.name}", "dims-differ", message, site)
        elif variable is None and certain:
            variable = self._new_dim(step.name, False)
            variable.sure, variable.source = True, f"`{self._argument}` at axis {shown}"
            self.line(f"{variable.name} = {actual}")
        else:
            variable = variable or self._new_dim(step.name, False)
            name = self._maybe(variable)
            self.line(f"if {name} < 0:")
            self.line(f"    {name} = {actual}")
            self._check(f"{actual} != {name}", "dims-differ", self._differs(step.name, actual, shown, variable), site)
            variable.sure = certain
        self._depth = depth

    def _bind_each(self, step: Bind, site: Site, actual: str, shown: str) -> None:
        variable = self._dim(step.name, True) or self._new_dim(step.name, True)
        key = self._scope_key()
        bound = f"{variable.name}[{key}]"
        self.line(f"if {key} not in {variable.name}:")
        self.line(f"    {bound} = {actual}")
        message = self.sentence(
            "dims-differ", actual=f"{{{actual}}}", axis=shown, dim=literal(step.name), expected="another size"
        )
        self._check(f"{actual} != {bound}", "dims-differ", message, site)

    def _differs(self, name: str, actual: str, shown: str, variable: _Variable) -> str:
        message = self.sentence(
            "dims-differ",
            actual=f"{{{actual}}}",
            axis=shown,
            dim=literal(name),
            expected=f"{{{variable.name}}}",
        )
        return message + (f" (bound by {variable.source})" if variable.source else "")

    def _flat(self, step: Flat, one: Scheduled, site: Site, sizes: str) -> None:
        index, shown = self._axis(str(step.axis), sizes)
        actual = f"{sizes}[{index}]"
        product: list[str] = []
        conditions: list[str] = []
        open_factors: list[_Factor] = []
        for factor in step.factors:
            if factor.size is not Unknown:
                expression, known, _ = self._expression(factor.size, one)
                product.append(_wrapped(expression))
                conditions += known
                self._name_factor(factor, expression, one)
            elif factor.name is Unknown:
                open_factors.append(_Factor("", "False", "True", None))
            else:
                self._named_factor(factor.name, one, product, open_factors)
        depth = self._depth
        if conditions:
            self._block(f"if {' and '.join(conditions)}:")
        message = _FlatMessage(self, step, actual, shown)
        all_set = [factor.is_set for factor in open_factors]
        if "False" not in all_set:
            everything = "*".join([*product, *(factor.name for factor in open_factors)]) or "1"
            bad = " and ".join([*all_set, f"{actual} != {_wrapped(everything)}"])
            self._check(bad, "flattened-differs", message.of("", everything), site)
        for factor in open_factors:
            others = [other for other in open_factors if other is not factor]
            if any(other.is_set == "False" for other in others):
                continue
            self._solve(factor, others, product, message, site)
        self._depth = depth

    def _named_factor(
        self, name: str, one: Scheduled, product: list[str], open_factors: "list[_Factor]"
    ) -> None:
        each = name in one.each
        variable = self._dim(name, each)
        if variable is None:
            variable = self._new_dim(name, each)
            if not each and self._certain:
                # Unset until it is solved for; the checks after this one may then count on it.
                open_factors.append(_Factor(variable.name, "False", "True", variable))
                return
        if each:
            key = self._scope_key()
            found = f"{key} in {variable.name}"
            open_factors.append(
                _Factor(f"{variable.name}[{key}]", found, found.replace(" in ", " not in "), None)
            )
        elif variable.sure:
            product.append(variable.name)
        else:
            shown = self._maybe(variable)
            open_factors.append(_Factor(shown, f"{shown} >= 0", f"{shown} < 0", None))

    def _name_factor(self, factor: Dim, expression: str, one: Scheduled) -> None:
        """Binds the label of a factor with a size: `(heads=8 d)`."""
        if factor.name is Unknown or factor.name in one.each or self._dim(factor.name, False) is not None:
            return
        variable = self._new_dim(factor.name, False)
        variable.sure = self._certain
        self.line(f"{variable.name if variable.sure else self._maybe(variable)} = {expression}")

    def _solve(
        self,
        factor: "_Factor",
        others: "list[_Factor]",
        product: list[str],
        message: "_FlatMessage",
        site: Site,
    ) -> None:
        """The one factor that is unset takes what the others leave; it must divide evenly."""
        depth = self._depth
        partial = "*".join([*product, *(other.name for other in others)]) or "1"
        constant = partial.isdigit()
        conditions = [*([] if factor.unset == "True" else [factor.unset]), *(other.is_set for other in others)]
        if conditions:
            self._block(f"if {' and '.join(conditions)}:")
        text = message.of("a multiple of ", partial)
        if not constant:
            bad = f"{_wrapped(partial)} == 0 and {message.actual} != 0"
            self._check(bad, "flattened-differs", text, site)
            if factor.fresh is not None:
                self._maybe(factor.fresh)
            self._block(f"if {_wrapped(partial)} != 0:")
        if partial != "1":
            self._check(f"{message.actual} % {_wrapped(partial)} != 0", "flattened-differs", text, site)
        if factor.name:
            self.line(f"{factor.name} = {message.actual} // {_wrapped(partial)}")
        if factor.fresh is not None and constant and not conditions:
            factor.fresh.sure = True
        self._depth = depth

    def _group(self, group: Group, sizes: str, start: str, site: Site) -> None:
        if group.name is Unknown:
            return
        key = key_of(f"*{group.name}", [group.name] if group.each else [])
        variable = self._groups.get(key)
        shown = literal(group)
        name = variable.name if variable else f"g{len(self._groups)}"
        message = self.sentence(
            "groups-differ", actual=f"{{{sizes}}}", dim=shown, expected=f"{{{name}}}"
        ) + (f" (bound by {variable.source})" if variable and variable.source else "")
        if group.each:
            # A group of an element: compared within the element only, which binds it once.
            return
        if not self._grows(group.name):
            if variable is None and self._certain:
                self._groups[key] = _Variable(name, True, f"`{self._argument}`")
                self.line(f"{name} = {sizes}")
            elif variable is not None and variable.sure:
                self._check(f"{sizes} != {name}", "groups-differ", message, site)
            else:
                self._groups[key] = _Variable(name, self._certain)
                self._unset[name] = "[-1]"
                self.line(f"if {name} == [-1]:")
                self.line(f"    {name} = {sizes}")
                self._check(f"{sizes} != {name}", "groups-differ", message, site)
            return
        self.used |= {"group_agrees", "broadcast_sizes"}
        self._groups.setdefault(key, _Variable(name, False))
        self._unset[name] = "[-1]"
        self._unset[f"{name}_grows"] = "True"
        self.line(f"if {name} == [-1]:")
        self.line(f"    {name} = {sizes}")
        self.line(f"    {name}_grows = {group.broadcast}")
        bad = f"not group_agrees({name}, {name}_grows, {sizes}, {group.broadcast})"
        self._check(bad, "groups-differ", message, site)
        self.line(f"if {name}_grows:")
        self.line(f"    {name} = broadcast_sizes({name}, {sizes})")
        self.line(f"    {name}_grows = {group.broadcast}")

    def _grows(self, name: str) -> bool:
        """Tells whether a group is anywhere used as one that broadcasts."""
        for one in (*self.plan.before, *self.plan.after):
            groups: Iterable[Group | BindGroup] = ()
            match one.step:
                case BindGroup():
                    groups = (one.step,)
                case Place(before=before, after=after):
                    groups = (before, after)
                case _:
                    pass
            if any(group.name == name and group.broadcast for group in groups):
                return True
        return False

    def _place(self, step: Place, one: Scheduled, site: Site, sizes: str) -> None:
        self.used.add("places_between")
        middle: list[str] = []
        for dim in step.middle:
            if dim.size is not Unknown:
                middle.append(self._expression(dim.size, one)[0])
            else:
                variable = None if dim.name is Unknown else self._dim(dim.name, False)
                middle.append("-1" if variable is None else variable.name if variable.sure else self._maybe(variable))
        groups = ", ".join(self._group_sizes(group) for group in (step.before, step.after))
        rest = f"list({sizes}[{step.start}:{f'len({sizes}) - {step.behind}' if step.behind else ''}])"
        wanted = f"[{', '.join(middle)}]" if middle else "[-1][1:]"
        found = f"p{one.tensor}"
        self.line(f"{found} = places_between({rest}, {wanted}, {groups})")
        text = literal(" ".join(str(dim) for dim in step.middle))
        missing = self.sentence("place-missing", dim=text, expected=f"its sizes are {{{sizes}}}")
        self._check(f"len({found}) == 0", "place-missing", missing, site)
        ambiguous = self.sentence(
            "place-ambiguous", actual=f"{{len({found})}}", dim=text, expected=f"{{{found}}}"
        )
        self._check(f"len({found}) != 1", "place-ambiguous", ambiguous, site)
        first = f"at{one.tensor}"
        self.line(f"{first} = {found}[0]" + (f" + {step.start}" if step.start else ""))
        for offset, dim in enumerate(step.middle):
            if dim.name is not Unknown and dim.size is Unknown:
                axis = f"{first} + {offset}" if offset else first
                self._bind(Bind(0, dim.name, dim.broadcast, dim.each), site, sizes, axis)
        self._group(step.before, f"list({sizes}[{step.start}:{first}])", str(step.start), site)
        behind = f"len({sizes}) - {step.behind}" if step.behind else ""
        self._group(step.after, f"list({sizes}[{first} + {len(step.middle)}:{behind}])", first, site)

    def _group_sizes(self, group: Group) -> str:
        variable = None if group.name is Unknown else self._groups.get(f"*{group.name}")
        if variable is None or group.broadcast or group.each:
            return "[-1]"
        if self._grows(str(group.name)):
            return f"([-1] if {variable.name}_grows else {variable.name})"
        return variable.name

    def _where(self, one: Scheduled, site: Site | None) -> None:
        step = one.step
        assert isinstance(step, Where)
        constraint: Constraint = step.constraint
        left, known, divisors = self._expression(constraint.left, one)
        right, more, others = self._expression(constraint.right, one)
        symbols = sorted(constraint.symbols)
        values = " ".join(f"{literal(symbol)}={{{self._value(symbol, one)[0]}}}" for symbol in symbols)
        message = sentence("where-broken", dim=literal(constraint), actual=values or "never")
        holds = f"{_wrapped(left)} {constraint.relation} {_wrapped(right)}"
        bad = " or ".join([*(f"{one} == 0" for one in sorted({*divisors, *others})), f"not {holds}"])
        conditions = list(dict.fromkeys([*known, *more]))
        if conditions:
            bad = " and ".join([*conditions, f"({bad})" if " or " in bad else bad])
        self._check(bad, "where-broken", message, site)

    def _format(self, step: Format, site: Site, sizes: str, value: str) -> None:
        self.used.add("stored_as")
        order = step.memory_format.order
        listed = f"list(range(len({sizes})))" if order is None else f"{list(order)}"
        strides = self.dialect.strides(value)
        message = self.sentence(
            "memory-format-differs", dim=literal(step.memory_format), actual=f"{{{strides}}}"
        )
        self._check(
            f"not stored_as(list({sizes}), {strides}, {listed})", "memory-format-differs", message, site
        )

    def sentence(self, code: str, **fields: str) -> str:
        """The body of an f-string: the sentence of a code about the tensor at hand."""
        return sentence(code, argument=self._argument, **fields)


def used_lines(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    """The lines without those that only set a dim which nothing reads."""
    text = "\n".join([*lines, *others])
    return [
        line
        for line in lines
        if not (match := re.fullmatch(r"(d\d+) = [^=]*", line)) or len(re.findall(rf"\b{match[1]}\b", text)) > 1
    ]


def literal(value: object) -> str:
    """A text as it stands in an f-string."""
    return str(value).replace("{", "{{").replace("}", "}}").replace("\\", "\\\\").replace('"', '\\"')


def _wrapped(expression: str) -> str:
    return expression if expression.isidentifier() or expression.isdigit() else f"({expression})"


def _divisors(tree: Any) -> list[Any]:
    """The divisors in a size, as trees, that are not positive constants."""
    if not isinstance(tree, list):
        return []
    operator, *operands = tree
    found = [divisor for operand in operands for divisor in _divisors(operand)]
    if operator in ("//", "%") and not (isinstance(operands[1], int) and operands[1] > 0):
        found.append(operands[1])
    return found
