"""Codes of calls: what a guard says where arguments or results do not fit their annotations."""

from typing import Final

from namedtorch.diagnostics.code import Code

CALLS: Final = (
    Code(
        "dims-differ",
        "A dim has another size here than where it was bound.",
        "`{argument}` has size {actual} at axis {axis}, but `{dim}` is {expected}",
        """\
One dim has one size in a call. The first place that fixes it binds it (a size in the annotation, then the
parameters in order), every other place must agree.

wrong:  def normalize(image: Float[Tensor, "N C H W"], mean: Float[Tensor, "C"]): ...
        normalize(torch.zeros(8, 3, 32, 32), torch.zeros(32))     # C is 3, and 32
right:  normalize(torch.zeros(8, 3, 32, 32), torch.zeros(3))

If the message names another layout ("is it N H W C?"), permute the tensor: x.permute(0, 3, 1, 2).""",
    ),
    Code(
        "size-differs",
        "An axis has another size than the annotation computes or fixes.",
        "`{argument}` has size {actual} at axis {axis}, but `{dim}` is {expected}",
        """\
The annotation gives the axis a number, an expression (`2*C`, `H//2`) or an attribute (`self.hidden`), and the
tensor's size is not its value.

wrong:  def halve(x: Float[Tensor, "T"]) -> Float[Tensor, "T//2"]: return x
right:  def halve(x: Float[Tensor, "T"]) -> Float[Tensor, "T//2"]: return x[: len(x) // 2]""",
        "`{argument}` has size {actual} at axis {axis}, but the annotation says {expected}",
    ),
    Code(
        "rank-differs",
        "A tensor has more or fewer axes than its annotation.",
        "`{argument}` has rank {actual}, but `{dim}` has rank {expected}",
        """\
wrong:  def f(image: Float[Tensor, "N C H W"]): ...
        f(torch.zeros(3, 32, 32))              # no batch
right:  f(torch.zeros(3, 32, 32)[None])        # N=1

Where any number of leading axes is fine, write a group: "*batch C H W", or "... C H W".""",
        "`{argument}` has rank {actual}, but the annotation asks for a scalar",
    ),
    Code(
        "not-an-array",
        "A value is not an array of the annotated type.",
        "`{argument}` is {actual}, but the annotation asks for {expected}",
        """\
wrong:  def f(x: Float[Tensor, "N"]): ...
        f([1.0, 2.0])
right:  f(torch.tensor([1.0, 2.0]))""",
    ),
    Code(
        "groups-differ",
        "A group of dims has other sizes here than where it was bound.",
        "`{argument}` has the sizes {actual} for `{dim}`, but `{dim}` is {expected}",
        """\
`*batch` stands for any number of axes, and for the same sizes everywhere in a call. `*#batch` also accepts
what broadcasts to them.

wrong:  def add(x: Float[Tensor, "*batch C"], y: Float[Tensor, "*batch C"]): ...
        add(torch.zeros(2, 5, 3), torch.zeros(5, 3))
right:  def add(x: Float[Tensor, "*#batch C"], y: Float[Tensor, "*#batch C"]): ...""",
    ),
    Code(
        "flattened-differs",
        "A flattened axis is not the product of its dims.",
        "`{argument}` has size {actual} at axis {axis}, but `{dim}` is {expected}",
        """\
`(C H W)` is one axis that holds three dims, row-major; its size is the product. One unknown factor is solved
for, so the size must be a multiple of the known ones.

wrong:  def split(x: Float[Tensor, "N (heads=8 d)"]): ...
        split(torch.zeros(2, 100))     # 100 is no multiple of 8
right:  split(torch.zeros(2, 128))     # d=16""",
    ),
    Code(
        "where-broken",
        "A constraint between sizes does not hold.",
        "`{dim}` does not hold: {actual}",
        """\
`where` is a promise of whoever calls, and of a function about its result.""",
        wrong="""\
def pool(x: Float[Tensor, "N C H W where H % 2 == 0"]) -> Tensor:
    return F.avg_pool2d(x, 2)


pool(torch.zeros(1, 3, 31, 32))  # <-
""",
        right="""\
def pool(x: Float[Tensor, "N C H W where H % 2 == 0"]) -> Tensor:
    return F.avg_pool2d(x, 2)


pool(torch.zeros(1, 3, 32, 32))
""",
    ),
    Code(
        "memory-format-differs",
        "A tensor is stored in another order than its annotation says.",
        "`{argument}` is not stored as `@ {dim}`: its strides are {actual}",
        """\
`N C H W @ channels_last` is a tensor whose layout is N C H W and whose memory order is N H W C. It holds when
the tensor, permuted to that order, is contiguous; axes of size 1 do not count.

wrong:  f(torch.zeros(8, 3, 32, 32))
right:  f(torch.zeros(8, 3, 32, 32).to(memory_format=torch.channels_last))""",
    ),
    Code(
        "place-ambiguous",
        "Between two groups, a dim could stand at more than one axis.",
        "`{argument}` has {actual} places for `{dim}` between its groups: axes {expected}",
        """\
`*a C *b` is placed by the size of `C` where another argument or a number fixes it, and only if one axis has
it.

wrong:  def normalize(x: Float[Tensor, "*a C *b"], mean: Float[Tensor, "C"]): ...
        normalize(torch.zeros(3, 3, 32), torch.zeros(3))       # axis 0 or axis 1?
right:  give the axes that are known: "N C *b".""",
    ),
    Code(
        "place-missing",
        "Between two groups, no axis has the size of the dim.",
        "`{argument}` has no axis for `{dim}` between its groups: {expected}",
        """\
wrong:  def normalize(x: Float[Tensor, "*a C *b"], mean: Float[Tensor, "C"]): ...
        normalize(torch.zeros(4, 5, 6), torch.zeros(3))
right:  normalize(torch.zeros(4, 3, 6), torch.zeros(3))""",
    ),
    Code(
        "dim-unbound",
        "Nothing gives this dim a size.",
        "nothing binds `{dim}` in {argument}",
        """\
An expression does not bind its dims: `2*C` says what the axis must be once `C` is known. Give the dim an axis of
its own, or write a flattened axis, `(2 C)`, which is solved for `C`.""",
        wrong="""\
def gate(x: Float[Tensor, "N 2*C"]) -> Tensor:  # <-
    return F.glu(x)
""",
        right="""\
def gate(x: Float[Tensor, "N (2 C)"]) -> Float[Tensor, "N C"]:
    return F.glu(x)
""",
    ),
    Code(
        "each-outside-container",
        "`?dim` stands where there are no elements.",
        "`?{dim}` is bound anew for every element of a list, tuple or dict, and {argument} is none",
        """\
`?H` is for images of different heights in one list. A tensor by itself has a plain dim.""",
        wrong="""\
def show(image: Float[Tensor, "C ?H ?W"]) -> None:  # <-
    print(image)
""",
        right="""\
def show(images: list[Float[Tensor, "C ?H ?W"]], first: Float[Tensor, "C H W"]) -> None:
    print(images, first)
""",
    ),
    Code(
        "attribute-missing",
        "An attribute in an annotation is missing, or is no integer.",
        "`{dim}` in the annotation of {argument} {actual}",
        """\
`self.hidden` in a shape is an attribute of the module that the method belongs to. At a call, it has to be there and
be an integer; before that, the path has to begin with a parameter.""",
        wrong="""\
def scale(x: Float[Tensor, "N self.hidden"]) -> Tensor:  # <-
    return 2 * x
""",
        right="""\
class Scale(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden

    def forward(self, x: Float[Tensor, "N self.hidden"]) -> Tensor:
        return 2 * x
""",
    ),
    Code(
        "wrong-type",
        "A value that is no tensor does not have the annotated type.",
        "{actual}",
        """\
Hints without tensors are checked by beartype: int, str, list[float], Literal, Callable, protocols.
An int is a fine float (PEP 484), a float is no int.

wrong:  def f(x: Float[Tensor, "N"], dropout: float): ...
        f(torch.zeros(3), "0.1")
right:  f(torch.zeros(3), 0.1)""",
    ),
    Code(
        "container-differs",
        "A container has another type or length than its annotation.",
        "`{argument}` is {actual}, but the annotation asks for {expected}",
        """\
wrong:  def f(pair: tuple[Float[Tensor, "N"], Float[Tensor, "N"]]): ...
        f((torch.zeros(3),))
right:  f((torch.zeros(3), torch.zeros(3)))""",
    ),
    Code(
        "no-member-fits",
        "None of the alternatives of a union fits.",
        "`{argument}` is {actual}, which fits none of {expected}",
        """\
Of `Float[Tensor, "N C"] | Float[Tensor, "N C H W"]` the first member is taken whose type, dtype, rank and
fixed sizes fit; its other dims must then agree with the rest of the call.""",
    ),
)
"""Findings at a call, by `@checked`, an archive or a graph."""
