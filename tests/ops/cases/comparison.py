"""Cases of comparisons, logic and bits."""

from namedtorch.ops import comparison
from tests.ops.oracle import Case, bools, call, ints, t

_TENSORS = (((2, 3, 5), (3, 5)), ((2, 1, 5), (7, 1, 3, 1)), ((2, 3), (2, 5)), ((), (2, 3)))
_UNTOLD = ("allclose", "equal", "is_same_size")


def _spellings(count: int) -> list[str]:
    """The spellings of rows that take so many tensors and tell the result."""
    return [
        spelling
        for rule in comparison.OPERATORS
        for spelling in rule.spellings
        if sum(one.required for one in rule.taken) == count
        and spelling.rpartition(".")[2] not in _UNTOLD
        and spelling != "torch.isin"
    ]


def _of_ints(spelling: str) -> bool:
    return "bitwise" in spelling or spelling.startswith("operator.")


CASES = [
    *(call(spelling, t(*sizes)) for spelling in _spellings(1) for sizes in ((2, 3), ())),
    *(
        call(spelling, *((ints if _of_ints(spelling) else t)(*sizes) for sizes in pair))
        for spelling in _spellings(2)
        for pair in _TENSORS
    ),
    *(call(f"operator.{name}", t(2, 3), 0.5) for name in ("lt", "le", "gt", "ge", "eq", "ne")),
    *(call(f"operator.{name}", 2, t(2, 3)) for name in ("lt", "ge", "eq")),
    call("operator.and_", bools(2, 3), bools(3)),
    call("operator.or_", bools(2, 3), bools(2)),
    call("torch.isclose", t(2, 3), t(3), rtol=0.1),
    *(
        Case(f"{home}.{name}", (t(2, 3), t(*sizes)), unknown=True, real=True)
        for home in ("torch", "torch.Tensor")
        for name in _UNTOLD
        for sizes in ((2, 3), (1, 3))
    ),
    Case("torch.allclose", (t(2, 3), t(5)), real=True),
    Case("torch.equal", (t(2, 3), t(5)), unknown=True, real=True),
    Case("torch.isin", (t(2, 3), t(5)), real=True),
]
