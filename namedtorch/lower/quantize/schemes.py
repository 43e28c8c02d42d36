"""How the layers of a converted body were quantized, read from the body itself."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import torch
from torch import nn
from torch.ao.nn.intrinsic.modules.fused import _FusedModule
from torch.ao.nn.quantized import Embedding

from namedtorch.archive.quantization import LayerScheme
from namedtorch.dims.pattern import Dim
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.functions import is_torchs
from namedtorch.lower.mending.module_classes import written_class
from namedtorch.lower.quantize.choice import around
from namedtorch.lower.state import own_tensors, row_dims

_PER_CHANNEL = (
    torch.per_channel_affine,
    torch.per_channel_symmetric,
    torch.per_channel_affine_float_qparams,
)

_PACKED = "_packed_weight_"
"""What torch calls the packed weight of a function, behind the path of the module that calls it."""

_ROUNDING = 0.1
"""How far weights of 8 bits are from what they were, at most, in parts of their norm."""


def schemes_of(
    body: nn.Module,
    reference: nn.Module,
    left: Mapping[str, str],
    fused: Mapping[str, tuple[str, ...]] = {},
) -> tuple[dict[str, LayerScheme], dict[str, str]]:
    """The scheme of each quantized layer of a body, and why each layer with weights stayed float, by their paths.

    `reference` is the float body whose layers stand at the same paths. `left` gives reasons by path, that of a module
    for all in it; where it says nothing, torch has no quantized operator for the layer. `fused` names the layers that
    others took in, by the paths of those; what their classes tell need not be said.
    """
    floats = dict(reference.named_modules(remove_duplicate=False))
    layers: dict[str, LayerScheme] = {}
    stayed: dict[str, str] = {}
    for path, one in body.named_modules(remove_duplicate=False):
        if any(above in layers for above in around(path)):
            continue
        if _is_quantized(type(one)):
            scheme = _scheme(one, floats.get(path), fused.get(path, ()))
            if scheme is not None:
                layers[path] = scheme
        elif any(value.is_floating_point() for value in one.parameters(recurse=False)):
            said = next((left[above] for above in around(path) if above in left), "")
            stayed[_told(path, body)] = said or _no_operator(one)
    for path, scheme in _of_functions(body, reference):
        layers.setdefault(path, scheme)
    return layers, stayed


def _of_functions(body: nn.Module, reference: nn.Module) -> Iterator[tuple[str, LayerScheme]]:
    """The schemes of weights that functions take (`F.linear(x, self.matrix)`), by the paths of the parameters.

    What was computed of parameters before it was packed has the path of the module whose code did so.
    """
    for one in body.modules():
        for name, value in vars(one).items():
            if _is_quantized(type(one)) or not isinstance(value, torch.ScriptObject):
                continue
            packed: Any = value
            weight = packed.unpack()[0]
            kind = packed._type().name().removesuffix("PackedParamsBase").lower()
            holder = name.partition(_PACKED)[0]
            inside = (path for path, _ in reference.named_modules() if path.replace(".", "_") == holder)
            yield _source(weight, reference) or next(inside, ""), _packed_scheme(kind, weight)


def _source(weight: torch.Tensor, reference: nn.Module) -> str:
    """The path of the parameter that a weight was quantized of; "" where there is none."""
    values = weight.dequantize()
    for path, one in reference.named_parameters(remove_duplicate=False):
        if one.shape == values.shape and (one - values).norm() < _ROUNDING * one.norm():
            return path
    return ""


def _packed_scheme(kind: str, weight: torch.Tensor) -> LayerScheme:
    per_channel = weight.qscheme() in _PER_CHANNEL
    return LayerScheme(
        kind,
        str(weight.dtype).removeprefix("torch."),
        "quint8",
        "per_channel" if per_channel else "per_tensor",
        weight.q_per_channel_axis() if per_channel else None,
    )


def _told(path: str, body: nn.Module) -> str:
    """The path that a layer has in the user's model: one that stays float is first in what torch fused it to."""
    above = path.rpartition(".")[0]
    return above if isinstance(body.get_submodule(above), _FusedModule) else path


