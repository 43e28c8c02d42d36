"""Patterns on tensors: `rearrange`, `reduce`, `repeat` and `einsum` in the language of shapes, and `contract`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import torch
from torch import Tensor
from torch.compiler import is_dynamo_compiling
from torch.fx import Proxy

from namedtorch.diagnostics import DimError
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.contraction import contraction, letters, product_moves
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.pattern_layout import layout
from namedtorch.ops.pattern_moves import Moves, calls, lengths
from namedtorch.ops.table import operator_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Fields, Value
from namedtorch.values.capture import captured
from namedtorch.values.dispatch import REFUSALS, call
from namedtorch.values.named_tensor import Dims, NamedTensor, dims_of, plain
from namedtorch.values.operation import MOST_PLANS, Operation, Template, as_value, is_tracing, template_of
from namedtorch.values.proxies import is_traced
from namedtorch.values.refusal import dims_error, misfit_error

_ROOM: Final = "namedtorch."
_PATTERN: Final = "bad-pattern"


def rearrange(x: NamedTensor | Tensor, pattern: str, /, **sizes: int) -> NamedTensor:
    """Splits, permutes and merges axes: `rearrange(x, "N (heads d) T -> N heads T d", heads=8)`.

    The left side has the dims in their order; axes without a name, and those of a plain tensor, get the names that
    stand there. A merged axis has the name `(C H)`. The result is a view where torch's own `reshape` and `permute` give
    one. Raises `DimError` where names, dims or sizes do not fit.
    """
    return _transformed("rearrange", x, pattern, "", sizes)


def reduce(x: NamedTensor | Tensor, pattern: str, reduction: str, /, **sizes: int) -> NamedTensor:
    """Reduces the dims that the right side leaves out: `reduce(x, "N C (H h) (W w) -> N C H W", "max", h=2, w=2)`.

    `reduction` is sum, mean, max, min, prod, any, all, logsumexp, std or var. Raises `DimError` as `rearrange`.
    """
    return _transformed("reduce", x, pattern, reduction, sizes)


def repeat(x: NamedTensor | Tensor, pattern: str, /, **sizes: int) -> NamedTensor:
    """Repeats along the dims that only the right side has: `repeat(x, "N C -> N C K", K=3)`.

    A dim of its own is a view of the same elements. Raises `DimError` as `rearrange`.
    """
    return _transformed("repeat", x, pattern, "", sizes)


def einsum(pattern: str, /, *operands: NamedTensor | Tensor) -> NamedTensor:
    """Multiplies, and sums over the dims that the result does not have: `einsum("N T D, N S D -> N T S", q, k)`.

    The pattern has the dims of each operand in their order; axes without a name get the names that stand there. Raises
    `DimError` where names or sizes do not fit.
    """
    if not isinstance(cast("object", pattern), str):
        raise _not_a_pattern("einsum", pattern)
    if is_dynamo_compiling():
        return captured(_EINSUM.name, _einsum, (pattern, *operands), {})
    return call(_EINSUM, (pattern, *operands), {})


def contract(a: NamedTensor, b: NamedTensor, over: str | Sequence[str]) -> NamedTensor:
    """Multiplies two tensors, and sums over the dims that `over` names: `contract(q, k, over="D")`.

    Other names that both have are the batch: they are aligned by name, whatever their order. The result has the dims of
    `a` without those of `over`, and behind them those that only `b` has. Raises `DimError` where an axis has no name,
    where a dim of `over` is not there, and where sizes differ.
    """
    names = tuple(over) if isinstance(over, list | tuple) else cast("tuple[str, ...]", (over,))
    if is_dynamo_compiling() or is_traced((a, b)):
        equation, dims, refusal = _told_contraction(dims_of(a), dims_of(b), names)
        if refusal is not None:
            raise DimError(refusal)
        return NamedTensor(torch.einsum(equation, plain(a), plain(b)), dims)
    left, right = _tensor("contract", a), _tensor("contract", b)
    key = dims_of(a), dims_of(b), names
    plan = _CONTRACTIONS.get(key)
    if plan is None:
        plan = _contraction(a, b, names)
        _remember(_CONTRACTIONS, key, plan)
    shape, other = left.shape, right.shape
    # torch would stretch a contracted dim of size 1.
    if not is_tracing() and any(shape[i] != other[j] for i, j in plan.same):
        _contraction(a, b, names)
    try:
        if plan.rows is None or plan.columns is None:
            return NamedTensor(torch.einsum(plan.equation, left, right), plan.dims)
        return NamedTensor(torch.matmul(_turned(left, plan.rows), _turned(right, plan.columns)), plan.dims)
    except REFUSALS:
        _contraction(a, b, names)
        raise


METHODS: Final[dict[str, Callable[..., Any]]] = {"rearrange": rearrange, "reduce": reduce}
"""Methods of NamedTensor by name; `repeat`, which takes numbers as well, is with those that align."""


# Rearranging


_Key = tuple[Any, ...]
_Calls = tuple[tuple[Callable[..., Any], tuple[Any, ...]], ...]

_PLANS: Final[dict[_Key, tuple[Moves, Dims]]] = {}
"""What is done with the axes, and the dims of the result, by operation, pattern, dims and names of sizes."""

_CALLS: Final[dict[_Key, tuple[_Calls, Dims]]] = {}
"""The plain methods with their arguments, and the dims of the result, by all of that and all sizes."""


def _transformed(
    operation: str, x: NamedTensor | Tensor, pattern: str, reduction: str, sizes: dict[str, int]
) -> NamedTensor:
    if is_dynamo_compiling():
        return _captured(operation, x, pattern, reduction, sizes)
    if type(x) is NamedTensor:
        tensor, dims = x.tensor, x.dims
        if isinstance(tensor, Proxy):
            return _captured(operation, x, pattern, reduction, sizes, checked=False)
    else:
        tensor = _tensor(operation, x)
        dims = dims_of(tensor)
    key = operation, pattern, reduction, dims, tensor.shape, *sizes.items()
    try:
        # 2.0 is 2 to a dict.
        known = _CALLS.get(key) if all(type(size) is int for size in sizes.values()) else None
    except TypeError:  # a size that is traced, or a pattern that is no text
        known = None
    if known is None:
        known = _resolved(operation, x, pattern, reduction, sizes)
        if all(type(size) is int for size in (*tensor.shape, *sizes.values())):
            _remember(_CALLS, key, known)
    try:
        for method, arguments in known[0]:
            tensor = method(tensor, *arguments)
    except REFUSALS:
        _planned(operation, x, pattern, reduction, sizes)
        raise
    return NamedTensor(tensor, known[1])


def _resolved(
    operation: str, x: NamedTensor | Tensor, pattern: str, reduction: str, sizes: dict[str, int]
) -> tuple[_Calls, Dims]:
    checked = {name: _size(operation, name, size) for name, size in sizes.items()}
    key = operation, pattern, reduction, dims_of(x), *sizes
    try:
        plan = _PLANS.get(key)
    except TypeError:
        plan = None
    if plan is None:
        plan = _planned(operation, x, pattern, reduction, checked)
        _remember(_PLANS, key, plan)
    moves, dims = plan
    try:
        found = lengths(moves, x.shape, checked, not is_tracing())
    except ValueError:
        _planned(operation, x, pattern, reduction, checked)
        raise
    steps = calls(moves, found, reduction)
    return tuple((getattr(Tensor, method), arguments) for method, arguments in steps), dims


def _planned(
    operation: str, x: NamedTensor | Tensor, pattern: Any, reduction: Any, sizes: Mapping[str, Any]
) -> tuple[Moves, Dims]:
    """Asks the row. Raises `DimError`."""
    for text in (pattern, reduction):
        if not isinstance(text, str):
            raise _not_a_pattern(operation, text)
    bound: dict[str, Value] = {
        "input": as_value(x),
        "pattern": pattern,
        "reduction": reduction,
        "sizes": Fields(tuple(sizes), tuple(as_value(size) for size in sizes.values())),
    }
    dims = _dims(operation, bound)
    return layout(operation, pattern, tuple(sizes), x.ndim).moves, dims


def _size(operation: str, name: str, size: Any) -> int:
    """A size that is given by keyword. Raises `DimError` for what is none."""
    if isinstance(size, torch.SymInt):
        return cast("int", size)
    if isinstance(size, bool) or not hasattr(size, "__index__"):
        raise dims_error(_PATTERN, f"`{operation}`: `{name}`={size!r} is no size", "a size is an integer")
    if size < 0:
        way = "leave it out where it follows from the others" if size == -1 else None
        raise dims_error(_PATTERN, f"`{operation}`: `{name}`={size} is no size", way)
    return int(size)


def _not_a_pattern(operation: str, text: object) -> DimError:
    return dims_error(
        _PATTERN,
        f"`{operation}` takes a pattern as a text, and is given {type(text).__name__}",
        'write the dims that there are, and those of the result: "N C -> C N"',
    )


def _tensor(operation: str, x: object) -> Tensor:
    if isinstance(x, NamedTensor):
        return x.tensor
    if isinstance(x, Tensor):
        return x
    raise dims_error(
        "not-an-array",
        f"`{operation}` takes a tensor, and is given {type(x).__name__}",
        "`named` makes one of an array, `namedtorch.tensor` of numbers, `namedtorch.stack` of a list of tensors",
    )


def _dims(operation: str, bound: Mapping[str, Value]) -> Dims:
    """The dims of a result. Raises `DimError`."""
    row = operator_for(_ROOM + operation)
    assert isinstance(row, OpRule)
    try:
        template = template_of(row.given(Call(bound, Plain())))
    except Misfit as misfit:
        raise misfit_error(operation, misfit, bound) from None
    return _certain(template)


def _certain(template: Template) -> Dims:
    assert isinstance(template, tuple), template
    return template


def _remember(plans: dict[_Key, Any], key: _Key, plan: Any) -> None:
    if is_tracing():
        return
    if len(plans) >= MOST_PLANS:
        plans.clear()
    plans[key] = plan


# Under torch.compile and torch.fx: what tells a call is a constant of the graph, and sizes are reckoned with in it.


def _captured(
    operation: str,
    x: NamedTensor | Tensor,
    pattern: str,
    reduction: str,
    sizes: dict[str, int],
    checked: bool = True,
) -> NamedTensor:
    tensor: Any = x.tensor if isinstance(x, NamedTensor) else _tensor(operation, x)
    told, dims, refusal = _told(operation, dims_of(x), pattern, reduction, tuple(sizes))
    if refusal is not None:
        raise DimError(refusal)
    moves = Moves(*told)
    shape = [tensor.shape[place] for place in range(len(moves.taken))]
    for method, arguments in calls(moves, lengths(moves, shape, sizes, checked), reduction):
        tensor = getattr(tensor, method)(*arguments)
    return NamedTensor(tensor, dims)


def _told(operation: str, dims: Dims, pattern: str, reduction: str, sized: tuple[str, ...]) -> Any:
    bound: dict[str, Value] = {
        "input": _array(dims),
        "pattern": pattern,
        "reduction": reduction,
        "sizes": Fields(sized, (Unknown,) * len(sized)),
    }
    try:
        found = _dims(operation, bound)
    except DimError as error:
        return (), (), str(error)
    return tuple(layout(operation, pattern, sized, len(dims)).moves), found, None


def _told_contraction(a: Dims, b: Dims, over: tuple[str, ...]) -> Any:
    try:
        dims = _dims("contract", {"a": _array(a), "b": _array(b), "over": over})
    except DimError as error:
        return "", (), str(error)
    left, right = ([name for name in one if name is not None] for one in (a, b))
    return contraction(left, right, over), dims, None


def _array(dims: Dims) -> Array:
    """A tensor of these dims, of whose sizes nothing is known."""
    return Array(TensorShape(tuple(Axis(carried=Unknown if name is None else name) for name in dims)))


# Contractions


def _einsum(pattern: str, *operands: Tensor) -> Tensor:
    return torch.einsum(_letters(pattern), *operands)


def _letters(pattern: str) -> str:
    return letters(pattern)


_EINSUM: Final = Operation("namedtorch.einsum", _einsum, operator_for("namedtorch.einsum"))


@dataclass(frozen=True, slots=True)
class _Contraction:
    """An equation, the dims of the result, and the places of what is contracted.

    A product of matrices is told by how both sides are permuted, () where they stand as they are; it takes a third of
    the time of the equation.
    """

    equation: str
    dims: Dims
    same: tuple[tuple[int, int], ...]
    rows: tuple[int, ...] | None
    columns: tuple[int, ...] | None


_CONTRACTIONS: Final[dict[_Key, _Contraction]] = {}
"""By the dims of both and of `over`."""


def _contraction(a: NamedTensor, b: NamedTensor, over: tuple[str, ...]) -> _Contraction:
    dims = _dims("contract", {"a": as_value(a), "b": as_value(b), "over": over})
    left, right = ([name for name in dims_of(one) if name is not None] for one in (a, b))
    same = tuple((left.index(name), right.index(name)) for name in over)
    moves = product_moves(left, right, over)
    rows, columns = (None, None) if moves is Unknown else map(_or_still, moves)
    return _Contraction(contraction(left, right, over), dims, same, rows, columns)


def _or_still(places: tuple[int, ...]) -> tuple[int, ...]:
    return () if places == tuple(range(len(places))) else places


def _turned(tensor: Tensor, places: tuple[int, ...]) -> Tensor:
    return tensor.permute(places) if places else tensor


for _constant in (_told, _told_contraction, _letters):
    cast("Any", _constant)._dynamo_marked_constant = True
