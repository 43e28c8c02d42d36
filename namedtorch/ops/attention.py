"""Attention; its output projection is a `Linear` of its own."""

from dataclasses import replace
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attribute import Read, read_flag, read_size
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.signature.hints import ANYTHING, TupleHint
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature


def _forward(read: Read) -> tuple[Signature, ...]:
    """`t` queries of `s` keys; the attention weights are Any, for arguments of the call choose their shape."""
    first = read_flag(read, "batch_first")
    queries, keys = ("_ _", "_ _") if first is Unknown else ("n t", "n s") if first else ("t n", "s n")
    key, value = _width(read, "kdim"), _width(read, "vdim")
    texts = (
        f"query: {queries} embed, key: {keys} {key}, value: {keys} {value} -> {queries} embed",
        f"query: t embed, key: s {key}, value: s {value} -> t embed",
    )
    signatures = [parse_signature(text) for text in texts]
    return tuple(replace(one, result=TupleHint((one.result, ANYTHING))) for one in signatures)


def _width(read: Read, name: str) -> str:
    """The dim of keys or values: that of the queries, unless the module was given another."""
    size, embed = read_size(read, name), read_size(read, "embed_dim")
    return "embed" if size is not Unknown and size == embed else name


MODULES: Final = (
    ModuleRule(
        "torch.nn.MultiheadAttention",
        sizes={"embed": "embed_dim", "kdim": "kdim", "vdim": "vdim"},
        state={
            # One weight for all three, or three weights where keys or values have a size of their own.
            "in_proj_weight": "qkv=3*embed embed",
            "q_proj_weight": "embed embed",
            "k_proj_weight": "embed kdim",
            "v_proj_weight": "embed vdim",
            "in_proj_bias": "qkv=3*embed",
            "bias_k": "1 1 embed",
            "bias_v": "1 1 embed",
        },
        forward=_forward,
    ),
)
