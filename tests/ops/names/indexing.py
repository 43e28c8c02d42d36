"""Names behind `x[...]`, by position and by names."""

from typing import Any

from namedtorch.ops.values import Fields
from tests.ops.names.harness import NamesCase, carried, names
from tests.ops.oracle import T, bools, ints, row_value, t

X = t(3, 5, 7, 11)
_ALL = slice(None)
_I, _J = ints(2), ints(2, 1)


def got(dims: str, index: Any) -> NamesCase:
    """A case of `x[index]` for `x` of the dims N C H W."""
    return names(f"N C H W{dims}", "operator.getitem", X, index)


def named(dims: str, **index: Any) -> NamesCase:
    """A case of an index by names; a tensor in it stands with its dims, as a pair."""
    items = tuple(
        carried(one[0], iter([one[1]])) if isinstance(one, tuple) else row_value(one)
        for one in index.values()
    )
    return names(dims, "operator.getitem", X, Fields(tuple(index), items))


def tensor(dims: str, one: T) -> tuple[T, str]:
    """A tensor in an index by names."""
    return one, dims


CASES = (
    # Integers take an axis away, slices keep it, `None` puts in one without a name.
    got(" -> C H W", 0),
    got(" -> N H W", (_ALL, -1)),
    got(" -> N C H W", slice(1, 3)),
    got(" -> N C H W", (..., slice(None, None, 2))),
    got(" -> N C H", (..., 0)),
    got(" -> _ N C H W", None),
    got(" -> N C H _ W", (..., None, _ALL)),
    got(" -> C _ H W", (0, _ALL, None)),
    got(", () -> C H W", ints()),
    # One vector of places keeps the name of its axis, unless it has one.
    got(" -> N C H W", [0, 2]),
    got(", _ -> N C H W", _I),
    got(", K -> K C H W", _I),
    got(", K -> N C K W", (_ALL, _ALL, _I)),
    got(", _ -> C H W", (0, _I)),
    got(", _ -> N C W", (_ALL, _ALL, 0, _I)),
    # Places of other ranks have the names of the index alone.
    got(", _ _ -> _ _ C H W", _J),
    got(", A B -> N A B H W", (_ALL, _J)),
    got(" -> N _ _ H W", (_ALL, [[0, 1, 1]])),
    # Several indices broadcast; what they number together is no axis of the input.
    got(", _, _ -> _ H W", (_I, _I)),
    got(", K, _ -> K H W", (_I, _I)),
    got(", K, B _ -> B K H W", (_I, _J)),
    got(", K, K -> K C W", (_I, _ALL, _I)),
    got(", K, M -> refused", (_I, _I)),
    # Masks
    got(", _ -> N C H W", bools(3)),
    got(", N -> N C H W", bools(3)),
    got(", C -> refused", bools(3)),
    got(", H -> N C H W", (..., bools(7), _ALL)),
    got(", N _ -> _ H W", bools(3, 5)),
    got(", N H -> refused", bools(3, 5)),
    got(" -> N C H W", [True, False, True]),
    got(" -> _ N C H W", True),
    names("_ C, N -> N C", "torch.Tensor.__getitem__", t(3, 5), bools(3)),
    # By names
    named("N C H W -> N H W", C=0),
    named("N C H W -> N H W", W=slice(1, 4), C=0),
    named("N C H W -> N C H W", H=[0, 3], N=slice(None, None, 2)),
    named("N C H W -> N C K W", H=tensor("K", _I)),
    named("N C H W -> N C H W", H=tensor("_", _I)),
    named("N C H W -> N C A B W", H=tensor("A B", _J)),
    named("N C H W -> N K W", C=tensor("K", _I), H=tensor("_", _I)),
    named("N C H W -> K C W", N=tensor("K", _I), H=tensor("K", _I)),
    named("N C H W -> N C H W", H=tensor("H", bools(7))),
    named("N C H W -> refused", H=tensor("W", bools(7))),
    named("N C H W -> refused", T=0),
    named("N C C W -> refused", C=0),
    named("_ _ _ _ -> refused", C=0),
    named("N C H W -> refused", C=None),
    named("N C H W -> refused", C=...),
    named("N C H W -> refused", C=tensor("C H", bools(5, 7))),
    named("N C H W -> refused", C=9),
    # What is written has the names of what it is written to.
    names("N C, C -> ?", "operator.setitem", t(3, 5), 0, t(5)),
    names("N C, () -> ?", "torch.Tensor.__setitem__", t(3, 5), (..., 0), t()),
    names("N C, N C -> ?", "torch.Tensor.__setitem__", t(3, 5), slice(0, 2), t(2, 5)),
    names("N C, N -> refused", "torch.Tensor.__setitem__", t(3, 5), 0, t(5)),
    names("N C, N _ -> refused", "torch.Tensor.__setitem__", t(3, 5), (_ALL, 0), t(1, 1)),
    names("N C, K, K C -> ?", "torch.Tensor.__setitem__", t(3, 5), _I, t(2, 5)),
    names("N C, C -> ?", "torch.Tensor.__setitem__", t(3, 5), Fields(("N",), (row_value(0),)), t(5)),
    names("N C, N -> refused", "torch.Tensor.__setitem__", t(3, 5), Fields(("N",), (row_value(0),)), t(5)),
    names("N C, K, K C -> N C", "torch.index_put", t(3, 5), (_I,), t(2, 5)),
    names("N C, _, N -> refused", "torch.index_put", t(3, 5), (_I,), t(5)),
    names("N C, K, _, K -> N C", "torch.Tensor.index_put", t(3, 5), (_I, _I), t(2)),
    names("N C, K, _, M -> refused", "torch.Tensor.index_put", t(3, 5), (_I, _I), t(2)),
    names("N C, _ N, _ -> refused", "torch.index_put", t(3, 5), (bools(3, 5),), t(1)),
)
