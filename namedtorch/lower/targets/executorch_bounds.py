"""Upper bounds of the dims of an exported program: ExecuTorch plans its memory for the largest sizes."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram
from torch.utils._sympy.numbers import int_oo
from torch.utils._sympy.value_ranges import ValueRanges, bound_sympy

from namedtorch.diagnostics import LowerError
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.targets.flat_dims import FlatDims, input_nodes, sizes_of
from namedtorch.lower.targets.roots import linear_in
from namedtorch.signature.signature import Signature

_TURNED = {">=": "<=", ">": "<", "==": "=="}
_BEYOND = 2**31
_LARGE = 2**20


def require_bounds(program: ExportedProgram, dims: FlatDims, name: str) -> None:
    """Raises LowerError, which names them, for free dims of inputs that have no upper bound."""
    sizes = (size for node in input_nodes(program) for size in sizes_of(node))
    free = {
        dims.spelled(str(symbol)): None
        for size in sizes
        if isinstance(size, torch.SymInt) and largest(program, size) is Unknown
        for symbol in sorted(size.node.expr.free_symbols, key=str)
    }
    if not free:
        return
    names = list(free)
    several = len(names) > 1
    listed = ", ".join(f"`{one}`" for one in names[:-1]) + (" and " if several else "") + f"`{names[-1]}`"
    written = ", ".join(f"{one} <= 64" for one in names)
    raise LowerError(
        f"ExecuTorch plans the memory of {name} when it is lowered, and {listed} "
        f"{'have' if several else 'has'} no largest size: give {'them' if several else 'it'}, "
        f'lower(model, to="executorch", where="{written}"), or write it behind the dims in an annotation '
        f'("... where {names[0]} <= 64")'
    )


def written_bounds(signature: Signature) -> dict[str, int]:
    """The largest size of each dim of which the signature says one: `where N <= 64, 2*T < 100`."""
    found: dict[str, int] = {}
    for one in (*signature.where, *(one for hint in signature.tensors for one in hint.shape.where)):
        linear, relation = linear_in(one.left - one.right), str(one.relation)
        if linear is None or linear.root is None:
            continue
        factor, offset = linear.factor, linear.offset
        if factor < 0:
            factor, offset, relation = -factor, -offset, _TURNED.get(relation, "")
        if relation in ("<=", "<", "=="):
            most = (-offset - (relation == "<")) // factor
            found[linear.root] = min(most, found.get(linear.root, most))
    return found


def narrow(program: ExportedProgram, dims: FlatDims, signature: Signature) -> None:
    """Gives the symbols of a program the largest sizes that the signature has: torch lost those of dims it derived."""
    bounds = written_bounds(signature)
    for node in input_nodes(program):
        for size in sizes_of(node):
            if not isinstance(size, torch.SymInt):
                continue
            most, expression = bounds.get(dims.texts.get(str(size), "")), size.node.expr
            symbols = list(expression.free_symbols)
            if most is None or len(symbols) != 1 or not expression.is_polynomial(symbols[0]):
                continue
            symbol: Any = symbols[0]
            offset = int(expression.subs(symbol, 0))
            factor = int(expression.subs(symbol, 1)) - offset
            if factor < 1:
                continue
            upper = (most - offset) // factor
            program.range_constraints[symbol] &= ValueRanges(-int_oo, upper)
            size.node.shape_env.constrain_symbol_range(symbol, compiler_min=0, compiler_max=upper)


def largest(program: ExportedProgram, size: int | torch.SymInt) -> int | UnknownType:
    """The largest value of a size; Unknown where it has none."""
    if isinstance(size, int):
        return size
    upper: Any = bound_sympy(size.node.expr, program.range_constraints).upper
    return Unknown if upper is int_oo or int(upper) >= _BEYOND else int(upper)


def sample_at_bounds(program: ExportedProgram, sample: Sequence[Tensor]) -> list[Tensor] | UnknownType:
    """Inputs in the largest sizes, the values of a sample over and over; Unknown where they would be too many."""
    found: list[Tensor] = []
    for node, given in zip(input_nodes(program), sample, strict=True):
        for axis, size in enumerate(sizes_of(node)):
            most = largest(program, size)
            if most is Unknown or most * (given.numel() // max(given.shape[axis], 1)) > _LARGE:
                return Unknown
            if most != given.shape[axis] and given.shape[axis]:
                given = given.index_select(axis, torch.arange(most) % given.shape[axis])
        found.append(given)
    return found


@contextlib.contextmanager
def kept_bounds(program: ExportedProgram) -> Iterator[None]:
    """Keeps the ranges of sizes while a program is converted.

    torch's kernels without values ask which sizes a tensor has, take the example's for the answer, and would narrow the
    ranges by it: memory would be planned for fewer.
    """
    environments = {
        id(size.node.shape_env): size.node.shape_env
        for node in input_nodes(program)
        for size in sizes_of(node)
        if isinstance(size, torch.SymInt)
    }
    with contextlib.ExitStack() as stack:
        for one in environments.values():
            stack.enter_context(one.suppress_guards())
        yield
