"""Cases of transformers."""

from torch import nn

from tests.ops.oracle import ModuleCase, bools, t

_SMALL = {"dim_feedforward": 7, "dropout": 0.0}
_ENCODER = nn.TransformerEncoderLayer(12, 3, 7, device="meta")
_DECODER = nn.TransformerDecoderLayer(12, 3, 7, device="meta")
_SRC = [(5, 2, 12), (5, 12), (5, 2, 11), (12,), (1, 5, 2, 12)]
_PAIRS = [
    ((5, 2, 12), (7, 2, 12)),
    ((2, 5, 12), (2, 7, 12)),
    ((5, 12), (7, 12)),
    ((5, 2, 12), (7, 12)),
    ((5, 2, 12), (7, 2, 11)),
    ((5, 2, 12), (7, 3, 12)),
]

MODULE_CASES = [
    *(
        ModuleCase("torch.nn.TransformerEncoderLayer", (12, 3), {**_SMALL, "batch_first": first}, (t(*src),))
        for src in _SRC
        for first in (False, True)
    ),
    ModuleCase("torch.nn.TransformerEncoderLayer", (12, 5), _SMALL, (t(5, 2, 12),)),
    *(
        ModuleCase(
            "torch.nn.TransformerEncoderLayer", (12, 3), {**_SMALL, "batch_first": first}, (t(*src),), masks
        )
        for src, first in (((5, 2, 12), False), ((2, 5, 12), True), ((5, 12), False))
        for masks in (
            {"src_mask": bools(5, 5)},
            {"src_mask": bools(2, 2)},
            {"src_mask": bools(6, 5, 5)},
            {"src_mask": bools(2, 5, 5)},
            {"src_key_padding_mask": bools(2, 5)},
            {"src_key_padding_mask": bools(5, 2)},
            {"src_key_padding_mask": bools(5)},
            {"is_causal": True},
        )
    ),
    *(
        ModuleCase(
            "torch.nn.TransformerDecoderLayer",
            (12, 3),
            {**_SMALL, "batch_first": first},
            (t(*tgt), t(*memory)),
            masks,
        )
        for tgt, memory in _PAIRS
        for first in (False, True)
        for masks in (
            {},
            {"tgt_mask": bools(5, 5)},
            {"memory_mask": bools(5, 7)},
            {"memory_mask": bools(7, 5)},
            {"tgt_key_padding_mask": bools(2, 5)},
            {"memory_key_padding_mask": bools(2, 7)},
        )
    ),
    *(
        ModuleCase("torch.nn.TransformerEncoder", (_ENCODER, 2), {}, (t(*src),))
        for src in ((5, 2, 12), (5, 12), (12,))
    ),
    *(
        ModuleCase("torch.nn.TransformerDecoder", (_DECODER, 2), {}, (t(*tgt), t(*memory)))
        for tgt, memory in (((5, 2, 12), (7, 2, 12)), ((5, 12), (7, 12)), ((5, 2, 12), (7, 12)))
    ),
    *(
        ModuleCase(
            "torch.nn.Transformer",
            (12, 3, 1, 1),
            {**_SMALL, "batch_first": first},
            (t(*src), t(*tgt)),
            {"src_is_causal": False, "tgt_is_causal": False, **masks},
        )
        for src, tgt in _PAIRS
        for first in (False, True)
        for masks in (
            {},
            {"src_mask": bools(5, 5)},
            {"tgt_mask": bools(7, 7)},
            {"memory_mask": bools(7, 5)},
            {"tgt_mask": bools(5, 7)},
        )
    ),
    ModuleCase("torch.nn.Transformer", (12, 5, 1, 1), _SMALL, (t(5, 2, 12), t(5, 2, 12))),
]
