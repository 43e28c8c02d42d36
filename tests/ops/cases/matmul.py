"""Cases of products of matrices and vectors."""

from itertools import product

from tests.ops.oracle import Case, call, t

_SHAPES = [
    (),
    (3,),
    (5,),
    (2, 3),
    (3, 5),
    (5, 3),
    (7, 2, 3),
    (7, 3, 5),
    (1, 3, 2),
    (11, 1, 3, 5),
    (2, 7, 5, 3),
]
_SMALL = [(), (3,), (5,), (2, 3), (3, 5), (7, 2, 3), (7, 3, 5), (2, 3, 5)]

CASES = [
    *(call("torch.matmul", t(*a), t(*b)) for a, b in product(_SHAPES, _SHAPES)),
    *(
        call(name, t(2, 3), t(3, 5))
        for name in (
            "operator.matmul",
            "torch.linalg.matmul",
            "torch.Tensor.matmul",
            "torch.Tensor.__matmul__",
        )
    ),
    *(
        call(name, t(*a), t(*b))
        for name in (
            "torch.mm",
            "torch.bmm",
            "torch.mv",
            "torch.dot",
            "torch.inner",
            "torch.outer",
            "torch.vdot",
        )
        for a, b in product(_SMALL, _SMALL)
    ),
    *(call(f"torch.Tensor.{name}", t(3), t(3)) for name in ("dot", "vdot", "inner", "outer", "ger")),
    call("torch.ger", t(3), t(5)),
    call("torch.Tensor.mm", t(2, 3), t(3, 5)),
    call("torch.Tensor.mv", t(2, 3), t(3)),
    call("torch.Tensor.bmm", t(7, 2, 3), t(7, 3, 5)),
    *(
        call("torch.addmm", t(*added), t(*a), t(3, 5))
        for added in ((), (1,), (5,), (2,), (1, 5), (2, 1), (2, 5), (3, 5))
        for a in ((2, 3), (3, 2), (7, 2, 3))
    ),
    call("torch.Tensor.addmm", t(5), t(2, 3), t(3, 5), beta=0.5, alpha=2),
    *(
        call(f"torch.{name}", t(*added), t(7, 2, 3), t(*b))
        for name in ("baddbmm", "addbmm")
        for added in ((), (5,), (2, 5), (7, 2, 5), (7, 1, 1), (3, 5), (1, 7, 2, 5))
        for b in ((7, 3, 5), (2, 3, 5), (3, 5), (7, 2, 5))
    ),
    *(call("torch.addmv", t(*added), t(2, 3), t(3)) for added in ((), (2,), (1,), (3,))),
    Case("torch.addmm", (t(1, 2, 5), t(2, 3), t(3, 5)), lenient=True),
    Case("torch.addmv", (t(1, 2), t(2, 3), t(3)), lenient=True),
    call("torch.addmv", t(2), t(2, 3), t(2)),
    *(call("torch.addr", t(*added), t(2), t(3)) for added in ((), (2, 3), (3,), (2,), (2, 1))),
    call("torch.chain_matmul", t(2, 3), t(3, 5), t(5, 7)),
    call("torch.chain_matmul", t(2, 3), t(5, 3)),
    *(
        call("torch.linalg.multi_dot", [t(*one) for one in shapes])
        for shapes in (
            [(2, 3), (3, 5), (5, 7)],
            [(2, 3), (3, 5)],
            [(3,), (3, 5), (5, 7)],
            [(2, 3), (3, 5), (5,)],
            [(3,), (3, 5), (5,)],
            [(3,), (3,)],
            [(3,), (5,)],
            [(2, 3), (5, 3)],
            [(2, 3), (3,), (3, 5)],
            [(2, 3)],
            [(7, 2, 3), (3, 5)],
        )
    ),
    *(
        call("torch.tensordot", t(2, 3, 5), t(*b), dims=dims)
        for b in ((3, 5, 7), (5, 3, 2), (5,), (1, 5), (3, 7))
        for dims in (0, 1, 2, 3, 4)
    ),
    *(
        call("torch.tensordot", t(2, 3, 5), t(5, 7, 3), dims=dims)
        for dims in (
            ([1, 2], [2, 0]),
            ([1], [2]),
            ([-1], [0]),
            ([1, 2], [0, 2]),
            ([1], [2, 0]),
            ([3], [0]),
            ([1, 1], [2, 2]),
        )
    ),
    *(
        call("torch.linalg.vecdot", t(*a), t(*b), **options)
        for a, b in (((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 3), (5, 1, 3)), ((2, 3), (2, 5)))
        for options in ({}, {"dim": -1}, {"dim": -2})
    ),
]
