"""Float layers in the form in which torch can quantize them: the same numbers, made by other layers."""

import copy
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn

from namedtorch.lower.functions import is_torchs
from namedtorch.lower.mending.module_classes import become
from namedtorch.lower.quantize.attention import SplitAttention
from namedtorch.lower.quantize.bags import MeanBag
from namedtorch.lower.quantize.layers import DYNAMIC
from namedtorch.runtime import adopt

# What a subclass may say anew without computing anything else: how it is made, filled and shown.
_HARMLESS = frozenset({"__init__", "reset_parameters", "extra_repr", "__repr__", "__module__", "__doc__"})


class Whole(nn.Module):
    """A model that is one layer, around that layer: torch's quantized ones name what they take otherwise."""

    TAKEN = (nn.Linear, nn.Embedding)

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.training = layer.training

    def forward(self, input: Tensor) -> Tensor:
        """What the layer gives."""
        return self.layer(input)


def unguarded(root: nn.Module) -> nn.Module:
    """A copy of a user's module, in the class that the module had before it was given a signature as text.

    It is held to that signature from outside.
    """
    owner = type(root)
    if getattr(vars(owner).get("__reduce_ex__"), "__module__", "") == adopt.__name__:
        become(root, owner.__mro__[1])
    return root


def rebuilt(layer: nn.Module) -> nn.Module | None:
    """Another module that gives what a layer gives, and that torch can quantize; None where there is none, or no need.

    Attention is split into its projections, means of bags become sums, recurrent layers without biases get zeros, and
    a subclass that computes nothing of its own becomes torch's class.
    """
    for owner, make in _MAKERS.items():
        if type(layer) is owner:
            return make(layer)
    known = (*DYNAMIC, nn.MultiheadAttention)
    plain = next((owner for owner in known if _only_made_otherwise(type(layer), owner)), None)
    if plain is None:
        return None
    made = copy.copy(layer)
    become(made, plain)
    return rebuilt(made) or made


def _only_made_otherwise(owner: type, plain: type) -> bool:
    """Whether a strict subclass of a class changes none of its methods but those that make and show it."""
    if not issubclass(owner, plain) or owner is plain or is_torchs(owner):
        return False
    between = owner.__mro__[: owner.__mro__.index(plain)]
    said = {name for one in between for name in vars(one)} - _HARMLESS
    return not said & {*dir(plain), "__torch_function__"}


def _split(layer: nn.Module) -> nn.Module | None:
    whole = cast("nn.MultiheadAttention", layer)
    return SplitAttention(whole)


def _meant(layer: nn.Module) -> nn.Module | None:
    bag = cast("nn.EmbeddingBag", layer)
    takes = bag.mode == "mean" and bag.padding_idx is None and bag.max_norm is None
    return MeanBag(bag) if takes else None


def _biased(layer: nn.Module) -> nn.Module | None:
    """A recurrent layer with zeros for the biases that it has not."""
    said: Any = layer
    if said.bias:
        return None
    names = ["input_size", "hidden_size", *(["nonlinearity"] if "nonlinearity" in vars(layer) else [])]
    if isinstance(layer, nn.RNNBase):
        names += ["num_layers", "batch_first", "dropout", "bidirectional", "proj_size"]
    options: dict[str, Any] = {name: vars(layer)[name] for name in names}
    if options.get("num_layers") == 1:
        options.pop("dropout")
    if not options.get("proj_size"):
        options.pop("proj_size", None)
    weight = next(layer.parameters())
    with torch.random.fork_rng():
        made = type(layer)(**options, device=weight.device, dtype=weight.dtype)
    with torch.no_grad():
        for name, one in made.named_parameters():
            if name.startswith("bias"):
                one.zero_()
    for name, one in layer.named_parameters():
        setattr(made, name, one)
    for one in made.parameters():
        one.requires_grad_(weight.requires_grad)
    made.training = layer.training
    return made


_MAKERS: dict[type, Callable[[nn.Module], nn.Module | None]] = {
    nn.MultiheadAttention: _split,
    nn.EmbeddingBag: _meant,
    **{owner: _biased for owner in DYNAMIC if issubclass(owner, nn.RNNBase | nn.RNNCellBase)},
}
