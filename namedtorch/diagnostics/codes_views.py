"""Codes of operators that lay axes out anew: views, permutations, joins and splits."""

from typing import Final

from namedtorch.diagnostics.code import Code

VIEWS: Final = (
    Code.of_source(
        "view-moves-dims",
        "A view or reshape is used as if it moved dims.",
        """\
A view keeps the order of the elements: it splits an axis into neighbours, or merges neighbours into one.
Asked for the dims in another order, it gives a tensor of the right sizes with mixed-up elements, of which
torch says nothing. Transpose or permute, before or behind the view.""",
        """\
def heads(x: Float[Tensor, "B T C"], n: int) -> Tensor:
    b, t, c = x.shape
    return x.view(b, n, t, c // n)  # <-
""",
        """\
def heads(x: Float[Tensor, "B T C"], n: int) -> Tensor:
    b, t, c = x.shape
    return x.view(b, t, n, c // n).transpose(1, 2)
""",
        "warning",
    ),
    Code.of_source(
        "view-cuts-dim",
        "A view with -1 takes elements of several samples together.",
        """\
The -1 becomes whatever is left, also where the other sizes of the view are wrong: then it is no longer the
number of samples. Write that number in the place of -1, so that torch tells where the sizes differ, or
correct the others.""",
        """\
def flat(x: Float[Tensor, "N 16 5 5"]) -> Tensor:
    return x.view(-1, 256)  # <-
""",
        """\
def flat(x: Float[Tensor, "N 16 5 5"]) -> Tensor:
    return x.view(-1, 400)
""",
        "warning",
    ),
    Code.of_source(
        "elements-differ",
        "A view or reshape has another number of elements than the tensor.",
        """\
The product of the sizes stays. Correct the sizes, or write -1 for the one that is left; sizes read from the
shape of a tensor (`b, t, c = x.shape`) are known to the checker.""",
        """\
def flat(x: Float[Tensor, "N 16 5 5"]) -> Tensor:
    return x.view(x.shape[0], 256)  # <-
""",
        """\
def flat(x: Float[Tensor, "N 16 5 5"]) -> Tensor:
    return x.view(x.shape[0], 400)
""",
    ),
    Code.of_source(
        "squeeze-drops-dim",
        "A squeeze without an axis also drops the batch, where that is 1.",
        """\
`x.squeeze()` takes away every axis of size 1: with one sample, that of the batch, too. Name the axis that is
meant to go.""",
        """\
def values(x: Float[Tensor, "N 1"]) -> Tensor:
    return x.squeeze()  # <-
""",
        """\
def values(x: Float[Tensor, "N 1"]) -> Tensor:
    return x.squeeze(1)
""",
        "warning",
    ),
    Code.of_source(
        "permutation-wrong",
        "A list of axes does not fit the tensor.",
        """\
`permute` takes every axis once, `movedim` as many places as axes, `roll` and `rot90` as many as they shift or
turn.""",
        """\
def channels_first(x: Float[Tensor, "N H W C"]) -> Tensor:
    return x.permute(2, 0, 1)  # <-
""",
        """\
def channels_first(x: Float[Tensor, "N H W C"]) -> Tensor:
    return x.permute(0, 3, 1, 2)
""",
    ),
    Code.of_source(
        "axis-repeated",
        "A list of axes names one axis twice.",
        """\
An axis can be named from the front and from the back: of three axes, 2 and -1 are one.""",
        """\
def total(x: Float[Tensor, "B T C"]) -> Tensor:
    return x.sum(dim=(2, -1))  # <-
""",
        """\
def total(x: Float[Tensor, "B T C"]) -> Tensor:
    return x.sum(dim=(1, -1))
""",
    ),
    Code.of_source(
        "axis-out-of-range",
        "An axis is named that the tensor does not have.",
        """\
Axes count from 0. The tensor has fewer axes than was thought (an `unsqueeze` or the batch is missing), or the
axis is one too far.""",
        """\
def probabilities(logits: Float[Tensor, "classes"]) -> Tensor:
    return logits.softmax(dim=1)  # <-
""",
        """\
def probabilities(logits: Float[Tensor, "classes"]) -> Tensor:
    return logits.softmax(dim=-1)
""",
    ),
    Code.of_source(
        "dim-missing",
        "A dim is named that the tensor does not have, or has twice.",
        """\
Where operators take dims by their names, the tensor has to have one such dim.""",
        """\
def total(x: Float[Tensor, "N C"]) -> Tensor:
    return x.sum("T")  # <-
""",
        """\
def total(x: Float[Tensor, "N C"]) -> Tensor:
    return x.sum(dim=1)
""",
    ),
    Code.of_source(
        "rank-unfit",
        "An operator does not take a tensor of so many axes.",
        """\
The batch, or the channel, is missing or one too many. Put it in with `x[None]` or `unsqueeze`, or write the
operator that takes any number of axes (`matmul` for `bmm` and `mm`).""",
        """\
def context(weights: Float[Tensor, "B S"], states: Float[Tensor, "B S D"]) -> Tensor:
    return torch.bmm(weights, states)  # <-
""",
        """\
def context(weights: Float[Tensor, "B S"], states: Float[Tensor, "B S D"]) -> Tensor:
    return torch.bmm(weights[:, None], states).squeeze(1)
""",
    ),
    Code.of_source(
        "cat-sizes-differ",
        "Tensors that are joined differ in another axis than the one they are joined along.",
        """\
`cat` joins along one axis, in which alone the tensors may differ; `stack` takes tensors of one shape. Join
along the axis that differs, or cut, pad or resize one of them.""",
        """\
def append(past: Float[Tensor, "B H S D"], new: Float[Tensor, "B H T D"]) -> Tensor:
    return torch.cat((past, new), dim=1)  # <-
""",
        """\
def append(past: Float[Tensor, "B H S D"], new: Float[Tensor, "B H T D"]) -> Tensor:
    return torch.cat((past, new), dim=2)
""",
    ),
    Code.of_source(
        "split-sizes-differ",
        "The parts that an axis is split into do not make up its size.",
        """\
The listed sizes of `split` and `unflatten` have to sum up, or multiply, to the axis; halves take an even one.""",
        """\
def gates(x: Float[Tensor, "B 12"]) -> Tensor:
    first, second = x.split([4, 4], dim=1)  # <-
    return first * second
""",
        """\
def gates(x: Float[Tensor, "B 12"]) -> Tensor:
    first, second = x.split([6, 6], dim=1)
    return first * second
""",
    ),
    Code.of_source(
        "size-unfit",
        "An operator takes an axis, or a tensor, of another number of elements.",
        """\
`.item()` and `.backward()` take one element, `view_as_complex` a last axis of 2, `topk` no more than there
are.""",
        """\
def report(losses: Float[Tensor, "N 7"]) -> float:
    return losses.mean(dim=0).item()  # <-
""",
        """\
def report(losses: Float[Tensor, "N 7"]) -> float:
    return losses.mean().item()
""",
    ),
)
"""Findings where axes are counted, moved, split or joined."""
