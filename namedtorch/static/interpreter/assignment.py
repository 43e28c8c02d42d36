"""Assignments: targets of every form, and what unpacking a shape tells."""

import ast
from collections.abc import Sequence

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.judge import Misfit
from namedtorch.ops.table import operator_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Names
from namedtorch.static.interpreter.carried import index_misfit, under_names
from namedtorch.static.interpreter.domain import (
    OPEN,
    DictValue,
    Given,
    Instance,
    ListValue,
    Many,
    Maybe,
    Method,
    ShapeOf,
    Val,
)
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.judge import FLEXIBLE_MARK
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.operators import doubt_names, operate
from namedtorch.static.interpreter.plain import a_list, as_index, item_of, items_of


def refined(machine: Machine, source: ast.expr, target: ast.expr, value: Val) -> Val:
    """`B, N, C = x.shape` of a tensor of unknown rank: it has three axes, and their sizes are these."""
    if not isinstance(target, ast.Tuple | ast.List) or not (
        value is Unknown or isinstance(value, ShapeOf | Method)
    ):
        return value
    names = target.elts
    if any(not isinstance(one, ast.Name) for one in names):
        return value
    tensor = shape_source(source)
    if tensor is None or not isinstance(tensor, ast.Name) or tensor.id not in machine.frame.cell:
        return value
    held = machine.frame.cell[tensor.id]
    if held is not Unknown and not isinstance(held, Array):
        return value
    axes: list[Axis] = []
    known = held.shape if isinstance(held, Array) else TensorShape(())
    for place, name in enumerate(names):
        assert isinstance(name, ast.Name)
        axis = _axis_of(known, place, len(names))
        before = machine.frame.cell.get(name.id)
        if (
            axis.size is Unknown
            and isinstance(before, Size)
            and str(before).startswith(f"{FLEXIBLE_MARK}{name.id}@")
        ):
            # One name for two sizes: their author takes them for one.
            axis = Axis(before)
        elif axis.size is Unknown and name.id != "_":
            axis = Axis(Size.symbol(f"{FLEXIBLE_MARK}{name.id}@{name.lineno}:{machine.fuel}}}"))
        axes.append(axis)
    machine.write(
        machine.frame.cell,
        tensor.id,
        Array(TensorShape(tuple(axes)), held.dtype if isinstance(held, Array) else Unknown),
    )
    return tuple(axis.size for axis in axes)


def _axis_of(shape: TensorShape, place: int, rank: int) -> Axis:
    """What is known of an axis of a shape that turns out to have this rank."""
    rest = shape.rest
    if rest is Unknown:
        return Axis()
    if place < rest:
        found = shape.axes[place]
    elif rank - place <= len(shape.axes) - rest - 1:
        found = shape.axes[len(shape.axes) - (rank - place)]
    else:
        return Axis()
    return found if isinstance(found, Axis) else Axis()


def shape_source(node: ast.expr) -> ast.expr | None:
    """The tensor of `x.shape` and `x.size()`."""
    if isinstance(node, ast.Attribute) and node.attr == "shape":
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "size":
        return node.func.value if not node.args and not node.keywords else None
    return None


def assign(machine: Machine, target: ast.expr, value: Val, source: ast.AST | None = None) -> None:
    """Gives a target a value."""
    match target:
        case ast.Name(id=name):
            frame = machine.frame
            cell = frame.scope.cell if name in frame.globals else frame.cell
            machine.write(cell, name, value)
            if isinstance(value, Array):
                machine.record(target, value)
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            _unpack(machine, elts, value, target, source)
        case ast.Starred(value=inner):
            assign(machine, inner, value)
        case ast.Attribute(value=owner, attr=name):
            held = machine.parts.evaluate(owner)
            if isinstance(held, Instance):
                machine.write(held.cell, name, value)
            elif isinstance(held, Given):
                machine.write(machine.given, f"{held.path}.{name}", value)
            elif isinstance(held, Array) and held.names is not Names.NONE and name == "names":
                doubt_names(machine, held)
                machine.parts.assign(owner, under_names(held, items_of(value) if value is not None else ()))
        case ast.Subscript():
            _assign_item(machine, target, value, source)
        case _:
            pass


