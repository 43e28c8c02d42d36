"""Names behind contractions of the last axis with a weight."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_F = "torch.nn.functional"
_X, _W = t(2, 5, 3), t(7, 3)

CASES = (
    names("N T in, out in -> N T out", f"{_F}.linear", _X, _W),
    names("N T in, _ _ -> N T _", f"{_F}.linear", _X, _W),
    names("N T in, _ _, out -> N T out", f"{_F}.linear", _X, _W, t(7)),
    names("N T in, _ _, out -> N T out", f"{_F}.linear", _X, _W, bias=t(1)),
    names("N T in, out in, _ -> N T out", f"{_F}.linear", _X, _W, bias=t(7)),
    names("N T in, out in, C -> refused", f"{_F}.linear", _X, _W, bias=t(7)),
    names("N T in, out in, C -> refused", f"{_F}.linear", _X, _W, bias=t(1)),
    names("N T _, out in -> N T out", f"{_F}.linear", _X, _W),
    names("N T C, out in -> refused", f"{_F}.linear", _X, _W),
    names("N T in, in -> N T", f"{_F}.linear", _X, t(3)),
    # The new axis may be of a dim that the input has, too.
    names("N T in, T in -> N T T", f"{_F}.linear", _X, _W),
    names("N A, N B, out A B -> N out", f"{_F}.bilinear", t(2, 3), t(2, 5), t(7, 3, 5)),
    names("N A, _ B, _ _ _, out -> N out", f"{_F}.bilinear", t(2, 3), t(2, 5), t(7, 3, 5), t(7)),
    names("_ A, N B, out _ _ -> N out", f"{_F}.bilinear", t(2, 3), t(2, 5), t(7, 3, 5)),
    names("N A, M B, out A B -> refused", f"{_F}.bilinear", t(2, 3), t(2, 5), t(7, 3, 5)),
    names("N B, N A, out A B -> refused", f"{_F}.bilinear", t(2, 3), t(2, 3), t(7, 3, 3)),
)
