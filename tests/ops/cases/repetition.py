"""Cases of repetitions, and of other orders along axes."""

from tests.ops.oracle import Case, call, ints, t

CASES: list[Case] = [
    *(
        call(name, given, *counts)
        for given in (t(), t(2), t(2, 3), t(2, 3, 5))
        for counts in ((2,), (3, 1), (1, 1, 1), (7, 2, 5, 3), ((2, 3),), (0, 1, 2))
        for name in ("torch.Tensor.repeat", "torch.Tensor.tile")
    ),
    call("torch.tile", t(2, 3), (5,)),
    call("torch.tile", t(2, 3), (5, 1, 7)),
    call("torch.tile", t(2, 3), dims=[2, 2]),
    *(
        call(name, given, count, dim)
        for name in ("torch.repeat_interleave", "torch.Tensor.repeat_interleave")
        for given in (t(2), t(2, 3), t(2, 3, 5))
        for count in (1, 2, 7)
        for dim in (None, 0, 1, -1, 3)
    ),
    call("torch.repeat_interleave", t(2, 3), ints(3), 1, output_size=7),
    call("torch.repeat_interleave", t(2, 3), ints(5), 1, output_size=7),
    call("torch.repeat_interleave", t(2, 3), ints(1), 1, output_size=7),
    *(
        call(name, t(2, 3, 5), shifts, dims)
        for name in ("torch.roll", "torch.Tensor.roll")
        for shifts, dims in (
            (1, 0),
            (1, None),
            (-2, -1),
            ((1, 2), (0, 1)),
            ((1, 2), (0,)),
            (1, 3),
            (1, (0, 1)),
        )
    ),
    call("torch.roll", t(2, 3), 1),
    *(call("torch.flip", t(2, 3, 5), dims) for dims in ((0,), (0, 1), [-1], (0, 0), (3,), (0, -3), ())),
    call("torch.Tensor.flip", t(2, 3, 5), 0, 1),
    call("torch.Tensor.flip", t(2, 3, 5), (0, 2)),
    call("torch.Tensor.flip", t(2, 3, 5), 3),
    call("torch.Tensor.flip", t(2, 3, 5), -1),
    *(
        call(f"{owner}.{name}", given)
        for owner in ("torch", "torch.Tensor")
        for name in ("fliplr", "flipud")
        for given in (t(), t(2), t(2, 3), t(2, 3, 5))
    ),
    *(
        call(name, t(2, 3, 5), count, dims)
        for name in ("torch.rot90", "torch.Tensor.rot90")
        for count in (0, 1, 2, 3, -1)
        for dims in ((0, 1), (1, -1), (2, 0), (0, 0), (0, 3), (0,), (0, 1, 2))
    ),
    call("torch.rot90", t(2, 3)),
    *(
        call(name, left, right)
        for name in ("torch.kron", "torch.Tensor.kron")
        for left in (t(), t(2), t(2, 3))
        for right in (t(5), t(5, 7), t(5, 7, 11))
    ),
    call("torch.cartesian_prod", t(2), t(3)),
    call("torch.cartesian_prod", t(2), t(3), t(5)),
    call("torch.cartesian_prod", t(2)),
    call("torch.cartesian_prod", t(2), t(3, 5)),
    Case("torch.combinations", (t(2, 3),), lenient=True),
]
