"""Codes of operators that bring tensors together: products, sums, broadcasts."""

from typing import Final

from namedtorch.diagnostics.code import Code

PRODUCTS: Final = (
    Code.of_source(
        "contracted-dims-differ",
        "A product sums over two axes that are different dims.",
        """\
A matrix product, a linear layer, `einsum` and their like pair two axes and sum over them: both have to be one
dim. Transpose an operand, or give the layer the width that comes to it. In a class, two arguments of its
constructor are two widths, unless a condition or an assert says otherwise.""",
        """\
def attend(q: Float[Tensor, "B T D"], k: Float[Tensor, "B S D"]) -> Float[Tensor, "B T S"]:
    return q @ k  # <-
""",
        """\
def attend(q: Float[Tensor, "B T D"], k: Float[Tensor, "B S D"]) -> Float[Tensor, "B T S"]:
    return q @ k.transpose(1, 2)
""",
    ),
    Code.of_source(
        "bad-pattern",
        "The text of an einsum or of einops does not fit its operands.",
        """\
The pattern names an axis of each operand in turn: as many names as the operand has axes, one part for each
operand, and nothing in the result that no operand has.""",
        """\
def scores(q: Float[Tensor, "B T D"], k: Float[Tensor, "B S D"]) -> Tensor:
    return torch.einsum("bhtd,bsd->bts", q, k)  # <-
""",
        """\
def scores(q: Float[Tensor, "B T D"], k: Float[Tensor, "B S D"]) -> Tensor:
    return torch.einsum("btd,bsd->bts", q, k)
""",
    ),
    Code.of_source(
        "matrix-not-square",
        "An operator of square matrices is given others.",
        """\
Inverses, determinants, eigenvalues and triangular solves take matrices of as many rows as columns.""",
        """\
def inverse(x: Float[Tensor, "N K"]) -> Tensor:
    return torch.linalg.inv(x)  # <-
""",
        """\
def inverse(x: Float[Tensor, "N K"]) -> Tensor:
    return torch.linalg.inv(x.T @ x)
""",
    ),
    Code.of_source(
        "broadcast-dims-differ",
        "Two tensors meet element by element, and an axis of one is another dim than that of the other.",
        """\
Axes are paired from the last one on. Two that are paired are one dim, or one of them has size 1. Put axes of
size 1 where a tensor has to be repeated (`x[:, None]`, `keepdim=True`), or transpose it.""",
        """\
def center(x: Float[Tensor, "B T"]) -> Tensor:
    return x - x.mean(dim=1)  # <-
""",
        """\
def center(x: Float[Tensor, "B T"]) -> Tensor:
    return x - x.mean(dim=1, keepdim=True)
""",
    ),
    Code.of_source(
        "broadcast-repeats-dim",
        "A broadcast makes a tensor that has one dim twice.",
        """\
A column against a row of one dim, `(N, 1)` and `(N,)`, is a table of all pairs, of which torch says nothing.
Mostly it was meant to be `N` results. Squeeze the column, or write `None` where all pairs are meant: that is
not reported.""",
        """\
def advantage(reward: Float[Tensor, "N"], value: Float[Tensor, "N 1"]) -> Tensor:
    return reward - value  # <-
""",
        """\
def advantage(reward: Float[Tensor, "N"], value: Float[Tensor, "N 1"]) -> Tensor:
    return reward - value.squeeze(1)


def all_pairs(x: Float[Tensor, "N"]) -> Tensor:
    return x[:, None] - x[None, :]
""",
        "warning",
    ),
    Code.of_source(
        "flattened-order-differs",
        "Two axes hold the same dims, flattened in another order.",
        """\
`(B T)` and `(T B)` have one size, so torch takes them together, but their elements belong to other places.
Flatten both in one order: transpose one of them before.""",
        """\
def loss(logits: Float[Tensor, "T B V"], target: Int[Tensor, "B T"]) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), target.flatten())  # <-
""",
        """\
def loss(logits: Float[Tensor, "T B V"], target: Int[Tensor, "B T"]) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), target.t().flatten())
""",
        "warning",
    ),
    Code.of_source(
        "expand-differs",
        "A tensor is expanded along an axis that is not 1.",
        """\
`expand` repeats axes of size 1, and puts new ones in front. An axis of another size stays as it is, and is
written as -1 or as its size.""",
        """\
def spread(x: Float[Tensor, "B C"]) -> Tensor:
    b, c = x.shape
    return x.expand(c, b)  # <-
""",
        """\
def spread(x: Float[Tensor, "B C"]) -> Tensor:
    b, c = x.shape
    return x[None].expand(7, b, c)
""",
    ),
    Code.of_source(
        "batch-normalized",
        "A softmax, or another normalization, runs across the samples of a batch.",
        """\
What one sample gets then depends on what the others are. The dim of a batch is known by its name (`B`,
`batch`, `bs`, or `N` in front). Name the axis along which the values are to sum to 1, counted from the back
where that is the classes.""",
        """\
def probabilities(logits: Float[Tensor, "batch classes"]) -> Tensor:
    return logits.softmax(dim=0)  # <-
""",
        """\
def probabilities(logits: Float[Tensor, "batch classes"]) -> Tensor:
    return logits.softmax(dim=-1)
""",
        "warning",
    ),
    Code.of_source(
        "normalizes-one",
        "A softmax, or another normalization, runs along an axis of size 1.",
        """\
Each value is compared with itself alone, and all become 1. The axis was probably meant to be squeezed, or
another one named.""",
        """\
def weights(score: Float[Tensor, "B T 1"]) -> Tensor:
    return score.softmax(dim=-1)  # <-
""",
        """\
def weights(score: Float[Tensor, "B T 1"]) -> Tensor:
    return score.softmax(dim=1)
""",
        "warning",
    ),
)
"""Findings where the dims of several tensors, or of several elements, meet."""
