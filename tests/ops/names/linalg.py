"""Names behind linear algebra: a matrix maps what its columns are to what its rows are."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

_LA = "torch.linalg."
S = t(7, 3, 3)

CASES = (
    # An inverse maps back.
    *(
        names("N a b -> N b a", name, S)
        for name in (f"{_LA}inv", "torch.inverse", f"{_LA}pinv", "torch.pinverse")
    ),
    names("a a -> a a", "torch.Tensor.inverse", t(3, 3)),
    names("N a _ -> N _ a, N", f"{_LA}inv_ex", S),
    # What is multiplied with itself has one dim, and so has what is symmetric.
    *(names("N a _ -> N a a", name, S) for name in (f"{_LA}matrix_exp", "torch.Tensor.matrix_exp")),
    names("a a -> a a", f"{_LA}matrix_power", t(3, 3), 2),
    *(
        names("N a b -> refused", f"{_LA}{name}", S)
        for name in ("matrix_exp", "cholesky", "cholesky_ex", "eigh", "eig", "eigvalsh", "eigvals")
    ),
    names("N a b -> refused", f"{_LA}matrix_power", S, 2),
    names("N a a -> N a _", f"{_LA}cholesky", S),
    names("N a a -> N _ a", "torch.cholesky", S, upper=True),
    names("N _ a -> N a _, N", f"{_LA}cholesky_ex", S),
    names("N a _ -> N a a", "torch.cholesky_inverse", S),
    names("N _ a -> N a a", "torch.cholesky_inverse", S, upper=True),
    names("N a k, N a _ -> N a k", "torch.cholesky_solve", t(7, 3, 2), S),
    names("_ _ k, N _ a -> N a k", "torch.Tensor.cholesky_solve", t(7, 3, 2), S, upper=True),
    names("N b k, N a _ -> refused", "torch.cholesky_solve", t(7, 3, 2), S),
    # Numbers for each matrix
    *(names("N a b -> N", f"{_LA}{name}", S) for name in ("det", "matrix_rank", "cond")),
    names("N a b -> N", "torch.logdet", S),
    names("N a b -> N, N", f"{_LA}slogdet", S),
    # Solutions
    names("N a b, N a k -> N b k", f"{_LA}solve", S, t(7, 3, 2)),
    names("a b, N _ k -> N b k", f"{_LA}solve", t(3, 3), t(7, 3, 2)),
    names("N a b, N a -> N b", f"{_LA}solve", S, t(7, 3)),
    names("a b, a -> b", f"{_LA}solve", t(3, 3), t(3)),
    names("N a b, N k b -> N k a", f"{_LA}solve", S, t(7, 2, 3), left=False),
    names("N a b, N b k -> refused", f"{_LA}solve", S, t(7, 3, 2)),
    names("N a b, M a -> refused", f"{_LA}solve", S, t(7, 3)),
    names("N a b, N a k -> N b k", f"{_LA}solve_triangular", S, t(7, 3, 2), upper=True),
    names("N a b, N k b -> N k a", f"{_LA}solve_triangular", S, t(7, 2, 3), upper=True, left=False),
    names("N a b, N b k -> refused", f"{_LA}solve_triangular", S, t(7, 3, 2), upper=True),
    names("N a b, N a k -> N b k, ?, ?, ?", f"{_LA}lstsq", t(7, 5, 3), t(7, 5, 2)),
    names("a b, a -> b, ?, ?, ?", f"{_LA}lstsq", t(5, 3), t(5)),
    names("N a b, N c k -> refused", f"{_LA}lstsq", t(7, 5, 3), t(7, 5, 2)),
    # What a decomposition numbers has no name.
    *(names("N a b -> N a _, N _, N _ b", f"{_LA}svd", t(7, *one)) for one in ((2, 3), (3, 2), (3, 3))),
    names("N a b -> N a _, N _, N _ b", f"{_LA}svd", t(7, 2, 3), full_matrices=False),
    *(names("a b -> a _, _, b _", "torch.svd", t(2, 3), some) for some in (True, False)),
    names("N a b -> N _", f"{_LA}svdvals", t(7, 2, 3)),
    *(names("a b -> a _, _ b", f"{_LA}qr", t(5, 3), mode) for mode in ("reduced", "complete")),
    names("a b -> _, _ b", f"{_LA}qr", t(5, 3), "r"),
    names("a b -> a _, _ b", "torch.qr", t(5, 3)),
    *(names("N a _ -> N _, N a _", f"{_LA}{name}", S) for name in ("eigh", "eig")),
    *(names("N a _ -> N _", f"{_LA}{name}", S) for name in ("eigvalsh", "eigvals")),
    names("a b -> ?", f"{_LA}lu_factor", t(3, 3)),
    # Products of vectors
    names("N D, _ D -> N D", f"{_LA}cross", t(5, 3), t(5, 3)),
    names("N D, _ _ -> N D", f"{_LA}cross", t(5, 3), t(5, 3), dim="D"),
    names("D _, _ N -> D N", "torch.cross", t(3, 5), t(3, 5), dim="D"),
    names("N D, N D -> N D", "torch.Tensor.cross", t(5, 3), t(5, 3)),
    names("N D, N E -> refused", "torch.cross", t(5, 3), t(5, 3), dim="D"),
    names("N D, N D -> refused", "torch.cross", t(5, 3), t(5, 3), dim="T"),
    # Norms
    *(
        names(dims, f"{_LA}{name}", t(2, 3, 5), **asked)
        for name in ("vector_norm", "norm")
        for dims, asked in (
            ("N C T -> ()", {}),
            ("N C T -> N T", {"dim": "C"}),
            ("N C T -> C", {"dim": ("N", "T")}),
            ("N C T -> N C T", {"dim": "C", "keepdim": True}),
            ("N C T -> N C T", {"keepdim": True}),
            ("N C T -> refused", {"dim": "H"}),
        )
    ),
    names("N C T -> N", f"{_LA}matrix_norm", t(2, 3, 5)),
    names("N C T -> T", f"{_LA}matrix_norm", t(2, 3, 5), dim=("N", "C")),
    names("N C T -> N C T", f"{_LA}matrix_norm", t(2, 3, 5), keepdim=True),
)
