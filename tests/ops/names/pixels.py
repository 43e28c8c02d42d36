"""Names behind channels that become pixels, and back."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

CASES = (
    names("N C H W -> N C H W", "torch.pixel_shuffle", t(2, 12, 5, 7), 2),
    names("C _ W -> C _ W", "torch.nn.functional.pixel_shuffle", t(12, 5, 7), 1),
    names("N C H W -> N C H W", "torch.pixel_unshuffle", t(2, 3, 4, 6), 2),
    names("N C H W -> N C H W", "torch.channel_shuffle", t(2, 12, 5, 7), 3),
    names("_ C _ _ -> _ C _ _", "torch.nn.functional.channel_shuffle", t(2, 12, 5, 7), 1),
)
