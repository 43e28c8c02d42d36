"""Transformers: they keep the shape of the sequence that they transform."""

from collections.abc import Callable
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attention import Divides, Sequence, check_mask, check_padding, sequence, shared
from namedtorch.ops.attribute import read_flag, read_size
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.sequence import notice_order
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Fields


def _taken(call: Call, *names: str) -> list[Sequence]:
    """Sequences of as many features as the model has, with one batch."""
    width, first = read_size(call.read, "d_model"), read_flag(call.read, "batch_first")
    found = [sequence(call, name, width, first, "d_model") for name in names]
    found = _of_one_batch(call, found)
    for one in found:
        notice_order(call, one.name, one.shape, first)
    return found


def _of_one_batch(call: Call, found: list[Sequence]) -> list[Sequence]:
    """One or two sequences, which have to have one batch, under the name that either has. Raises `Misfit`."""
    return list(shared(call, found[0], found[1], steps=False)) if len(found) > 1 else found


def _masked(call: Call, one: Sequence, other: Sequence, mask: str, padding: str) -> Sequence:
    """A sequence that attends to another, or to itself, with the names of the masks. Raises `Misfit`."""
    queries, keys = check_mask(call, mask, one, other, read_size(call.read, "nhead"))
    keys = check_padding(call, padding, keys)
    return shared(call, queries, keys, steps=one is other)[0]


def encoder_layer(call: Call) -> TensorShape:
    """Attends to itself."""
    (src,) = _taken(call, "src")
    src = _masked(call, src, src, "src_mask", "src_key_padding_mask")
    if call.value("is_causal") is True and call.value("src_mask") is None:
        raise Misfit("mask-differs", "`is_causal` is a hint about `src_mask`, which is not given", "src")
    return src.shape


def decoder_layer(call: Call) -> TensorShape:
    """Attends to itself, then to a memory."""
    tgt, memory = _taken(call, "tgt", "memory")
    tgt = _masked(call, tgt, tgt, "tgt_mask", "tgt_key_padding_mask")
    return _masked(call, tgt, memory, "memory_mask", "memory_key_padding_mask").shape


def transformer(call: Call) -> TensorShape:
    """An encoder of `src`, and a decoder of `tgt`."""
    if call.value("custom_encoder") is not None or call.value("custom_decoder") is not None:
        return call.shape("tgt")
    src, tgt = _taken(call, "src", "tgt")
    src = _masked(call, src, src, "src_mask", "src_key_padding_mask")
    tgt = _masked(call, tgt, tgt, "tgt_mask", "tgt_key_padding_mask")
    return _masked(call, tgt, src, "memory_mask", "memory_key_padding_mask").shape


def _stack(*names: str) -> Callable[[Call], TensorShape]:
    def rule(call: Call) -> TensorShape:
        """Layers one behind another, which keep the shape of the first sequence."""
        layer = call.attribute("encoder_layer" if names == ("src",) else "decoder_layer")
        if isinstance(layer, Fields) and {"d_model", "batch_first"} <= set(layer.names):
            held = dict(zip(layer.names, layer.items, strict=True))
            found = _taken(Call(call.arguments, call.judge, held.__getitem__), *names)
        else:
            found = [sequence(call, name, Unknown, Unknown, "") for name in names]
        return _of_one_batch(call, found)[0].shape

    return rule


_LAYER: Final = (
    "d_model, nhead, dim_feedforward=2048, dropout=0.1, activation='relu', layer_norm_eps=1e-05, "
    "batch_first=False, norm_first=False, bias=True, device=None, dtype=None"
)
_DECODED: Final = (
    "tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None, "
    "tgt_is_causal=False, memory_is_causal=False"
)

MODULES: Final = (
    ModuleRule(
        "torch.nn.TransformerEncoderLayer",
        constructor=_LAYER,
        requires=Divides("d_model", "nhead"),
        operate=encoder_layer,
        takes="src, src_mask=None, src_key_padding_mask=None, is_causal=False",
    ),
    ModuleRule(
        "torch.nn.TransformerDecoderLayer",
        constructor=_LAYER,
        requires=Divides("d_model", "nhead"),
        operate=decoder_layer,
        takes=_DECODED,
    ),
    ModuleRule(
        "torch.nn.TransformerEncoder",
        constructor="encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True",
        operate=_stack("src"),
        takes="src, mask=None, src_key_padding_mask=None, is_causal=None",
    ),
    ModuleRule(
        "torch.nn.TransformerDecoder",
        constructor="decoder_layer, num_layers, norm=None",
        operate=_stack("tgt", "memory"),
        takes=_DECODED.replace("tgt_is_causal=False", "tgt_is_causal=None"),
    ),
    ModuleRule(
        "torch.nn.Transformer",
        constructor=(
            "d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6, dim_feedforward=2048, dropout=0.1, "
            "activation='relu', custom_encoder=None, custom_decoder=None, layer_norm_eps=1e-05, batch_first=False, "
            "norm_first=False, bias=True, device=None, dtype=None"
        ),
        requires=Divides("d_model", "nhead"),
        operate=transformer,
        takes=(
            "src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None, "
            "tgt_key_padding_mask=None, memory_key_padding_mask=None, src_is_causal=None, tgt_is_causal=None, "
            "memory_is_causal=False"
        ),
    ),
)
