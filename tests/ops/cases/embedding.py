"""Cases of tables of vectors."""

from tests.ops.oracle import ModuleCase, call, ints, t

_F = "torch.nn.functional"
_INPUTS = [ints(), ints(2), ints(2, 3), ints(2, 3, 5), t(2, 3)]

CASES = [
    *(call(f"{_F}.embedding", one, t(*weight)) for one in _INPUTS for weight in ((11, 7), (11,), (11, 7, 2))),
    *(call(f"{_F}.embedding_bag", one, t(11, 7)) for one in _INPUTS),
    *(
        call(f"{_F}.embedding_bag", one, t(11, 7), ints(3), include_last_offset=last)
        for one in (ints(5), ints(2, 3))
        for last in (False, True)
    ),
    *(
        call(f"{_F}.embedding_bag", ints(2, 3), t(11, 7), mode=mode, per_sample_weights=t(*weights))
        for mode in ("sum", "mean")
        for weights in ((2, 3), (2, 5), (3,))
    ),
]

MODULE_CASES = [
    *(ModuleCase("torch.nn.Embedding", (11, 7), {}, (one,)) for one in _INPUTS),
    *(
        ModuleCase("torch.nn.Embedding", (11, 7), {"padding_idx": place}, (ints(2, 3),))
        for place in (0, -1, 10, 11, -12)
    ),
    *(ModuleCase("torch.nn.EmbeddingBag", (11, 7), {}, (one,)) for one in _INPUTS),
    *(
        ModuleCase(
            "torch.nn.EmbeddingBag", (11, 7), {"include_last_offset": last}, (ints(5),), {"offsets": ints(3)}
        )
        for last in (False, True)
    ),
    ModuleCase("torch.nn.EmbeddingBag", (11, 7), {}, (ints(2, 3), ints(3))),
]
