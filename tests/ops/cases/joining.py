"""Cases of joining."""

from tests.ops.oracle import Case, call, t

CASES: list[Case] = [
    *(
        call(name, [t(2, 3, 5), *others], dim)
        for name in ("torch.cat", "torch.concat", "torch.concatenate")
        for others in ([], [t(2, 7, 5)], [t(2, 3, 11)], [t(2, 3, 5), t(7, 3, 5)], [t(2, 3)], [t(0)], [t(2, 3, 5, 1)])
        for dim in (0, 1, 2, -1, -3, 3)
    ),
    call("torch.cat", (t(2), t(3))),
    call("torch.cat", (t(0), t(2, 3)), 1),
    call("torch.cat", (t(0), t(0))),
    *(
        call("torch.stack", [t(2, 3), *others], dim)
        for others in ([], [t(2, 3)], [t(2, 3), t(2, 3)], [t(2, 5)], [t(2)], [t(2, 3, 1)])
        for dim in (0, 1, 2, -1, -3, 3, -4)
    ),
    call("torch.stack", (t(), t())),
    *(
        call(name, list(tensors))
        for name in (
            "torch.hstack", "torch.vstack", "torch.row_stack", "torch.dstack", "torch.column_stack",
        )
        for tensors in (
            (t(2), t(3)), (t(2), t(2)), (t(), t()), (t(2, 3), t(2, 3)), (t(2, 3), t(2, 5)), (t(2, 3), t(5, 3)),
            (t(2, 3, 5), t(2, 3, 5)), (t(2, 3, 5), t(2, 7, 5)), (t(2, 3, 5), t(2, 3, 7)), (t(2), t(2, 3)),
            (t(3), t(2, 3)), (t(2, 3),),
        )
    ),
    call("torch.block_diag", t(2, 3), t(5, 7)),
    call("torch.block_diag", t(2, 3), t(5), t()),
    call("torch.block_diag", t(2, 3), t(5, 7, 2)),
    call("torch.nn.utils.rnn.pad_sequence", [t(5, 3), t(7, 3)]),
    call("torch.nn.utils.rnn.pad_sequence", [t(5, 3), t(7, 3), t(2, 3)], batch_first=True),
    call("torch.nn.utils.rnn.pad_sequence", [t(5), t(7)], True),
    call("torch.nn.utils.rnn.pad_sequence", [t(5, 3), t(7, 2)]),
]  # fmt: skip
