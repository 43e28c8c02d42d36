"""Prepared: a model that learns its scales, from the batches that it is called with or trained on."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Self, cast

import torch
from torch import fx, nn
from torch.ao.quantization import QConfigMapping
from torch.ao.quantization.fake_quantize import FakeQuantizeBase

from namedtorch.diagnostics import LowerError
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.quantize.choice import around, chosen
from namedtorch.lower.quantize.converted import Converted
from namedtorch.lower.quantize.equality import differing, tensors_of
from namedtorch.lower.quantize.held import Held
from namedtorch.lower.quantize.layers import is_table, unable
from namedtorch.lower.quantize.qconfigs import graph_qconfigs
from namedtorch.lower.quantize.quantized import Quantized
from namedtorch.lower.quantize.schemes import schemes_of
from namedtorch.lower.quantize.settings import Settings, converting
from namedtorch.lower.quantize.subject import Subject
from namedtorch.lower.quantize.unit import fused, joined, knows_scales
from namedtorch.lower.quantize.units import Units, bared, pairs_of, with_units
from namedtorch.lower.quantize.written import written_module
from namedtorch.runtime.switch import checking
from namedtorch.values.named_tensor import NamedTensor, plain

_MOST_SAID = 5

_QCONFIG = "qconfig"
"""Where torch notes what it prepares a module with, and where users say it."""

_MOST_KINDS = 8
"""How many kinds of calls are compared with the float model."""


class Strayed(LowerError):
    """A call in which a prepared model does not do what the float one does; `inputs` are its arguments."""

    def __init__(self, text: str, inputs: Inputs) -> None:
        super().__init__(text)
        self.inputs = inputs


class Prepared(Held):
    """A model with observers (static) or fake-quants (qat) inside, called and trained as the float one.

    Calls are held to the signature of the model, so that what does not fit is refused before scales are learned from
    it: DimError. `convert` makes the quantized model. A state dict holds its weights and scales.
    """

    def __init__(
        self,
        subject: Subject,
        settings: Settings,
        method: Literal["static", "qat"],
        inputs: Sequence[Inputs],
        finish: Callable[["Prepared", Converted, nn.Module], Quantized],
    ) -> None:
        train = method == "qat"
        root = subject.copy(train)
        first = {name: value.clone() for name, value in root.named_buffers(remove_duplicate=False)}
        left = chosen(root, settings.skip)
        own = {path for path, one in root.named_modules() if _QCONFIG in vars(one)}

        def mapping(part: nn.Module, path: str) -> QConfigMapping:
            return graph_qconfigs(
                part,
                engine=settings.engine,
                per_channel=settings.per_channel,
                qconfig=settings.qconfig,
                train=train,
                prefix=path,
                left=left,
            )

        with converting(settings.engine), checking("off"):
            whole = [*subject.boundary.methods] == ["forward"]
            units = Units(root, mapping, inputs, train, whole, subject.label)
            units.search()
        if not units.found:
            reasons = {**units.reasons, **left}
            if settings.qconfig is not None and not any(reasons.values()):
                reasons[""] = "its qconfig has nothing for any of its layers"
            raise LowerError(_nothing(subject, method, reasons))
        # Parameters stay those of the float model: what trains one trains the other.
        shared: dict[int, Any] = {id(one): one for _, one in tensors_of(root)}
        body = with_units(copy.deepcopy(root, shared), {one.path: one.prepared for one in units.found})
        if train and not any(isinstance(one, FakeQuantizeBase) for one in body.modules()):
            raise LowerError(
                "training needs fake-quants, and this qconfig has observers: take "
                f'torch.ao.quantization.get_default_qat_qconfig("{settings.engine}"), or one of your own like it'
            )
        super().__init__(body, subject.boundary.methods, subject.label)
        self.method: Literal["static", "qat"] = method
        self.calls = 0
        self._subject = subject
        self._settings = settings
        self._units = tuple(units.found)
        self._left = left
        self._reasons = units.reasons
        self._finish = finish
        self._buffers_at_first = first
        # Not registered: its parameters are those of the body.
        self._floats = (root,)
        self._own = own
        self._samples: list[Inputs] = []
        self._kinds = {_kind(one) for one in inputs}

    def keep(self, inputs: Sequence[Inputs]) -> None:
        """Keeps copies of inputs as samples of what it is called with."""
        self._samples = [*inputs]

    @property
    def samples(self) -> Sequence[Inputs]:
        """Some inputs of its calls."""
        return self._samples

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the model, which learns its scales from what it gets.

        Raises LowerError where it was prepared for other calls than this one, and would not do what the float model
        does; a call in sizes that are new is compared with it.
        """
        kind = _kind((args, kwargs))
        if self.method == "static" and kind not in self._kinds and len(self._kinds) < _MOST_KINDS:
            given: Inputs = copy.deepcopy((plain(args), plain(kwargs)))
            result = super().forward(*args, **kwargs)
            self._require_same(given)
            self._kinds.add(kind)
        else:
            result = super().forward(*args, **kwargs)
        self.calls += 1
        return result

    def _require_same(self, given: Inputs) -> None:
        why = differing(self._floats[0], bared(self.body), pairs_of(self._units), [given], "rounded")
        if why is not None:
            raise Strayed(
                f"{self._name} was prepared for other calls than this one, and would not do what the float model does: "
                f"{why}; give the arguments of such a call to prepare(model, ..., example=...)",
                given,
            )

    def train(self, mode: bool = True) -> Self:
        """Sets training mode or eval mode; of a model that is only observed, eval mode is the one that it has."""
        if mode and self.method == "static":
            raise LowerError(
                'a model that is prepared with "static" learns scales and no weights, in eval mode: to train it, '
                'prepare(model, "qat")'
            )
        return super().train(mode)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Takes over weights and scales of a model that was prepared alike."""
        found = super().load_state_dict(state_dict, strict, assign)
        self.calls += 1
        return found

    def convert(self) -> Quantized:
        """The quantized model, of copies on the CPU; this one can be called or trained further, and converted again.

        Raises LowerError where it was never called, and so knows no scales.
        """
        if not self.calls:
            what = "trained" if self.method == "qat" else "called"
            raise LowerError(
                f"{self._name} was not {what} since it was prepared, so it knows no scales: "
                + (
                    "call it in your training loop, then convert()"
                    if self.method == "qat"
                    else "call it with batches (for x in data: prepared(x)), then convert()"
                )
            )
        with converting(self._settings.engine), checking("off"):
            return self._finish(self, *self._converted())

    def _converted(self) -> tuple[Converted, nn.Module]:
        """The quantized body with its reference, and the float model."""
        body = copy.deepcopy(self.body).cpu().eval()
        floats = copy.deepcopy(self._floats[0]).cpu().eval()
        if self.method == "static":
            # What calibration leaves in buffers is no part of the model.
            for name, value in floats.named_buffers(remove_duplicate=False):
                value.data = self._buffers_at_first[name].clone()
        for path, one in floats.named_modules():
            if path not in self._own:
                vars(one).pop(_QCONFIG, None)
        source, target = (body, floats) if self.method == "qat" else (floats, body)
        self._take_over(source, target)
        name = self._subject.label
        made: dict[str, nn.Module] = {}
        references: dict[str, nn.Module] = {}
        taken: dict[str, tuple[str, ...]] = {}
        reference = copy.deepcopy(floats)
        unseen: dict[str, str] = {}
        for unit in self._units:
            prepared = cast("fx.GraphModule", body.get_submodule(unit.path))
            part = reference.get_submodule(unit.path)
            if not knows_scales(prepared):
                unseen[unit.path] = "no call got to it, so it has no scales"
                made[unit.path] = copy.deepcopy(part)
                continue
            called = name if not unit.path else type(part).__name__
            made[unit.path] = written_module(unit.converted(prepared), called)
            floating, norms = fused(part, unit)
            references[unit.path] = written_module(floating, called)
            taken |= norms
        if not references:
            raise LowerError(_nothing(self._subject, self.method, unseen))
        body, reference = with_units(body, made), with_units(reference, references)
        layers, stayed = schemes_of(body, reference, {**self._why(), **unseen}, taken)
        lone = {joined(unit.path, "layer"): unit.path for unit in self._units if unit.lone}
        return Converted(
            body,
            reference,
            {lone.get(path, path): one for path, one in layers.items()},
            {lone.get(path, path): one for path, one in stayed.items()},
        ), floats

    def _take_over(self, source: nn.Module, target: nn.Module) -> None:
        """Gives parameters and buffers of the float model and of the body the values of the other one."""
        pairs = pairs_of(self._units)
        if self.method == "static":
            pairs = {other or name: name if other else "" for name, other in pairs.items()}
        held = dict(tensors_of(source))
        with torch.no_grad():
            for name, value in tensors_of(target):
                found = held.get(pairs.get(name, name))
                if found is not None:
                    value.copy_(found)

    def _why(self) -> dict[str, str]:
        """Why layers stayed float, by path."""
        kept = {path: said for unit in self._units for path, said in unit.left()}
        said: dict[str, str] = {}
        for path, layer in self._floats[0].named_modules(remove_duplicate=False):
            nearest = next((above for above in around(path) if above in self._reasons), path)
            reason = self._reasons.get(nearest, "")
            if reason:
                said[path] = reason if nearest == path else f"the code around it stays float: {reason}"
            if is_table(type(layer)) and unable(layer):
                kept[path] = unable(layer)
        return {**said, **kept, **self._left}

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            "a prepared model can't be pickled: save prepared.state_dict(), and load it into prepare(model, ...)"
        )


def _kind(value: Any) -> Any:
    """What calls have in common that a graph may depend on: sizes and dtypes of tensors, and all else as it is."""
    match value:
        case torch.Tensor() | NamedTensor():
            return str(value.dtype), tuple(value.shape)
        case list() | tuple():
            return tuple(_kind(one) for one in cast("Any", value))
        case dict():
            return tuple((str(name), _kind(one)) for name, one in cast("Any", value).items())
        case _:
            return repr(value)


def _nothing(subject: Subject, method: str, reasons: Mapping[str, str]) -> str:
    lines = [
        f'nothing in {subject.label} can be quantized by "{method}"'
        + (
            ""
            if any(reasons.values())
            else ": it has no convolution, linear layer or table that torch quantizes"
        )
    ]
    said = [(path, why) for path, why in reasons.items() if why]
    lines += [f"  {path or 'the model'}: {why}" for path, why in said[:_MOST_SAID]]
    if len(said) > _MOST_SAID:
        lines.append(f"  and {len(said) - _MOST_SAID} more")
    return "\n".join(lines)