def _unpack(
    machine: Machine, targets: Sequence[ast.expr], value: Val, node: ast.expr, source: ast.AST | None
) -> None:
    if isinstance(value, Maybe):
        value = value.value
    items = items_of(value)
    starred = [place for place, one in enumerate(targets) if isinstance(one, ast.Starred)]
    if items is Unknown:
        whole = item_of(value)
        if isinstance(value, Given):
            for place, one in enumerate(targets):
                assign(machine, one, Given(f"{value.path}[{place}]") if not starred else Unknown)
            return
        if isinstance(value, Array) and value.shape.rest != 0 and value.shape.axes:
            first = value.shape.axes[0]
            size = first.value if isinstance(first, Axis) else Unknown
            if size is not Unknown and size != len(targets) and not starred:
                _wrong_count(machine, node, source, len(targets), size)
        for one in targets:
            assign(machine, one, Unknown if isinstance(one, ast.Starred) else whole)
        return
    if starred:
        before, behind = starred[0], len(targets) - starred[0] - 1
        if len(items) < before + behind:
            _wrong_count(machine, node, source, len(targets) - 1, len(items))
            items = ()
        if not items:
            for one in targets:
                assign(machine, one, Unknown)
            return
        middle = items[before : len(items) - behind]
        spread = [*items[:before], a_list(middle), *items[len(items) - behind :]]
        for one, item in zip(targets, spread, strict=True):
            assign(machine, one, item)
        return
    if len(items) != len(targets):
        _wrong_count(machine, node, source, len(targets), len(items))
        for one in targets:
            assign(machine, one, Unknown)
        return
    for one, item in zip(targets, items, strict=True):
        assign(machine, one, item)


def _wrong_count(machine: Machine, node: ast.expr, source: ast.AST | None, wanted: int, given: int) -> None:
    of_shape = isinstance(source, ast.expr) and shape_source(source) is not None
    what = "axes" if of_shape else "values"
    misfit = Misfit("unpack-differs", f"{wanted} names are given for {given} {what}", "input")
    where = source if isinstance(source, ast.AST) else node
    tensor = shape_source(source) if of_shape and isinstance(source, ast.expr) else None
    values: dict[str, Val] = {}
    if tensor is not None:
        machine.quiet += 1
        values["input"] = machine.parts.evaluate(tensor)
        machine.quiet -= 1
    machine.fault(misfit, node, {"input": tensor or where}, values)


def _assign_item(machine: Machine, target: ast.Subscript, value: Val, source: ast.AST | None) -> None:
    held = machine.parts.evaluate(target.value)
    key = machine.parts.evaluate(target.slice)
    if isinstance(held, Array):
        rule = operator_for("torch.Tensor.__setitem__")
        misfit = index_misfit(key) if held.names is not Names.NONE else None
        if misfit is not None:
            machine.fault(misfit, target, {"index": target.slice}, {"index": key})
            return
        if rule is not Unknown and isinstance(value, Array | Size | float | bool):
            written = [target.value, target.slice, source if source is not None else target]
            operate(machine, rule, [held, as_index(key), value], {}, target, written)
        return
    if isinstance(held, Many):
        # Which of the items it was is not known.
        if isinstance(target.value, ast.Name) and target.value.id in machine.frame.cell:
            machine.write(machine.frame.cell, target.value.id, Many(join(held.item, value)))
        return
    if isinstance(held, DictValue):
        if isinstance(key, str):
            machine.write(held.cell, key, value)
        elif isinstance(key, Size) and key.value is not Unknown:
            machine.write(held.cell, f"#{key.value}", value)
        else:
            for name in held.entries:
                machine.write(held.cell, name, Unknown)
            machine.write(held.cell, OPEN, True)
    elif isinstance(held, ListValue):
        items = items_of(held)
        if items is Unknown:
            return
        if isinstance(key, Size) and key.value is not Unknown and -len(items) <= key.value < len(items):
            changed = list(items)
            changed[key.value] = value
            machine.write(held.cell, "items", tuple(changed))
        else:
            machine.write(held.cell, "items", (Unknown,) * len(items))
