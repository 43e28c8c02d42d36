"""Values that hold tensors: every tensor in them is checked, and named by its place."""

import dataclasses
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from typing import Any, Dict, List, NamedTuple, Optional, Tuple, Union

import numpy as np
import pytest
import torch
from torch import Tensor

from namedtorch import DimError, Float, Int, checked

z = torch.zeros
N = Float[Tensor, "N"]
NC = Float[Tensor, "N C"]
NCHW = Float[Tensor, "N C H W"]
HC = Float[Tensor, "?H C"]


class Pair(NamedTuple):
    left: Float[Tensor, "N"]
    right: Float[Tensor, "N"]
    name: str = ""


@dataclasses.dataclass
class Batch:
    images: Float[Tensor, "N C"]
    others: list[Float[Tensor, "N"]]
    best: Optional[Float[Tensor, "C"]] = None


@dataclasses.dataclass
class Tree:
    value: Float[Tensor, "N"]
    children: "list[Tree]"


class MyList(list):
    pass


ACCEPTED = [
    (Optional[NC], None),
    (Optional[NC], z(2, 3)),
    (NC | None, z(2, 3)),
    (None | NC, None),
    (Union[NC, NCHW], z(2, 3)),
    (Union[NC, NCHW], z(2, 3, 4, 5)),
    (NC | NCHW | None, None),
    (NC | int, 3),
    (NC | str | None, "x"),
    (Float[Tensor, "N 3"] | Float[Tensor, "N 4"], z(2, 4)),
    (Float[Tensor, "N"] | Int[Tensor, "N"], z(2).long()),
    (Float[Tensor, "N C"] | list[Float[Tensor, "C"]], [z(3), z(3)]),
    (list[NC], []),
    (list[NC], [z(2, 3)] * 9),
    (list[NC], MyList([z(2, 3)])),
    (List[NC], [z(2, 3)]),
    (list[HC], [z(1, 3), z(2, 3), z(0, 3)]),
    (list[Optional[NC]], [None, z(2, 3), None]),
    (list[NC | None] | None, None),
    (list[list[N]], [[], [z(2)], [z(2), z(2)]]),
    (tuple[NC, N], (z(2, 3), z(2))),
    (Tuple[NC, N], (z(2, 3), z(2))),
    (tuple[NC, ...], ()),
    (tuple[NC, ...], (z(2, 3), z(2, 3))),
    (tuple[int, N], (3, z(2))),
    (tuple[()], ()),
    (Sequence[N], [z(2)]),
    (Sequence[N], (z(2),)),
    (Sequence[N], deque([z(2)])),
    (deque[N], deque([z(2), z(2)])),
    (dict[str, NC], {"a": z(2, 3), "b": z(2, 3)}),
    (Dict[int, NC], {1: z(2, 3)}),
    (Mapping[str, N], OrderedDict(a=z(2))),
    (dict[str, list[HC]], {"a": [z(1, 3), z(4, 3)], "b": []}),
    (dict[str, tuple[N, Optional[N]]], {"a": (z(2), None)}),
    (Pair, Pair(z(2), z(2))),
    (list[Pair], [Pair(z(2), z(2)), Pair(z(2), z(2))]),
    (Optional[Pair], None),
    (Batch, Batch(z(2, 3), [z(2), z(2)])),
    (Batch, Batch(z(2, 3), [], z(3))),
    (list[Float[np.ndarray, "?H C"]], [np.zeros((2, 3)), np.zeros((1, 3))]),
]


def holder(hint: Any) -> Any:
    def f(x):
        return None

    f.__annotations__ = {"x": hint}
    return checked(f)


@pytest.mark.parametrize(("hint", "value"), ACCEPTED)
def test_accepted(hint: Any, value: Any) -> None:
    holder(hint)(value)


