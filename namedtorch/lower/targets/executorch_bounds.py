"""Upper bounds of the dims of an exported program: ExecuTorch plans its memory for the largest sizes."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram
from torch.utils._sympy.numbers import int_oo
from torch.utils._sympy.value_ranges import ValueRanges, bound_sympy

from namedtorch.archive.manifest import Manifest
from namedtorch.archive.places import place_text
from namedtorch.diagnostics import LowerError
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.targets.flat_dims import FlatDims, input_nodes, sizes_of
from namedtorch.lower.targets.roots import Solving, linear_in
from namedtorch.signature.signature import Signature

_NAME = re.compile(r"[^\W\d]\w*")
_TURNED = {">=": "<=", ">": "<", "==": "=="}
_BEYOND = 2**31
_LARGE = 2**20


def require_bounds(program: ExportedProgram, dims: FlatDims, manifest: Manifest) -> None:
    """Raises LowerError, which names them, for free dims of inputs that have no upper bound."""
    assert manifest.interface is not None
    # Dims that every element of a list has for itself are written once.
    each = {dim for hint in manifest.signature.tensors for dim in hint.shape.each}
    named: dict[str, None] = {}
    unnamed: dict[str, None] = {}
    for given, node in zip(manifest.interface.inputs, input_nodes(program), strict=True):
        own = {f"{given.name}_{dim}": dim for dim in each}
        for axis, size in enumerate(sizes_of(node)):
            if isinstance(size, int) or largest(program, size) is not Unknown:
                continue
            for symbol in sorted(size.node.expr.free_symbols, key=str):
                found: list[str] = _NAME.findall(dims.names.get(str(symbol), ""))
                named.update({own.get(one, one): None for one in found})
                if not found:
                    unnamed[f"axis {axis} of `{place_text(given.path)}`"] = None
    plans = f"ExecuTorch plans the memory of {manifest.name} when it is lowered, and "
    if unnamed:
        listed, several = _listed(list(unnamed)), len(unnamed) > 1
        raise LowerError(
            f"{plans}{listed} {'have' if several else 'has'} neither a name nor a largest size: name "
            f'{"them" if several else "it"} in the annotation, with a largest size ("N ... where N <= 64")'
        )
    if named:
        names, several = list(named), len(named) > 1
        written = with_asked(manifest.signature, ", ".join(f"{one} <= 64" for one in names))
        raise LowerError(
            f"{plans}{_listed([f'`{one}`' for one in names])} {'have' if several else 'has'} no largest size: give "
            f'{"them" if several else "it"}, lower(model, to="executorch", where="{written}"), or write it behind the '
            f'dims in an annotation ("... where {names[0]} <= 64")'
        )


def with_asked(signature: Signature, constraints: str) -> str:
    """Constraints behind those that a signature has already: what is written in the place of an earlier where=."""
    return ", ".join([*map(str, signature.where), constraints])


def fixed_length(dims: FlatDims, length: torch.SymInt) -> tuple[str, int]:
    """What to fix for a length to be fixed: a dim, or where there is none the length itself; and the example's size."""
    for symbol in length.node.expr.free_symbols:
        name = dims.names.get(str(symbol), "")
        if name.isidentifier():
            return name, int(length.node.shape_env.guarding_hint_or_throw(symbol))
    return dims.spelled(str(length)), int(length.node.hint)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


def written_bounds(signature: Signature) -> dict[str, int]:
    """The largest size of each dim of which the signature says one: `where N <= 64, 2*T < 100`."""
    found: dict[str, int] = {}
    for one in _constraints(signature):
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


def _constraints(signature: Signature) -> Iterator[Constraint]:
    yield from signature.where
    for hint in signature.tensors:
        yield from hint.shape.where


def has_one_size(signature: Signature, dim: str) -> bool:
    """Whether a signature leaves a dim one size: `where N <= 1`."""
    return Solving([dim], [*_constraints(signature)]).solved[dim].root is None


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
