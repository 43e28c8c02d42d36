"""Names behind ranges and grids."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_ROWS = (
    ("torch.arange", (5,)),
    ("torch.range", (0, 5)),
    ("torch.linspace", (0, 1, 5)),
    ("torch.logspace", (0, 1, 5)),
    ("torch.hann_window", (5,)),
    ("torch.hamming_window", (5,)),
    ("torch.kaiser_window", (5,)),
)

CASES = (
    *(names("-> _", spelling, *arguments) for spelling, arguments in _ROWS),
    names("-> _ _", "torch.nn.Transformer.generate_square_subsequent_mask", 5),
    names("-> _ _", "torch.tril_indices", 3, 3),
    names("-> _ _", "torch.triu_indices", 3, 3),
    names("N -> N _", "torch.vander", t(5)),
    names("N -> N _", "torch.vander", t(5), N=3),
    names("H, W -> H W, H W", "torch.meshgrid", t(2), t(3), indexing="ij"),
    names("W, H, _ -> H W _, H W _, H W _", "torch.meshgrid", [t(2), t(3), t(4)], indexing="xy"),
    names("H, () -> H _, H _", "torch.meshgrid", t(2), t()),
)
