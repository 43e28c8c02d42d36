"""Names behind einsum: its letters tell which axes meet, and the result carries what met there."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

EINSUM = "torch.einsum"

CASES = (
    names("N C -> C N", EINSUM, "ij->ji", t(2, 3)),
    names("N C -> N", EINSUM, "ij->i", t(2, 3)),
    names("N C -> ()", EINSUM, "ij->", t(2, 3)),
    names("N C, C D -> N D", EINSUM, "ij,jk->ik", t(2, 3), t(3, 5)),
    names("N C, C D -> N D", EINSUM, "ij,jk", [t(2, 3), t(3, 5)]),
    names("N _, C D -> N D", EINSUM, "ij,jk->ik", t(2, 3), t(3, 5)),
    names("N C, D E -> refused", EINSUM, "ij,jk->ik", t(2, 3), t(3, 5)),
    names("B T d, B S d -> B T S", EINSUM, "bqd,bkd->bqk", t(2, 3, 5), t(2, 7, 5)),
    names("_ T d, B S d -> B T S", EINSUM, "bqd,bkd->bqk", t(2, 3, 5), t(2, 7, 5)),
    names("A T d, B S d -> refused", EINSUM, "bqd,bkd->bqk", t(2, 3, 5), t(2, 7, 5)),
    # An axis of size 1 stretches along its own dim only.
    names("B T, _ T -> B T", EINSUM, "bt,bt->bt", t(2, 3), t(1, 3)),
    names("_ T, B T -> B T", EINSUM, "bt,bt->bt", t(2, 3), t(1, 3)),
    names("B T, N T -> refused", EINSUM, "bt,bt->bt", t(2, 3), t(1, 3)),
    # Ellipses broadcast.
    names("N H T d, N H S d -> N H T S", EINSUM, "...qd,...kd->...qk", t(2, 4, 3, 5), t(2, 4, 7, 5)),
    names("N H T d, H S d -> N H T S", EINSUM, "...qd,...kd->...qk", t(2, 4, 3, 5), t(4, 7, 5)),
    names("N H T d, M S d -> refused", EINSUM, "...qd,...kd->...qk", t(2, 4, 3, 5), t(4, 7, 5)),
    # Diagonals.
    names("C C -> C", EINSUM, "ii->i", t(3, 3)),
    names("C _ -> C", EINSUM, "ii->i", t(3, 3)),
    names("C D -> refused", EINSUM, "ii->i", t(3, 3)),
)
