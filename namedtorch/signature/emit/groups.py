"""Lines for groups: `*batch` with one place, and two groups that are placed by the sizes between them."""

from collections.abc import Iterable

from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.schedule import Scheduled, key_of
from namedtorch.dims.steps import Bind, BindGroup, Equal, Place
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.emit.lines import Lines, Variable, literal
from namedtorch.signature.emit.sizes import emit_bind, emit_equal
from namedtorch.signature.plan import Plan
from namedtorch.signature.sites import Site

CODE = "groups-differ"


def emit_group(lines: Lines, group: Group, sizes: str, site: Site) -> None:
    """Binds a group to a list of sizes, or holds them to it."""
    if group.name is Unknown:
        return
    key = _key(group)
    variable = lines.groups.get(key)
    if group.each:
        _emit_each(lines, group, sizes, site, variable or _new(lines, key, group))
    elif broadcasts(lines.plan, group.name):
        _emit_broadcast(lines, group, sizes, site, variable or _new(lines, key, group))
    elif variable is None and lines.certain:
        variable = _new(lines, key, group)
        variable.sure, variable.source = True, f"`{lines.argument}`"
        lines.line(f"{variable.name} = {sizes}")
    else:
        variable = variable or _new(lines, key, group)
        if not variable.sure:
            lines.unset[variable.name] = "[-1]"
            lines.line(f"if {variable.name} == [-1]:")
            lines.line(f"    {variable.name} = {sizes}")
        message = _differs(lines, group, sizes, variable.name, variable.source)
        lines.check(f"{sizes} != {variable.name}", CODE, message, site)
        variable.sure = variable.sure or lines.certain


def _key(group: Group) -> str:
    name = f"*{group.name}"
    return key_of(name, [str(group.name)] if group.each else [])


def _new(lines: Lines, key: str, group: Group) -> Variable:
    variable = Variable(f"{lines.tag}g{len(lines.groups)}")
    lines.groups[key] = variable
    return variable


def _differs(lines: Lines, group: Group, sizes: str, bound: str, source: str) -> str:
    message = lines.sentence(CODE, actual=f"{{{sizes}}}", dim=literal(group), expected=f"{{{bound}}}")
    return message + (f" (bound by {source})" if source else "")


def _emit_each(lines: Lines, group: Group, sizes: str, site: Site, variable: Variable) -> None:
    """A group of an element: as any other, under the element's key."""
    name, key = variable.name, lines.element()
    lines.unset[f"{name}: dict[str, list[int]]"] = "{}"
    bound = f"{name}[{key}]"
    if not broadcasts(lines.plan, str(group.name)):
        lines.line(f"if {key} not in {name}:")
        lines.line(f"    {bound} = {sizes}")
        lines.check(f"{sizes} != {bound}", CODE, _differs(lines, group, sizes, bound, ""), site)
        return
    lines.unset[f"{name}_grows: dict[str, bool]"] = "{}"
    _grow(lines, group, sizes, site, bound, f"{name}_grows[{key}]", f"{key} not in {name}")


def _emit_broadcast(lines: Lines, group: Group, sizes: str, site: Site, variable: Variable) -> None:
    name = variable.name
    lines.unset |= {name: "[-1]", f"{name}_grows": "True"}
    _grow(lines, group, sizes, site, name, f"{name}_grows", f"{name} == [-1]")


def _grow(lines: Lines, group: Group, sizes: str, site: Site, bound: str, grows: str, unset: str) -> None:
    """A group grows to the broadcast of its uses, until one that does not broadcast fixes it.

    `bound` and `grows` are where its sizes and that state stand, `unset` the condition that nothing bound it yet.
    """
    lines.used |= {"group_agrees", "broadcast_sizes"}
    lines.line(f"if {unset}:")
    lines.line(f"    {bound} = {sizes}")
    lines.line(f"    {grows} = {group.broadcast}")
    message = _differs(lines, group, sizes, bound, "")
    lines.check(f"not group_agrees({bound}, {grows}, {sizes}, {group.broadcast})", CODE, message, site)
    lines.line(f"if {grows}:")
    lines.line(f"    {bound} = broadcast_sizes({bound}, {sizes})")
    lines.line(f"    {grows} = {group.broadcast}")


def broadcasts(plan: Plan, name: str) -> bool:
    """Tells whether a group is anywhere used as one that broadcasts."""
    for one in (*plan.before, *plan.after):
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


