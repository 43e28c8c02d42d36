"""Cases of packed sequences; how long they are together depends on data."""

from tests.ops.oracle import Case, call, ints, t

CASES = [
    Case("torch._pack_padded_sequence", (t(3, 2, 5), ints(2), False), unknown=True, real=True),
    Case("torch._pad_packed_sequence", (t(4, 5), ints(3), False, 0.0, -1), unknown=True, real=True),
    call("torch._C._nn.pad_sequence", [t(3, 5), t(2, 5)]),
    call("torch._C._nn.pad_sequence", [t(3, 5), t(2, 5)], True),
    call("torch._C._nn.pad_sequence", [t(3, 5), t(2, 6)]),
]
