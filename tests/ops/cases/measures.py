"""Cases of what a tensor tells of itself."""

from tests.ops.oracle import Case, call, t

CASES = [
    call("torch.Tensor.size", t(2, 3, 5)),
    call("torch.Tensor.size", t()),
    *(call("torch.Tensor.size", t(2, 3, 5), dim) for dim in (0, 1, -1, -3, 3, -4)),
    call("torch.Tensor.size", t(2, 3), dim=1),
    call("torch.Tensor.size", t(), 0),
    call("torch.Tensor.__len__", t(2, 3)),
    call("torch.Tensor.__len__", t()),
    *(call(f"torch.Tensor.{name}", t(*sizes)) for name in ("dim", "ndimension") for sizes in ((), (2, 3))),
    *(
        call(spelling, t(*sizes))
        for spelling in ("torch.numel", "torch.Tensor.numel", "torch.Tensor.nelement")
        for sizes in ((), (2,), (2, 3, 5))
    ),
    Case("torch.Tensor.item", (t(2, 3),), real=True),
    Case("torch.Tensor.item", (t(2),), real=True),
    *(
        Case(f"torch.Tensor.{name}", (t(2, 3),), unknown=True, real=True)
        for name in (
            "element_size",
            "get_device",
            "is_complex",
            "is_contiguous",
            "is_floating_point",
            "is_pinned",
            "is_signed",
            "data_ptr",
            "storage_offset",
            "stride",
            "tolist",
        )
    ),
    Case("torch.Tensor.numpy", (t(2, 3),), unknown=True),
    *(
        Case(f"torch.{name}", (t(1),), unknown=True, real=True)
        for name in ("is_complex", "is_floating_point", "is_nonzero")
    ),
    Case("torch.Tensor.stride", (t(2, 3), 0), unknown=True),
]
