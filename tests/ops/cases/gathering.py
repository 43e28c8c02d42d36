"""Cases of gathering and scattering."""

from tests.ops.oracle import Case, bools, call, ints, t

_INDICES = (
    ints(2, 3, 5),
    ints(2, 3, 1),
    ints(2, 7, 5),
    ints(1, 2, 5),
    ints(11, 3, 5),
    ints(2, 3),
    ints(2, 3, 5, 1),
)

CASES: list[Case] = [
    *(
        call(name, t(2, 3, 5), dim, index)
        for name in ("torch.gather", "torch.Tensor.gather")
        for dim in (0, 1, -1, 3)
        for index in _INDICES
    ),
    call("torch.gather", t(), 0, ints()),
    call("torch.gather", t(7), 0, ints()),
    *(
        case
        for dim in (0, 1, 2, 3)
        for index in _INDICES
        for src in (t(2, 3, 5), t(2, 7, 5), t(2, 3), t(1, 1, 1))
        for case in (
            call("torch.scatter", t(2, 3, 5), dim, index, src),
            call("torch.Tensor.scatter_add", t(2, 3, 5), dim, index, src),
            call("torch.scatter_reduce", t(2, 3, 5), dim, index, src, "sum"),
        )
    ),
    call("torch.Tensor.scatter", t(2, 3, 5), 1, ints(2, 1, 5), 1.0),
    call("torch.Tensor.scatter", t(2, 3, 5), 1, ints(2, 1, 5), value=1.0),
    call("torch.scatter_add", t(2, 3, 5), 1, ints(2, 1, 5), t(2, 1, 5)),
    call("torch.Tensor.scatter_reduce", t(5), 0, ints(7), t(7), reduce="mean", include_self=False),
    *(
        call(name, t(2, 3, 5), dim, index)
        for name in ("torch.index_select", "torch.Tensor.index_select")
        for dim in (0, 1, -1, 3)
        for index in (ints(7), ints())
    ),
    Case("torch.index_select", (t(2, 3, 5), 1, ints(2, 3)), lenient=True),
    *(
        call(f"{owner}.{name}", t(2, 3, 5), dim, ints(7), t(2, 7, 5), *more)
        for owner in ("torch", "torch.Tensor")
        for name, more in (("index_add", ()), ("index_copy", ()), ("index_reduce", ("mean",)))
        for dim in (1, -2)
    ),
    call("torch.index_add", t(2, 3, 5), 3, ints(7), t(2, 7, 5)),
    # The meta kernels of some take sources of other sizes, which the real ones refuse.
    *(
        Case(f"torch.{name}", (t(2, 3, 5), 1, ints(7), source, *more), lenient=True)
        for name, more in (("index_add", ()), ("index_copy", ()), ("index_reduce", ("mean",)))
        for source in (t(2, 7), t(2, 5, 5), t(3, 7, 5))
    ),
    call("torch.index_fill", t(2, 3, 5), 1, ints(2), 0.0),
    call("torch.Tensor.index_fill", t(2, 3, 5), 3, ints(2), 0.0),
    Case("torch.index_fill", (t(2, 3, 5), 1, ints(2, 3), 0.0), lenient=True),
    call("torch.index_put", t(2, 3, 5), (ints(7),), t(3, 5)),
    call("torch.Tensor.index_put", t(2, 3, 5), (ints(7), ints(7)), t(5), accumulate=True),
    call("torch.take", t(2, 3, 5), ints(7, 2)),
    call("torch.Tensor.take", t(2, 3, 5), ints()),
    *(
        call(name, t(2, 3, 5), index, dim)
        for name in ("torch.take_along_dim", "torch.Tensor.take_along_dim")
        for dim in (0, 1, -1)
        for index in (ints(2, 3, 5), ints(2, 7, 5), ints(1, 7, 1), ints(2, 3))
    ),
    call("torch.take_along_dim", t(2, 3, 5), ints(2, 7)),
    Case("torch.masked_select", (t(2, 3), bools(2, 5)), lenient=True),
    Case("torch.Tensor.masked_select", (t(2, 3), bools(2)), lenient=True),
    call("torch.masked_scatter", t(2, 3), bools(2, 3), t(7)),
    call("torch.Tensor.masked_scatter", t(2, 3), bools(3), t(7)),
    call("torch.Tensor.masked_scatter", t(2, 3), bools(5, 2, 3), t(7)),
    call("torch.Tensor.masked_scatter", t(2, 3), bools(2), t(7)),
    Case("torch.nonzero", (t(2, 3), 1), unknown=True),
    Case("torch.argwhere", (t(2, 3), 1), lenient=True),
    *(
        call(name, t(2, 3, 5), dim, index)
        for name in ("torch.select", "torch.Tensor.select")
        for dim, index in ((0, 1), (1, -3), (-1, 4), (1, 3), (1, -4), (3, 0))
    ),
    call("torch.select", t(), 0, 0),
    *(
        call(name, t(2, 7), dim, start, length)
        for name in ("torch.narrow", "torch.Tensor.narrow")
        for dim in (0, 1, -1, 2)
        for start, length in (
            (0, 1),
            (0, 7),
            (1, 6),
            (1, 7),
            (-3, 2),
            (-3, 4),
            (7, 0),
            (8, 0),
            (-8, 1),
            (0, -1),
        )
    ),
    *(
        Case(name, (t(2, 7, 5), source, 1, 3), lenient=source != t(2, 5))
        for name in ("torch.select_scatter", "torch.Tensor.select_scatter")
        for source in (t(2, 5), t(2, 7), t(2, 1, 5))
    ),
    *(
        Case(name, (t(2, 7, 5), source, 1, 2, 5), lenient=source != t(2, 3, 5))
        for name in ("torch.slice_scatter", "torch.Tensor.slice_scatter")
        for source in (t(2, 3, 5), t(2, 7, 5), t(2, 5))
    ),
]
