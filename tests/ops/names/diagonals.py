"""Names behind diagonals and triangles."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

CASES = (
    *(names("N A B -> N A B", f"torch.{name}", t(5, 3, 3)) for name in ("tril", "triu")),
    # A diagonal has the name of its rows and columns, where that is one.
    names("A B C D -> B D _", "torch.diagonal", t(2, 3, 4, 5), 0, "A", "C"),
    names("A B C D -> A C _", "torch.Tensor.diagonal", t(2, 3, 4, 5), dim1="B", dim2="D"),
    names("T T N -> N T", "torch.diagonal", t(3, 3, 2)),
    names("T T N -> N T", "torch.diagonal", t(3, 3, 2), 1),
    names("_ T N -> N T", "torch.diagonal", t(3, 3, 2)),
    names("T N T -> refused", "torch.diagonal", t(3, 2, 3), 0, "T", 0),
    names("A B C -> refused", "torch.diagonal", t(3, 3, 2), 0, "A", "A"),
    names("N T T -> N T", "torch.linalg.diagonal", t(2, 3, 3)),
    names("T N S -> N _", "torch.linalg.diagonal", t(3, 2, 3), dim1="T", dim2="S"),
    names("T -> T T", "torch.diag", t(3)),
    names("_ -> _ _", "torch.diag", t(3)),
    names("T T -> T", "torch.diag", t(3, 3), -1),
    names("T S -> _", "torch.Tensor.diag", t(3, 3)),
    # What is put on a diagonal is numbered by rows and columns alike.
    names("T -> T T", "torch.diagflat", t(3)),
    names("N T -> (N T) (N T)", "torch.diagflat", t(2, 3), 1),
    names("N T -> N T T", "torch.diag_embed", t(2, 3)),
    names("N T -> N T T", "torch.Tensor.diag_embed", t(2, 3), 2),
    names("N T -> T T N", "torch.diag_embed", t(2, 3), 0, 0, 1),
    names("N T -> T T N", "torch.diag_embed", t(2, 3), dim1="N", dim2="T"),
    names("T S -> ()", "torch.trace", t(3, 3)),
)
