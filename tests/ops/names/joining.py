"""Names behind joining."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

A, B, V = t(2, 3), t(2, 3), t(3)

CASES = (
    names("N C, N C -> N C", "torch.cat", [A, t(5, 3)]),
    names("N C, N C -> N C", "torch.cat", [A, t(2, 7)], "C"),
    names("N C, _ C -> N C", "torch.cat", [A, B], dim="N"),
    names("_ C, N _ -> N C", "torch.concat", [A, B], "N"),
    names("N C, C N -> refused", "torch.cat", [A, t(3, 2)]),
    names("N C, N D -> refused", "torch.cat", [A, B], "N"),
    names("N C, N D -> refused", "torch.concatenate", [A, B], 1),
    names("N C, N C -> refused", "torch.cat", [A, B], "T"),
    names("N C, M -> N C", "torch.cat", [A, t(0)]),
    names("N, M -> refused", "torch.cat", [t(2), t(0)]),
    names("N, _ -> N", "torch.cat", [t(0), t(0)], "N"),
    # The dim along which tensors are stacked is a new one; named by another, it stands in front of that.
    names("N C, N C -> _ N C", "torch.stack", [A, B]),
    names("N _, _ C -> N C _", "torch.stack", [A, B], dim=-1),
    names("N C, N C -> N _ C", "torch.stack", [A, B], "C"),
    names("N C, N D -> refused", "torch.stack", [A, B]),
    names("N C, N C -> refused", "torch.stack", [A, B], "T"),
    names("N C, N _ -> N C", "torch.hstack", [A, t(2, 7)]),
    names("C, C -> C", "torch.hstack", [V, V]),
    names("C, D -> refused", "torch.hstack", [V, V]),
    names("C, C -> _ C", "torch.vstack", [V, V]),
    names("N C, C -> N C", "torch.row_stack", [A, V]),
    names("N C, D -> refused", "torch.vstack", [A, V]),
    names("C, C -> _ C _", "torch.dstack", [V, V]),
    names("N C, N _ -> N C _", "torch.dstack", [A, B]),
    names("N, N C -> N C", "torch.column_stack", [t(2), A]),
    names("N, M C -> refused", "torch.column_stack", [t(2), A]),
    names("A B, A B -> A B", "torch.block_diag", A, t(5, 7)),
    names("A B, _ _, B -> A B", "torch.block_diag", A, t(5, 7), V),
    names("A B, C D -> refused", "torch.block_diag", A, t(5, 7)),
    names("T D, T _ -> T _ D", "torch.nn.utils.rnn.pad_sequence", [t(5, 3), t(7, 3)]),
    names("T _, _ D -> _ T D", "torch.nn.utils.rnn.pad_sequence", [t(5, 3), t(7, 3)], batch_first=True),
    names("T D, S D -> refused", "torch.nn.utils.rnn.pad_sequence", [t(5, 3), t(7, 3)]),
)
