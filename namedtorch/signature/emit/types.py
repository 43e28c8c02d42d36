"""The types that hints have in a graph, by which it tells the alternatives of a union apart."""

from namedtorch.diagnostics import LowerError
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    TensorHint,
    TupleHint,
    UnionHint,
)

_PLAIN = ("int", "float", "bool", "str", "complex")


def is_mixed(union: UnionHint) -> bool:
    """Whether a union holds anything but tensors."""
    return not all(isinstance(member, TensorHint) for member in union.members)


def graph_type(hint: Hint, function: str) -> str:
    """The type of a hint as TorchScript spells it; raises LowerError, naming the function, where it has none."""
    match hint:
        case TensorHint():
            return "torch.Tensor"
        case OptionalHint(inner=inner):
            return f"Optional[{graph_type(inner, function)}]"
        case ListHint(item=item, container="list" | "Sequence"):
            return f"List[{graph_type(item, function)}]"
        case DictHint(value=value, key=key) if key in _PLAIN:
            return f"Dict[{key}, {graph_type(value, function)}]"
        case TupleHint(items=items):
            return f"Tuple[{', '.join(graph_type(item, function) for item in items)}]"
        case PlainHint(text=text) if text in _PLAIN:
            return text
        case _:
            raise LowerError(
                f"{function}: a graph can tell tensors, lists, tuples, dicts and numbers apart, but not `{hint}` in a "
                "union; take it as a parameter of its own"
            )


def check_told_apart(union: UnionHint, function: str) -> None:
    """Raises LowerError where two alternatives that hold more than a tensor have one type in the graph."""
    seen: dict[str, Hint] = {}
    for member in union.members:
        text = graph_type(member, function)
        if text in seen and not isinstance(member, TensorHint):
            raise LowerError(
                f"{function}: `{seen[text]}` and `{member}` are one type to TorchScript ({text}), so a graph can't "
                "tell the alternatives apart; take them as two Optional parameters"
            )
        seen[text] = member
