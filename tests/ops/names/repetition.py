"""Names behind repetitions, and behind other orders along axes."""

from tests.ops.names.harness import names
from tests.ops.oracle import ints, t

X = t(2, 3, 4)

CASES = (
    names("N C T -> N C T", "torch.Tensor.repeat", X, 1, 5, 2),
    names("N C T -> _ N C T", "torch.Tensor.repeat", X, (7, 1, 1, 2)),
    names("_ C -> _ C", "torch.Tensor.repeat", t(2, 1), 3, 4),
    names("N C T -> N C T", "torch.tile", X, (2, 3)),
    names("C -> _ C", "torch.Tensor.tile", t(3), 2, 2),
    names("N C T -> N C T", "torch.repeat_interleave", X, 2, "T"),
    names("N C T -> N C T", "torch.Tensor.repeat_interleave", X, 2, dim=0),
    names("N C T -> (N C T)", "torch.repeat_interleave", X, 2),
    names("N C T, _ -> N C T", "torch.repeat_interleave", X, ints(3), "C"),
    names("N _ T, C -> N C T", "torch.repeat_interleave", X, ints(3), 1),
    names("N C T, _ -> N C T", "torch.repeat_interleave", X, ints(1), 1, output_size=6),
    names("N C T, T -> refused", "torch.repeat_interleave", X, ints(3), "C"),
    names("N C T, T -> refused", "torch.repeat_interleave", X, ints(1), "C"),
    names("C -> _", "torch.repeat_interleave", ints(3)),
    names("N C T -> N C T", "torch.roll", X, 1, "T"),
    names("N C T -> N C T", "torch.Tensor.roll", X, (1, 2), ("C", "T")),
    names("N C T -> N C T", "torch.roll", X, (1, 2), ("T", "T")),
    names("N C T -> N C T", "torch.roll", X, 1),
    names("N C T -> refused", "torch.roll", X, 1, "H"),
    names("N C T -> N C T", "torch.flip", X, ("T",)),
    names("N C T -> N C T", "torch.Tensor.flip", X, "C", "T"),
    names("N C T -> N C T", "torch.Tensor.flip", X, -1),
    names("N C T -> refused", "torch.flip", X, ("T", -1)),
    names("N C T -> N C T", "torch.fliplr", X),
    names("N C T -> N C T", "torch.Tensor.flipud", X),
    names("N _ -> N _", "torch.flipud", t(2, 3)),
    names("N H W -> N W H", "torch.rot90", X, 1, ("H", "W")),
    names("N H W -> N H W", "torch.Tensor.rot90", X, 2, (1, 2)),
    names("N H W -> H N W", "torch.rot90", X),
    # Axes of all pairs of places.
    names("H W, _ _ -> H W", "torch.kron", t(2, 3), t(4, 5)),
    names("_ _, H W -> H W", "torch.kron", t(2, 3), t(1, 1)),
    names("A B, C D -> (A C) (B D)", "torch.Tensor.kron", t(2, 3), t(4, 1)),
    names("A B, D -> A (B D)", "torch.kron", t(2, 3), t(4)),
    names("A, B -> (A B) _", "torch.cartesian_prod", t(2), t(3)),
    names("A, _ -> (A _) _", "torch.cartesian_prod", t(2), t(1)),
    names("A -> A", "torch.cartesian_prod", t(2)),
    names("A -> _ _", "torch.combinations", t(4), 2),
)
