"""Units: the largest parts of a model that torch.fx can follow, each held against what the model does."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.ao.quantization import QConfigMapping, disable_fake_quant, disable_observer

from namedtorch.diagnostics import LowerError
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.quantize.conversion import has_quantized_weights, try_conversion
from namedtorch.lower.quantize.equality import differing, failure, refusal, tensors_of
from namedtorch.lower.quantize.followed import Followed, Unfollowed, followed
from namedtorch.lower.quantize.seen_calls import Call, parameters_of, seen_calls
from namedtorch.lower.quantize.unit import (
    Broken,
    Unit,
    joined,
    prepared_graph,
    weighted_layers,
    wrapped,
)

_CONTAINERS = (nn.ModuleList, nn.ModuleDict)

_ELSEWHERE = "the code around it needs the module itself"


@dataclass(slots=True)
class Units:
    """The units of a model, found in `root`, a float copy of it without names, whose parts they take over.

    `mapping` gives torch's mapping for a part at a path. `inputs` are those of the whole model that everything is held
    against; `label` is what messages call it, `whole` whether its forward is all that it is called by. `reasons` tell
    why parts are no unit, by their paths.
    """

    root: nn.Module
    mapping: Callable[[nn.Module, str], QConfigMapping]
    inputs: Sequence[Inputs]
    train: bool
    whole: bool
    label: str
    found: list[Unit] = field(default_factory=list[Unit])
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    _converted: dict[str, nn.Module] = field(default_factory=dict[str, nn.Module])

    def search(self) -> None:
        """Finds the units, from the whole model down to single layers. Raises LowerError where no input can be used."""
        why = refusal(self.root, self.inputs)
        if why is not None:
            trained = "can't be trained: a backward pass" if self.train else "can't be quantized: its forward"
            raise LowerError(f"{self.label} {trained} fails with the inputs that were tried: {why}")
        self._search([""])
        while (why := self._difference(self.found)) is not None:
            # Each of them does what its module did; but the Python around them reads more of a module than its result.
            culprit = next((one for one in self.found if self._difference([one])), self.found[-1])
            self.found.remove(culprit)
            self.reasons[culprit.path] = f"{_ELSEWHERE}: {why}"
            if not culprit.lone:
                self._search([*self._children(culprit.path)])
        self._converted.clear()

    def _search(self, paths: Sequence[str]) -> None:
        """Finds units at these paths or below them."""
        while paths:
            calls = seen_calls(self.root, paths, self.inputs)
            below: list[str] = []
            for path in paths:
                try:
                    unit = self._unit(path, calls[path])
                except Unfollowed as error:
                    self.reasons[path] = str(error)
                    below += self._children(path)
                    continue
                if unit is not None:
                    self.found.append(unit)
            paths = below

    def _children(self, path: str) -> Iterator[str]:
        """The paths of the parts directly inside of a part; layers of torch read theirs, and have none."""
        module = self.root.get_submodule(path)
        if _is_torchs(module) and not isinstance(module, nn.Sequential | nn.ModuleList | nn.ModuleDict):
            return
        for name, child in module.named_children():
            inner = joined(path, name)
            if isinstance(child, _CONTAINERS):
                yield from self._children(inner)
            elif not any(child is self.root.get_submodule(one.path) for one in self.found):
                yield inner

    def _unit(self, path: str, calls: list[Call]) -> Unit | None:
        """The part at a path as a unit; None where it has nothing to quantize. Raises Unfollowed."""
        module = self.root.get_submodule(path)
        if not any(one.dim() > 1 for one in module.parameters()):
            return None
        lone = _is_torchs(module) and not isinstance(module, nn.Sequential)
        if lone and type(module) not in weighted_layers():
            return None
        given = self._given(path, module, calls)
        inputs: list[Inputs] = [((), dict(one)) for one in calls]
        kept = copy.deepcopy(module)
        one = self._followed(copy.deepcopy(module), given, lone)
        pairs = {name: joined("layer", name) if lone else name for name, _ in tensors_of(kept)}
        why = differing(kept, one.module, pairs, inputs, "equal", alone=True)
        if why is not None:
            raise Unfollowed(f"what torch.fx follows of it is not what it does: {why}")
        floats: dict[str, str] = {}
        while True:
            try:
                unit = self._prepared(path, given, lone, copy.deepcopy(module), floats)
                self._try(kept.eval(), unit, calls, inputs)
            except Broken as error:
                floats |= error.floats
            else:
                # What the trial has found out holds for the module itself, whose parameters the unit shares.
                return self._prepared(path, given, lone, module, floats)

    def _given(self, path: str, module: nn.Module, calls: Sequence[Call]) -> tuple[str, ...]:
        """The arguments that all calls of a part give. Raises Unfollowed where they are none that a graph can have."""
        if not path and not self.whole:
            raise Unfollowed("it has exported methods beside its forward")
        if not calls:
            raise Unfollowed("nothing calls it with the inputs that were tried")
        given = tuple(calls[0])
        if any(tuple(one) != given for one in calls):
            raise Unfollowed("it is called with other arguments from call to call")
        if not path and given != tuple(parameters_of(module)):
            raise Unfollowed("it has arguments that no input gives")
        for name in given:
            if not all(isinstance(one[name], Tensor) for one in calls):
                raise Unfollowed(f"its argument `{name}` is no tensor")
        return given

    def _followed(self, module: nn.Module, given: tuple[str, ...], lone: bool) -> Followed:
        return followed(wrapped(module, given) if lone else module, given, train=self.train)

    def _prepared(
        self, path: str, given: tuple[str, ...], lone: bool, module: nn.Module, floats: Mapping[str, str]
    ) -> Unit:
        held = dict(tensors_of(module))
        names = {id(tensor): name for name, tensor in held.items()}
        one = self._followed(module, given, lone)
        prepared = prepared_graph(one, self.mapping(one.module, path), self.train, floats)
        pairs = {names[id(tensor)]: name for name, tensor in tensors_of(prepared) if id(tensor) in names}
        for name, value in tensors_of(prepared):
            own = name.removeprefix("layer.") if lone else name
            if own in held and own not in pairs:
                # torch copies the weights of some layers; where norms are folded into them, they are others.
                pairs[own] = name if torch.equal(held[own], value) else ""
        return Unit(path, given, lone, prepared, pairs, one.choices, dict(floats))

    def _try(self, module: nn.Module, unit: Unit, calls: Sequence[Call], inputs: Sequence[Inputs]) -> None:
        """Holds a prepared unit against the module, both in eval mode, and sees whether it can be converted.

        Raises Unfollowed, or Broken with the nodes that have to stay float.
        """
        why = differing(module, bared(unit.prepared).eval(), unit.pairs, inputs, "rounded")
        if why is not None:
            raise Unfollowed(f"what torch prepares of it is not what it does in eval mode: {why}")
        made = self._converted[unit.path] = try_conversion(unit, calls)
        if not has_quantized_weights(made):
            raise Unfollowed("")
        why = differing(module, made, {}, inputs, "alike")
        if why is not None:
            raise Unfollowed(f"what torch makes of it is not what it was: {why}")

    def _difference(self, units: Sequence[Unit]) -> str | None:
        """How the model with these units differs from the one without, or fails with them converted; else None."""
        if not units or not units[0].path:
            return None
        body = with_units(copy.deepcopy(self.root), {one.path: bared(one.prepared) for one in units})
        why = differing(self.root, body, pairs_of(units), self.inputs, "rounded")
        if why is not None:
            return why
        evaluated = copy.deepcopy(self.root).eval()
        made = with_units(copy.deepcopy(evaluated), {one.path: self._converted[one.path] for one in units})
        return failure(evaluated, made, self.inputs)


def with_units(body: nn.Module, made: Mapping[str, nn.Module]) -> nn.Module:
    """A copy of the root with other modules at the paths of units; it is used up."""
    if "" in made:
        return made[""]
    for path, one in made.items():
        shared = body.get_submodule(path)
        # A module that stands at several paths stays one.
        for parent in list(body.modules()):
            for name, child in list(parent._modules.items()):
                if child is shared:
                    parent._modules[name] = one
    return body


def pairs_of(units: Iterable[Unit]) -> dict[str, str]:
    """The paths of parameters and buffers of units in the float model, and in the one with units; "" for none."""
    return {
        joined(unit.path, name): joined(unit.path, other) if other else ""
        for unit in units
        for name, other in unit.pairs.items()
    }


Module = TypeVar("Module", bound=nn.Module)


def bared(prepared: Module) -> Module:
    """A copy of a prepared module that computes as the float one."""
    made = copy.deepcopy(prepared)
    made.apply(disable_fake_quant)
    made.apply(disable_observer)
    return made


def _is_torchs(module: nn.Module) -> bool:
    return type(module).__module__.startswith(("torch.nn.", "torch.ao."))
