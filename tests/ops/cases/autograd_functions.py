"""Cases of functions that are written as autograd.Function."""

from tests.ops.oracle import Case, t

_NAME = "torch.nn.modules._functions.CrossMapLRN2d.apply"

CASES = [
    Case(_NAME, (t(2, 3, 4, 5), 2), real=True),
    Case(_NAME, (t(2, 3, 4), 2), real=True),
]
