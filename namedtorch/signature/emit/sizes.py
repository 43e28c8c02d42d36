"""Lines for single axes: rank, known sizes, dims that bind or agree, constraints, memory formats."""

from namedtorch.dims.schedule import Scheduled
from namedtorch.dims.steps import Bind, Equal, Format, Rank, Where
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.emit.lines import Expression, Lines, Variable, literal
from namedtorch.signature.sites import Site


def emit_rank(lines: Lines, step: Rank, site: Site, sizes: str) -> None:
    """Refuses a tensor with more or fewer axes."""
    if step.at_least and step.count == 0:
        return
    relation, expected = ("<", f"at least {step.count}") if step.at_least else ("!=", str(step.count))
    # A scalar has no dims to name.
    shape = site.hint.shape
    named = {"dim": literal(shape.without_where()), "expected": expected} if shape.axes else {}
    message = lines.sentence("rank-differs", actual=f"{{len({sizes})}}", **named)
    lines.check(f"len({sizes}) {relation} {step.count}", "rank-differs", message, site)


def emit_equal(lines: Lines, step: Equal, one: Scheduled, site: Site, sizes: str, axis: str) -> None:
    """Holds an axis to a size that is known by now, and binds its label."""
    expected = lines.expression(step.size, one)
    index, shown = lines.axis(axis, sizes)
    actual = f"{sizes}[{index}]"
    depth, certain = lines.depth, lines.certain
    conditions = [*([f"{actual} != 1"] if step.broadcast else []), *expected.known]
    if conditions:
        lines.block(f"if {' and '.join(conditions)}:")
        lines.certain = False
    code = "size-differs" if step.label is Unknown else "dims-differ"
    constant = step.size.value
    if step.label is Unknown and constant is not Unknown:
        message = lines.sentence(code, actual=f"{{{actual}}}", axis=shown, expected=str(constant))
    else:
        shown_size = literal(step.size) if expected.divisors else f"{{{expected.text}}}"
        message = lines.sentence(
            code,
            actual=f"{{{actual}}}",
            axis=shown,
            dim=literal(step.size if step.label is Unknown else step.label),
            expected=shown_size if constant is Unknown else str(constant),
        )
    for divisor in expected.divisors:
        lines.check(f"{divisor} == 0", code, message, site)
    lines.check(f"{actual} != {expected.operand}", code, message, site)
    if step.label is not Unknown and step.label not in step.size.symbols:
        _emit_label(lines, step.label, expected, site, shown)
    lines.depth, lines.certain = depth, certain


def _emit_label(lines: Lines, label: str, expected: Expression, site: Site, shown: str) -> None:
    """Binds the label of a known size, or holds it to what bound it before."""
    variable = lines.dim(label, False)
    if variable is None and lines.certain:
        variable = lines.new_dim(label, False)
        variable.sure = True
        lines.line(f"{variable.name} = {expected.text}")
        return
    variable = variable or lines.new_dim(label, False)
    message = lines.sentence(
        "dims-differ",
        actual=f"{{{expected.text}}}",
        axis=shown,
        dim=literal(label),
        expected=f"{{{variable.name}}}",
    )
    if not variable.sure:
        lines.line(f"if {lines.maybe(variable)} < 0:")
        lines.line(f"    {variable.name} = {expected.text}")
    lines.check(f"{variable.name} != {expected.operand}", "dims-differ", message, site)
    variable.sure = variable.sure or lines.certain


def emit_bind(lines: Lines, step: Bind, site: Site, sizes: str, axis: str) -> None:
    """Binds a dim to the size of an axis, or holds the axis to it."""
    index, shown = lines.axis(axis, sizes)
    actual = f"{sizes}[{index}]"
    variable = lines.dim(step.name, step.each)
    depth = lines.depth
    certain = lines.certain and not step.broadcast
    if step.broadcast:
        lines.block(f"if {actual} != 1:")
    if step.each:
        _emit_each(lines, step, site, actual, shown)
    elif variable is None and certain:
        variable = lines.new_dim(step.name, False)
        variable.sure, variable.source = True, f"`{lines.argument}` at axis {shown}"
        lines.line(f"{variable.name} = {actual}")
    else:
        variable = variable or lines.new_dim(step.name, False)
        if not variable.sure:
            lines.line(f"if {lines.maybe(variable)} < 0:")
            lines.line(f"    {variable.name} = {actual}")
        message = _differs(lines, step.name, actual, shown, variable)
        lines.check(f"{actual} != {variable.name}", "dims-differ", message, site)
        variable.sure = variable.sure or certain
    lines.depth = depth


def _differs(lines: Lines, name: str, actual: str, shown: str, variable: Variable) -> str:
    message = lines.sentence(
        "dims-differ",
        actual=f"{{{actual}}}",
        axis=shown,
        dim=literal(name),
        expected=f"{{{variable.name}}}",
    )
    return message + (f" (bound by {variable.source})" if variable.source else "")


def _emit_each(lines: Lines, step: Bind, site: Site, actual: str, shown: str) -> None:
    variable = lines.dim(step.name, True) or lines.new_dim(step.name, True)
    bound = f"{variable.name}[{lines.element()}]"
    lines.line(f"if {lines.element()} not in {variable.name}:")
    lines.line(f"    {bound} = {actual}")
    message = lines.sentence(
        "dims-differ",
        actual=f"{{{actual}}}",
        axis=shown,
        dim=literal(step.name),
        expected="another size in this element",
    )
    lines.check(f"{actual} != {bound}", "dims-differ", message, site)


def emit_where(lines: Lines, step: Where, one: Scheduled, site: Site | None) -> None:
    """Refuses a call for which a constraint does not hold."""
    constraint = step.constraint
    left = lines.expression(constraint.left, one)
    right = lines.expression(constraint.right, one)
    values = " ".join(
        f"{literal(symbol)}={{{lines.value(symbol, symbol in one.each)[0]}}}"
        for symbol in sorted(constraint.symbols)
    )
    message = lines.sentence("where-broken", dim=literal(constraint), actual=values or "never")
    for symbol in sorted(constraint.symbols):
        variable = None if symbol in one.each else lines.dim(symbol, False)
        if variable is not None and variable.source:
            message += f" (`{literal(symbol)}` is {variable.source})"
    depth = lines.depth
    known = list(dict.fromkeys([*left.known, *right.known]))
    if known:
        lines.block(f"if {' and '.join(known)}:")
    for divisor in sorted({*left.divisors, *right.divisors}):
        lines.check(f"{divisor} == 0", "where-broken", message, site)
    lines.check(f"not {left.operand} {constraint.relation} {right.operand}", "where-broken", message, site)
    lines.depth = depth


def emit_format(lines: Lines, step: Format, site: Site, sizes: str, value: str) -> None:
    """Refuses a tensor that is stored in another order."""
    lines.used.add("stored_as")
    order = step.memory_format.order
    listed = f"list(range(len({sizes})))" if order is None else f"{list(order)}"
    strides = lines.dialect.strides(value)
    message = lines.sentence(
        "memory-format-differs", dim=literal(step.memory_format), actual=f"{{{strides}}}"
    )
    lines.check(f"not stored_as(list({sizes}), {strides}, {listed})", "memory-format-differs", message, site)
