"""Cases of `x[...]`. The meta device knows no masks: what they give stands in the cases with symbols."""

from tests.ops.oracle import Case, bools, call, ints, t

_X = t(3, 5, 7, 11)
_I, _J, _K = ints(2), ints(2, 1), ints(13)
_ALL = slice(None)

_INDICES = (
    0, -1, 2, 3, -4, slice(None), slice(1, None), slice(None, -1), slice(None, 2), slice(2, 1), slice(-2, None),
    slice(None, None, 2), slice(1, None, 2), slice(None, None, -1), slice(None, None, 0), slice(1, 100), slice(-100, 2),
    None, ..., (), (0, 1), (0, 1, 2, 3), (0, 1, 2, 3, 0), (..., 0), (0, ...), (0, ..., 0), (..., None), (None, ...),
    (_ALL, None), (_ALL, 0, None), (None, 0, ..., None), (_ALL, slice(1, 3), 0), (..., slice(None, None, 3), _ALL),
    _I, _J, [0, 1], [[0, 1, 1]], (_ALL, _I), (..., _I), (_I, _I), (_I, _J), (_I, _K), (_I, _ALL, _J), (_I, None, _I),
    (_ALL, _I, None, _J), (_ALL, _I, 0, _J), (0, _ALL, _I), (_I, 0, _ALL, _J), (_I, ..., _I), (_ALL, _I, _J),
    (_ALL, slice(1, None), _I, 0), ([0, 1], [1, 2]), ([0, 1], _ALL, [1, 2]), (_I, slice(0, 1)), (None, _I),
    (_I, _I, _I, _I), (_I, _I, _I, _I, _I), (_I, _I, _I, _I, None), (_ALL, _ALL, _ALL, _ALL, None),
    (_ALL, _ALL, _ALL, _ALL, 0), t(2), (0, t(2)), ints(2, 3), (ints(2, 3), ints(3)), (ints(2, 3), ints(2)),
    (5, 0), (0, 5), (..., 11), (..., -12),
)  # fmt: skip

_VALUES = (
    1.0, t(), t(1), t(11), t(7, 11), t(5, 7, 11), t(1, 5, 7, 11), t(3, 5, 7, 11), t(2, 5, 7, 11), t(5, 1, 11),
    t(5, 7, 1), t(1, 1, 1, 1, 11), t(2, 1, 5, 7, 11), t(5, 11), t(5, 7),
)  # fmt: skip

CASES: list[Case] = [
    *(call("operator.getitem", _X, index) for index in _INDICES),
    *(call("torch.Tensor.__getitem__", t(13), index) for index in _INDICES),
    call("operator.getitem", t(), ()),
    call("operator.getitem", t(), ...),
    call("operator.getitem", t(), None),
    call("operator.getitem", t(), 0),
    call("operator.getitem", t(3, 5), True),
    *(
        call("torch.Tensor.__setitem__", _X, index, value)
        for index in (0, slice(None), slice(0, 2), (_ALL, 0), ..., None, (..., 0))
        for value in _VALUES
    ),
    *(
        Case("operator.getitem", (_X, index), lenient=True)
        for index in (bools(4), bools(3, 4), (_ALL, bools(3)), (..., bools(7)), bools(3, 5, 7, 11, 1))
    ),
    call("operator.setitem", _X, 0, t(5, 7, 11)),
]