REFUSED = [
    (NC, None, ["`x` is None, but the annotation asks for a Tensor"]),
    (NC, [z(3)], ["`x` is a list of 1, but the annotation asks for a Tensor"]),
    (Optional[NC], z(2), ["`x` has rank 1, but `N C` has rank 2"]),
    (
        NC | NCHW,
        z(2, 3, 4),
        [
            '`x` is a float32 Tensor (2, 3, 4), which fits none of Float[Tensor, "N C"] | Float[Tensor, "N C H W"]'
        ],
    ),
    (NC | NCHW, None, ['`x` is None, which fits none of Float[Tensor, "N C"] | Float[Tensor, "N C H W"]']),
    (NC | int, "a", ["`x` is the str 'a', which fits none of Float[Tensor, \"N C\"] | int"]),
    (list[NC], (z(2, 3),), ["`x` is a tuple of 1, but the annotation asks for a list"]),
    (list[NC], z(2, 3), ["`x` is a float32 Tensor (2, 3), but the annotation asks for a list"]),
    (list[NC], [z(2, 3), "a"], ["`x[1]` is the str 'a', but the annotation asks for a Tensor"]),
    (
        list[N],
        [z(2)] * 7 + [z(3)],
        ["`x[7]` has size 3 at axis 0, but `N` is 2 (bound by `x[0]` at axis 0)"],
    ),
    (
        list[N],
        [z(2), z(3), z(2), z(2, 2), z(2).long()],
        [
            "`x[4]` has dtype int64, but the annotation says Float",
            "`x[3]` has rank 2, but `N` has rank 1",
            "`x[1]` has size 3 at axis 0, but `N` is 2 (bound by `x[0]` at axis 0)",
        ],
    ),
    (
        list[Float[Tensor, "?H ?H"]],
        [z(2, 2), z(3, 4)],
        ["`x[1]` has size 4 at axis 1, but `H` is 3 (axis 0 of `x[1]`)"],
    ),
    (
        list[HC],
        [z(2, 3), z(5, 4)],
        ["`x[1]` has size 4 at axis 1, but `C` is 3 (bound by `x[0]` at axis 1)"],
    ),
    (
        list[list[N]],
        [[], [z(2)], [z(2), z(3)]],
        ["`x[2][1]` has size 3 at axis 0, but `N` is 2 (bound by `x[1][0]` at axis 0)"],
    ),
    (list[list[N]], [[z(2)], z(2)], ["`x[1]` is a float32 Tensor (2,), but the annotation asks for a list"]),
    (tuple[NC, N], (z(2, 3),), ["`x` is a tuple of 1, but the annotation asks for a tuple of 2"]),
    (tuple[NC, N], [z(2, 3), z(2)], ["`x` is a list of 2, but the annotation asks for a tuple of 2"]),
    (
        tuple[NC, N],
        (z(2, 3), z(3)),
        ["`x[1]` has size 3 at axis 0, but `N` is 2 (bound by `x[0]` at axis 0)"],
    ),
    (tuple[int, N], ("a", z(3)), ["`x[0]` is the str 'a', but the annotation asks for int"]),
    (
        tuple[N, ...],
        (z(2), z(2), z(1)),
        ["`x[2]` has size 1 at axis 0, but `N` is 2 (bound by `x[0]` at axis 0)"],
    ),
    (Sequence[N], {1: z(2)}, ["`x` is a dict of 1, but the annotation asks for a Sequence"]),
    (Sequence[N], "abc", ["`x` is the str 'abc', but the annotation asks for a Sequence"]),
    (
        dict[str, N],
        {"a": z(2), "b c": z(3)},
        ["`x['b c']` has size 3 at axis 0, but `N` is 2 (bound by `x['a']` at axis 0)"],
    ),
    (dict[str, N], [z(2)], ["`x` is a list of 1, but the annotation asks for a mapping"]),
    (
        dict[str, list[HC]],
        {"a": [z(1, 3)], "b": [z(1, 3), z(1, 4)]},
        ["`x['b'][1]` has size 4 at axis 1, but `C` is 3 (bound by `x['a'][0]` at axis 1)"],
    ),
    (Pair, (z(2), z(2)), ["`x` is a tuple of 2, but the annotation asks for a Pair"]),
    (
        Pair,
        Pair(z(2), z(3)),
        ["`x.right` has size 3 at axis 0, but `N` is 2 (bound by `x.left` at axis 0)"],
    ),
    (
        list[Pair],
        [Pair(z(2), z(2)), Pair(z(2), z(3))],
        ["`x[1].right` has size 3 at axis 0, but `N` is 2 (bound by `x[0].left` at axis 0)"],
    ),
    (
        Batch,
        Batch(z(2, 3), [z(2), z(3)], z(4)),
        [
            "`x.others[1]` has size 3 at axis 0, but `N` is 2 (bound by `x.images` at axis 0)",
            "`x.best` has size 4 at axis 0, but `C` is 3 (bound by `x.images` at axis 1)",
        ],
    ),
    (Batch, z(2, 3), ["`x` is a float32 Tensor (2, 3), but the annotation asks for a Batch"]),
]


