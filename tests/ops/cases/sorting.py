"""Cases of sorting, searching and counting."""

from tests.ops.oracle import Case, call, ints, t

CASES = [
    *(
        call(f"{home}.{name}", t(2, 3, 5), *arguments)
        for home in ("torch", "torch.Tensor")
        for name in ("sort", "argsort")
        for arguments in ((), (1,), (-1, True))
    ),
    *(Case(f"torch.{name}", (t(2, 3, 5), 3), real=True) for name in ("sort", "argsort")),
    call("torch.sort", t(2, 3), stable=True),
    call("torch.sort", t()),
    call("torch.msort", t(2, 3)),
    call("torch.Tensor.msort", t(2, 3)),
    *(
        Case(f"{home}.topk", (t(2, 3, 5), *arguments), keywords, real=True)
        for home in ("torch", "torch.Tensor")
        for arguments, keywords in (
            ((2,), {}),
            ((5,), {}),
            ((6,), {}),
            ((0,), {}),
            ((2, 0), {}),
            ((3, 0), {}),
            ((2,), {"dim": 1, "largest": False}),
            ((2, 3), {}),
        )
    ),
    Case("torch.topk", (t(), 1), real=True),
    Case("torch.topk", (t(), 2), real=True),
    *(
        Case(f"{home}.{name}", (ints(2, 3),), keywords, unknown=True, real=True)
        for home in ("torch", "torch.Tensor")
        for name in ("unique", "unique_consecutive")
        for keywords in (
            {},
            {"return_inverse": True},
            {"return_counts": True},
            {"return_inverse": True, "return_counts": True},
            {"dim": 1},
            {"dim": 0, "return_inverse": True, "return_counts": True},
        )
    ),
    *(
        call("torch.searchsorted", *arguments)
        for arguments in (
            (t(5), t(2, 3)),
            (t(5), t()),
            (t(5), 0.5),
            (t(2, 5), t(2, 3)),
            (t(2, 5), t(7, 3)),
            (t(2, 5), t(3)),
            (t(2, 3, 5), t(2, 3, 7)),
        )
    ),
    call("torch.bucketize", t(2, 3), t(5)),
    call("torch.bucketize", t(2, 3), t(5), right=True, out_int32=True),
    Case("torch.bucketize", (t(2, 3), t(5, 2)), real=True),
    call("torch.bucketize", 0.5, t(5)),
    Case("torch.histc", (t(2, 3),), real=True),
    Case("torch.Tensor.histc", (t(2, 3), 7, 0, 1), real=True),
    Case("torch.histogram", (t(2, 3), 7), real=True),
    Case("torch.Tensor.histogram", (t(2, 3), t(7)), real=True),
    Case("torch.bincount", (ints(5),), unknown=True, real=True),
    Case("torch.bincount", (ints(5),), {"minlength": 7}, unknown=True, real=True),
    Case("torch.bincount", (ints(2, 3),), real=True),
    Case("torch.nn.functional.one_hot", (ints(2, 3), 7), real=True),
    Case("torch.nn.functional.one_hot", (ints(), 7), real=True),
    Case("torch.nn.functional.one_hot", (ints(2, 3),), {"num_classes": 5}, real=True),
    Case("torch.nn.functional.one_hot", (ints(2, 3),), unknown=True, real=True),
]