def quantized_weights(layer: nn.Module) -> dict[str, torch.Tensor]:
    """The weights of a quantized layer, by the names that the float layer has for them; float16 ones come as float32.

    Empty for a layer whose weights are float, or that has none.
    """
    one: Any = layer
    if hasattr(one, "_weight_bias"):
        found = one._weight_bias()
        if isinstance(found, dict):
            return cast("dict[str, dict[str, torch.Tensor]]", found)["weight"]
    weight = one.weight() if callable(getattr(one, "weight", None)) else None
    return {} if weight is None else {"weight": weight}


def _is_quantized(owner: type) -> bool:
    """Whether a class is one of torch's quantized layers, or made of one."""
    return any(
        one.__module__.startswith("torch.ao.nn.") and ".quantized" in one.__module__ for one in owner.__mro__
    )


def _scheme(layer: nn.Module, given: nn.Module | None, fused: tuple[str, ...]) -> LayerScheme | None:
    """The scheme of a quantized layer; None for what stands for no layer of the float body, as a quantizer does."""
    parts = _parts(layer, given)
    if not parts:
        return None
    kind, *taken = parts
    if fused:
        taken = [*fused, *(one for one in taken if one not in fused)]
    float_layer = given[0] if isinstance(given, _FusedModule) else given
    weights = quantized_weights(layer)
    name, weight = next(iter(weights.items()), ("", None))
    # What the operators of all engines give is unsigned; dynamic ones and tables give floats.
    activation = "" if _is_dynamic(type(layer)) or isinstance(layer, Embedding) else "quint8"
    if weight is None:
        return LayerScheme(kind, "", activation, fused=tuple(taken))
    if not weight.is_quantized:
        return LayerScheme(kind, "float16", activation, fused=tuple(taken))
    axis = cast("int", weight.q_per_channel_axis()) if weight.qscheme() in _PER_CHANNEL else None
    return LayerScheme(
        kind,
        str(weight.dtype).removeprefix("torch."),
        activation,
        "per_tensor" if axis is None else "per_channel",
        axis,
        None if axis is None or float_layer is None else _dim(float_layer, name, axis),
        tuple(taken),
    )


def _is_dynamic(owner: type) -> bool:
    return any(".dynamic" in one.__module__ for one in owner.__mro__ if is_torchs(one))


def _parts(layer: nn.Module, given: nn.Module | None) -> list[str]:
    """The classes of the float layers that a quantized one stands for, that with the weights first."""
    owners: list[type] = []
    if isinstance(given, _FusedModule) and len(given):
        owners = [written_class(one) for one in given.children()]
    elif given is not None:
        owners = _trained(type(given)) or [written_class(given)]
    if not owners:
        told: Any = getattr(type(layer), "_FLOAT_MODULE", None)
        told = told[0] if isinstance(told, tuple) else told
        owners = [told] if isinstance(told, type) else []
    names = [one.__name__ for one in owners]
    # A layer that took in what follows it says so in its class: ConvReLU2d in the place of a Conv2d.
    if names and "ReLU" in type(layer).__name__ and not any("ReLU" in one for one in names):
        names.append("ReLU")
    return names if owners and all(_is_layer(one) for one in owners) else []


def _trained(owner: type) -> list[type]:
    """The float layers that a class for training with fake-quants stands for."""
    if ".qat" not in owner.__module__:
        return []
    parts = [getattr(owner, f"_FLOAT_{one}_MODULE", None) for one in ("CONV", "LINEAR", "BN", "RELU")]
    found = [one for one in parts if isinstance(one, type)]
    whole = getattr(owner, "_FLOAT_MODULE", None)
    return found or ([whole] if isinstance(whole, type) else [])


def _is_layer(owner: type) -> bool:
    return not owner.__module__.startswith("torch.ao.quantization")


def _dim(layer: nn.Module, name: str, axis: int) -> str | None:
    """The name of an axis of a tensor of a float layer by the table of modules; None where it has none."""
    shape = row_dims(layer, own_tensors(layer)).get(name)
    if shape is None or axis >= len(shape.axes):
        return None
    dim = shape.axes[axis]
    return dim.name if isinstance(dim, Dim) and dim.name is not Unknown else None


def _no_operator(layer: nn.Module) -> str:
    """Why a layer with weights stayed float where nobody left it so."""
    owner = written_class(layer)
    if is_torchs(owner) and not isinstance(layer, nn.ParameterList | nn.ParameterDict):
        return f"torch has no quantized operator for {owner.__name__}"
    names = ", ".join(f"`{name}`" for name, value in layer._parameters.items() if value is not None)
    return f"bare parameters ({names}): torch quantizes the weights of layers"
