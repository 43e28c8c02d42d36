"""Names behind functions that are written as autograd.Function."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

CASES = (names("N C H W -> N C H W", "torch.nn.modules._functions.CrossMapLRN2d.apply", t(2, 3, 4, 5), 2),)
