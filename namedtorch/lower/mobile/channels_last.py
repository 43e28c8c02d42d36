"""Channels-last: which inputs of a model are best stored so, found by runs of it.

Convolutions over images are faster on channels-last tensors, and what they give is stored so, too. Whether that holds
for an input is asked of the model itself: does it get to a convolution with its axes in their order, and does the code
still run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from namedtorch.archive.manifest import Method
from namedtorch.dims.layout import KNOWN_ORDERS, MemoryFormat
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.changed_inputs import changed
from namedtorch.lower.drawing import Examples, said
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.lowering_report import Optimization
from namedtorch.lower.mobile.memory_formats import in_formats
from namedtorch.lower.original import undisturbed
from namedtorch.lower.samples import Sample
from namedtorch.ops.inference import CONVOLUTIONS, FASTER_IN
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Parameter, Signature, map_tensors, tensors_of

NAME = "channels-last"
"""What reports call it."""

_AXES = 4
FORMAT = MemoryFormat(FASTER_IN[_AXES], KNOWN_ORDERS[FASTER_IN[_AXES]])
_TORCHS = torch.channels_last
_KINDS = {3: "1-D", 4: "2-D", 5: "3-D"}


@dataclass(frozen=True, slots=True)
class ChannelsLast:
    """The methods of a model with `@ channels_last` at the inputs that are to be stored so.

    `inputs` names those, as "image" or "encode: image", `weights` says whether the convolutions' weights are to be,
    and `reason` why nothing is, where nothing is. `notes` are on inputs that stay as they are.
    """

    methods: Mapping[str, Method]
    inputs: tuple[str, ...] = ()
    weights: bool = False
    reason: str = ""
    notes: tuple[str, ...] = ()

    def told(self, weights: int) -> Optimization:
        """What a report says, once so many weights are stored channels-last."""
        if not self.weights:
            return Optimization(NAME, False, self.reason)
        done = [f"the weights of {weights} 2-D convolution{'' if weights == 1 else 's'}"] if weights else []
        if self.inputs:
            word = "input" if len(self.inputs) == 1 else "inputs"
            done.append(f"{word} {', '.join(f'`{one}`' for one in self.inputs)}")
        nothing = "the graph holds no weights of 2-D convolutions, and no input gets to one"
        return Optimization(NAME, bool(done), "; ".join([" and ".join(done) or nothing, *self.notes]))


def channels_last(
    given: nn.Module, methods: Mapping[str, Method], examples: Mapping[str, Examples]
) -> ChannelsLast:
    """Finds the inputs that are to be channels-last; `examples` are those of the methods, as far as there are any.

    An input is a tensor of floats with four axes and no memory format of its own. Without examples all of them are, if
    the model has modules that convolve images.
    """
    other = next(_otherwise(methods), None)
    if other is not None:
        return ChannelsLast(methods, reason=other)
    tried = {name: one for name, one in examples.items() if isinstance(one.first, Sample)}
    if not tried:
        return _untried(given, methods)
    found: dict[str, _Found] = {}
    with undisturbed(), torch.no_grad():
        for name, one in tried.items():
            found[name] = _find(name, methods[name].signature, one)
    axes = {axes for one in found.values() for axes in one.axes}
    failed = next((one.failed for one in found.values() if one.failed), "")
    if _AXES not in axes:
        return ChannelsLast(methods, reason=_unsuited(axes))
    if failed:
        return ChannelsLast(methods, reason=failed)
    chosen = {name: one.inputs for name, one in found.items()}
    notes = tuple(note for one in found.values() for note in one.notes)
    return ChannelsLast(_formatted(methods, chosen), _names(chosen), True, notes=notes)


def _otherwise(methods: Mapping[str, Method]) -> Iterator[str]:
    """What is promised of results that convolutions would break which give channels-last tensors."""
    for name, method in methods.items():
        for hint in tensors_of(method.signature.result):
            wanted = hint.shape.memory_format
            if wanted is not Unknown and wanted.order != FORMAT.order and len(hint.shape.axes) == _AXES:
                label = "the result" if name == "forward" else f"the result of `{name}`"
                yield f"{label} is to be `@ {wanted}` (`{hint}`), and would not be"


def _untried(given: nn.Module, methods: Mapping[str, Method]) -> ChannelsLast:
    """What is to be done for a model that can't be run: its modules tell whether it convolves images."""
    if not any(isinstance(one, nn.Conv2d | nn.ConvTranspose2d) for one in given.modules()):
        return ChannelsLast(methods, reason="it has no modules that convolve images")
    chosen = {
        name: tuple(one.name for one in method.signature.parameters if _holds_images(one))
        for name, method in methods.items()
    }
    note = "no inputs are known to try it with"
    return ChannelsLast(_formatted(methods, chosen), _names(chosen), True, notes=(note,))


def _unsuited(axes: set[int]) -> str:
    if not axes:
        return "no convolution ran"
    kinds = " and ".join(_KINDS.get(one, "other") for one in sorted(axes))
    return f"its convolutions are {kinds}, which gain nothing by it"


