"""Cases that are held in one test: thousands of cases are quick, and thousands of tests are not."""

from collections.abc import Callable, Iterable
from typing import TypeVar

_Case = TypeVar("_Case")


def grouped(cases: Iterable[_Case], key: Callable[[_Case], str]) -> dict[str, list[_Case]]:
    """The cases by what they are about, in their order."""
    found: dict[str, list[_Case]] = {}
    for case in cases:
        found.setdefault(key(case), []).append(case)
    return found


def hold(cases: Iterable[_Case], check: Callable[[_Case], object]) -> None:
    """Checks each case, whatever becomes of the others; raises all that fail in one group, each with its case."""
    failed: list[Exception] = []
    for case in cases:
        try:
            check(case)
        except Exception as error:
            error.add_note(f"case: {case}")
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"{len(failed)} cases", failed)
