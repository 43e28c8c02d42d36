"""Random programs that are right for all sizes of their dims: functions, modules, loops and branches over tensors."""

from collections.abc import Callable

from hypothesis import strategies as st

from tests.static.program_control import condition, function, loop
from tests.static.program_shapes import index, permutation, split_axis, squeeze, view
from tests.static.program_source import DIMS, Program
from tests.static.program_values import (
    broadcast,
    convolution,
    joined,
    layers,
    normalization,
    pointwise,
    product,
    reduction,
)

STEPS: dict[str, Callable[[Program], None]] = {
    step.__name__: step
    for step in (
        pointwise,
        broadcast,
        reduction,
        view,
        split_axis,
        permutation,
        squeeze,
        joined,
        product,
        convolution,
        normalization,
        layers,
        index,
        loop,
        condition,
        function,
    )
}


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Programs of a few statements over one or two parameters."""
    program = Program(draw)
    axis = st.sampled_from([*DIMS, "6", "8"])
    for place in range(draw(st.integers(1, 2))):
        axes = draw(st.lists(axis, min_size=1, max_size=4, unique=True))
        program.tensors[f"x{place}"] = tuple(axes)
    for name in draw(st.lists(st.sampled_from(list(STEPS)), min_size=3, max_size=9)):
        before = program.count
        STEPS[name](program)
        if program.count > before:
            program.taken.append(name)
    return program
