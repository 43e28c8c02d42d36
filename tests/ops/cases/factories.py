"""Cases of factories, ranges and grids."""

import torch

from tests.ops.oracle import Case, call, t

_SIZED = ("zeros", "ones", "rand", "randn", "empty")

CASES = [
    *(
        call(f"torch.{name}", *arguments, **keywords)
        for name in _SIZED
        for arguments, keywords in (
            ((2, 3), {}),
            (((2, 3),), {}),
            (([2, 3],), {"dtype": torch.float64}),
            ((2,), {"device": "meta"}),
            (((),), {}),
            ((), {"size": (2, 3)}),
            ((), {}),
            ((2, -3), {}),
        )
    ),
    call("torch.zeros", torch.Size((2, 3))),
    *(
        call(f"torch.Tensor.new_{name}", t(7), *arguments)
        for name in ("zeros", "ones", "empty")
        for arguments in ((2, 3), ((2, 3),), (2,), ([2, 3],), (2, -3))
    ),
    call("torch.Tensor.new", t(7), 2, 3),
    Case("torch.Tensor.new", (t(7), [1.0, 2.0]), real=True),
    call("torch.Tensor.new_full", t(7), (2, 3), 1.0),
    call("torch.Tensor.new_tensor", t(7), [[1, 2], [3, 4], [5, 6]]),
    call("torch.full", (2, 3), 1.0),
    call("torch.full", [2], fill_value=True, dtype=torch.int64),
    call("torch.full", 2, 1.0),
    call("torch.full", (2, -1), 1.0),
    call("torch.eye", 3),
    call("torch.eye", 3, 5, dtype=torch.float64),
    call("torch.eye", -1),
    *(call(f"torch.{name}_like", t(2, 3)) for name in _SIZED),
    call("torch.full_like", t(2, 3), 0.5),
    call("torch.zeros_like", t(2, 3), dtype=torch.int64, device="meta"),
    *(
        call(spelling, data)
        for spelling in ("torch.tensor", "torch.as_tensor", "torch.asarray")
        for data in (
            1.5,
            [],
            [1, 2, 3],
            [[1.0, 2.0]],
            [[[True]], [[False]]],
            [[1, 2], [3]],
            [[1], 2],
            [(1, 2), (3, 4), (5, 6)],
            [[], []],
        )
    ),
    call("torch.tensor", [1, 2], dtype=torch.float32, device="cpu", requires_grad=True),
    call("torch.as_tensor", t(2, 3)),
    call("torch.scalar_tensor", 1),
    Case("torch.tensor", ([t(), t()],), real=True),
    Case("torch.from_numpy", (Ellipsis,), unknown=True),
    call("torch.Tensor", 2, 3),
    call("torch.Tensor", [1.0, 2.0, 3.0]),
    call("torch.Tensor"),
    *(
        call(f"torch.{name}Tensor", *arguments)
        for name in ("Float", "Double", "Half", "Long", "Int", "Byte", "Bool")
        for arguments in ((2, 3), ([1, 0],), ([[1, 0]],), ())
    ),
]
