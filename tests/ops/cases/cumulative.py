"""Cases of what runs along one dim."""

from tests.ops.oracle import Case, call, t

CASES = [
    *(
        call(f"{home}.{name}", t(2, 3, 5), dim=dim)
        for home in ("torch", "torch.Tensor")
        for name in ("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp")
        for dim in (0, 1, -1, -3)
    ),
    *(
        Case(f"torch.{name}", (t(2, 3, 5), dim), real=True)
        for name in ("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp")
        for dim in (3, -4)
    ),
    call("torch.cumsum", t(), 0),
    call("torch.cumsum", t(2, 3), axis=1),
    call("torch.diff", t(2, 3, 5)),
    call("torch.diff", t(2, 3, 5), 2, 1),
    call("torch.diff", t(2, 3, 5), n=2, dim=0),
    call("torch.diff", t(2, 3, 5), n=3, dim=0),
    call("torch.diff", t(2, 3, 5), dim=3),
    call("torch.diff", t()),
    call("torch.diff", t(2, 3, 5), n=0),
    call("torch.Tensor.diff", t(2, 3), prepend=t(2, 1)),
    call("torch.diff", t(2, 3), dim=0, append=t(5, 3), prepend=t(7, 3)),
    call("torch.diff", t(2, 3), append=t(5, 3)),
    call("torch.diff", t(2, 3), append=t(3)),
    *(
        call(f"torch.{name}", *arguments)
        for name in ("trapezoid", "trapz", "cumulative_trapezoid")
        for arguments in ((t(2, 3, 5),), (t(2, 3, 5), t(5)), (t(2, 3, 5), t(2, 3, 5)), (t(2, 3, 5), t(3, 5)))
    ),
    *(
        call(f"torch.{name}", t(2, 3, 5), *arguments, dim=dim)
        for name in ("trapezoid", "cumulative_trapezoid")
        for arguments in ((), (t(3),), (t(5),))
        for dim in (1, -2, 3)
    ),
    call("torch.renorm", t(2, 3, 5), 2, 1, 1.0),
    Case("torch.Tensor.renorm", (t(2, 3, 5), 2, 3, 1.0), real=True),
]
