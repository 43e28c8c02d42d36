"""Cases of linear and bilinear maps."""

from itertools import product

from tests.ops.oracle import ModuleCase, call, t

_INPUTS = [(3,), (2, 3), (7, 2, 3), (2, 5), (), (5,)]

CASES = [
    *(
        call("torch.nn.functional.linear", t(*shape), t(*weight))
        for shape, weight in product(_INPUTS, [(5, 3), (3, 5), (3,), (7, 5, 3)])
    ),
    *(call("torch.nn.functional.linear", t(2, 3), t(5, 3), t(*bias)) for bias in ((5,), (1,), (3,), ())),
    call("torch.nn.functional.linear", t(2, 3), t(5, 3), None),
    *(
        call(name, t(*left), t(*right), t(11, 3, 5), *bias)
        for name in ("torch.bilinear", "torch.nn.functional.bilinear")
        for left, right in (
            ((2, 3), (2, 5)), ((7, 2, 3), (7, 2, 5)), ((2, 3), (7, 5)), ((2, 3), (5,)), ((2, 5), (2, 3)), ((3,), (5,)),
        )
        for bias in ((), (t(11),))
    ),
    call("torch.bilinear", t(2, 3), t(2, 5), t(11, 3)),
]  # fmt: skip

MODULE_CASES = [
    *(
        ModuleCase("torch.nn.Linear", (3, 5), {"bias": bias}, (t(*shape),))
        for shape in _INPUTS
        for bias in (True, False)
    ),
    *(
        ModuleCase("torch.nn.Bilinear", (3, 5, 11), {}, (t(*left), t(*right)))
        for left, right in (((2, 3), (2, 5)), ((7, 2, 3), (7, 2, 5)), ((2, 3), (7, 5)), ((2, 5), (2, 3)), ((3,), (5,)))
    ),
    *(ModuleCase("torch.nn.LazyLinear", (5,), {}, (t(*shape),)) for shape in ((3,), (2, 3), (7, 2, 3))),
]  # fmt: skip
