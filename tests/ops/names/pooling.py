"""Names behind pooling: spatial axes keep theirs, whatever size they get."""

from itertools import chain

from tests.ops.names.harness import NamesCase, names
from tests.ops.oracle import T, ints, t

_F = "torch.nn.functional"
_SIZES = (12, 14, 16)
_DIMS = ("T", "H W", "D H W")


def _input(axes: int) -> T:
    return t(2, 3, *_SIZES[:axes])


def _one(axes: int, name: str, *arguments: object, **keywords: object) -> NamesCase:
    return names(
        f"N C {_DIMS[axes - 1]} -> N C {_DIMS[axes - 1]}", name, _input(axes), *arguments, **keywords
    )


def _two(axes: int, name: str, *arguments: object, **keywords: object) -> NamesCase:
    dims = f"N C {_DIMS[axes - 1]}"
    return names(f"{dims} -> {dims}, {dims}", name, _input(axes), *arguments, **keywords)


def _of(axes: int) -> list[NamesCase]:
    dims = _DIMS[axes - 1]
    same = t(2, 3, *(2,) * axes)
    where = ints(2, 3, *(2,) * axes)
    unpool = f"{_F}.max_unpool{axes}d"
    unnamed = " ".join("_" * axes)
    cases = [
        _one(axes, f"{_F}.max_pool{axes}d", 3),
        _one(axes, f"{_F}.max_pool{axes}d", 3, 2, 1, ceil_mode=True),
        _one(axes, f"{_F}.max_pool{axes}d", 3, 1, 1),
        _two(axes, f"{_F}.max_pool{axes}d", 3, return_indices=True),
        _two(axes, f"{_F}.max_pool{axes}d_with_indices", 2),
        _one(axes, f"torch.max_pool{axes}d", 2),
        names(f"C {dims} -> C {dims}", f"{_F}.max_pool{axes}d", t(3, *_SIZES[:axes]), 3),
        names(f"_ C {unnamed} -> _ C {unnamed}", f"{_F}.max_pool{axes}d", _input(axes), 3),
        _one(axes, f"{_F}.avg_pool{axes}d", 2),
        _one(axes, f"{_F}.lp_pool{axes}d", 2, 3),
        _one(axes, f"{_F}.adaptive_avg_pool{axes}d", 5),
        _one(axes, f"{_F}.adaptive_avg_pool{axes}d", 1),
        _one(axes, f"{_F}.adaptive_max_pool{axes}d", 5),
        _two(axes, f"{_F}.adaptive_max_pool{axes}d", 5, return_indices=True),
        _two(axes, f"{_F}.adaptive_max_pool{axes}d_with_indices", 5),
        names(f"N C {dims}, _ _ {unnamed} -> N C {dims}", unpool, same, where, 2),
        names(f"_ _ {unnamed}, N C {dims} -> N C {dims}", unpool, same, where, 2),
        names(f"N C {dims}, N C {dims} -> N C {dims}", unpool, same, where, 2, output_size=(5,) * axes),
        names(f"N C {dims}, N K {dims} -> refused", unpool, same, where, 2),
    ]
    if axes == 1:
        return [
            *cases,
            _two(1, "torch.max_pool1d_with_indices", 2),
            _two(1, "torch.adaptive_max_pool1d", 5),
        ]
    return [
        *cases,
        _one(axes, f"{_F}.fractional_max_pool{axes}d", 2, output_size=5),
        _one(axes, f"{_F}.fractional_max_pool{axes}d", 2, output_ratio=(0.5,) * axes),
        _one(axes, f"{_F}.adaptive_avg_pool{axes}d", (None, *(3,) * (axes - 1))),
        _two(axes, f"{_F}.fractional_max_pool{axes}d_with_indices", 2, output_size=5),
    ]


CASES = tuple(chain.from_iterable(_of(axes) for axes in (1, 2, 3)))