@pytest.mark.parametrize(("hint", "value", "messages"), REFUSED)
def test_refused(hint: Any, value: Any, messages: list[str]) -> None:
    with pytest.raises(DimError) as caught:
        holder(hint)(value)
    assert [one.message for one in caught.value.failures] == messages


@pytest.mark.parametrize(("hint", "value", "messages"), REFUSED)
def test_results_are_refused_alike(hint: Any, value: Any, messages: list[str]) -> None:
    def f():
        return value

    f.__annotations__ = {"return": hint}
    with pytest.raises(DimError) as caught:
        checked(f)()
    assert [one.message.replace("`result", "`x") for one in caught.value.failures] == messages


@pytest.mark.parametrize("value", ["b", None, 0.5])
def test_elements_without_dims(value: Any) -> None:
    @checked
    def f(x: dict[str, tuple[int, Float[Tensor, "N"]]]) -> None: ...

    f({"a": (1, z(2))})
    with pytest.raises(DimError, match=r"`x\['b'\]\[0\]` is .*, but the annotation asks for int"):
        f({"a": (1, z(2)), "b": (value, z(2))})


def test_wrong_keys() -> None:
    @checked
    def f(x: dict[str, Float[Tensor, "N"]]) -> None: ...

    with pytest.raises(DimError, match="key"):
        f({3: z(2)})


def test_elements_bind_for_other_parameters() -> None:
    @checked
    def f(xs: list[Float[Tensor, "?T C"]], w: Float[Tensor, "C K"]) -> list[Float[Tensor, "?T K"]]:
        return [x @ w for x in xs]

    assert len(f([z(1, 3), z(5, 3)], z(3, 2))) == 2
    with pytest.raises(DimError, match=r"`xs\[1\]` has size 4 at axis 1, but `C` is 3"):
        f([z(1, 3), z(5, 4)], z(3, 2))


def test_elements_are_told_apart_in_the_result() -> None:
    """`?T` of the result's element 1 is the `?T` of the argument's element 1."""

    @checked
    def f(xs: list[Float[Tensor, "?T"]], cut: int) -> list[Float[Tensor, "?T"]]:
        return [x[cut:] for x in xs]

    f([z(3), z(4)], 0)
    with pytest.raises(DimError, match=r"`result\[0\]` has size 2 at axis 0, but `T` is 3"):
        f([z(3), z(4)], 1)


def test_groups_of_elements() -> None:
    @checked
    def f(xs: list[Float[Tensor, "*?shape C"]], ys: list[Float[Tensor, "*?shape"]]) -> None: ...

    f([z(2, 4, 3), z(3)], [z(2, 4), z(())])
    with pytest.raises(DimError, match=r"`ys\[1\]` has the sizes \(1,\) for `\*\?shape`"):
        f([z(2, 4, 3), z(3)], [z(2, 4), z(1)])


def test_recursive_records() -> None:
    """The outermost value is held to its dims; what a record holds of itself is beartype's matter."""

    @checked
    def f(tree: Tree) -> Float[Tensor, "N"]:
        return tree.value

    f(Tree(z(2), [Tree(z(3), [])]))
    with pytest.raises(DimError, match=r"`tree\.value` has rank 2"):
        f(Tree(z(2, 2), []))


def test_none_among_tuples_and_optionals_bind_nothing() -> None:
    @checked
    def f(
        a: Optional[Float[Tensor, "C"]], b: Float[Tensor, "2*C"], c: tuple[Float[Tensor, "C"], ...] = ()
    ) -> None: ...

    f(None, z(5))
    f(None, z(6), (z(3),))
    with pytest.raises(DimError, match=r"`b` has size 5 at axis 0, but `2\*C` is 6"):
        f(z(3), z(5))
    with pytest.raises(DimError, match=r"`b` has size 5 at axis 0, but `2\*C` is 6"):
        f(None, z(5), (z(3),))


def test_a_long_list_is_checked_to_its_end() -> None:
    tensors = [z(2, 3) for _ in range(2000)] + [z(2, 4)]
    with pytest.raises(DimError) as caught:
        holder(list[NC])(tensors)
    assert caught.value.failures[0].argument == "x[2000]"
    assert len(caught.value.failures) == 1


def test_generators_as_arguments_are_not_consumed() -> None:
    def f(x):
        return list(x)

    from collections.abc import Iterable

    f.__annotations__ = {"x": Iterable[int]}
    assert checked(f)(iter([1, 2])) == [1, 2]
