"""Aligned text for a terminal: tables, times and sizes as people read them."""

from collections.abc import Sequence

_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


def aligned(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Lines of which each column is as wide as its longest cell; those in `right` end where the column ends."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return [line.rstrip() for line in lines]


def duration(seconds: float) -> str:
    """A time in three digits: `31.4 us`, `2.05 ms`, `1.20 s`."""
    unit = next((unit for unit, scale in _UNITS.items() if seconds >= scale), "us")
    return f"{_digits(seconds / _UNITS[unit])} {unit}"


def spread(middle: float, low: float, high: float) -> str:
    """A time and the range around it, in the unit of the time: `2.05 ms (1.98-2.10)`."""
    unit = duration(middle).rpartition(" ")[2]
    scale = _UNITS[unit]
    return f"{duration(middle)} ({_digits(low / scale)}-{_digits(high / scale)})"


def rate(count: float) -> str:
    """A number of things in a second: `48,211`, `31.4`."""
    return f"{count:,.0f}" if count >= 100 else _digits(count)


def _digits(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"
