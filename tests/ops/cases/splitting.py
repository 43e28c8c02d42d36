"""Cases of splitting."""

from tests.ops.oracle import Case, call, t

CASES: list[Case] = [
    *(
        call(name, t(2, 12, 5), size, dim)
        for name in ("torch.split", "torch.Tensor.split")
        for size in (1, 2, 5, 12, 13, -1, 0, [5, 7], [2, 3, 7], [5, 6], [2, 3], [2], [12, 0])
        for dim in (0, 1, -1, -2, 3)
    ),
    call("torch.split", t(6), 2),
    call("torch.split", t(6), split_size_or_sections=[2, 4], dim=0),
    call("torch.Tensor.split", t(6), split_size=2),
    *(
        call(name, t(2, 12), sizes, 1)
        for name in ("torch.split_with_sizes", "torch.Tensor.split_with_sizes")
        for sizes in ([5, 7], [12], [5, 5])
    ),
    *(
        call(name, t(2, 12, 7), count, dim)
        for name in ("torch.chunk", "torch.Tensor.chunk")
        for count in (1, 2, 3, 5, 7, 12, 20, 0)
        for dim in (0, 1, -1, 3)
    ),
    *(
        call(name, t(2, 3, 5), dim)
        for name in ("torch.unbind", "torch.Tensor.unbind")
        for dim in (0, 1, -1, 3)
    ),
    call("torch.unbind", t(2, 3)),
    *(
        call(name, t(2, 13, 7), count, dim)
        for name in ("torch.tensor_split", "torch.Tensor.tensor_split")
        for count in (1, 2, 3, 5, 20, 0, (1,), (2, 5), (0, 20), (-3, 7), (7, 2), [3, 13], ())
        for dim in (0, 1, -1, 3)
    ),
    *(
        call(f"{owner}.{name}", given, count)
        for owner in ("torch", "torch.Tensor")
        for name in ("hsplit", "vsplit", "dsplit")
        for given in (t(6), t(6, 4), t(2, 6, 4), t(2, 4, 6, 3))
        for count in (2, 3, (1, 2), [2])
    ),
]
