"""Cases of distances and similarities."""

from tests.ops.oracle import Case, call, t

_F = "torch.nn.functional"
_PAIRS = (
    ((2, 3, 5), (2, 3, 5)),
    ((2, 3, 5), (3, 5)),
    ((2, 1, 5), (7, 1, 3, 1)),
    ((2, 3), (2, 5)),
    ((3,), (3,)),
)

CASES = [
    *(
        call(spelling, t(*left), t(*right), *dim)
        for spelling in (f"{_F}.cosine_similarity", "torch.cosine_similarity")
        for left, right in _PAIRS
        for dim in ((), (0,), (-1,), (2,))
    ),
    *(
        call(spelling, t(*left), t(*right), keepdim=keepdim)
        for spelling in (f"{_F}.pairwise_distance", "torch.pairwise_distance")
        for left, right in _PAIRS
        for keepdim in (False, True)
    ),
    call("torch.cdist", t(2, 3), t(5, 3)),
    call("torch.cdist", t(7, 2, 3), t(7, 5, 3), p=1.0),
    call("torch.cdist", t(7, 1, 2, 3), t(11, 5, 3)),
    call("torch.cdist", t(2, 3), t(5, 7)),
    call("torch.cdist", t(7, 2, 3), t(11, 5, 3)),
    call("torch.cdist", t(3), t(5, 3)),
    call(f"{_F}.pdist", t(5, 3)),
    call("torch.pdist", t(1, 3)),
    call("torch.pdist", t(5, 3, 2)),
    *(
        Case(spelling, (t(*sizes),), real=True)
        for spelling in ("torch.cov", "torch.corrcoef", "torch.Tensor.cov")
        for sizes in ((), (5,), (2, 5), (2, 3, 5))
    ),
    call("torch.dist", t(2, 3), t(3)),
    call("torch.Tensor.dist", t(2, 3), t(3), 1),
    call("torch.dist", t(2, 3), t(5)),
]
