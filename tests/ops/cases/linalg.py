"""Cases of linear algebra."""

from tests.ops.oracle import Case, call, t

_SQUARE = [(3, 3), (5, 3, 3), (7, 5, 3, 3), (2, 3), (5, 2, 3), (3,), ()]
_ANY = [(3, 3), (2, 3), (5, 3), (7, 5, 2, 3), (3,), ()]


def _of(names: str, shapes: list[tuple[int, ...]], *more: object) -> list[Case]:
    return [call(f"torch.{name}", t(*shape), *more) for name in names.split() for shape in shapes]


CASES = [
    *_of(
        "linalg.inv linalg.inv_ex inverse Tensor.inverse linalg.matrix_exp matrix_exp Tensor.matrix_exp "
        "linalg.cholesky linalg.cholesky_ex cholesky Tensor.cholesky cholesky_inverse Tensor.cholesky_inverse "
        "linalg.det det Tensor.det logdet Tensor.logdet linalg.slogdet slogdet Tensor.slogdet "
        "linalg.eigh linalg.eig linalg.eigvalsh linalg.eigvals",
        _SQUARE,
    ),
    *_of("linalg.matrix_power matrix_power Tensor.matrix_power", _SQUARE, 3),
    *_of(
        "linalg.pinv pinverse Tensor.pinverse linalg.matrix_rank linalg.svd svd Tensor.svd linalg.svdvals",
        _ANY,
    ),
    *_of("linalg.qr qr Tensor.qr", _ANY),
    *_of("linalg.svd", _ANY, False),
    *_of("svd", _ANY, False),
    *_of("linalg.qr", _ANY, "complete"),
    *_of("linalg.qr", _ANY, "r"),
    *_of("linalg.qr", [(2, 3)], "nothing"),
    *_of("qr", _ANY, False),
    *_of("linalg.cond", [(3, 3), (5, 3, 3), (3,)]),
    Case("torch.linalg.lu_factor", (t(3, 3),), unknown=True),
    *(
        call("torch.linalg.solve", t(*a), t(*b), **options)
        for a in ((3, 3), (5, 3, 3), (2, 3))
        for b in ((3,), (5,), (3, 7), (7, 3), (5, 3), (5, 3, 7), (5, 7, 3), (1, 3, 2))
        for options in ({}, {"left": False})
    ),
    *(
        call("torch.linalg.solve_triangular", t(*a), t(*b), upper=True, **options)
        for a in ((3, 3), (5, 3, 3), (2, 3))
        for b in ((3, 7), (7, 3), (5, 3, 7), (1, 7, 3), (3,))
        for options in ({}, {"left": False})
    ),
    *(
        call(f"torch.{name}", t(*b), t(*a))
        for name in ("cholesky_solve", "Tensor.cholesky_solve")
        for a in ((3, 3), (5, 3, 3), (2, 3))
        for b in ((3, 7), (7, 3), (5, 3, 7), (2, 3, 7), (3,))
    ),
    *(
        call(f"torch.{name}", t(*a), t(*b), **options)
        for name in ("linalg.cross", "cross", "Tensor.cross")
        for a, b in (
            ((5, 3), (5, 3)),
            ((5, 3), (1, 3)),
            ((3, 5), (3, 5)),
            ((5, 3), (3,)),
            ((5, 7), (5, 7)),
            ((5, 3), (7, 3)),
        )
        for options in ({}, {"dim": 0}, {"dim": -1}, {"dim": 2})
    ),
    *(
        call("torch.linalg.vector_norm", t(*shape), **options)
        for shape in ((2, 3, 5), (2,), ())
        for options in (
            {},
            {"dim": 1},
            {"dim": (0, -1)},
            {"dim": 0, "keepdim": True},
            {"keepdim": True},
            {"dim": (0, 0)},
        )
    ),
    *(
        call("torch.linalg.norm", t(*shape), **options)
        for shape in ((2, 3, 5), (2, 3), (2,))
        for options in (
            {},
            {"dim": 1},
            {"dim": (0, -1)},
            {"dim": 0, "keepdim": True},
            {"ord": "fro"},
            {"ord": 2, "dim": (0, 1, 2)},
            {"keepdim": True},
            {"ord": 1},
            {"dim": 3},
        )
    ),
    *(
        call("torch.linalg.matrix_norm", t(*shape), **options)
        for shape in ((2, 3, 5), (2, 3), (2,))
        for options in (
            {},
            {"keepdim": True},
            {"dim": (0, 1)},
            {"dim": (0, 0)},
            {"dim": (0,)},
            {"ord": "nuc"},
        )
    ),
]

# The least squares also give what no row tells.
CASES += [
    Case("torch.linalg.lstsq", (t(5, 3), t(5)), unknown=True),
    call("torch.linalg.lstsq", t(5, 3), t(3, 7)),
    call("torch.linalg.lstsq", t(3), t(3, 7)),
]
