"""Shapes: patterns that tensors are matched against, one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from namedtorch.diagnostics import DimError
from namedtorch.dims.attributes import Attributes
from namedtorch.dims.bindings import Bindings
from namedtorch.dims.failures import dim_unbound
from namedtorch.dims.layout import strides_of
from namedtorch.dims.match import Matching, settle
from namedtorch.dims.pattern import Pattern
from namedtorch.dims.schedule import Scheduled, schedule
from namedtorch.dims.subject import Subject, sizes_text


@dataclass(frozen=True, slots=True)
class Shape(Pattern):
    """The axes of a tensor in order, the constraints between their sizes, and how they are stored.

    `parse_shape` makes it from text, `str` gives its canonical text back.
    """

    def match(
        self,
        sizes: Sequence[int],
        bindings: Mapping[str, int | tuple[int, ...]] | None = None,
        attributes: Mapping[str, Any] | None = None,
        strides: Sequence[int] | None = None,
        *,
        argument: str = "the tensor",
        element: str = "",
        wait: bool = False,
    ) -> Bindings:
        """Matches the sizes of one tensor and returns the bindings, with those that it bound.

        Sizes count axes from the left; strides are in elements and checked where the shape has a memory format
        (without them, the tensor is taken to be contiguous). `attributes` holds what paths such as `self.hidden` are
        looked up in: `{"self": module}`, or `{"self.hidden": 64}`. `element` names the element of a container that
        the tensor is ("[2]"), where `?H` is bound anew. With `wait`, what lacks a dim waits in the bindings for a
        later match. Raises `DimError` with every failure.
        """
        start = bindings if isinstance(bindings, Bindings) else Bindings(bindings)
        strides = strides_of(sizes) if strides is None else strides
        subject = Subject(argument, self, tuple(sizes), tuple(strides), element)
        matching = Matching(start, Attributes(attributes or {}), patient=True)
        plan = schedule([(0, self)], bound=start)
        waiting: list[tuple[Scheduled, Subject | None]] = list(start.waiting)
        waiting += [(one, subject) for one in plan.steps if not matching.run(one, subject)]
        waiting += [(one, subject) for one in plan.waiting]
        waiting = settle(matching, waiting)
        if not wait:
            matching.patient = False
            waiting = settle(matching, waiting)
            if not matching.failures:
                matching.failures += [dim_unbound(one, of, matching.bindings) for one, of in waiting]
        if matching.failures:
            before = str(start.without(argument))
            notes = [f'{argument}: "{self}" got {sizes_text(sizes)}']
            raise DimError.of(
                matching.failures, notes=[*notes, *([f"bound before: {before}"] if before else [])]
            )
        return matching.bindings.waits(*waiting)
