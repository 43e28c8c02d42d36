"""Names behind operators that put in, take away and stretch axes of size 1."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

CASES = (
    names("N C H W -> N H", "torch.squeeze", t(2, 1, 3, 1)),
    names("N C H W -> N C H", "torch.squeeze", t(2, 1, 3, 1), -1),
    names("N C H W -> N H W", "torch.Tensor.squeeze", t(2, 1, 3, 1), "C"),
    names("N C H W -> N H", "torch.Tensor.squeeze", t(2, 1, 3, 1), ("C", "W")),
    names("N C H W -> N C H W", "torch.squeeze", t(2, 3, 4, 5), "C"),
    names("N C H W -> refused", "torch.squeeze", t(2, 3, 4, 5), "Z"),
    names("N C -> N _ C", "torch.unsqueeze", t(2, 3), 1),
    names("N C -> N C _", "torch.unsqueeze", t(2, 3), -1),
    names("N C -> N _ C", "torch.Tensor.unsqueeze", t(2, 3), "C"),
    names("N C -> refused", "torch.unsqueeze", t(2, 3), "T"),
    # Stretched.
    names("H W -> _ _ H W", "torch.Tensor.expand", t(3, 2), 10, 3, 3, 2),
    names("N C -> N C", "torch.Tensor.expand", t(2, 1), -1, 3),
    names("N C -> N C", "torch.Tensor.expand", t(2, 1), (2, 3)),
    names("N _ -> N _", "torch.Tensor.expand", t(2, 1), 2, 3),
    names("C -> _ C", "torch.broadcast_to", t(1), (2, 3)),
    names("N C, N C -> N C", "torch.Tensor.expand_as", t(2, 1), t(2, 3)),
    names("C, N C -> N C", "torch.Tensor.expand_as", t(3), t(2, 3)),
    names("_ _, N C -> N C", "torch.Tensor.expand_as", t(1, 3), t(2, 3)),
    names("N C, _ _ _ -> _ N C", "torch.Tensor.expand_as", t(2, 1), t(4, 2, 3)),
    names("N C, N H -> refused", "torch.Tensor.expand_as", t(2, 1), t(2, 3)),
    names("N C -> N C", "torch.Tensor.sum_to_size", t(2, 3), 1, 3),
    names("N C -> C", "torch.Tensor.sum_to_size", t(2, 3), (3,)),
    names("N C, C -> N C, N C", "torch.broadcast_tensors", t(2, 1), t(3)),
    names("N _, _ C -> N C, N C", "torch.broadcast_tensors", t(2, 1), t(1, 3)),
    names("N C, N H -> refused", "torch.broadcast_tensors", t(2, 1), t(2, 3)),
    names("-> ?, ?", "torch.broadcast_shapes", (2, 1), (3,)),
    # So many axes at least.
    names("() -> _", "torch.atleast_1d", t()),
    names("N -> N", "torch.atleast_1d", t(2)),
    names("N -> _ N", "torch.atleast_2d", t(2)),
    names("N -> _ N _", "torch.atleast_3d", t(2)),
    names("N C -> N C _", "torch.atleast_3d", t(2, 3)),
    names("N, N C -> _ N, N C", "torch.atleast_2d", t(2), t(2, 3)),
    names("N, N C -> _ N, N C", "torch.atleast_2d", [t(2), t(2, 3)]),
)
