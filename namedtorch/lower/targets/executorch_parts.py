"""Which operators of an ExecuTorch program run in XNNPACK, and which in portable kernels."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from torch import fx

_MOST_SHOWN = 8
_STEPS = "quantized_decomposed::"


@dataclass(frozen=True, slots=True)
class Parts:
    """The operators of a program: those of each part that runs in XNNPACK, and those that run in portable kernels."""

    delegated: tuple[Counter[str], ...] = field(default=())
    portable: Counter[str] = field(default_factory=Counter[str])

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines of a report."""
        inside = sum(one.total() for one in self.delegated)
        every = inside + self.portable.total()
        count = len(self.delegated)
        if not every:
            return ("XNNPACK: the model has no operators",)
        if not inside:
            head = f"XNNPACK runs none of the {every} operators"
        else:
            head = (
                f"XNNPACK runs {inside} of {every} operators, in {count} part{'s' * (count > 1)}: "
                + _listed(sum(self.delegated, Counter[str]()))
            )
        if not self.portable:
            return (head,)
        return head, f"portable kernels run {self.portable.total()}: {_listed(self.portable)}"

    @classmethod
    def of(cls, module: fx.GraphModule) -> "Parts":
        """The parts of a graph of ExecuTorch's Edge dialect."""
        children: list[Any] = list(module.children())
        delegated = [
            # What it makes int8 of is told by the layers, not by the steps.
            Counter(name for name in _operators(one.original_module.graph) if not name.startswith(_STEPS))
            for one in children
            if hasattr(one, "original_module")
        ]
        return cls(tuple(delegated), Counter(_operators(module.graph)))


def _operators(graph: fx.Graph) -> Iterator[str]:
    for node in graph.nodes:
        target: Any = node.target
        if node.op == "call_function" and hasattr(target, "_schema"):
            yield str(target._schema.name)


def _listed(counted: Counter[str]) -> str:
    shown = [f"{name} ({count})" if count > 1 else name for name, count in counted.most_common(_MOST_SHOWN)]
    left = len(counted) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "")
