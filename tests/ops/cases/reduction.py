"""Cases of reductions."""

from namedtorch.ops import reduction
from tests.ops.oracle import Case, bools, call, t

_MANY = (
    *("torch.sum", "torch.Tensor.sum", "torch.nansum", "torch.mean", "torch.Tensor.mean", "torch.nanmean"),
    *(
        "torch.amax",
        "torch.Tensor.amin",
        "torch.std",
        "torch.Tensor.var",
        "torch.Tensor.std",
        "torch.std_mean",
    ),
    *("torch.var_mean", "torch.norm", "torch.Tensor.norm", "torch.logsumexp", "torch.special.logsumexp"),
    *("torch.any", "torch.Tensor.all"),
)
_ONE = (
    *("torch.prod", "torch.Tensor.prod", "torch.argmax", "torch.Tensor.argmin", "torch.aminmax"),
    *("torch.max", "torch.Tensor.max", "torch.min", "torch.Tensor.min"),
)
_REAL = ("torch.median", "torch.Tensor.median", "torch.nanmedian", "torch.mode", "torch.Tensor.mode")

CASES = [
    *(
        case
        for name in _MANY
        for case in (
            call(name, t(2, 3, 5), dim=1),
            call(name, t(2, 3, 5), dim=-1, keepdim=True),
            call(name, t(2, 3, 5), dim=(0, 2)),
            call(name, t(2, 3, 5), dim=[0, -1], keepdim=True),
            call(name, t(2, 3, 5), dim=3),
            call(name, t(2, 3, 5), dim=-4),
            call(name, t(2, 3, 5), dim=(0, 0)),
            call(name, t(2, 3, 5), dim=(0, -3)),
            call(name, t(), dim=0),
            call(name, t(), dim=-1, keepdim=True),
            call(name, t(), dim=1),
        )
    ),
    *(
        case
        for name in (*_MANY[:-4], *_MANY[-2:])
        for case in (
            call(name, t(2, 3, 5)),
            call(name, t(2, 3, 5), dim=None, keepdim=True),
        )
    ),
    *(
        case
        for name in _ONE
        for case in (
            call(name, t(2, 3, 5)),
            call(name, t(2, 3, 5), dim=1),
            call(name, t(2, 3, 5), dim=-1, keepdim=True),
            call(name, t(2, 3, 5), dim=3),
            call(name, t(), dim=0),
        )
    ),
    *(
        case
        for name in _REAL
        for case in (
            Case(name, (t(2, 3, 5),), real=True),
            Case(name, (t(2, 3, 5),), {"dim": 1}, real=True),
            Case(name, (t(2, 3, 5), -1, True), real=True),
            Case(name, (t(2, 3, 5), 3), real=True),
            Case(name, (t(),), real=True),
        )
    ),
    call("torch.sum", t(2, 3, 5), 1),
    call("torch.sum", t(2, 3, 5), (0, 1), True),
    call("torch.sum", t(2, 3, 5), axis=1, keepdims=True),
    call("torch.Tensor.mean", t(2, 3, 5), axis=(1, 2)),
    call("torch.sum", t(2, 3, 5), ()),
    call("torch.amax", t(2, 3, 5), ()),
    call("torch.amax", t(2, 3, 5), (), True),
    call("torch.any", bools(2, 3, 5), 1),
    call("torch._is_all_true", bools(2, 3, 5)),
    call("torch.argmax", t(2, 3, 5), keepdim=True),
    call("torch.max", t(2, 3, 5), 1, True),
    call("torch.max", t(2, 3, 5), t(3, 1)),
    call("torch.max", t(2, 3, 5), other=t(5)),
    call("torch.Tensor.min", t(2, 3, 5), t(3)),
    call("torch.std", t(2, 3, 5), False),
    call("torch.std", t(2, 3, 5), 1, False),
    call("torch.var", t(2, 3, 5), 1, True, True),
    call("torch.var", t(2, 3, 5), dim=(1, 2), correction=0, keepdim=True),
    call("torch.var", t(2, 3, 5), unbiased=False),
    call("torch.norm", t(2, 3, 5), 2, 1),
    call("torch.norm", t(2, 3, 5), p="fro", dim=(1, 2), keepdim=True),
    call("torch.Tensor.norm", t(2, 3, 5)),
    call("torch.count_nonzero", t(2, 3, 5)),
    call("torch.count_nonzero", t(2, 3, 5), 1),
    call("torch.Tensor.count_nonzero", t(2, 3, 5), dim=(0, 2)),
    *(
        Case(f"torch.{name}", (t(2, 3, 5), *arguments), keywords, real=True)
        for name in ("quantile", "nanquantile", "Tensor.quantile")
        for arguments, keywords in (
            ((0.5,), {}),
            ((0.5, 1), {}),
            ((0.5, -1, True), {}),
            ((t(7), 1), {}),
            ((t(7),), {"dim": 1, "keepdim": True}),
            ((t(), 1), {}),
            ((t(7),), {}),
            ((t(7),), {"keepdim": True}),
            ((t(2, 3), 1), {}),
            ((0.5, 3), {}),
        )
    ),
    *(
        Case(f"torch.{name}", (t(2, 3, 5), *arguments), keywords, real=True)
        for name in ("kthvalue", "Tensor.kthvalue")
        for arguments, keywords in (
            ((2,), {}),
            ((2, 0), {}),
            ((3, 0), {}),
            ((0, 0), {}),
            ((3, 1, True), {}),
            ((1, 3), {}),
            ((5,), {"dim": -1}),
        )
    ),
    *(
        Case(spelling, (t(2, 3),), real=True)
        for rule in reduction.OPERATORS
        for spelling in rule.spellings
        if sum(one.required for one in rule.taken) == 1
    ),
]
