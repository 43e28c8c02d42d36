"""Names behind random numbers, and behind what is written into a tensor."""

from namedtorch.ops.sampling import OPERATORS
from tests.ops.names.harness import NamesCase, names
from tests.ops.oracle import t

X = t(2, 3)
_INITIAL = [rule.name for rule in OPERATORS if rule.name.startswith("torch.nn.init.")]
_NUMBERED = ("torch.nn.init.constant_", "torch.Tensor.fill_diagonal_", "torch.Tensor.geometric_")
_METHODS = [
    rule.name
    for rule in OPERATORS
    if rule.name.startswith("torch.Tensor.") and rule.name.endswith("_") and rule.name != "torch.Tensor.zero_"
]

CASES: tuple[NamesCase, ...] = (
    names("-> _ _", "torch.randint", 5, (2, 3)),
    names("-> _", "torch.randperm", 5),
    names("-> _ _", "torch.empty_strided", (2, 3), (3, 1)),
    names("N C -> N C", "torch.randint_like", X, 5),
    names("N C, C -> N C", "torch.normal", X, t(3)),
    names("N C, T -> refused", "torch.normal", X, t(3)),
    names("_ C -> _ C", "torch.normal", 0.0, X),
    names("-> _ _", "torch.normal", 0.0, 1.0, (2, 3)),
    names("N C -> N C", "torch.bernoulli", X),
    names("N C -> N C", "torch.Tensor.bernoulli", X, 0.5),
    names("N C -> N C", "torch.poisson", X),
    names("N C -> N C", "torch._standard_gamma", X),
    names("N _, _ C -> N C", "torch.binomial", X, X),
    names("N C, N H -> refused", "torch.binomial", X, X),
    # Samples are no classes.
    names("N C -> N _", "torch.multinomial", X, 1),
    names("C -> _", "torch.Tensor.multinomial", t(3), 1),
    # Written.
    names("N C -> N C", "torch.fill", X, 1.0),
    names("N C -> N C", "torch.zero_", X),
    *(
        names("N C -> N C", spelling, X, *((0.5,) if spelling in _NUMBERED else ()))
        for spelling in (*_METHODS, *_INITIAL)
    ),
)
