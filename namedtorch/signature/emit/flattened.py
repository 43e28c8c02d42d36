"""Lines for flattened axes: `(C H W)` is a product, and one factor that is unset is solved for."""

from dataclasses import dataclass

from namedtorch.dims.pattern import Dim, Flattened
from namedtorch.dims.schedule import Scheduled
from namedtorch.dims.steps import Flat
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.emit.lines import Lines, Variable, literal
from namedtorch.signature.sites import Site

CODE = "flattened-differs"


@dataclass(frozen=True, slots=True)
class _Open:
    """A factor that may have to be solved for: its variable ("" if it has none), when it is set, when it is not.

    `fresh` is the variable of one that nothing can have set before.
    """

    name: str
    is_set: str
    unset: str
    fresh: Variable | None = None


@dataclass(frozen=True, slots=True)
class _Product:
    """The axis at hand, and the factors of known size."""

    lines: Lines
    step: Flat
    site: Site
    actual: str
    shown: str
    known: tuple[str, ...]

    def refuse(self, bad: str, kind: str, expected: str) -> None:
        """Refuses the call where `bad` holds: the axis is not `kind` (nothing, "a multiple of ") the expected size."""
        message = self.lines.sentence(
            CODE,
            actual=f"{{{self.actual}}}",
            axis=self.shown,
            dim=literal(Flattened(self.step.factors)),
            expected=f"{kind}{{{expected}}}",
        )
        self.lines.check(bad, CODE, message, self.site)


def emit_flattened(lines: Lines, step: Flat, one: Scheduled, site: Site, sizes: str) -> None:
    """Holds an axis to the product of its factors, or solves for the one that is unset."""
    index, shown = lines.axis(str(step.axis), sizes)
    known: list[str] = []
    conditions: list[str] = []
    divisors: list[str] = []
    opened: list[_Open] = []
    for factor in step.factors:
        if factor.size is not Unknown:
            expression = lines.expression(factor.size, one)
            known.append(expression.operand)
            conditions += expression.known
            divisors += expression.divisors
        elif factor.name is Unknown:
            opened.append(_Open("", "False", "True"))
        else:
            _named(lines, factor.name, factor.name in one.each, known, opened)
    depth, certain = lines.depth, lines.certain
    if conditions:
        lines.block(f"if {' and '.join(dict.fromkeys(conditions))}:")
        lines.certain = False
    product = _Product(lines, step, site, f"{sizes}[{index}]", shown, tuple(known))
    for divisor in dict.fromkeys(divisors):
        product.refuse(f"{divisor} == 0", "", divisor)
    for factor in step.factors:
        _label(product, factor, one)
    _emit(product, opened)
    lines.depth, lines.certain = depth, certain


def _named(lines: Lines, name: str, each: bool, known: list[str], opened: list[_Open]) -> None:
    variable = lines.dim(name, each)
    if variable is None:
        variable = lines.new_dim(name, each)
        if not each and lines.certain:
            opened.append(_Open(variable.name, "False", "True", variable))
            return
    if each:
        element = lines.element()
        key = f"{variable.name}[{element}]"
        opened.append(_Open(key, f"{element} in {variable.name}", f"{element} not in {variable.name}"))
    elif variable.sure:
        known.append(variable.name)
    else:
        shown = lines.maybe(variable)
        opened.append(_Open(shown, f"{shown} >= 0", f"{shown} < 0"))


def _label(product: _Product, factor: Dim, one: Scheduled) -> None:
    """Binds the label of a factor with a size (`(heads=8 d)`), or holds it to what bound it before."""
    if factor.size is Unknown or factor.name is Unknown:
        return
    lines = product.lines
    variable = lines.dim(factor.name, False)
    expression = lines.expression(factor.size, one)
    if variable is None and lines.certain:
        variable = lines.new_dim(factor.name, False)
        variable.sure = True
        lines.line(f"{variable.name} = {expression.text}")
        return
    variable = variable or lines.new_dim(factor.name, False)
    if not variable.sure:
        lines.line(f"if {lines.maybe(variable)} < 0:")
        lines.line(f"    {variable.name} = {expression.text}")
    message = lines.sentence(
        "dims-differ",
        actual=f"{{{expression.text}}}",
        axis=product.shown,
        dim=literal(factor.name),
        expected=f"{{{variable.name}}}",
    )
    lines.check(f"{variable.name} != {expression.operand}", "dims-differ", message, product.site)


def _emit(product: _Product, opened: list[_Open]) -> None:
    lines = product.lines
    is_set = [factor.is_set for factor in opened]
    if "False" not in is_set:
        everything = "*".join([*product.known, *(factor.name for factor in opened)]) or "1"
        product.refuse(" and ".join([*is_set, f"{product.actual} != {_operand(everything)}"]), "", everything)
    # What is set is told before any factor is solved for, so that solving one does not call for another.
    conditions = [_solvable(factor, opened) for factor in opened]
    if len(opened) > 1:
        flags: list[str] = []
        for place, condition in enumerate(conditions):
            if condition is None:
                flags.append("")
                continue
            flags.append(f"{lines.tag}u{len(lines.dims)}_{place}")
            lines.line(f"{flags[-1]} = {condition}")
        for factor, flag in zip(opened, flags, strict=True):
            if flag:
                _solve(product, factor, [other for other in opened if other is not factor], flag)
    elif opened and conditions[0] is not None:
        _solve(product, opened[0], [], "" if conditions[0] == "True" else conditions[0])


def _solvable(factor: _Open, opened: list[_Open]) -> str | None:
    """The condition under which a factor is the only one that is unset; None if it never is."""
    others = [other.is_set for other in opened if other is not factor]
    if "False" in others:
        return None
    return " and ".join([*(() if factor.unset == "True" and others else (factor.unset,)), *others])


def _solve(product: _Product, factor: _Open, others: list[_Open], condition: str) -> None:
    """The factor takes what the others leave; they must divide the axis evenly."""
    lines = product.lines
    depth = lines.depth
    partial = "*".join([*product.known, *(other.name for other in others)]) or "1"
    constant = partial.isdigit()
    if condition:
        lines.block(f"if {condition}:")
    if not constant:
        product.refuse(f"{_operand(partial)} == 0 and {product.actual} != 0", "a multiple of ", partial)
        if factor.fresh is not None:
            lines.maybe(factor.fresh)
        lines.block(f"if {_operand(partial)} != 0:")
    if partial != "1":
        product.refuse(f"{product.actual} % {_operand(partial)} != 0", "a multiple of ", partial)
    if factor.name:
        lines.line(f"{factor.name} = {product.actual} // {_operand(partial)}")
    if factor.fresh is not None:
        if constant and not condition:
            factor.fresh.sure = lines.certain
        if not factor.fresh.sure:
            lines.maybe(factor.fresh)
    lines.depth = depth


def _operand(text: str) -> str:
    return text if text.isidentifier() or text.isdigit() else f"({text})"
