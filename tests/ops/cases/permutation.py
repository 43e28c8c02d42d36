"""Cases of permutations."""

from itertools import permutations

from tests.ops.oracle import Case, call, t

CASES: list[Case] = [
    *(call("torch.permute", t(2, 3, 5), order) for order in permutations((0, 1, 2))),
    *(call("torch.Tensor.permute", t(2, 3, 5, 7), *order) for order in permutations((0, 1, -2, -1))),
    *(
        call("torch.Tensor.permute", t(2, 3, 5), *order)
        for order in ((0, 1), (0, 1, 2, 3), (0, 0, 1), (0, 1, 3), (0, -3, 1), ([0, 2, 1],))
    ),
    call("torch.permute", t(), ()),
    call("torch.permute", t(2, 3, 5), dims=[2, 1, 0]),
    *(
        call(name, given, first, second)
        for name in (
            "torch.transpose", "torch.Tensor.transpose", "torch.swapaxes", "torch.Tensor.swapaxes",
            "torch.swapdims", "torch.Tensor.swapdims",
        )
        for given in (t(), t(2), t(2, 3), t(2, 3, 5), t(2, 3, 5, 7))
        for first, second in ((0, 1), (-1, -2), (1, 1), (0, 2), (0, -3), (0, 0))
    ),
    *(
        call(name, given)
        for name in (
            "torch.t", "torch.Tensor.t", "torch.adjoint", "torch.Tensor.adjoint", "torch.Tensor.T",
            "torch.Tensor.mT", "torch.Tensor.mH", "torch.Tensor.H",
        )
        for given in (t(), t(2), t(2, 3), t(2, 3, 5), t(2, 3, 5, 7))
    ),
    *(
        call(name, t(2, 3, 5, 7), source, destination)
        for name in ("torch.movedim", "torch.Tensor.movedim", "torch.moveaxis", "torch.Tensor.moveaxis")
        for source, destination in (
            (0, 1), (0, -1), (-1, 0), (1, 3), ((0, 1), (2, 3)), ((0, 1), (-1, -2)), ((3, 0), (0, 1)), (4, 0),
            ((0, 0), (1, 2)), ((0, 1), (2,)), ((0, 1), (2, 2)), ((), ()), ((0, 1, 2), (1, 2, 0)),
        )
    ),
]  # fmt: skip
