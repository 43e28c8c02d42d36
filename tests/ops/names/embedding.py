"""Names behind tables of vectors."""

from tests.ops.names.harness import names
from tests.ops.oracle import ints, t

_EMBEDDING = "torch.nn.functional.embedding"
_BAG = "torch.nn.functional.embedding_bag"
W = t(11, 7)

CASES = (
    names("N T, V D -> N T D", _EMBEDDING, ints(2, 3), W),
    names("N _, _ D -> N _ D", _EMBEDDING, ints(2, 3), W, padding_idx=0),
    names("N T, _ _ -> N T _", _EMBEDDING, ints(2, 3), W),
    names("(), V D -> D", _EMBEDDING, ints(), W),
    names("N T, V D -> N D", _BAG, ints(2, 3), W),
    names("N T, _ _ -> N _", _BAG, ints(2, 3), W),
    names("N _, V D, _ T -> N D", _BAG, ints(2, 3), W, mode="sum", per_sample_weights=t(2, 3)),
    names("_ T, V D, N T -> N D", _BAG, ints(2, 3), W, mode="sum", per_sample_weights=t(2, 3)),
    names("N T, V D, N S -> refused", _BAG, ints(2, 3), W, mode="sum", per_sample_weights=t(2, 3)),
    # Of indices in one row, the bags are those of their offsets.
    names("T, V D, N -> N D", _BAG, ints(5), W, ints(3)),
    names("T, V D, N -> N D", _BAG, ints(5), W, ints(3), include_last_offset=True),
    names("T, V D, N, T -> N D", _BAG, ints(5), W, ints(3), mode="sum", per_sample_weights=t(5)),
    names("T, V D, N, S -> refused", _BAG, ints(5), W, ints(3), mode="sum", per_sample_weights=t(5)),
)
