"""Graphs as text to compare: names that do not shift, constants in their places, dims beside values."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

_INDENT = "  "
_LONGEST = 60
_SCALARS = ("IntType", "BoolType", "FloatType", "NumberType", "StringType", "ListType")
_GETTERS = ("i", "f", "s", "is", "fs", "ss")
_WORDS = {
    torch.float32: "Float",
    torch.float64: "Double",
    torch.float16: "Half",
    torch.bfloat16: "BFloat16",
    torch.int64: "Long",
    torch.int32: "Int",
    torch.int16: "Short",
    torch.int8: "Char",
    torch.uint8: "Byte",
    torch.bool: "Bool",
}


def tensor_text(dtype: torch.dtype | None, dims: str) -> str:
    """The type of a tensor as graphs print it, with dims in the place of sizes: `Float(N, C=3, H, W)`."""
    word = "Tensor" if dtype is None else _WORDS.get(dtype, str(dtype).removeprefix("torch."))
    return f"{word}({dims})"


def graph_text(
    graph: torch.Graph,
    *,
    types: Mapping[str, str] | None = None,
    weights: Mapping[str, str] | None = None,
    dims: Callable[[Sequence[int]], str] | None = None,
    inputs: Sequence[str] = (),
) -> str:
    """The text of a graph.

    `types` are types to show for values, by their names in the graph, and `weights` for parameters and buffers by
    their paths; `dims` says what to print for the sizes in other types. `inputs` are the names of the arguments,
    `self` apart. Values are named after variables, or after what made them, constants stand where they are used, and
    a branch that only raises is one line: two graphs with the same nodes have the same text.
    """
    return "\n".join(_Writer(types or {}, weights or {}, dims or _plain).graph(graph, inputs)) + "\n"


def _plain(sizes: Sequence[int]) -> str:
    return ", ".join(str(size) for size in sizes)


class _Writer:
    def __init__(
        self, types: Mapping[str, str], weights: Mapping[str, str], dims: Callable[[Sequence[int]], str]
    ) -> None:
        self._types = types
        self._weight_types = weights
        self._dims = dims
        self._names: dict[str, str] = {}  # by the debug name, which is a value's own in a graph
        self._taken: dict[str, int] = {}
        self._modules: dict[str, str] = {}  # paths of modules: "self.layer1"
        self._weights: dict[str, str] = {}  # lines of weights that no line has used yet

    def graph(self, graph: torch.Graph, inputs: Sequence[str]) -> Iterator[str]:
        given = list(inputs)
        shown: list[str] = []
        for value in graph.inputs():
            if value.type().kind() == "ClassType" and value.debugName() in ("self", "self.1"):
                self._modules[value.debugName()] = "self"
                continue
            name = self._name(value, given.pop(0) if given else "")
            shown.append(f"{name}{self._type(value)}")
        yield f"graph({', '.join(shown)}):"
        yield from self._body(graph, _INDENT)
        yield f"{_INDENT}return {', '.join(self._operand(one) for one in graph.outputs())}"

    def _body(self, block: Any, indent: str) -> Iterator[str]:
        for node in block.nodes():
            lines = list(self._node(node, indent))
            for line in lines:
                yield from self._pending(line, indent)
                yield line

    def _pending(self, line: str, indent: str) -> Iterator[str]:
        """The lines of weights that a line uses first."""
        for name in re.findall(r"%[\w.]+", line):
            if name in self._weights:
                yield indent + self._weights.pop(name)

    def _node(self, node: Any, indent: str) -> Iterator[str]:
        kind = node.kind()
        match kind:
            case "prim::Constant":
                self._constant(node)
            case "prim::GetAttr":
                self._attribute(node)
            case "prim::ListConstruct" if self._is_literal(node):
                self._names[node.output().debugName()] = self._list(node)
            case "prim::If":
                yield from self._condition(node, indent)
            case "prim::Loop":
                yield from self._loop(node, indent)
            case _:
                yield from self._operation(node, kind, indent)

    def _operation(self, node: Any, kind: str, indent: str) -> Iterator[str]:
        operands = ", ".join(self._operand(one) for one in node.inputs())
        name = node.pyname() if kind == "prim::PythonOp" else kind
        text = f"{name}{self._attributes(node)}({operands})"
        if _is_part(node) and len(text) <= _LONGEST:
            self._names[node.output().debugName()] = text
            return
        yield f"{indent}{self._results(node)}{text}"
        for part in node.attributeNames():
            if node.kindOf(part) == "g":
                inner = _Writer({}, {}, self._dims)
                yield from (f"{indent}{_INDENT}{line}" for line in inner.graph(node.g(part), ()))
        for block in node.blocks():
            yield f"{indent}with {', '.join(self._name(one) for one in block.inputs()) or 'nothing'}:"
            yield from self._block(block, indent + _INDENT)

    def _results(self, node: Any) -> str:
        made = [f"{self._name(one)}{self._type(one)}" for one in node.outputs()]
        return f"{', '.join(made)} = " if made else ""

    def _attributes(self, node: Any) -> str:
        shown = [
            f"{name}={getattr(node, node.kindOf(name))(name)!r}"
            for name in node.attributeNames()
            if node.kindOf(name) in _GETTERS
        ]
        return f"[{', '.join(shown)}]" if shown else ""

    def _constant(self, node: Any) -> None:
        value = node.output()
        own = value.debugName()
        if value.type().kind() == "TensorType":
            path = own.removeprefix("self.") if own.startswith("self.") else ""
            self._weight(value, path, f"self.{path}" if path else "constant", "constant")
        elif "value" in node.attributeNames():
            self._names[own] = repr(value.toIValue())
        elif "name" in node.attributeNames():
            self._names[own] = node.s("name")
        else:
            self._names[own] = "None"

    def _attribute(self, node: Any) -> None:
        value, (owner,) = node.output(), node.inputs()
        path = f"{self._modules.get(owner.debugName(), self._operand(owner))}.{node.s('name')}"
        if value.type().kind() == "ClassType":
            self._modules[value.debugName()] = path
        elif value.type().kind() in ("TensorType", "OptionalType"):
            self._weight(value, path.removeprefix("self."), path, "attribute")
        else:
            self._names[value.debugName()] = path

    def _weight(self, value: Any, path: str, called: str, source: str) -> None:
        own = value.debugName()
        name = f"%{called}" if own in self._names else self._unique(called)
        self._names[own] = name
        kind = value.type()
        sizes = kind.sizes() if kind.kind() == "TensorType" else None
        text = kind.annotation_str if sizes is None else tensor_text(kind.dtype(), _plain(sizes))
        self._weights[name] = f"{name} : {self._weight_types.get(path, text)} = {source}"

    def _is_literal(self, node: Any) -> bool:
        return all(
            one.node().kind() == "prim::Constant" and one.type().kind() != "TensorType"
            for one in node.inputs()
        )

    def _list(self, node: Any) -> str:
        return f"[{', '.join(self._operand(one) for one in node.inputs())}]"

    def _condition(self, node: Any, indent: str) -> Iterator[str]:
        (question,) = node.inputs()
        asked = self._operand(question)
        then, other = node.blocks()
        for block, rest, word in ((then, other, "if"), (other, then, "unless")):
            said = _raised(block)
            if said is not None and not list(rest.nodes()) and not list(node.outputs()):
                yield f"{indent}{word} {asked}: raise {said}"
                return
        yield f"{indent}{self._results(node)}if {asked}:"
        yield from self._block(then, indent + _INDENT)
        if list(other.nodes()) or list(node.outputs()):
            yield f"{indent}else:"
            yield from self._block(other, indent + _INDENT)

    def _loop(self, node: Any, indent: str) -> Iterator[str]:
        most, first, *carried = (self._operand(one) for one in node.inputs())
        (block,) = node.blocks()
        yield f"{indent}{self._results(node)}loop({', '.join([most, first, *carried])})"
        taken = ", ".join(f"{self._name(one)}{self._type(one)}" for one in block.inputs())
        yield f"{indent}with {taken}:"
        yield from self._block(block, indent + _INDENT)

    def _block(self, block: Any, indent: str) -> Iterator[str]:
        yield from self._body(block, indent)
        results = ", ".join(self._operand(one) for one in block.outputs())
        line = f"{indent}-> {results or 'nothing'}"
        yield from self._pending(line, indent)
        yield line

    def _operand(self, value: Any) -> str:
        own = value.debugName()
        return self._modules.get(own) or self._names.get(own) or self._name(value)

    def _name(self, value: Any, wanted: str = "") -> str:
        """The name of a value: that of the user's variable, or of the operation that makes it."""
        own = value.debugName()
        if own not in self._names:
            variable = re.sub(r"(\.\d+)+$", "", own)
            operation = value.node().kind().rpartition("::")[2].strip("_").lower()
            self._names[own] = self._unique(wanted or (variable if not variable.isdigit() else operation))
        return self._names[own]

    def _unique(self, name: str) -> str:
        count = self._taken[name] = self._taken.get(name, 0) + 1
        return f"%{name}" if count == 1 else f"%{name}.{count}"

    def _type(self, value: Any) -> str:
        known = self._types.get(value.debugName())
        if known is not None:
            return f" : {known}"
        kind = value.type()
        if kind.kind() != "TensorType":
            return f" : {kind.annotation_str}"
        sizes = kind.sizes()
        return " : Tensor" if sizes is None else f" : {tensor_text(kind.dtype(), self._dims(sizes))}"


def _is_part(node: Any) -> bool:
    """Whether a node computes a number, text or the like that one other uses: it is written there."""
    outputs = list(node.outputs())
    if len(outputs) != 1 or list(node.blocks()) or node.kind() == "prim::PythonOp":
        return False
    (value,) = outputs
    kind = node.kind()
    in_place = kind.endswith("_") and not kind.endswith("__")
    if value.type().kind() not in _SCALARS or in_place:
        return False
    # What is only said in an error is not written at all.
    users = [use.user for use in value.uses() if _raised(use.user.owningBlock()) is None]
    return len(users) == 1


def _raised(block: Any) -> str | None:
    """What a block raises, if it does nothing else."""
    said: str | None = None
    for node in block.nodes():
        match node.kind():
            case "prim::RaiseException":
                message = next(iter(node.inputs())).node()
                text = next(iter(message.inputs())).node() if message.kind() == "aten::format" else message
                said = repr(text.output().toIValue()) if text.kind() == "prim::Constant" else "..."
            case (
                "prim::Constant"
                | "aten::format"
                | "aten::len"
                | "aten::__getitem__"
                | "aten::size"
                | "aten::dim"
            ):
                pass
            case _:
                return None
    return said