def emit_place(lines: Lines, step: Place, one: Scheduled, site: Site, sizes: str, value: str) -> None:
    """Finds the one place of the axes between two groups, then binds what stands there."""
    lines.used.add("places_between")
    end = f"len({sizes}) - {step.behind}" if step.behind else ""
    depth, certain = lines.depth, lines.certain
    known = [
        condition
        for dim in step.middle
        if dim.size is not Unknown
        for condition in lines.expression(dim.size, one).known
    ]
    if known:
        lines.block(f"if {' and '.join(dict.fromkeys(known))}:")
        lines.certain = False
    middle = [_middle(lines, dim, one, site) for dim in step.middle]
    text = literal(" ".join(str(dim) for dim in step.middle) or f"the end of {step.before}")
    found, first = f"{lines.tag}p{one.tensor}", f"{lines.tag}at{one.tensor}"
    wanted = f"[{', '.join(middle)}]" if middle else "[-1][1:]"
    ones = f"[{', '.join(str(dim.broadcast) for dim in step.middle)}]" if middle else "[True][1:]"
    groups = ", ".join(_must_be(lines, group) for group in (step.before, step.after))
    lines.line(f"{found} = places_between(list({sizes}[{step.start}:{end}]), {wanted}, {ones}, {groups})")
    by_name = lines.dialect.placed(found, value, step.start, step.middle, site)
    if by_name:
        lines.line(f"{found} = {by_name}")
    if step.start:
        place = f"{lines.tag}i{one.tensor}"
        lines.line(f"{found} = [{place} + {step.start} for {place} in {found}]")
    missing = lines.sentence("place-missing", dim=text, expected=f"its sizes are {{{sizes}}}")
    lines.check(f"len({found}) == 0", "place-missing", missing, site)
    ambiguous = lines.sentence(
        "place-ambiguous", actual=f"{{len({found})}}", dim=text, expected=f"{{{found}}}"
    )
    lines.check(f"len({found}) != 1", "place-ambiguous", ambiguous, site)
    lines.line(f"{first} = {found}[0]")
    for offset, dim in enumerate(step.middle):
        axis = f"{first} + {offset}" if offset else first
        if dim.size is not Unknown:
            equal = Equal(0, dim.name, dim.size, dim.broadcast)
            emit_equal(lines, equal, one, site, sizes, axis)
        elif dim.name is not Unknown:
            emit_bind(lines, Bind(0, dim.name, dim.broadcast, dim.each), site, sizes, axis)
    emit_group(lines, step.before, f"list({sizes}[{step.start}:{first}])", site)
    emit_group(lines, step.after, f"list({sizes}[{first} + {len(step.middle)}:{end}])", site)
    lines.depth, lines.certain = depth, certain


def _middle(lines: Lines, dim: Dim, one: Scheduled, site: Site) -> str:
    """The size that an axis between the groups must have; -1 for any."""
    if dim.size is not Unknown:
        expression = lines.expression(dim.size, one)
        for divisor in expression.divisors:
            message = lines.sentence("place-missing", dim=literal(dim), expected="it divides by 0")
            lines.check(f"{divisor} == 0", "place-missing", message, site)
        # A computed size may be negative, and then fits nothing; -1 would fit anything.
        computed = dim.size.value is Unknown and dim.size.name is Unknown
        return f"({expression.text} if {expression.operand} >= 0 else -2)" if computed else expression.text
    variable = None if dim.name is Unknown else lines.dim(dim.name, dim.each)
    if variable is None:
        return "-1"
    if dim.each:
        return f"({variable.name}[{lines.element()}] if {lines.element()} in {variable.name} else -1)"
    return variable.name if variable.sure else lines.maybe(variable)


def _must_be(lines: Lines, group: Group) -> str:
    """The sizes that a group must have; `[-1]` for any."""
    if group.name is Unknown or group.broadcast:
        return "[-1]"
    if group.each:
        return _must_be_here(lines, group)
    variable = lines.groups.get(_key(group))
    if variable is None and lines.certain:
        return "[-1]"
    if variable is None:
        # In a loop, an earlier element may have bound it.
        variable = _new(lines, _key(group), group)
        lines.unset[variable.name] = "[-1]"
    if broadcasts(lines.plan, str(group.name)):
        lines.unset[f"{variable.name}_grows"] = "True"
        return f"([-1] if {variable.name}_grows else {variable.name})"
    return variable.name


def _must_be_here(lines: Lines, group: Group) -> str:
    """The sizes that a group which is bound anew for every element must have in this one."""
    variable = lines.groups.get(_key(group)) or _new(lines, _key(group), group)
    name, key = variable.name, lines.element()
    lines.unset[f"{name}: dict[str, list[int]]"] = "{}"
    known = f"{key} in {name}"
    if broadcasts(lines.plan, str(group.name)):
        lines.unset[f"{name}_grows: dict[str, bool]"] = "{}"
        known += f" and not {name}_grows[{key}]"
    return f"({name}[{key}] if {known} else [-1])"
