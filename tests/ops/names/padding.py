"""Names behind padding."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

CASES = (
    names("N C T -> N C T", "torch.nn.functional.pad", t(2, 3, 5), (1, 2)),
    names("N C T -> N C T", "torch.nn.functional.pad", t(2, 3, 5), (1, 2, -1, 0)),
    names("N C _ W -> N C _ W", "torch.nn.functional.pad", t(2, 3, 5, 7), (1, 1, 1, 1), mode="reflect"),
    names("N C T -> N C T", "torch.nn.functional.pad", t(2, 3, 5), ()),
    names("N C T -> N C T", "torch.constant_pad_nd", t(2, 3, 5), (1, 1, 2, 2)),
)
