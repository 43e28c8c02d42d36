"""Names behind attention."""

from typing import Any

from tests.ops.names.harness import NamesCase, names
from tests.ops.oracle import T, bools, t

_DOT = "torch.nn.functional.scaled_dot_product_attention"
Q, K, V = t(2, 3, 5, 7), t(2, 3, 11, 7), t(2, 3, 11, 13)


def _heads(
    taken: str,
    given: str,
    *,
    sizes: tuple[tuple[int, ...], ...] = ((5, 2, 12), (7, 2, 12), (7, 2, 12)),
    weights: str = "_ _, _, _ _, _",
    extra: Any = None,
    mask: tuple[str, T] | None = None,
    padding: tuple[str, T] | None = None,
    **options: Any,
) -> NamesCase:
    """Attention of 3 heads; `weights` are the dims of what projects inputs and the output, with their biases."""
    before, after = weights.rsplit(", ", 2)[0], ", ".join(weights.rsplit(", ", 2)[1:])
    dims = [taken, before, *(["_ _ E"] * 2 if extra else []), after]
    for name, one in (("attn_mask", mask), ("key_padding_mask", padding)):
        if one is not None:
            dims.append(one[0])
            options[name] = one[1]
    return names(
        f"{', '.join(dims)} -> {given}", "torch.nn.functional.multi_head_attention_forward",
        *(t(*one) for one in sizes), 12, 3, t(36, 12), t(36), extra, extra, False, 0.0, t(12, 12), t(12), **options,
    )  # fmt: skip


CASES = (
    names("N h T D, N h S D, N h S O -> N h T O", _DOT, Q, K, V),
    names("N h T D, N h T D, N h T D -> N h T D", _DOT, Q, Q, Q),
    names("N h T D, N h T D, N h T D -> N h T D", _DOT, Q, Q, Q, is_causal=True),
    names("N h T D, h S D, h S O -> N h T O", _DOT, Q, t(3, 11, 7), t(3, 11, 13)),
    names("T D, S D, S O -> T O", _DOT, t(5, 7), t(11, 7), t(11, 13)),
    # Names of the batch and the heads may stand anywhere.
    names("_ _ T D, N _ S _, _ h _ _ -> N h T _", _DOT, Q, K, V),
    names("N h T D, N _ S D, N _ S D -> N h T D", _DOT, Q, t(2, 1, 11, 7), t(2, 1, 11, 7)),
    names("N h T D, N h S E, N h S O -> refused", _DOT, Q, K, V),
    names("N h T D, N h S D, N h R O -> refused", _DOT, Q, K, V),
    names("N h T D, M h S D, M h S O -> refused", _DOT, Q, K, V),
    names("N h T D, N g S D, N g S D -> refused", _DOT, Q, t(2, 1, 11, 7), t(2, 1, 11, 7)),
    names("N h T D, N h S D, N h S O, T S -> N h T O", _DOT, Q, K, V, t(5, 11)),
    names("_ _ _ _, _ _ _ _, _ _ _ O, N h T S -> N h T O", _DOT, Q, K, V, t(2, 3, 5, 11)),
    names("N _ T D, N _ S D, N _ S O, _ h _ _ -> N h T O", _DOT, Q, K, V, t(1, 3, 1, 11)),
    names("N h T D, N h S D, N h S O, S T -> refused", _DOT, Q, K, V, t(5, 11)),
    names("N h T D, N h S D, N h S O, R S -> refused", _DOT, Q, K, V, t(1, 11)),
    # Heads that are shared are fewer, and may have a name of their own.
    names(
        "N h T D, N g S D, N g S O -> N h T O",
        _DOT,
        t(2, 6, 5, 7),
        t(2, 3, 11, 7),
        t(2, 3, 11, 13),
        enable_gqa=True,
    ),
    names(
        "_ _ T D, N g S D, N g S O -> N _ T O",
        _DOT,
        t(2, 6, 5, 7),
        t(2, 3, 11, 7),
        t(2, 3, 11, 13),
        enable_gqa=True,
    ),
    names(
        "N h T D, N g S D, N k S O -> refused",
        _DOT,
        t(2, 6, 5, 7),
        t(2, 3, 11, 7),
        t(2, 3, 11, 13),
        enable_gqa=True,
    ),
    names(
        "N h T D, M g S D, M g S O -> refused",
        _DOT,
        t(2, 6, 5, 7),
        t(2, 3, 11, 7),
        t(2, 3, 11, 13),
        enable_gqa=True,
    ),
    # Attention with projections keeps the dims of its queries.
    _heads("T N E, S N E, S N E", "T N E, N T S"),
    _heads("T E, S E, S E", "T E, T S", sizes=((5, 12), (7, 12), (7, 12))),
    _heads("T N E, T N E, T N E", "T N E, N T T", sizes=((5, 2, 12),) * 3),
    _heads("T N E, S N E, S N E", "T N E, N _ T S", average_attn_weights=False),
    _heads("T N E, S N E, S N E", "T N E, ?", need_weights=False),
    _heads("T N E, S N E, S N E", "T N E, N T S", extra=t(1, 1, 12)),
    _heads("T _ E, S N E, _ _ E", "T N E, N T S"),
    _heads("T _ E, S _ E, S N E", "T N E, N T S"),
    _heads("T _ E, _ _ E, S _ E", "T N E, N T S", padding=("N S", bools(2, 7))),
    _heads("T _ E, _ _ E, _ _ E", "T N E, N T S", padding=("N S", bools(2, 7))),
    _heads("_ N E, _ N E, _ N E", "T N E, N T S", mask=("T S", bools(5, 7))),
    _heads("_ N E, _ N E, _ N E", "T N E, N T S", mask=("_ T S", bools(6, 5, 7))),
    _heads("T N E, S M E, S M E", "refused"),
    _heads("T N E, S N E, R N E", "refused"),
    _heads("T N E, S _ E, S _ E", "refused", padding=("M S", bools(2, 7))),
    _heads("T N E, S N E, S N E", "refused", mask=("S T", bools(5, 7))),
    # The weights are contracted with the features, and give those of the output.
    _heads("T N E, S N E, S N E", "T N O, N T S", weights="P E, P, O P, O"),
    _heads("T N _, S N E, S N E", "T N _, N T S", weights="_ E, _, _ _, _"),
    _heads("T N E, S N E, S N E", "T N O, N T S", weights="_ _, _, _ _, O"),
    _heads("T N E, S N E, S N E", "refused", weights="_ F, _, _ _, _"),
    _heads("T N E, S N F, S N F", "refused", weights="_ E, _, _ _, _"),
    _heads("T N E, S N E, S N E", "refused", weights="_ E, _, O _, E"),
)
