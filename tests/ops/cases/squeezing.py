"""Cases of axes of size 1."""

from tests.ops.oracle import Case, call, t

_TENSORS = (t(), t(1), t(3), t(1, 3), t(2, 1, 3), t(1, 1, 5, 1), t(2, 3, 5))

CASES: list[Case] = [
    *(
        case
        for given in _TENSORS
        for case in (
            call("torch.squeeze", given),
            call("torch.Tensor.squeeze", given),
            *(call("torch.squeeze", given, dim) for dim in (0, 1, -1, -2, 4)),
            call("torch.Tensor.squeeze", given, dim=-1),
            call("torch.Tensor.squeeze", given, (0, -1)),
            *(call("torch.unsqueeze", given, dim) for dim in (0, 1, -1, 3, -3, 5)),
            call("torch.Tensor.unsqueeze", given, -1),
        )
    ),
    call("torch.squeeze", t(1, 3), ()),
    *(
        case
        for given in (t(), t(1), t(3), t(1, 3), t(2, 1, 3))
        for sizes in (
            (3,),
            (2, 3),
            (2, 5, 3),
            (-1, 5, 3),
            (2, -1, -1),
            (2, 5, -1),
            (4, 3),
            (1, 3),
            (7, 2, 5, 3),
        )
        for case in (
            call("torch.Tensor.expand", given, sizes),
            call("torch.Tensor.expand", given, *sizes),
            call("torch.broadcast_to", given, sizes),
            call("torch.Tensor.broadcast_to", given, sizes),
        )
    ),
    call("torch.Tensor.expand_as", t(1, 3), t(2, 3)),
    call("torch.Tensor.expand_as", t(3), t(2, 5)),
    call("torch.Tensor.expand_as", t(2, 3), t(3)),
    call("torch.Tensor.sum_to_size", t(2, 3), 1, 3),
    call("torch.Tensor.sum_to_size", t(2, 3), (3,)),
    call("torch.Tensor.sum_to_size", t(2, 3), 2, 2, 3),
    call("torch.Tensor.sum_to_size", t(2, 3), 5),
    call("torch.broadcast_tensors", t(2, 1), t(3)),
    call("torch.broadcast_tensors", t(2, 1), t(3), t(5, 1, 1)),
    call("torch.broadcast_tensors", t(2, 5), t(3)),
    call("torch.broadcast_tensors", t(2, 5)),
    call("torch.broadcast_shapes", (2, 1), (3,)),
    call("torch.broadcast_shapes", (2, 1), (3,), (5, 1, 1)),
    call("torch.broadcast_shapes", (2, 5), (3,)),
    call("torch.broadcast_shapes", (2, 5), 5),
    *(
        case
        for name in ("torch.atleast_1d", "torch.atleast_2d", "torch.atleast_3d")
        for case in (
            *(call(name, given) for given in _TENSORS),
            call(name, t(2), t(3, 5)),
            call(name, [t(), t(3, 5), t(2, 3, 5, 7)]),
        )
    ),
]
