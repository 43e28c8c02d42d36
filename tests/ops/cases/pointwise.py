"""Cases of arithmetic and of functions element by element."""

from namedtorch.ops import pointwise
from tests.ops.oracle import Case, bools, call, ints, t

_INTS = ("gcd", "lcm", "bitwise_not", "invert", "inv")
_ORDERED = ("torch.polygamma", "torch.special.polygamma", "torch.Tensor.polygamma", "torch.Tensor.ldexp_")
_SHAPES = (((2, 3, 5), (3, 5)), ((2, 1, 5), (7, 1, 3, 1)), ((), (2, 3)), ((2, 3), (2, 5)), ((2, 3), (3, 2)))


def _required(count: int) -> list[str]:
    """The spellings of rows that take so many tensors."""
    return [
        spelling
        for rule in pointwise.OPERATORS
        for spelling in rule.spellings
        if sum(one.required for one in rule.taken) == count and rule.name not in _NAMED
    ]


_NAMED = {
    "torch.frexp",
    "torch.mvlgamma",
    "torch.special.multigammaln",
    "torch.clamp_min",
    "torch.clamp_max",
    "torch.clamp",
    "torch.where",
    "torch.Tensor.copy_",
    *_ORDERED,
}


def _tensor(spelling: str, sizes: tuple[int, ...]):
    return ints(*sizes) if spelling.rpartition(".")[2] in _INTS else t(*sizes)


CASES = [
    *(call(spelling, _tensor(spelling, sizes)) for spelling in _required(1) for sizes in ((2, 3, 5), ())),
    *(
        call(spelling, _tensor(spelling, left), _tensor(spelling, right))
        for spelling in _required(2)
        for left, right in _SHAPES
    ),
    *(
        call(spelling, t(2, 3), 2.5)
        for spelling in ("operator.add", "operator.sub", "operator.mul", "operator.truediv", "operator.pow")
    ),
    *(
        call(f"operator.{name}", 2, t(2, 3))
        for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
    ),
    call("torch.add", t(2, 3), t(3), alpha=2),
    call("torch.rsub", t(2, 3), 1),
    call("torch.div", t(2, 3), t(3), rounding_mode="floor"),
    call("torch.Tensor.div", t(2, 3), t(2), rounding_mode="trunc"),
    call("torch.mvlgamma", t(2, 3), 2),
    call("torch.special.multigammaln", t(2, 3), 2),
    call("torch.polygamma", 2, t(2, 3)),
    call("torch.special.polygamma", 2, t(2, 3)),
    call("torch.Tensor.polygamma", t(2, 3), 2),
    Case("torch.frexp", (t(2, 3),), real=True),
    Case("torch.Tensor.frexp", (t(2, 3),), real=True),
    call("torch.round", t(2, 3), decimals=2),
    call("torch.clamp", t(2, 3), 0.0, 1.0),
    call("torch.clamp", t(2, 3), max=1.0),
    call("torch.Tensor.clamp", t(2, 3), t(3), t(2, 1)),
    call("torch.Tensor.clamp", t(2, 3), min=t(2)),
    call("torch.clip", t(2, 3), 0, 1),
    call("torch.clamp_min", t(2, 3), 0.0),
    call("torch.Tensor.clamp_max", t(2, 3), t(2)),
    call("torch.Tensor.clamp_max", t(2, 3), t(5, 1, 3)),
    *(
        call(spelling, t(2, 3), t(3), t(2, 1))
        for spelling in ("torch.lerp", "torch.Tensor.addcmul", "torch.addcdiv")
    ),
    call("torch.lerp", t(2, 3), t(3), 0.5),
    call("torch.lerp", t(2, 3), t(2), 0.5),
    call("torch.addcmul", t(2, 3), t(3), t(2), value=0.5),
    *(
        call(spelling, t(2, 3, 5), bools(*sizes), 0.0)
        for spelling in ("torch.masked_fill", "torch.Tensor.masked_fill")
        for sizes in ((3, 5), (2, 1, 5), (), (7, 2, 3, 5), (2, 3), (2, 5, 5))
    ),
    call("torch.Tensor.masked_fill", t(2, 3), bools(2, 3), t()),
    Case("torch.Tensor.masked_fill", (t(2, 3), bools(2, 3), t(1, 3)), real=True),
    call("torch.where", bools(2, 1), t(3), t(5, 2, 3)),
    call("torch.where", bools(2, 3), t(2), t(3)),
    call("torch.where", bools(2, 3), 1.0, t(7, 1, 1)),
    Case("torch.where", (bools(2, 3, 5),), unknown=True, real=True),
    Case("torch.where", (bools(),), unknown=True, real=True),
    call("torch.Tensor.where", t(2, 3), bools(3), t(2, 1)),
    call("torch.Tensor.where", t(2, 3), bools(2), t(2, 1)),
    call("torch.Tensor.where", t(2, 3), bools(3), 0.0),
    call("torch.Tensor.copy_", t(2, 3), t(3)),
    call("torch.Tensor.copy_", t(2, 3), t(2)),
    call("torch.Tensor.add_", t(2, 3), t(3)),
    call("torch.Tensor.mul_", t(2, 3), t(5)),
    call("torch.Tensor.clamp_", t(2, 3), 0, 1),
    call("torch.relu_", t(2, 3)),
]
