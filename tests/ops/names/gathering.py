"""Names behind gathering and scattering."""

from tests.ops.names.harness import names
from tests.ops.oracle import bools, ints, t

X = t(2, 3, 5)

CASES = (
    # The places have the name of the index, or else that of the dim.
    names("N C T, N C T -> N C T", "torch.gather", X, "T", ints(2, 3, 4)),
    names("N C T, _ _ _ -> N C T", "torch.gather", X, 2, ints(2, 3, 4)),
    names("N C T, N C K -> N C K", "torch.Tensor.gather", X, "T", ints(2, 3, 4)),
    names("_ _ _, N C K -> N C K", "torch.gather", X, 2, ints(2, 3, 4)),
    names("N C T, N K T -> refused", "torch.gather", X, "T", ints(2, 3, 4)),
    names("N C T, _ _ _ -> refused", "torch.gather", X, "H", ints(2, 3, 4)),
    names("N C T, K -> N K T", "torch.index_select", X, "C", ints(4)),
    names("N C T, _ -> N C T", "torch.Tensor.index_select", X, 1, ints(4)),
    names("N C T, () -> N C T", "torch.index_select", X, "C", ints()),
    names("N C T, _ _ _ -> N C T", "torch.take_along_dim", X, ints(2, 3, 4), dim="T"),
    names("N C T, _ _ K -> N C K", "torch.take_along_dim", X, ints(2, 1, 4), "T"),
    names("N C T, N S _ -> refused", "torch.take_along_dim", X, ints(2, 1, 4), "T"),
    names("N C T, A B -> (A B)", "torch.Tensor.take_along_dim", X, ints(2, 4)),
    names("N C T, A _ -> A _", "torch.take", X, ints(2, 4)),
    # What is written lies along the axes that it is written to, but for the dim that the index names places of.
    *(
        names(
            f"N _ T, N {index} _, _ {index} T -> N _ T",
            f"torch.{name}",
            X,
            1,
            ints(2, 4, 5),
            t(2, 4, 5),
            *more,
        )
        for name, more in (("scatter", ()), ("scatter_add", ()), ("scatter_reduce", ("sum",)))
        for index in ("_", "K")
    ),
    names("N C T, _ _ _ -> N C T", "torch.Tensor.scatter", X, "C", ints(2, 4, 5), 1.0),
    names("_ C _, N K _, _ K T -> N C T", "torch.scatter", X, "C", ints(2, 4, 5), t(2, 4, 5)),
    names("N C T, _ K _, N _ _ -> N C T", "torch.scatter_reduce", X, "C", ints(2, 4, 5), t(2, 4, 5), "sum"),
    names("N C T, _ _ _ -> refused", "torch.Tensor.scatter", X, "H", ints(2, 4, 5), 1.0),
    names("N C T, A C T, _ _ _ -> refused", "torch.scatter", X, "C", ints(2, 4, 5), t(2, 4, 5)),
    names("N C T, _ _ _, _ _ S -> refused", "torch.scatter", X, "C", ints(2, 4, 5), t(2, 4, 5)),
    names("N C T, _ K _, _ M _ -> refused", "torch.scatter_add", X, "C", ints(2, 4, 5), t(2, 4, 5)),
    *(
        names("N C _, K, _ K T -> N C T", f"torch.{name}", X, "C", ints(4), t(2, 4, 5), *more)
        for name, more in (("index_add", ()), ("index_copy", ()), ("index_reduce", ("mean",)))
    ),
    names("N C T, K, N C T -> refused", "torch.index_add", X, "C", ints(4), t(2, 4, 5)),
    names("N C T, _, N C S -> refused", "torch.Tensor.index_add", X, "C", ints(4), t(2, 4, 5)),
    names("N C, _ -> N C", "torch.index_fill", t(2, 3), "C", ints(1), 5.0),
    names("N C, _ -> refused", "torch.index_fill", t(2, 3), "D", ints(1), 5.0),
    # Masks
    names("N C, _ C -> _", "torch.masked_select", t(2, 3), bools(2, 3)),
    names("N C, D -> refused", "torch.masked_select", t(2, 3), bools(3)),
    names("N _, C, _ -> N C", "torch.masked_scatter", t(2, 3), bools(3), t(6)),
    names("N C, D, _ -> refused", "torch.masked_scatter", t(2, 3), bools(3), t(6)),
    names("N C T -> _ _", "torch.nonzero", X),
    names("N C -> _, _", "torch.Tensor.nonzero", t(2, 3), as_tuple=True),
    names("N C T -> _ _", "torch.argwhere", X),
    # Parts of an axis
    names("N C T -> N T", "torch.select", X, "C", 0),
    names("N C T -> refused", "torch.Tensor.select", X, "H", 0),
    names("N C T -> N C T", "torch.narrow", X, "T", 1, 3),
    names("N C T -> N C T", "torch.Tensor.narrow", X, -1, 0, 5),
    names("N _ T, _ T -> N _ T", "torch.select_scatter", X, t(2, 5), 1, 0),
    names("_ C _, N T -> N C T", "torch.Tensor.select_scatter", X, t(2, 5), "C", 0),
    names("N C T, N C -> refused", "torch.select_scatter", X, t(2, 5), "C", 0),
    names("N C _, _ C T -> N C T", "torch.slice_scatter", X, t(2, 3, 2), 2, 1, 3),
    names("N C T, _ _ _ -> N C T", "torch.Tensor.slice_scatter", X, t(2, 3, 2), "T", 1, 3),
    names("N C T, N C S -> refused", "torch.slice_scatter", X, t(2, 3, 2), "T", 1, 3),
)
