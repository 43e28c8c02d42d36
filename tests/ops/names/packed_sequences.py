"""Names of packed sequences: time and batch in one axis, and apart again."""

from tests.ops.names.harness import names
from tests.ops.oracle import ints, t

_PACK, _UNPACK = "torch._pack_padded_sequence", "torch._pad_packed_sequence"

CASES = (
    names("T N D, N -> (T N) D, T", _PACK, t(3, 2, 5), ints(2), False),
    names("N T D, _ -> (T N) D, T", _PACK, t(2, 3, 5), ints(2), True),
    names("T _ D, N -> (T N) D, T", _PACK, t(3, 2, 5), ints(2), False),
    names("_ _ D, _ -> _ D, _", _PACK, t(3, 2, 5), ints(2), False),
    names("T N D, M -> refused", _PACK, t(3, 2, 5), ints(2), False),
    names("(T N) D, T -> T N D, N", _UNPACK, t(4, 5), ints(3), False, 0.0, -1),
    names("(T N) D, T -> N T D, N", _UNPACK, t(4, 5), ints(3), True, 0.0, -1),
    names("(T (N M)) D, _ -> T (N M) D, (N M)", _UNPACK, t(4, 5), ints(3), False, 0.0, -1),
    names("_ D, T -> T _ D, _", _UNPACK, t(4, 5), ints(3), False, 0.0, -1),
    names("T D, T D -> T _ D", "torch._C._nn.pad_sequence", [t(3, 5), t(2, 5)]),
    names("T D, _ D -> _ T D", "torch._C._nn.pad_sequence", [t(3, 5), t(2, 5)], True),
    names("T D, T K -> refused", "torch._C._nn.pad_sequence", [t(3, 5), t(2, 5)]),
)
