"""Ranges and grids: numbers in order, and the coordinates that they make."""

from collections.abc import Callable
from math import ceil, isfinite
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ANY, Axis
from namedtorch.ops.call import Call, as_array
from namedtorch.ops.counts import Count, computed, steps
from namedtorch.ops.dtypes import FLOATING, DType, of_value
from namedtorch.ops.elementwise import check_rank
from namedtorch.ops.factories import OPTIONS, dtype_of, of_sizes
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Value


def _range(call: Call) -> Array:
    """Counts from a start, 0 if only one bound is given, to before the end."""
    start, end, step = call.value("start"), call.value("end"), call.value("step")
    if end is None:
        start, end = Size.constant(0), start
    elif start is None:
        start = Size.constant(0)
    return Array(TensorShape((Axis(_count(start, end, step)),)), dtype_of(call, _dtype(start, end, step)))


def _closed_range(call: Call) -> Array:
    """Counts from a start up to the end itself."""
    start, end, step = call.value("start"), call.value("end"), call.value("step")
    if not (isinstance(start, Size) and isinstance(end, Size) and isinstance(step, Size)):
        return Array(TensorShape((ANY,)), dtype_of(call))
    # Refuses what leads away from the end.
    known = _count(start, end, step) is not Unknown
    count = computed(lambda: (end - start) // step + 1) if known else Unknown
    return Array(TensorShape((Axis(count),)), dtype_of(call))


def _powers(call: Call) -> TensorShape:
    """Gives so many powers of each number, as many as numbers unless `N` says otherwise."""
    check_rank(call, "x", 1)
    (numbers,) = call.axes("x")
    powers = numbers.called(Unknown) if call.value("N") is None else Axis(call.size("N"))
    return TensorShape((numbers, powers))


def _count(start: Value, end: Value, step: Value) -> Count:
    numbers = [_number(one) for one in (start, end, step)]
    try:
        if any(isinstance(one, float) for one in (start, end, step)):
            return _count_of_floats(*numbers)
        sizes = [one if isinstance(one, Size) else Unknown for one in (start, end, step)]
        return steps(*sizes)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise Misfit("size-impossible", "its step leads away from the end, or is 0", "end") from None


def _number(value: Value) -> float | None:
    if isinstance(value, Size) and value.value is not Unknown:
        return float(value.value)
    return value if isinstance(value, float) else None


def _count_of_floats(start: float | None, end: float | None, step: float | None) -> Count:
    if start is None or end is None or step is None:
        return Unknown
    if (end - start) * step < 0 or not isfinite((end - start) / step):
        raise ValueError("the step leads away from the end")
    return Size.constant(ceil((end - start) / step))


def _dtype(*bounds: Value) -> DType:
    kinds = {of_value(one) for one in bounds}
    if FLOATING in kinds:
        return FLOATING
    return "int64" if kinds == {"int64"} else Unknown


def _points(call: Call) -> Array:
    """Has so many points, both ends included."""
    return Array(of_sizes([call.size("steps")], "steps"), dtype_of(call))


def _window(call: Call) -> Array:
    """Has so many points."""
    return Array(of_sizes([call.size("window_length")], "window_length"), dtype_of(call))


def _causal_mask(call: Call) -> Array:
    """Masks what comes later: of so many positions, for each of them."""
    return Array(of_sizes([call.size("sz")] * 2, "sz"), dtype_of(call))


def _grid(call: Call) -> tuple[TensorShape, ...]:
    """Gives one grid for each tensor of coordinates; with `indexing="xy"` the first two axes are swapped."""
    axes: list[Axis] = []
    tensors = call.items("tensors")
    if len(tensors) == 1 and isinstance(tensors[0], tuple | list):
        tensors = tensors[0]
    elif len(tensors) == 1 and tensors[0] is Unknown:
        # It may be a list of tensors.
        raise Undetermined
    for place, tensor in enumerate(tensors):
        shape = as_array(tensor).shape
        if shape.rank is not Unknown and shape.rank > 1:
            raise Misfit(
                "rank-unfit", f"it takes tensors of one axis, and one has {shape.rank}", f"tensors[{place}]"
            )
        axes.append(ANY if shape.rank is Unknown else shape.fixed[0] if shape.axes else Axis.of(1))
    if call.value("indexing") is not None and call.text("indexing") == "xy" and len(axes) > 1:
        axes[:2] = axes[1], axes[0]
    return (TensorShape(tuple(axes)),) * len(axes)


def _triangle(upper: bool) -> Callable[[Call], Array]:
    """The rule of the places of a triangle of a matrix: the rows, and the columns, of its elements."""

    def rule(call: Call) -> Array:
        return Array(TensorShape((Axis.of(2), Axis(_places(call, upper)))), dtype_of(call, "int64"))

    return rule


def _places(call: Call, upper: bool) -> Count:
    try:
        rows, columns, offset = (call.integer(name) for name in ("row", "col", "offset"))
    except Undetermined:
        return Unknown
    if rows > _MOST_ROWS:
        return Unknown
    below = sum(min(max(row + offset + (not upper), 0), columns) for row in range(rows))
    return Size.constant(rows * columns - below if upper else below)


_MOST_ROWS: Final = 10_000
_SPAN: Final = "start=None, end=None, step=1"
_WINDOW: Final = f"window_length, periodic=True, {OPTIONS}"
_MATRIX: Final = "row, col, offset=0, dtype=None, device=None, layout=None"

OPERATORS: Final = (
    OpRule("torch.arange", f"{_SPAN}, {OPTIONS}", _range),
    OpRule("torch.range", f"start=0, end=None, step=1, {OPTIONS}", _closed_range),
    OpRule("torch.vander", "x, N=None, increasing=False", _powers),
    OpRule("torch.linspace", f"start, end, steps, {OPTIONS}", _points),
    OpRule("torch.logspace", f"start, end, steps, base=10.0, {OPTIONS}", _points),
    OpRule(
        "torch.hann_window", _WINDOW, _window,
        spelled=("torch.bartlett_window", "torch.blackman_window"),
    ),
    OpRule("torch.hamming_window", f"window_length, periodic=True, alpha=0.54, beta=0.46, {OPTIONS}", _window),
    OpRule("torch.kaiser_window", f"window_length, periodic=True, beta=12.0, {OPTIONS}", _window),
    OpRule(
        "torch.nn.Transformer.generate_square_subsequent_mask", "sz, device=None, dtype=None", _causal_mask,
    ),
    OpRule("torch.meshgrid", "*tensors, indexing=None", _grid),
    OpRule("torch.tril_indices", _MATRIX, _triangle(upper=False)),
    OpRule("torch.triu_indices", _MATRIX, _triangle(upper=True)),
)  # fmt: skip
