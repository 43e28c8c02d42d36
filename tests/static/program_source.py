"""A random program while it is drawn: annotated source whose tensors have known axes.

Axes are sizes as texts of the dims' language (`N`, `2*C`, `H-2`), known by construction and not by the checker. The
sizes of the dims are distinct primes, so that the axes of a value tell where it comes from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

DIMS = {"N": 11, "C": 13, "H": 17, "W": 19, "T": 23}
"""The dims of the parameters, and the sizes that programs are run at."""
ARGUMENTS = {"width": 7, "depth": 3}
"""The constructor arguments of the module that the program is in."""
HEADER = """import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


"""
Axes = tuple[str, ...]


def value(axis: str, sizes: dict[str, int]) -> int:
    """An axis as a number."""
    return eval(axis, {"__builtins__": {}, "min": min, "max": max}, sizes)


def is_number(axis: str) -> bool:
    return axis.isdigit()


@dataclass
class Program:
    """Statements, and the tensors that they have made: names with their axes."""

    draw: st.DrawFn
    inside: list[str] = field(default_factory=list[str])
    before: list[str] = field(default_factory=list[str])
    layers: list[str] = field(default_factory=list[str])
    tensors: dict[str, Axes] = field(default_factory=dict[str, Axes])
    taken: list[str] = field(default_factory=list[str])
    """The families of the statements that it is made of."""
    count: int = 0

    def pick(self, options: Sequence[str]) -> str:
        return self.draw(st.sampled_from(options))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def fresh(self, stem: str = "v") -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def tensor(self, wanted: Callable[[Axes], bool] = bool) -> tuple[str, Axes] | None:
        """One of the tensors that have what a statement needs, of the latest ones more often."""
        fitting = [name for name, axes in self.tensors.items() if wanted(axes)]
        if not fitting:
            return None
        name = self.pick(fitting[-4:])
        return name, self.tensors[name]

    def add(self, expression: str, axes: Sequence[str]) -> None:
        """Assigns an expression with these axes to a new name."""
        name = self.fresh()
        self.inside.append(f"{name} = {expression}")
        self.tensors[name] = tuple(axes)

    def source(self) -> str:
        """The program as a file; `Net(**ARGUMENTS).forward` takes the parameters, and gives all its names.

        Each tensor is assigned to a probe at the end, where its dims are known whatever paths lead there.
        """
        name, axes = list(self.tensors.items())[-1]
        parameters = [f'{key}: Float[Tensor, "{" ".join(self.tensors[key])}"]' for key in self.parameters]
        probes = [f"probe_{one} = {one}" for one in self.tensors]
        last = f'result: Float[Tensor, "{" ".join(axes)}"] = {name}'
        made = ["super().__init__()", "self.depth = depth", *self.layers]
        lines = [
            *self.before,
            "class Net(nn.Module):",
            "    def __init__(self, width: int, depth: int) -> None:",
            *(f"        {line}" for line in made),
            "",
            f"    def forward(self, {', '.join(parameters)}, flag: bool = True, times: int = 2) -> dict:",
            *(f"        {line}" for line in [*self.inside, *probes, last]),
            "        return locals()",
        ]
        return HEADER + "\n".join(lines) + "\n"

    @property
    def parameters(self) -> list[str]:
        return [name for name in self.tensors if name.startswith("x")]
