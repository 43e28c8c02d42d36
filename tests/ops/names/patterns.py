"""Names behind patterns, and behind contractions by name."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

X = t(2, 6, 5)
SPLIT = "N (heads d) T -> heads N T d"
ATTEND = "N T D, N S D -> N T S"

CASES = (
    names("N D T -> heads N T d", "namedtorch.rearrange", X, SPLIT, heads=2),
    names("N D T -> heads N T d", "namedtorch.NamedTensor.rearrange", X, SPLIT, heads=2),
    names("_ _ _ -> heads N T d", "namedtorch.rearrange", X, SPLIT, heads=2),
    names("N D T -> refused", "namedtorch.rearrange", X, SPLIT, heads=4),
    names("T D N -> refused", "namedtorch.rearrange", X, SPLIT, heads=2),
    names("N D T -> (T D) N", "namedtorch.rearrange", X, "N D T -> (T D) N"),
    names("N D _ -> (_ D) N", "namedtorch.rearrange", X, "N D _ -> (_ D) N"),
    names("N (A B) T -> (A B T) N", "namedtorch.rearrange", X, "N _ T -> (_ T) N"),
    names("N (A B) T -> A B N T", "namedtorch.rearrange", X, "N (A B) T -> A B N T", A=2),
    names("N (A B) T -> refused", "namedtorch.rearrange", X, "N (B A) T -> A B N T", A=2),
    names("N D T -> D T N", "namedtorch.rearrange", X, "N ... -> ... N"),
    names("N D T -> _ D T N", "namedtorch.rearrange", X, "N ... -> 1 ... N"),
    names("N _ T -> refused", "namedtorch.rearrange", X, "_ N T -> T _ N"),
    names("N D T -> T N", "namedtorch.reduce", X, "N D T -> T N", "sum"),
    names("N D T -> N D", "namedtorch.NamedTensor.reduce", X, "N (D k) T -> N D", "max", k=2),
    names("N D T -> refused", "namedtorch.reduce", X, "N D T -> N K", "sum"),
    names("N D T -> refused", "namedtorch.reduce", X, "N D T -> N", "median"),
    names("N D T -> N K D T", "namedtorch.repeat", X, "N D T -> N K D T", K=3),
    names("N D T -> N (D K) T _", "namedtorch.repeat", X, "N D T -> N (D K) T 2", K=3),
    names("N D T -> refused", "namedtorch.repeat", X, "N D T -> N K D T"),
    names("N T D, N S D -> N T S", "namedtorch.einsum", ATTEND, t(2, 4, 8), t(2, 5, 8)),
    names("N T _, _ S D -> N T S", "namedtorch.einsum", ATTEND, t(2, 4, 8), t(2, 5, 8)),
    names("N D T, N S D -> refused", "namedtorch.einsum", ATTEND, t(2, 8, 4), t(2, 5, 8)),
    names("N T D, N S D -> refused", "namedtorch.einsum", ATTEND, t(2, 4, 8), t(2, 5, 7)),
    names("N T D -> D N T", "namedtorch.einsum", "... D -> D ...", t(2, 4, 8)),
    names("N _ -> refused", "namedtorch.einsum", "... N -> N ...", t(2, 3)),
    names("N T D, D N S -> N T S", "namedtorch.contract", t(2, 4, 8), t(8, 2, 5), "D"),
    names("N T D, D N S -> T S", "namedtorch.contract", t(2, 4, 8), t(8, 2, 5), over=("N", "D")),
    names("N T D, D N S -> refused", "namedtorch.contract", t(2, 4, 8), t(8, 2, 5), over="S"),
    names("N T D, D N _ -> refused", "namedtorch.contract", t(2, 4, 8), t(8, 2, 5), over="D"),
    names("N T D, D N S -> refused", "namedtorch.contract", t(2, 4, 8), t(7, 2, 5), over="D"),
)  # fmt: skip
