"""Probes: a quantized layer and the float one in its place, heard while their models run."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.quantize.batches import changed
from namedtorch.lower.quantize.noise import LayerNoise, ModelNoise, Noise, noise_between
from namedtorch.lower.torchscript import is_script
from namedtorch.lower.verify.comparison import dense
from namedtorch.runtime.switch import checking

_FAILURES = (RuntimeError, TypeError, ValueError, AssertionError, AttributeError)
"""What a layer raises for arguments that it does not take."""

_Call = tuple[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a tensor came to a quantized layer: its dtype, and the scale that it was quantized by."""

    dtype: torch.dtype
    scale: float = 0.0
    zero_point: int = 0

    @classmethod
    def of(cls, value: Any) -> "_Form | None":
        if not isinstance(value, Tensor):
            return None
        if not value.is_quantized:
            return cls(value.dtype)
        return cls(value.dtype, value.q_scale(), value.q_zero_point())

    def given(self, value: Any) -> Any:
        """A float tensor in this form."""
        if not self.scale:
            return value.to(self.dtype)
        return torch.quantize_per_tensor(value.float(), self.scale, self.zero_point, self.dtype)


@dataclass(frozen=True, slots=True)
class _Entry:
    """The forms of all arguments of a call, in the order of its tree."""

    forms: tuple[_Form | None, ...]
    spec: pytree.TreeSpec

    @classmethod
    def of(cls, call: _Call) -> "_Entry":
        leaves, spec = pytree.tree_flatten(call)
        return cls(tuple(map(_Form.of, leaves)), spec)

    def given(self, call: _Call) -> _Call:
        """The arguments of the float layer as the quantized one takes them; raises ValueError for other trees."""
        leaves, spec = pytree.tree_flatten(call)
        if spec != self.spec:
            raise ValueError("it is called with other arguments than the float layer")
        formed = [
            leaf if form is None or not isinstance(leaf, Tensor) else form.given(leaf)
            for leaf, form in zip(leaves, self.forms, strict=True)
        ]
        return pytree.tree_unflatten(formed, spec)


