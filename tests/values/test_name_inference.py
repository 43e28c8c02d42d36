"""What torch 2.12.1's named tensors said of 378 calls, and where NamedTensor says otherwise, on purpose."""

from typing import Any

import pytest

from tests.values.name_inference import CASES, REFUSED, Verdict, call_again, expected

CONTRACTED = "contracted dims are checked: different names never meet, in a product neither"
"""torch multiplied `N C` with `W H` and never compared C with W."""

REPEATED = "a product may have a name twice: `rename` tells the two apart before they are used by name"
"""torch refused the scores of attention, `B T D` with `B D T`."""

SQUEEZED = "`squeeze` never drops names: an axis that is not of size 1 stays, with its name"
"""torch dropped all of them."""

UNNAMED = "`unflatten` without names gives axes without names, as every view does"
"""torch asked for names."""

DEVIATIONS: dict[str, tuple[int, ...]] = {
    CONTRACTED: (
        606, 618, 619, 620, 621, 622, 623, 629, 636, 645, 655, 668, 687, 689, 697, 698, 703, 862, 865,
    ),
    REPEATED: (624, 633, 653),
    SQUEEZED: (559, 561),
    UNNAMED: (797,),
}  # fmt: skip
"""The cases that NamedTensor decides otherwise, by the reason."""

_REASONS = {case: reason for reason, cases in DEVIATIONS.items() for case in cases}


def _agrees(said: Verdict, told: Verdict) -> bool:
    return said.results == told.results and (said.after is None or said.after == told.after)


def _id(case: dict[str, Any]) -> str:
    return f"{case['id']}-{case['op']}"


@pytest.mark.parametrize("case", [one for one in CASES if one["id"] not in _REASONS], ids=_id)
def test_agrees_with_torch(case: dict[str, Any]) -> None:
    said, told = expected(case), call_again(case)
    assert _agrees(said, told), f"torch: {said}\nNamedTensor: {told}"
    if told.results == REFUSED:
        assert told.error.startswith("DimError: "), told.error


@pytest.mark.parametrize("case", [one for one in CASES if one["id"] in _REASONS], ids=_id)
def test_listed_deviation_is_one(case: dict[str, Any]) -> None:
    reason, told = _REASONS[case["id"]], call_again(case)
    assert not _agrees(expected(case), told)
    if reason == CONTRACTED:
        assert told.results == REFUSED
        assert "it contracts axis" in told.error
        assert expected(case).results != REFUSED
    elif reason == REPEATED:
        names = told.results[0][0]
        assert len(set(names)) == len(names) - 1
        assert "duplicate names" in case["error_message"]
    elif reason == SQUEEZED:
        assert told.results == [(case["input_names"][0], case["input_shapes"][0])]
    else:
        assert told.results == [(["N", None, None, "K"], [7, 5, 6, 11])]


def test_every_case_is_decided() -> None:
    assert len(CASES) == 378
    assert set(_REASONS) <= {case["id"] for case in CASES}
    assert len(_REASONS) == sum(map(len, DEVIATIONS.values()))


def test_a_wrong_expectation_fails() -> None:
    case = next(one for one in CASES if one["op"] == "sum" and not one["error"])
    wrong = {**case, "result_names": ["W", *case["result_names"][1:]]}
    with pytest.raises(AssertionError, match="NamedTensor:"):
        test_agrees_with_torch(wrong)
    with pytest.raises(AssertionError):
        test_agrees_with_torch({**case, "error": True, "error_message": "Name 'Z' not found"})
