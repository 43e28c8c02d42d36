"""What the axes of a flat graph's tensors are called: dims of the signature for the symbols of torch.export."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx
from torch.export import ExportedProgram

from namedtorch.archive.interface import Constant, Interface, Output, Path, Record, Tree
from namedtorch.archive.interface import Mapping as MappingTree
from namedtorch.archive.interface import Sequence as SequenceTree
from namedtorch.archive.places import part_of
from namedtorch.dims.pattern import Axis, Dim, Flattened
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.signature.hints import Hint, OptionalHint, TensorHint
from namedtorch.signature.plan import spread
from namedtorch.signature.signature import Signature

_Length = Size | UnknownType
# The expression of torch for the size of an axis that is no number, and what the signature says of it.
_Axis = tuple[torch.SymInt, Size]

_SYMBOL = re.compile(r"\b[su]\d+\b")
_TRIED = (2, 3, 5, 30)


@dataclass(frozen=True, slots=True)
class FlatDims:
    """The dims of a flat graph.

    `names` are the dims that torch's symbols stand for ("s31": "N"), `texts` what is written for the expressions of
    torch that are sizes of inputs or outputs ("2*s73": "2*T"). `fixed` are sizes that the signature leaves free, and
    that the inputs of the program have as constants.
    """

    names: Mapping[str, str]
    texts: Mapping[str, str]
    fixed: Mapping[str, int]

    def spelled(self, text: str) -> str:
        """The text of a size, as torch writes it, in dims; a symbol that is no dim stays."""
        return self.texts.get(text) or _SYMBOL.sub(lambda found: self.names.get(found[0], found[0]), text)

    @classmethod
    def of(cls, program: ExportedProgram, signature: Signature, interface: Interface) -> "FlatDims":
        """The dims of an exported program, whose inputs and outputs are those of the interface in their order."""
        given = [_lengths(_hint_at(signature, one.path), one.name) for one in interface.inputs]
        result = dict(_results(signature.result, interface.result))
        made = [_lengths(result.get(index), name) for index, name in enumerate(interface.outputs)]
        axes: list[_Axis] = [
            *_side_by_side(input_nodes(program), given),
            *_side_by_side(output_nodes(program), made),
        ]
        names: dict[str, str] = {}
        # What is a dim by itself comes first; `2*T`, where no axis is `T` alone, after it.
        for size, length in sorted(axes, key=lambda axis: _SYMBOL.fullmatch(str(axis[0])) is None):
            found = _root(size, length)
            if found is not None:
                names.setdefault(*found)
        texts: dict[str, str] = {}
        for size, length in axes:
            texts.setdefault(str(size), str(length))
        sized = _sized(signature)
        equal = {name for one in signature.where if one.relation == "==" for name in one.symbols}
        fixed = {
            str(length): size
            for node, lengths in zip(input_nodes(program), given, strict=True)
            for size, length in zip(map(_constant, sizes_of(node)), lengths, strict=False)
            if size is not None
            and length is not Unknown
            and length.substitute(sized).value is Unknown
            # `where T == 5` has said so.
            and not length.symbols & equal
        }
        return cls(names, texts, fixed)


def _sized(signature: Signature) -> dict[str, Size]:
    """The dims that have a number: `C` of an `N C`, where another tensor says `C=3`."""
    axes = [axis for one in signature.tensors for axis in one.shape.axes]
    return {
        axis.name: axis.size
        for axis in axes
        if isinstance(axis, Dim)
        and axis.name is not Unknown
        and axis.size is not Unknown
        and axis.size.value is not Unknown
    }


def input_nodes(program: ExportedProgram) -> list[fx.Node]:
    """The inputs of a program that a caller gives, in their order."""
    return _named(program, program.graph_signature.user_inputs)


def output_nodes(program: ExportedProgram) -> list[fx.Node]:
    """What a program gives its caller, in its order."""
    return _named(program, program.graph_signature.user_outputs)


def sizes_of(node: fx.Node) -> tuple[int | torch.SymInt, ...]:
    """The sizes of the tensor that a node stands for."""
    value: Any = node.meta["val"]
    return tuple(value.shape)


def _named(program: ExportedProgram, names: Collection[Any]) -> list[fx.Node]:
    known = {node.name: node for node in program.graph.nodes}
    return [known[name] for name in names]


def _side_by_side(nodes: Sequence[fx.Node], lengths: Sequence[Sequence[_Length]]) -> Iterator[_Axis]:
    """The size of each axis that is no number, with what the signature says of it."""
    for node, own in zip(nodes, lengths, strict=True):
        sizes = sizes_of(node)
        if len(own) != len(sizes):
            continue
        for size, length in zip(sizes, own, strict=True):
            if isinstance(size, torch.SymInt) and length is not Unknown and length.value is Unknown:
                yield size, length


def _constant(size: int | torch.SymInt) -> int | None:
    """The number that a size is; None for one that is free."""
    return size if isinstance(size, int) else size.node.maybe_as_int()


def _root(size: torch.SymInt, length: Size) -> tuple[str, str] | None:
    """The only symbol in a size, and the dim that it is by what the signature says of the size; None for no dim."""
    expression: Any = size.node.expr
    if len(expression.free_symbols) != 1 or len(length.symbols) != 1:
        return None
    (symbol,), (dim,) = expression.free_symbols, length.symbols
    if length.name is not Unknown:
        if not expression.is_polynomial(symbol):
            return None
        # `H` is 32 times what torch has for it, where `H % 32 == 0`.
        offset = int(expression.subs(symbol, 0))
        factor = int(expression.subs(symbol, 1)) - offset
        if factor < 1 or expression.subs(symbol, 1000) != 1000 * factor + offset:
            return None
        made = (Size.symbol(dim) - offset) // factor
        return str(symbol), str(made) if made.name is not Unknown else f"({made})"
    same = all(int(expression.subs(symbol, one)) == length.evaluate({dim: one}) for one in _TRIED)
    return (str(symbol), dim) if same else None


def _lengths(hint: Hint | None, name: str) -> tuple[_Length, ...]:
    """The lengths of the axes of an input or output of this name."""
    while isinstance(hint, OptionalHint):
        hint = hint.inner
    if not isinstance(hint, TensorHint):
        return ()
    # A dim that is bound anew for every element is another one in each.
    own = {dim: Size.symbol(f"{name}_{dim}") for dim in hint.shape.each}
    found = (_length(axis) for axis in hint.shape.axes)
    return tuple(one if one is Unknown else one.substitute(own) for one in found)


def _length(axis: Axis) -> _Length:
    match axis:
        case Dim(name=name, size=size):
            if size is not Unknown:
                return size
            return Unknown if name is Unknown else Size.symbol(name)
        case Flattened(factors=factors):
            product = Size.constant(1)
            for one in factors:
                size = _length(one)
                if size is Unknown:
                    return Unknown
                product = product * size
            return product
        case _:
            return Unknown


def _hint_at(signature: Signature, path: Path) -> Hint | None:
    """The hint of a place in the arguments; None where the signature has none."""
    hint = next((spread(one) for one in signature.parameters if one.name == path[0]), None)
    for step in path[1:]:
        hint = part_of(hint, step)
    return hint


def _results(hint: Hint | None, tree: Tree) -> Iterator[tuple[int, Hint | None]]:
    """The hint of each output in the result."""
    match tree:
        case Output(index=index):
            yield index, hint
            return
        case Constant():
            return
        case SequenceTree(items=items):
            parts: list[tuple[str | int, Tree]] = list(enumerate(items))
        case MappingTree(items=items):
            parts = list(items)
        case Record(fields=fields):
            parts = list(fields)
    for step, part in parts:
        yield from _results(part_of(hint, step), part)