@dataclass(slots=True)
class Probe:
    """A layer at one path of both bodies: how it was called, what it gave, and its noise so far.

    Of a layer that a run calls several times, the calls of both bodies are compared in their order.
    """

    path: str
    kind: str
    quantized: nn.Module
    reference: nn.Module
    calls: int = 0
    cumulative: Noise = field(default_factory=Noise)
    own: Noise = field(default_factory=Noise)
    output: Noise | UnknownType = Unknown
    why: str = ""
    _entries: list[_Entry] = field(default_factory=list[_Entry])
    _given: list[Any] = field(default_factory=list[Any])
    _turn: int = 0

    @property
    def noise(self) -> LayerNoise:
        """What was measured."""
        return LayerNoise(self.path, self.kind, self.calls, self.cumulative, self.own, self.output, self.why)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Keeps what the quantized layer gives in a run of its body, and in which form its arguments come."""
        self._given.clear()

        def before(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            if len(self._given) == len(self._entries):
                self._entries.append(_Entry.of((args, kwargs)))

        def behind(_: nn.Module, __: tuple[Any, ...], output: Any) -> None:
            self._given.append(changed(output, _clone))

        with ExitStack() as stack:
            stack.callback(self.quantized.register_forward_pre_hook(before, with_kwargs=True).remove)
            stack.callback(self.quantized.register_forward_hook(behind).remove)
            yield

    @contextmanager
    def comparing(self) -> Iterator[None]:
        """Compares what the float layer gives with what was recorded, and with the quantized layer on its own."""

        def heard(call: _Call, turn: int, output: Any) -> None:
            self.calls += 1
            if turn < len(self._given):
                self.cumulative += noise_between(output, self._given[turn])
            elif not self.why:
                self.why = "the quantized model calls it less often"
            alone = self._alone(call, turn, output)
            if alone is not None:
                self.own += noise_between(output, alone)

        with self._listening(heard):
            yield

    @contextmanager
    def replacing(self) -> Iterator[None]:
        """Gives what the quantized layer makes of the float arguments, in the place of what the float one gives."""
        with self._listening(self._alone):
            yield

    @contextmanager
    def _listening(self, heard: Callable[[_Call, int, Any], Any]) -> Iterator[None]:
        pending: list[_Call] = []
        self._turn = 0

        def before(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            # A layer may work in place.
            pending.append((changed(args, _clone), changed(kwargs, _clone)))

        def behind(_: nn.Module, __: tuple[Any, ...], output: Any) -> Any:
            turn, self._turn = self._turn, self._turn + 1
            return heard(pending.pop(), turn, output)

        with ExitStack() as stack:
            stack.callback(self.reference.register_forward_pre_hook(before, with_kwargs=True).remove)
            stack.callback(self.reference.register_forward_hook(behind).remove)
            yield

    def _alone(self, call: _Call, turn: int, output: Any) -> Any:
        """What the quantized layer gives for the arguments of the float one, as plain as `output`; None if it fails."""
        if not self._entries:
            self.why = self.why or "the quantized model does not call it"
            return None
        try:
            args, kwargs = self._entries[min(turn, len(self._entries) - 1)].given(call)
            return _like(output, self.quantized(*args, **kwargs))
        except _FAILURES as error:
            headline = str(error).strip().partition("\n")[0]
            self.why = self.why or f"it does not take the float layer's arguments: {headline}"
            return None


@dataclass(slots=True)
class _Body:
    """A module that is run several times, each time from the buffers that it has at first."""

    module: nn.Module
    _buffers: list[tuple[nn.Module, str, Tensor]] = field(init=False)

    def __post_init__(self) -> None:
        self._buffers = [
            (one, name, value.clone())
            for one in self.module.modules()
            if not is_script(one)
            for name, value in one._buffers.items()
            if value is not None
        ]

    def run(self, inputs: Inputs) -> Any:
        """What it gives; random numbers are the same in each run, and go on afterwards as they would have."""
        for module, name, value in self._buffers:
            module._buffers[name] = value.clone()
        args, kwargs = changed(inputs[0], _clone), changed(inputs[1], _clone)
        with torch.no_grad(), torch.random.fork_rng(devices=[]), checking("off"):
            torch.manual_seed(0)
            return self.module(*args, **kwargs)


def model_noise(
    quantized: nn.Module,
    reference: nn.Module,
    kinds: Mapping[str, str],
    samples: Sequence[Inputs],
    *,
    budget: float = math.inf,
) -> ModelNoise:
    """Runs both bodies on the samples, and then the float one once for each layer, with that layer quantized.

    `kinds` are the quantized layers by path. When `budget` seconds are over, the layers that are left, those with the
    least noise of their own, get no `output`. What a body raises for a sample passes through.
    """
    started = perf_counter()
    probes = _probes(quantized, reference, kinds)
    ints, floats = _Body(quantized), _Body(reference)
    expected: list[Any] = []
    outputs = Noise()
    order: dict[str, None] = {}
    for inputs in samples:
        with _all(one.recording() for one in probes):
            given = changed(ints.run(inputs), _clone)
        with _all(one.comparing() for one in probes), _ordered(probes, order):
            expected.append(changed(floats.run(inputs), _clone))
        outputs += noise_between(expected[-1], given)
    heard = {one.path: one for one in probes}
    called = [heard[path] for path in order]
    comparable = bool(outputs.numbers or outputs.broken)
    for one in sorted(called, key=lambda one: one.noise.loudness, reverse=True):
        if not one.why and not comparable:
            one.why = "the model's outputs have no numbers to compare"
        elif not one.why and perf_counter() - started > budget:
            one.why = "the time for it was over"
        if one.why:
            continue
        found = Noise()
        for inputs, output in zip(samples, expected, strict=True):
            with one.replacing():
                found += noise_between(output, floats.run(inputs))
        one.output = Unknown if one.why else found
    reached = {id(one.reference) for one in called}
    modules = dict(reference.named_modules(remove_duplicate=False))
    # Weights that functions take are of no layer: their kind is the name of a function.
    silent = tuple(
        path for path, kind in kinds.items() if id(modules.get(path)) not in reached and not kind.islower()
    )
    return ModelNoise(outputs, tuple(one.noise for one in called), silent, len(samples))


def _probes(quantized: nn.Module, reference: nn.Module, kinds: Mapping[str, str]) -> list[Probe]:
    """A probe for each path of both; of a layer that stands at several paths, at the first of them."""
    bodies = dict(quantized.named_modules(remove_duplicate=False))
    floats = dict(reference.named_modules(remove_duplicate=False))
    found: dict[int, Probe] = {}
    for path, kind in kinds.items():
        if path in bodies and path in floats:
            found.setdefault(id(floats[path]), Probe(path, kind, bodies[path], floats[path]))
    return list(found.values())


@contextmanager
def _all(contexts: Iterator[Any]) -> Iterator[None]:
    with ExitStack() as stack:
        for one in contexts:
            stack.enter_context(one)
        yield


@contextmanager
def _ordered(probes: Sequence[Probe], order: dict[str, None]) -> Iterator[None]:
    """Writes down the layers of the float body in the order in which they are called."""
    with ExitStack() as stack:
        for one in probes:

            def called(*_: Any, path: str = one.path) -> None:
                order.setdefault(path)

            stack.callback(one.reference.register_forward_pre_hook(called).remove)
        yield


def _like(expected: Any, actual: Any) -> Any:
    """A value in plain tensors of the dtypes of another; raises ValueError where their trees or sizes differ."""
    wanted, spec = pytree.tree_flatten(expected)
    found, other = pytree.tree_flatten(actual)
    if spec != other:
        raise ValueError("it gives a value of another structure")
    made: list[Any] = []
    for one, value in zip(wanted, found, strict=True):
        if isinstance(one, Tensor) and isinstance(value, Tensor):
            if one.shape != value.shape:
                raise ValueError("it gives a tensor of other sizes")
            value = dense(value).to(one.dtype)
        made.append(value)
    return pytree.tree_unflatten(made, spec)


def _clone(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else value
