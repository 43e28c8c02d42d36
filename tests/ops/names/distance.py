"""Names behind distances and similarities."""

from tests.ops.names.harness import names
from tests.ops.oracle import ints, t

_COSINE = "torch.nn.functional.cosine_similarity"
_PAIRWISE = "torch.nn.functional.pairwise_distance"
X = t(2, 3, 5)

CASES = (
    names("N C T, N C T -> N T", _COSINE, X, X),
    names("N C T, N C T -> N C", _COSINE, X, X, dim="T"),
    names("N C T, N C T -> N C", "torch.cosine_similarity", X, X, dim=-1),
    names("N C T, C T -> N T", _COSINE, X, t(3, 5), dim="C"),
    names("C T, N C T -> C T", _COSINE, t(3, 5), X, dim="N"),
    names("_ C T, N _ _ -> N C", _COSINE, X, X, dim="T"),
    names("N C T, N C H -> refused", _COSINE, X, X),
    names("N C T, N C T -> refused", _COSINE, X, X, dim="H"),
    names("N C T, N C T -> refused", _COSINE, X, X, dim=3),
    names("N C T, N C T -> N C", _PAIRWISE, X, X),
    names("N C T, N C T -> N C T", _PAIRWISE, X, X, keepdim=True),
    names("N _ T, C T -> N C", "torch.pairwise_distance", X, t(3, 5)),
    names("N C T, N C H -> refused", _PAIRWISE, X, X),
    names("P D, Q D -> P Q", "torch.cdist", t(2, 3), t(5, 3)),
    names("N P D, Q _ -> N P Q", "torch.cdist", t(7, 2, 3), t(5, 3)),
    names("_ P D, N Q D -> N P Q", "torch.cdist", t(7, 2, 3), t(7, 5, 3)),
    # Each of the points is held to each: nothing is lost, so both keep their name.
    names("P D, P D -> P P", "torch.cdist", t(2, 3), t(5, 3)),
    names("P D, Q E -> refused", "torch.cdist", t(2, 3), t(5, 3)),
    names("M P D, N Q D -> refused", "torch.cdist", t(7, 2, 3), t(7, 5, 3)),
    # Pairs of points are a dim that nothing names.
    names("P D -> _", "torch.nn.functional.pdist", t(5, 3)),
    names("V O -> V V", "torch.cov", t(2, 5)),
    names("_ O -> _ _", "torch.Tensor.cov", t(2, 5)),
    names("O -> ()", "torch.cov", t(5)),
    names("V O, O, _ -> V V", "torch.cov", t(2, 5), fweights=ints(5), aweights=t(5)),
    names("V O, V -> refused", "torch.cov", t(5, 5), fweights=ints(5)),
    names("O, V -> refused", "torch.cov", t(5), aweights=t(5)),
    names("V O -> V V", "torch.corrcoef", t(2, 5)),
    names("N C, N C -> ()", "torch.dist", t(2, 3), t(2, 3)),
    names("N C, C -> ()", "torch.Tensor.dist", t(2, 3), t(3)),
    names("N C, N D -> refused", "torch.dist", t(2, 3), t(2, 3)),
)
