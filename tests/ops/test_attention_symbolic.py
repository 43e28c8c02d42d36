"""Attention, transformers and embeddings with symbols for sizes: what comes out, and what is blamed."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims as d
from tests.ops.symbols import gives, module_gives
from tests.ops.written import size, tensor

_Q, _K, _V = d("B H T d"), d("B H S d"), d("B H S e")

SCALED: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    ((_Q, _K, _V), {}, "B H T e"),
    ((_Q, d("B H d S"), _V), {}, "contracted-dims-differ key[3]"),
    ((_Q, _K, d("B H T e")), {}, "contracted-dims-differ value[2]"),
    ((_Q, d("B K S d"), _V), {}, "broadcast-dims-differ key[1]"),
    ((_Q, _K, _V, d("T S")), {}, "B H T e"),
    ((_Q, _K, _V, d("B 1 T S")), {}, "B H T e"),
    ((_Q, _K, _V, d("B T S")), {}, "mask-differs attn_mask[0]"),
    ((_Q, _K, _V, d("S T")), {}, "mask-differs attn_mask[1]"),
    ((_Q, _K, _V, d("B S")), {}, "mask-differs attn_mask[0]"),
    ((_Q, _K, _V, d("...")), {}, "B H T e"),
    ((_Q, _K, _V, Unknown), {}, "B H T e"),
    ((_Q, _K, _V, d("T S")), {"is_causal": True}, "mask-differs attn_mask"),
    ((d("... T d"), d("... S d"), d("... S e")), {}, "... T e"),
    ((d("*batch T d"), d("*batch S d"), d("*batch S e")), {}, "*batch T e"),
    ((Unknown, _K, _V), {}, "... B H _ e"),
    ((d("B 8 T d"), d("B 2 S d"), d("B 2 S e")), {"enable_gqa": True}, "B 8 T e"),
    ((d("B 8 T d"), d("B 3 S d"), d("B 3 S e")), {"enable_gqa": True}, "heads-differ key[1]"),
    ((d("B 8 T d"), d("B 2 S d"), d("B 2 S e")), {}, "broadcast-dims-differ key[1]"),
]


@pytest.mark.parametrize(("arguments", "options", "out"), SCALED)
def test_scaled_dot_product(arguments: tuple[Any, ...], options: dict[str, Any], out: str) -> None:
    assert gives("torch.nn.functional.scaled_dot_product_attention", *arguments, **options) == out


_X = d("T N 512")
_FIRST = d("N T 512")

MULTIHEAD: list[tuple[tuple[Any, ...], dict[str, Any], tuple[Any, ...], dict[str, Any], Any]] = [
    ((512, 8), {}, (_X, _X, _X), {}, ("T N 512", "N T T")),
    ((512, 8), {}, (_X, _X, _X), {"need_weights": False}, ("T N 512", None)),
    ((512, 8), {}, (_X, _X, _X), {"need_weights": Unknown}, ("T N 512", "?")),
    ((512, 8), {}, (_X, _X, _X), {"average_attn_weights": False}, ("T N 512", "N 8 T T")),
    ((512, 7), {}, (_X, _X, _X), {}, "heads-differ embed_dim"),
    ((size("E"), size("heads")), {}, (d("T N E"),) * 3, {}, ("T N E", "N T T")),
    ((512, 8), {}, (d("T N 256"), _X, _X), {}, "contracted-dims-differ query[2]"),
    ((512, 8), {"batch_first": True}, (_FIRST,) * 3, {}, ("N T 512", "N T T")),
    ((512, 8), {}, (_FIRST,) * 3, {}, "('N T 512', 'T N N') !batch-order-differs"),
    ((512, 8), {"batch_first": True}, (_X,) * 3, {}, ("T N 512", "T N N")),
    ((512, 8), {"batch_first": True}, (d("T B 512"),) * 3, {}, "('T B 512', 'T B B') !batch-order-differs"),
    ((512, 8), {"batch_first": True}, (d("B N 512"),) * 3, {}, ("B N 512", "B N N")),
    ((512, 8), {}, (d("N B 512"),) * 3, {}, ("N B 512", "B N N")),
    ((512, 8), {"batch_first": Unknown}, (_FIRST,) * 3, {}, ("N T 512", "_ _ _")),
    ((512, 8), {}, (_X, d("S N 512"), d("S N 512")), {"key_padding_mask": d("N S")}, ("T N 512", "N T S")),
    ((512, 8), {}, (_X, _X, _X), {"key_padding_mask": d("T N")}, "mask-differs key_padding_mask[0]"),
    ((512, 8), {}, (_X, d("S N 512"), d("S N 512")), {"attn_mask": d("T S")}, ("T N 512", "N T S")),
    ((512, 8), {}, (_X, d("S N 512"), d("S N 512")), {"attn_mask": d("S T")}, "mask-differs attn_mask[0]"),
    ((512, 8), {}, (_X, d("S N 512"), d("S N 512")), {"attn_mask": d("8*N T S")}, ("T N 512", "N T S")),
    ((512, 8), {}, (_X, d("S N 512"), d("S N 512")), {"attn_mask": d("4*N T S")}, "mask-differs attn_mask[0]"),
    ((512, 8), {}, (_X, d("S N 512"), d("T N 512")), {}, "contracted-dims-differ value[0]"),
    ((512, 8), {}, (_X, d("S M 512"), d("S M 512")), {}, "broadcast-dims-differ key[1]"),
    ((512, 8), {}, (d("T 512"), d("S 512"), d("S 512")), {}, ("T 512", "T S")),
    ((512, 8), {}, (d("... 512"), d("... 512"), d("... 512")), {}, ("... 512", "?")),
    ((512, 8), {"kdim": 256}, (_X, d("S N 512"), d("S N 512")), {}, "contracted-dims-differ key[2]"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "options", "inputs", "named", "out"), MULTIHEAD)
def test_multihead_attention(
    made: tuple[Any, ...], options: dict[str, Any], inputs: tuple[Any, ...], named: dict[str, Any], out: Any
) -> None:
    assert module_gives("torch.nn.MultiheadAttention", made, options, *inputs, **named) == out


LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[Any, ...], dict[str, Any], Any]] = [
    ("TransformerEncoderLayer", (512, 8), {}, (_X,), {}, "T N 512"),
    ("TransformerEncoderLayer", (512, 8), {}, (_FIRST,), {}, "N T 512 !batch-order-differs"),
    ("TransformerEncoderLayer", (512, 8), {"batch_first": True}, (_FIRST,), {}, "N T 512"),
    ("TransformerEncoderLayer", (512, 8), {}, (d("T N C"),), {}, "T N C"),
    ("TransformerEncoderLayer", (512, 8), {}, (d("T N 256"),), {}, "contracted-dims-differ src[2]"),
    ("TransformerEncoderLayer", (512, 7), {}, (_X,), {}, "heads-differ d_model"),
    (
        "TransformerEncoderLayer", (512, 8), {}, (_X,), {"src_key_padding_mask": d("T N")},
        "mask-differs src_key_padding_mask[0]",
    ),
    ("TransformerEncoder", (Unknown, 6), {}, (_X,), {}, "T N 512"),
    ("TransformerDecoder", (Unknown, 6), {}, (_X, d("S N 512")), {}, "T N 512"),
    ("TransformerDecoderLayer", (512, 8), {}, (_X, d("S N 512")), {"memory_mask": d("T S")}, "T N 512"),
    ("TransformerDecoderLayer", (512, 8), {}, (_X, d("S N 512")), {"tgt_mask": d("T S")}, "mask-differs tgt_mask[1]"),
    ("Transformer", (512, 8), {}, (d("S N 512"), _X), {}, "T N 512"),
    ("Transformer", (512, 8), {}, (d("S M 512"), _X), {}, "broadcast-dims-differ tgt[1]"),
    ("Embedding", (1000, 64), {}, (d("B T"),), {}, "B T 64"),
    ("Embedding", (1000, size("D")), {}, (d("..."),), {}, "... D"),
    ("Embedding", (1000, 64), {}, (tensor("B T"),), {}, "dtype-differs input"),
    ("EmbeddingBag", (1000, 64), {}, (d("B T"),), {}, "B 64"),
    ("EmbeddingBag", (1000, 64), {"include_last_offset": True}, (d("T"),), {"offsets": d("K")}, "K-1 64"),
    ("EmbeddingBag", (1000, 64), {}, (d("B T C"),), {}, "rank-unfit input"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "made", "options", "inputs", "named", "out"), LAYERS)
def test_layers(
    name: str,
    made: tuple[Any, ...],
    options: dict[str, Any],
    inputs: tuple[Any, ...],
    named: dict[str, Any],
    out: Any,
) -> None:
    assert module_gives(f"torch.nn.{name}", made, options, *inputs, **named) == out


def test_lookups() -> None:
    assert gives("torch.nn.functional.embedding", d("B T"), d("V D")) == "B T D"
    assert gives("torch.nn.functional.embedding", d("B T"), d("B V D")) == "rank-unfit weight"
    assert gives("torch.nn.functional.embedding_bag", d("B T"), d("V D")) == "B D"
