"""Checks that a call may have to skip, taken again where their dims may be bound later.

A dim that only an absent Optional would bind is unbound when its checks come; a later parameter, or the result, may
still bind it. Such checks stand twice in a plan: they compare only, so that taking one again is harmless.
"""

from collections.abc import Sequence

from namedtorch.dims.pattern import Dim
from namedtorch.dims.schedule import Scheduled, key_of
from namedtorch.dims.steps import Bind, BindGroup, Equal, Flat, Where
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.sites import Site


def with_rechecks(
    sites: Sequence[Site], before: Sequence[Scheduled], after: Sequence[Scheduled]
) -> tuple[tuple[Scheduled, ...], tuple[Scheduled, ...]]:
    """The checks before and after a call, each list followed by those to take again."""
    sure: set[str] = set()
    skipped: list[tuple[Scheduled, frozenset[str]]] = []

    def walk(steps: Sequence[Scheduled]) -> list[Scheduled]:
        again: list[Scheduled] = []
        for one in steps:
            for other, missing in skipped:
                if other not in again and one.binds & missing:
                    again.append(other)
            missing = _asks(one) - sure
            if missing:
                skipped.append((one, frozenset(missing)))
            sure.update(_surely_binds(one, sites, sure))
        return again

    again_before = walk(before)
    again_after = walk(after)
    return (*before, *again_before), (*after, *again_after)


def _asks(one: Scheduled) -> frozenset[str]:
    """The dims whose sizes a check compares."""
    match one.step:
        case Equal() | Where():
            return one.needs
        case Flat(factors=factors):
            named = {
                key_of(dim.name, one.each)
                for dim in factors
                if dim.name is not Unknown and dim.size is Unknown
            }
            return one.needs | named
        case _:
            return frozenset()


def _surely_binds(one: Scheduled, sites: Sequence[Site], sure: set[str]) -> frozenset[str]:
    """The dims that are bound after a step in every call."""
    if one.tensor is None or not sites[one.tensor].always:
        return frozenset()
    match one.step:
        case Bind(broadcast=False) | BindGroup(broadcast=False):
            return one.binds
        case Equal() if one.needs <= sure:
            return one.binds
        case Flat(factors=factors) if all(
            _is_constant(factor) or factor.size is Unknown for factor in factors
        ):
            opened = [factor for factor in factors if factor.size is Unknown]
            return one.binds if len(opened) == 1 else frozenset()
        case _:
            return frozenset()


def _is_constant(factor: Dim) -> bool:
    return factor.size is not Unknown and factor.size.value is not Unknown and factor.size.value > 0
