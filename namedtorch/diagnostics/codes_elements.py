"""Codes of operators that pick or compare elements: indices, masks, targets of losses."""

from typing import Final

from namedtorch.diagnostics.code import Code

ELEMENTS: Final = (
    Code.of_source(
        "index-differs",
        "An index or a mask does not have the sizes of what it picks from.",
        """\
A mask has the sizes of the axes that it masks. The index of `gather` is not larger than the tensor, but along
the axis that is gathered; numbers of repetitions are one for each element.""",
        """\
def kept(x: Float[Tensor, "B T D"], mask: Bool[Tensor, "T B"]) -> Tensor:
    return x[mask]  # <-
""",
        """\
def kept(x: Float[Tensor, "B T D"], mask: Bool[Tensor, "T B"]) -> Tensor:
    return x[mask.T]
""",
    ),
    Code.of_source(
        "index-rank-differs",
        "An index has another number of axes than the tensor it picks from.",
        """\
`gather` and `scatter` take an index of as many axes as the tensor: `index[:, None]` for one element of each
row, and an `expand` over the features for whole rows. `index_select` takes a vector.""",
        """\
def chosen(q: Float[Tensor, "N A"], action: Int[Tensor, "N"]) -> Tensor:
    return q.gather(1, action)  # <-
""",
        """\
def chosen(q: Float[Tensor, "N A"], action: Int[Tensor, "N"]) -> Tensor:
    return q.gather(1, action[:, None]).squeeze(1)
""",
    ),
    Code.of_source(
        "index-out-of-range",
        "An element is asked for that the axis does not have.",
        """\
Elements count from 0, or from -1 at the end.""",
        """\
def blue(image: Float[Tensor, "3 H W"]) -> Tensor:
    return image[3]  # <-
""",
        """\
def blue(image: Float[Tensor, "3 H W"]) -> Tensor:
    return image[2]
""",
    ),
    Code.of_source(
        "target-differs",
        "The target of a loss does not have the shape that the loss takes.",
        """\
`cross_entropy` and `nll_loss` have the classes at axis 1 of their input, `N C ...`, and take targets `N ...`
without them. Transpose what has its classes behind, or flatten both to `N*T C` and `N*T`. Other losses take a
target of the shape of their input.""",
        """\
def loss(logits: Float[Tensor, "B T V"], target: Int[Tensor, "B T"]) -> Tensor:
    return F.cross_entropy(logits, target)  # <-
""",
        """\
def loss(logits: Float[Tensor, "B T V"], target: Int[Tensor, "B T"]) -> Tensor:
    return F.cross_entropy(logits.transpose(1, 2), target)
""",
    ),
    Code.of_source(
        "loss-broadcasts",
        "A loss compares every prediction with several targets.",
        """\
A column `(N, 1)` against a vector `(N,)` becomes a table `(N, N)`, whose mean is a loss that can be learned
to no end. Give both one shape.""",
        """\
def loss(predicted: Float[Tensor, "N 1"], target: Float[Tensor, "N"]) -> Tensor:
    return F.mse_loss(predicted, target)  # <-
""",
        """\
def loss(predicted: Float[Tensor, "N 1"], target: Float[Tensor, "N"]) -> Tensor:
    return F.mse_loss(predicted.squeeze(1), target)
""",
        "warning",
    ),
    Code(
        "dtype-differs",
        "A tensor has another dtype than its annotation says, or than an operator takes.",
        "`{argument}` has dtype {actual}, but the annotation says {expected}",
        """\
`Float` takes every floating dtype, `Float32` only one, `Shaped` all. The families are those of jaxtyping.
Indices and classes are integers.

wrong:  def f(labels: Int[Tensor, "N"]): ...
        f(torch.zeros(8))
right:  f(torch.zeros(8, dtype=torch.int64))""",
        "`{argument}` has another dtype than {expected}",
        wrong="""\
def embed(table: Float[Tensor, "V D"], token: Float[Tensor, "T"]) -> Tensor:
    return table[token]  # <-
""",
        right="""\
def embed(table: Float[Tensor, "V D"], token: Int[Tensor, "T"]) -> Tensor:
    return table[token]
""",
    ),
)
"""Findings where elements are picked, counted or compared."""
