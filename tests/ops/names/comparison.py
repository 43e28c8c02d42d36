"""Names behind comparisons, logic and bits."""

from tests.ops.names.harness import names
from tests.ops.oracle import bools, ints, t

X = t(2, 3)
BITS = ints(2, 3)
ANSWERS = bools(2, 3)

_TWO = (
    *(
        (f"torch.{name}", X, t)
        for name in ("eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor", "isclose")
    ),
    *(
        (f"torch.bitwise_{name}", BITS, ints)
        for name in ("and", "or", "xor", "left_shift", "right_shift")
    ),
    ("operator.lt", X, t),
    ("operator.and_", ANSWERS, bools),
    ("torch.Tensor.ne", X, t),
    ("torch.Tensor.greater_equal", X, t),
)  # fmt: skip

CASES = (
    *(
        case
        for spelling, x, of in _TWO
        for case in (
            names("N C, N C -> N C", spelling, x, x),
            names("N _, _ C -> N C", spelling, x, x),
            names("N C, C -> N C", spelling, x, of(3)),
            names("N C, _ -> N C", spelling, x, of(1)),
            names("N C, _ C -> N C", spelling, x, of(1, 3)),
            names("_ C, N C -> N C", spelling, of(1, 3), x),
            names("N C, N D -> refused", spelling, x, x),
            names("N C, N D -> refused", spelling, x, of(2, 1)),
            names("N C, N -> refused", spelling, of(3, 3), of(3)),
            names("N _, _ N -> refused", spelling, of(3, 3), of(3, 3)),
        )
    ),
    names("N C -> N C", "torch.lt", X, 0.5),
    names("N C -> N C", "operator.ge", 2, X),
    *(
        names("N _ -> N _", f"torch.{name}", X)
        for name in (
            "logical_not", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "isreal", "signbit",
        )
    ),
    names("N C, T -> N C", "torch.isin", X, t(5)),
    # What answers with one bool has no dims; the question still needs names that go together.
    names("N C, N C -> ?", "torch.allclose", X, X),
    names("N C, N D -> refused", "torch.allclose", X, X),
    names("N C, N C -> ?", "torch.equal", X, X),
    names("N C, N D -> False", "torch.equal", X, X),
    names("N C, N D -> ?", "torch.is_same_size", X, X),
)  # fmt: skip
