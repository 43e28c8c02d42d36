"""Cases of attention."""

from typing import Any

from tests.ops.oracle import Case, ModuleCase, bools, call, t

_SDPA = "torch.nn.functional.scaled_dot_product_attention"
_MHA = "torch.nn.MultiheadAttention"
_QKV = [
    ((2, 3, 5, 7), (2, 3, 11, 7), (2, 3, 11, 13)),
    ((2, 3, 5, 7), (2, 3, 5, 7), (2, 3, 5, 7)),
    ((2, 3, 5, 7), (2, 3, 7, 5), (2, 3, 7, 5)),
    ((2, 3, 5, 7), (2, 3, 11, 7), (2, 3, 5, 13)),
    ((2, 3, 5, 7), (2, 1, 11, 7), (2, 1, 11, 7)),
    ((2, 3, 5, 7), (2, 4, 11, 7), (2, 4, 11, 7)),
    ((3, 5, 7), (3, 11, 7), (3, 11, 13)),
    ((5, 7), (11, 7), (11, 13)),
    ((2, 3, 5, 7), (3, 11, 7), (3, 11, 13)),
    ((7,), (11, 7), (11, 13)),
]
_MASKS = [
    (),
    (11,),
    (5, 11),
    (5, 1),
    (11, 5),
    (2, 5, 11),
    (3, 5, 11),
    (2, 1, 5, 11),
    (2, 3, 5, 11),
    (2, 1, 1, 11),
]


def _mha(
    inputs: tuple[tuple[int, ...], ...],
    made: tuple[int, ...] = (12, 3),
    named: dict[str, Any] | None = None,
    **options: Any,
) -> ModuleCase:
    return ModuleCase(_MHA, made, options, tuple(t(*one) for one in inputs), named or {})


CASES = [
    *(call(_SDPA, t(*q), t(*k), t(*v), is_causal=causal) for q, k, v in _QKV for causal in (False, True)),
    *(
        call(_SDPA, t(2, 3, 5, 7), t(2, 3, 11, 7), t(2, 3, 11, 13), mask)
        for shape in _MASKS
        for mask in (t(*shape), bools(*shape))
    ),
    call(_SDPA, t(2, 3, 5, 7), t(2, 3, 11, 7), t(2, 3, 11, 13), t(5, 11), is_causal=True),
    *(
        Case(_SDPA, (t(1, 3, 5, 7), t(1, 3, 11, 7), t(1, 3, 11, 13), t(*shape)), lenient=True)
        for shape in ((1, 2, 3, 5, 11), (2, 3, 5, 11))
    ),
    call(_SDPA, t(2, 6, 5, 7), t(2, 3, 11, 7), t(2, 3, 11, 13), enable_gqa=True),
    call(_SDPA, t(2, 6, 5, 7), t(2, 4, 11, 7), t(2, 4, 11, 13), enable_gqa=True),
    call(_SDPA, t(2, 6, 5, 7), t(2, 1, 11, 7), t(2, 1, 11, 13), enable_gqa=True),
    call(_SDPA, t(2, 6, 5, 7), t(2, 3, 11, 7), t(2, 3, 11, 13), bools(2, 1, 5, 11), enable_gqa=True),
    *(
        call(
            "torch.nn.functional.multi_head_attention_forward",
            t(*q),
            t(*k),
            t(*k),
            12,
            3,
            t(36, 12),
            t(36),
            None,
            None,
            False,
            0.0,
            t(12, 12),
            t(12),
            **options,
        )
        for q, k in (
            ((5, 2, 12), (7, 2, 12)),
            ((5, 12), (7, 12)),
            ((5, 2, 12), (7, 3, 12)),
            ((5, 2, 11), (7, 2, 11)),
        )
        for options in (
            {},
            {"need_weights": False},
            {"average_attn_weights": False},
            {"attn_mask": t(5, 7)},
            {"attn_mask": t(7, 5)},
        )
    ),
]

_BATCHED = ((5, 2, 12), (7, 2, 12), (7, 2, 12))
_FIRST = ((2, 5, 12), (2, 7, 12), (2, 7, 12))
_ALONE = ((5, 12), (7, 12), (7, 12))

MODULE_CASES = [
    *(
        _mha(inputs, batch_first=first)
        for inputs in (
            _BATCHED,
            _FIRST,
            _ALONE,
            ((5, 2, 12), (7, 12), (7, 12)),
            ((5, 2, 11), (7, 2, 12), (7, 2, 12)),
            ((5, 2, 12), (7, 2, 11), (7, 2, 11)),
            ((5, 2, 12), (7, 2, 12), (6, 2, 12)),
            ((12,), (12,), (12,)),
            ((1, 5, 2, 12), (1, 7, 2, 12), (1, 7, 2, 12)),
            ((5, 2, 12), (7, 3, 12), (7, 3, 12)),
        )
        for first in (False, True)
    ),
    *(
        _mha(inputs, named=named, batch_first=first)
        for inputs, first in ((_BATCHED, False), (_FIRST, True), (_ALONE, False))
        for named in (
            {"need_weights": False},
            {"average_attn_weights": False},
            {"key_padding_mask": bools(2, 7)},
            {"key_padding_mask": bools(7)},
            {"key_padding_mask": bools(7, 2)},
            {"key_padding_mask": bools(2, 5)},
            {"attn_mask": bools(5, 7)},
            {"attn_mask": bools(7, 5)},
            {"attn_mask": t(6, 5, 7)},
            {"attn_mask": t(3, 5, 7)},
            {"attn_mask": t(2, 5, 7)},
            {"attn_mask": t(2, 3, 5, 7)},
            {"attn_mask": t(5)},
            {"is_causal": True},
            {"attn_mask": bools(5, 7), "is_causal": True},
            {"attn_mask": bools(5, 7), "key_padding_mask": bools(2, 7)},
        )
    ),
    *(_mha(_BATCHED, made) for made in ((12, 5), (12, 4), (12, 12), (12, 24))),
    *(
        _mha(inputs, kdim=7, vdim=11)
        for inputs in (((5, 2, 12), (7, 2, 7), (7, 2, 11)), ((5, 2, 12), (7, 2, 11), (7, 2, 7)), _BATCHED)
    ),
    *(
        _mha(_BATCHED, named=named, **options)
        for named in ({}, {"attn_mask": bools(5, 7)}, {"average_attn_weights": False})
        for options in (
            {"add_bias_kv": True},
            {"add_zero_attn": True},
            {"add_bias_kv": True, "add_zero_attn": True},
        )
    ),
]
