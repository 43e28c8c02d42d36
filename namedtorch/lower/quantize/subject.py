"""What is quantized: a float model with its signature, copies of it without names, and inputs that it takes."""

import copy
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from torch import nn

from namedtorch.diagnostics import LowerError
from namedtorch.lower.boundary import Boundary, boundary_of
from namedtorch.lower.drawing import Examples, examples_of
from namedtorch.lower.erasure import erase_names
from namedtorch.lower.given_example import Example, Inputs
from namedtorch.lower.modules import copied
from namedtorch.lower.quantize.held import Held
from namedtorch.lower.quantize.unguarded import drop_named_guards
from namedtorch.lower.samples import Sample
from namedtorch.lower.source import Sources
from namedtorch.lower.torchscript import is_script
from namedtorch.runtime.checked import checked


@dataclass(frozen=True, slots=True)
class Subject:
    """A float model that names its dims: the user's module, the boundary that its calls are held to, and inputs.

    `name` is the qualified name of its class, `examples` makes inputs of its methods in any sizes.
    """

    given: nn.Module
    name: str
    boundary: Boundary
    examples: Callable[[], Mapping[str, Examples]]

    @property
    def label(self) -> str:
        """What messages call the model."""
        return type(self.given).__qualname__

    def copy(self, train: bool = False) -> nn.Module:
        """A deep copy in plain torch, without names; in eval mode, or in training mode."""
        made = copied(self.given, train)
        erase_names(made)
        drop_named_guards(made)
        return made

    def held(self, body: nn.Module, engine: str | None = None) -> Held:
        """A module in the place of this one, behind its guard; of a quantized one, `engine` is what it runs on."""
        return Held(body, self.boundary.methods, self.label, engine)

    def inputs(self) -> list[Inputs]:
        """Inputs of forward in several sizes, drawn or by the user's example; none where it takes none of them."""
        return inputs_in_sizes(self.examples()["forward"])


def inputs_in_sizes(examples: Examples) -> list[Inputs]:
    """Inputs in which every free dim has two sizes, as far as the model takes them; also without optional tensors."""
    first = examples.first
    if not isinstance(first, Sample):
        return []
    found = [first]
    others = [one for seed in (1, 2) if isinstance(one := examples.sample({}, seed), Sample)]
    if not others:
        for name, size in first.sizes.items():
            if name in examples.sampler.free and isinstance(size, int):
                tried = (examples.sample({name: other}) for other in (size + 1, 2 * size, max(1, size // 2)))
                others += [one for one in tried if isinstance(one, Sample)][:1]
    absent = examples.without_optional()
    if isinstance(absent, Sample):
        others.append(absent)
    return [one.fresh() for one in found + others]


def subject_of(
    model: nn.Module, signature: str | Mapping[str, str] | None, example: Example | None
) -> Subject:
    """The subject of a user's module; `signature` names dims where its annotations do not.

    A model on another device is copied to the CPU, where quantized operators run. Raises LowerError for what is no
    module, is TorchScript already, has no weights, or names no dims.
    """
    if is_script(model):
        raise LowerError(
            "this is TorchScript already, and what is quantized is the module that it was made of"
        )
    if isinstance(model, Held):
        raise LowerError(
            f"{model!r} is made of the model that is quantized: give that model"
            + (", or call convert()" if hasattr(model, "convert") else "")
        )
    if isinstance(model, type):
        raise LowerError(f"{model.__qualname__} is a class, not a module: make one, {model.__name__}(...)")
    if not isinstance(model, nn.Module):
        raise LowerError(f"what is quantized is a module, not {type(model).__name__}")
    owner = type(model)
    name = f"{owner.__module__}.{owner.__qualname__}"
    model = _on_cpu(model)
    if signature is not None:
        model = checked(model, signature)
    boundary = boundary_of(model, Sources())
    if not boundary.methods["forward"].signature.has_dims:
        raise LowerError(
            f"{owner.__qualname__}.forward names no dims, so inputs could not be held to anything: annotate it "
            '(image: Float[Tensor, "N C H W"]), or give it a signature: '
            'quantize(model, ..., signature="image: N C H W -> N classes")'
        )
    methods = boundary.methods
    return Subject(
        model, name, boundary, cache(lambda: examples_of(model, methods, train=False, example=example))
    )


def _on_cpu(model: nn.Module) -> nn.Module:
    """The model, or a copy of it on the CPU where it is on another device."""
    devices = {one.device.type for one in itertools.chain(model.parameters(), model.buffers())}
    if "meta" in devices:
        raise LowerError(
            f"{type(model).__qualname__} is on the device meta, where tensors have sizes and no values: load its "
            "weights, then quantize it"
        )
    if devices <= {"cpu"}:
        return model
    made = copy.deepcopy(model)
    return made.cpu()
