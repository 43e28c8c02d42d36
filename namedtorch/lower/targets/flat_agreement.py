"""Whether what runs a flat graph gives what the exported program gives."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, fx
from torch.export import ExportedProgram
from torch.export.graph_signature import OutputKind
from torch.func import functional_call

from namedtorch.diagnostics import LowerError
from namedtorch.lower.targets.flat_program import plain_module
from namedtorch.lower.targets.interface_call import Run
from namedtorch.lower.verify.comparison import Difference, differences

_SEED = 20


def require_stateless(
    program: ExportedProgram, samples: Sequence[Sequence[Tensor]], name: str, target: str
) -> None:
    """Raises LowerError for a program whose calls change its buffers, as one run of a copy tells."""
    changed = changed_buffers(program, samples[0]) if samples else ()
    if changed:
        several = ", ".join(f"`{one}`" for one in changed)
        raise LowerError(
            f"{name} changes {several} in its calls, and a graph of {target} keeps nothing from one call to the next: "
            "take the state as an argument and give it as a result, or lower the model to TorchScript"
        )


def changed_buffers(program: ExportedProgram, sample: Sequence[Tensor]) -> tuple[str, ...]:
    """The parameters and buffers that a call of a program with such inputs changes."""
    outputs = program.graph_signature.output_specs
    if all(one.kind is OutputKind.USER_OUTPUT for one in outputs) and not any(
        map(_writes, program.graph.nodes)
    ):
        return ()
    module = plain_module(program)
    held = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    copies = {path: one.detach().clone() for path, one in held.items()}
    before = {path: one._version for path, one in copies.items()}
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        functional_call(module, copies, tuple(one.clone() for one in sample))
    return tuple(path for path, one in copies.items() if one._version != before[path])


def _writes(node: fx.Node) -> bool:
    """Whether a node writes into a tensor, which may be its own or one that the model holds."""
    target: Any = node.target
    return hasattr(target, "_schema") and target._schema.is_mutable


@dataclass(frozen=True)
class Reference:
    """An exported program, called as it is."""

    program: ExportedProgram

    @cached_property
    def _module(self) -> Any:
        return plain_module(self.program)

    def __call__(self, sample: Sequence[Tensor], seed: int = _SEED) -> list[Tensor]:
        """What the program gives for inputs, which stay as they are."""
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return [one.clone() for one in self._module(*(one.clone() for one in sample))]


def require_agreement(
    program: ExportedProgram,
    run: Run,
    samples: Sequence[Sequence[Tensor]],
    names: Sequence[str],
    outputs: Sequence[str],
    runtime: str,
    times: float = 1.0,
    place: Callable[[Exception], object] = lambda _: None,
) -> tuple[str, ...]:
    """Holds a runtime to the exported program at all samples, within so many times the tolerance; gives notes.

    Infinitely many times the tolerance leave numbers out. `place` tells the user's line of an error. Raises LowerError
    where the runtime fails, or gives other sizes, dtypes or numbers. Numbers that are random in the program are not
    compared.
    """
    notes: dict[str, None] = {}
    numbers, reference = times != math.inf, Reference(program)
    for sample in samples:
        expected = reference(sample)
        where = ", ".join(f"{name} {tuple(one.shape)}" for name, one in zip(names, sample, strict=True))
        try:
            actual = list(run([one.clone() for one in sample]))
        # Runtimes raise classes of their own.
        except Exception as error:
            said, line = " ".join(str(error).split()) or type(error).__name__, place(error)
            raise LowerError(
                f"{runtime} fails with {where}: {said}" + ("" if line is None else f"\n{line}")
            ) from error
        found = list(_found(expected, actual, outputs, times if numbers else 1.0))
        if not numbers:
            found = [one for one in found if not one.is_of_numbers]
        if found and all(one.is_of_numbers for one in found) and _is_random(reference, sample, expected):
            notes["values were not compared: the model gives others in each call"] = None
        elif found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            raise LowerError(
                f"{runtime} does not give what the model gives with {where}: {found[0]}{more}; the exported program "
                "does: lower the model to another target"
            )
    return tuple(notes)


def _found(
    expected: list[Tensor], actual: list[Tensor], outputs: Sequence[str], times: float
) -> Sequence[Difference]:
    if len(actual) != len(expected):
        return [Difference("the result", f"has {len(actual)} tensors, and was to have {len(expected)}")]
    return [
        one
        for name, wanted, found in zip(outputs, expected, actual, strict=True)
        for one in differences(wanted, found, name, times)
    ]


def _is_random(reference: Reference, sample: Sequence[Tensor], expected: list[Tensor]) -> bool:
    """Whether the program gives other numbers where random ones are others."""
    again = reference(sample, _SEED + 1)
    return any(True for one, other in zip(expected, again, strict=True) for _ in differences(one, other, ""))
