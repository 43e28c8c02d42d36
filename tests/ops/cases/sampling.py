"""Cases of random numbers and of what is written into tensors."""

import torch

from namedtorch.ops import sampling
from tests.ops.oracle import Case, call, t

_METHODS = [
    rule.name
    for rule in sampling.OPERATORS
    if rule.name.startswith("torch.Tensor.") and sum(one.required for one in rule.taken) == 1
]
_INITIAL = [rule.name for rule in sampling.OPERATORS if rule.name.startswith("torch.nn.init.")]

CASES = [
    *(
        call("torch.randint", *arguments, **keywords)
        for arguments, keywords in (
            ((5, (2, 3)), {}),
            ((0, 5, (2, 3)), {}),
            ((0, 5), {"size": (2,)}),
            ((), {"low": 0, "high": 5, "size": [2, 3]}),
            ((), {"high": 5, "size": (2, 3)}),
            ((0, 5), {}),
            ((5, (2, -3)), {}),
        )
    ),
    call("torch.randint_like", t(2, 3), 5),
    call("torch.randint_like", t(2, 3), 0, 5),
    call("torch.randperm", 5),
    call("torch.randperm", 5, device="meta", dtype=torch.int32),
    call("torch.randperm", -1),
    call("torch.normal", t(2, 3), t(3)),
    call("torch.normal", t(2, 3)),
    call("torch.normal", t(2, 3), 0.5),
    call("torch.normal", 0.5, t(2, 3)),
    call("torch.normal", 0.0, 1.0, (2, 3)),
    call("torch.normal", mean=0.0, std=1.0, size=(2, 3)),
    call("torch.normal", t(2, 3), t(5)),
    call("torch.bernoulli", t(2, 3)),
    call("torch.Tensor.bernoulli", t(2, 3), 0.5),
    call("torch.poisson", t(2, 3)),
    call("torch._standard_gamma", t(2, 3)),
    call("torch.multinomial", t(5), 3),
    call("torch.multinomial", t(2, 5), 3),
    call("torch.Tensor.multinomial", t(2, 5), num_samples=7, replacement=True),
    call("torch.multinomial", t(2, 3, 5), 1),
    call("torch.multinomial", t(2, 3), 5),
    *(call(spelling, t(2, 3)) for spelling in _METHODS),
    *(call(spelling, t(2, 3), 1.0) for spelling in ("torch.fill", "torch.fill_", "torch.Tensor.fill_")),
    *(call(spelling, t(2, 3)) for spelling in ("torch.zero_", "torch.Tensor.zero_")),
    call("torch.Tensor.fill_diagonal_", t(3, 3), 1.0),
    call("torch.empty_strided", (2, 3), (3, 1)),
    Case("torch.binomial", (t(2, 3), t(2, 3)), real=True),
    call("torch.Tensor.geometric_", t(2, 3), 0.5),
    call("torch.Tensor.uniform_", t(2, 3), -1.0, 1.0),
    call("torch.Tensor.random_", t(2, 3), 0, 5),
    *(
        Case(spelling, (t(*sizes), *(("constant" in spelling) * (1.0,))), real=True)
        for spelling in _INITIAL
        for sizes in ((2, 3), (2, 3, 5), (3,))
    ),
]
