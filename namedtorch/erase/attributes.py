"""What a NamedTensor has beside what all tensors have: its plain tensor, its names, its sizes by name."""

import ast
from typing import Final, NoReturn

from namedtorch.dims.unknown import Unknown
from namedtorch.erase.agreement import agreed, may_be_named
from namedtorch.erase.evaluation import is_harmless
from namedtorch.erase.facts import NAMING, constant, number
from namedtorch.erase.site import Site, Unsettled
from namedtorch.erase.worth import Worth
from namedtorch.ops.tensor_shape import Undetermined
from namedtorch.ops.values import Array, Names

_TENSOR: Final = "tensor"
_SIZES: Final = "sizes"


def write_attribute(site: Site[ast.Attribute]) -> ast.expr | None:
    """The tensor itself for `x.tensor`, constants for `x.dims`, a dict of sizes for `x.sizes`."""
    node = site.node
    if node.attr not in (_TENSOR, _SIZES, *NAMING) or not may_be_named(site.worth.values(node.value)):
        return None
    if not isinstance(node.ctx, ast.Load):
        _assigned(node)
    if node.attr == _TENSOR:
        agreed(site, node.value, _is_named)
        return site.write(node.value)
    dims = agreed(site, node.value, _dims)
    if node.attr == _SIZES:
        owner = site.name(site.write(node.value), node.value)
        places = {
            name: place for place, name in enumerate(dims) if name is not None and dims.count(name) == 1
        }
        keys: list[ast.expr | None] = [ast.Constant(name) for name in places]
        return ast.Dict(keys, [_size(owner, place) for place in places.values()])
    if not is_harmless(site, node.value):
        site.name(site.write(node.value), node.value)
    return constant(dims)


def is_renaming(node: ast.Assign, worth: Worth) -> bool:
    """Whether a statement gives a tensor other names in place, `x.names = ("N", "C")`, and does nothing else."""
    return all(
        isinstance(one, ast.Attribute) and one.attr in NAMING and may_be_named(worth.values(one.value))
        for one in node.targets
    )


def _assigned(node: ast.Attribute) -> NoReturn:
    """Refuses to put a tensor into the place of another one. Raises `Unsettled`."""
    raise Unsettled(
        node, f"`{ast.unparse(node)}` is assigned, which changes the tensor under every name that it has",
        "assign a tensor under names to the variable: `x = named(tensor, x.dims)`",
    )  # fmt: skip


def _is_named(value: Array) -> bool:
    if value.names not in (Names.ALL, Names.SOME):
        raise Undetermined
    return True


def _dims(value: Array) -> tuple[str | None, ...]:
    if value.names is not Names.ALL:
        raise Undetermined
    return tuple(None if axis.carried is Unknown else axis.carried for axis in value.shape.fixed)


def _size(owner: ast.expr, place: int) -> ast.expr:
    return ast.Call(ast.Attribute(owner, "size", ast.Load()), [number(place)], [])