def _names(chosen: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(
        one if name == "forward" else f"{name}: {one}" for name, inputs in chosen.items() for one in inputs
    )


def _formatted(methods: Mapping[str, Method], chosen: Mapping[str, Sequence[str]]) -> Mapping[str, Method]:
    found: dict[str, Method] = {}
    for name, method in methods.items():
        signature = _with_format(method.signature, chosen.get(name, ()))
        found[name] = method if signature is method.signature else Method(signature, build_plan(signature))
    return found


def _with_format(signature: Signature, inputs: Sequence[str]) -> Signature:
    if not inputs:
        return signature

    def stored(hint: TensorHint) -> TensorHint:
        return replace(hint, shape=replace(hint.shape, memory_format=FORMAT)) if _is_image(hint) else hint

    parameters: tuple[Parameter, ...] = tuple(
        replace(one, hint=map_tensors(one.hint, stored)) if one.name in inputs else one
        for one in signature.parameters
    )
    return replace(signature, parameters=parameters)


def _is_image(hint: TensorHint) -> bool:
    return _has_image_axes(hint) and hint.shape.memory_format is Unknown


def _has_image_axes(hint: TensorHint) -> bool:
    """Whether a hint is of floats with four axes; what may be an integer, too, is taken for floats."""
    takes = hint.family.takes
    floats = any(takes(name) for name in ("float32", "float16", "bfloat16", "float64"))
    return floats and not hint.shape.groups and len(hint.shape.axes) == _AXES


def _holds_images(parameter: Parameter) -> bool:
    return any(_is_image(one) for one in tensors_of(parameter.hint))


@dataclass(frozen=True, slots=True)
class _Found:
    """What runs of one method told: its convolutions by the axes of their inputs, the inputs to store channels-last."""

    axes: frozenset[int]
    inputs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failed: str = ""


def _find(name: str, signature: Signature, examples: Examples) -> _Found:
    sample = examples.first
    assert isinstance(sample, Sample)
    plain = _Watch()
    _run(examples, sample.fresh(), plain)
    if _AXES not in plain.axes:
        return _Found(frozenset(plain.axes))
    label = "" if name == "forward" else f"{name}: "
    notes = [
        f"`{label}{one.name}` keeps the memory format of its annotation"
        for one in signature.parameters
        if any(_has_image_axes(hint) and not _is_image(hint) for hint in tensors_of(one.hint))
    ]
    inputs: list[str] = []
    for one in signature.parameters:
        if not _holds_images(one):
            continue
        formatted = _with_format(signature, [one.name])
        changed_inputs = in_formats(formatted, *sample.fresh())
        watch = _Watch(_images(formatted, changed_inputs))
        try:
            _run(examples, changed_inputs, watch)
        # Whatever a model raises is its own.
        except Exception as error:
            return _Found(frozenset(plain.axes), failed=_failure(f"{label}{one.name}", error))
        # An input whose axes the code moves arrives in another order than it was given in.
        if watch.reached and watch.stored >= plain.stored:
            inputs.append(one.name)
        else:
            notes.append(f"`{label}{one.name}` gets to no convolution as it is given")
    try:
        _run(
            examples,
            in_formats(_with_format(signature, inputs), *sample.fresh()),
            _Watch(gives_channels_last=True),
        )
    except Exception as error:
        return _Found(frozenset(plain.axes), failed=_failure("", error))
    return _Found(frozenset(plain.axes), tuple(inputs), tuple(notes))


def _failure(name: str, error: Exception) -> str:
    given = f"with `{name}` channels-last" if name else "behind convolutions that give channels-last tensors"
    return f"the model fails {given}: {said(error)}"


def _run(examples: Examples, inputs: Inputs, watch: "_Watch") -> None:
    args, kwargs = inputs
    with watch:
        examples.sampler.call(*args, **kwargs)


def _images(signature: Signature, inputs: Inputs) -> list[Tensor]:
    found: list[Tensor] = []

    def note(hint: TensorHint, tensor: Tensor) -> Tensor:
        if hint.shape.memory_format == FORMAT:
            found.append(tensor)
        return tensor

    changed(signature, *inputs, note)
    return found


class _Watch(TorchDispatchMode):
    """Watches the convolutions of one call, and follows tensors to them through what keeps their four axes.

    `axes` are those of the inputs of convolutions, `stored` counts the inputs of four axes that are channels-last,
    `reached` tells whether one comes from what is followed. With `gives_channels_last`, convolutions give what they
    give channels-last, as those do whose weights are stored so.
    """

    def __init__(self, followed: Sequence[Tensor] = (), gives_channels_last: bool = False) -> None:
        super().__init__()
        self.axes: set[int] = set()
        self.stored = 0
        self.reached = False
        self._gives = gives_channels_last
        # An address is a tensor's own as long as the tensor lives.
        self._kept: list[Tensor] = list(followed)
        self._followed = {_address(one) for one in followed}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # torch would load its compiler, seconds long, to tell it to stay away.
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Runs the operator, and notes what goes into it."""
        named = kwargs or {}
        row = CONVOLUTIONS.get(func._schema.name)
        image = args[row.input] if row is not None and len(args) > row.input else None
        if isinstance(image, Tensor):
            self.axes.add(image.dim())
            if image.dim() == _AXES:
                self.stored += image.is_contiguous(memory_format=_TORCHS)
                self.reached |= _address(image) in self._followed
        result = func(*args, **named)
        if image is not None and self._gives and isinstance(result, Tensor) and result.dim() == _AXES:
            result = result.contiguous(memory_format=_TORCHS)
        if self._followed and any(self._follows(one) for one in _tensors([*args, *named.values()])):
            for one in _tensors(result):
                if one.dim() == _AXES:
                    self._kept.append(one)
                    self._followed.add(_address(one))
        return result

    def _follows(self, tensor: Tensor) -> bool:
        return tensor.dim() == _AXES and _address(tensor) in self._followed


def _address(tensor: Tensor) -> int:
    """Where the elements lie; 0 for a tensor that has none of its own."""
    return tensor.untyped_storage().data_ptr() if tensor.layout is torch.strided else 0


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)
