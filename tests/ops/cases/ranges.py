"""Cases of ranges and grids."""

import torch

from tests.ops.oracle import Case, call, t

CASES = [
    *(
        call("torch.arange", *arguments)
        for arguments in (
            (5,),
            (0,),
            (-1,),
            (2, 7),
            (7, 2),
            (2, 11, 3),
            (2, 11, 2),
            (11, 2, -3),
            (11, 2, -2),
            (2, 11, -1),
            (2, 2, -1),
            (2, 11, 0),
            (5.0,),
            (0, 1, 0.1),
            (0.5, 5),
            (1.0, 0.0, -0.25),
            (0, 2.5, 1),
            (1.0, 0.0, 0.25),
        )
    ),
    *(
        call("torch.range", *arguments)
        for arguments in ((0, 5), (2, 11, 3), (2, 11, 2), (11, 2, -3), (2, 11, -1), (2, 11, 0), (3, 3))
    ),
    Case("torch.range", (0.0, 1.0, 0.25), unknown=True),
    call("torch.vander", t(5)),
    call("torch.vander", t(5), N=3),
    call("torch.vander", t(5, 2)),
    call("torch.nn.Transformer.generate_square_subsequent_mask", 5),
    call("torch.arange", end=5),
    call("torch.arange", 1, end=5, step=2),
    call("torch.arange", start=2, end=5, device="meta", dtype=torch.float32),
    *(
        call(f"torch.{name}", 0, 1, *steps)
        for name in ("linspace", "logspace")
        for steps in ((5,), (0,), (-1,))
    ),
    call("torch.linspace", 0.0, 1.0, steps=7, device="meta"),
    *(
        call(f"torch.{name}_window", *arguments)
        for name in ("hann", "bartlett", "blackman", "hamming", "kaiser")
        for arguments in ((5,), (7, False))
    ),
    call("torch.hann_window", -1),
    call("torch.meshgrid", t(2), t(3), t(5)),
    call("torch.meshgrid", t(2), t(3), t(5), indexing="xy"),
    call("torch.meshgrid", [t(2), t(3)], indexing="ij"),
    call("torch.meshgrid", (t(2), t(3)), indexing="xy"),
    call("torch.meshgrid", t(2), t()),
    call("torch.meshgrid", t(2), indexing="xy"),
    call("torch.meshgrid", t(2), t(3, 5)),
    *(
        call(f"torch.{name}_indices", rows, columns, offset)
        for name in ("tril", "triu")
        for rows, columns in ((3, 3), (2, 5), (5, 2), (0, 3))
        for offset in (0, 1, -1, 3, -4, 7)
    ),
    call("torch.triu_indices", 3, 3, offset=1, device="meta"),
]
