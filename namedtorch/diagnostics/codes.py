"""The table of codes: every finding of namedtorch has one, and one page.

A code reads after "allow", is never reused and never removed. The sentence of a finding (`message`) stands here once:
Python formats it with the sizes of a call, the guard in a graph with its own variables (`{actual}` and `{expected}`
are the only fields a graph fills in; all others are known when the guard is written).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding: its name, the sentence it says, and the page that explains it."""

    name: str
    title: str
    message: str
    page: str
    terse: str = ""
    """The sentence where a field has nothing to say: for a size without a name, a scalar, a dtype in a graph."""


_TABLE = (
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
        "dtype-differs",
        "A tensor has another dtype than its annotation.",
        "`{argument}` has dtype {actual}, but the annotation says {expected}",
        """\
`Float` takes every floating dtype, `Float32` only one, `Shaped` all. The families are those of jaxtyping.

wrong:  def f(labels: Int[Tensor, "N"]): ...
        f(torch.zeros(8))
right:  f(torch.zeros(8, dtype=torch.int64))""",
        "`{argument}` has another dtype than {expected}",
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
`*batch` stands for any number of axes, and for the same sizes everywhere in a call. `*#batch` also accepts what
broadcasts to them.

wrong:  def add(x: Float[Tensor, "*batch C"], y: Float[Tensor, "*batch C"]): ...
        add(torch.zeros(2, 5, 3), torch.zeros(5, 3))
right:  def add(x: Float[Tensor, "*#batch C"], y: Float[Tensor, "*#batch C"]): ...""",
    ),
    Code(
        "flattened-differs",
        "A flattened axis is not the product of its dims.",
        "`{argument}` has size {actual} at axis {axis}, but `{dim}` is {expected}",
        """\
`(C H W)` is one axis that holds three dims, row-major; its size is the product. One unknown factor is solved for, so
the size must be a multiple of the known ones.

wrong:  def split(x: Float[Tensor, "N (heads=8 d)"]): ...
        split(torch.zeros(2, 100))     # 100 is no multiple of 8
right:  split(torch.zeros(2, 128))     # d=16""",
    ),
    Code(
        "where-broken",
        "A constraint between sizes does not hold.",
        "`{dim}` does not hold: {actual}",
        """\
wrong:  def pool(x: Float[Tensor, "N C H W where H % 2 == 0"]): ...
        pool(torch.zeros(1, 3, 31, 32))
right:  pool(torch.zeros(1, 3, 32, 32))""",
    ),
    Code(
        "memory-format-differs",
        "A tensor is stored in another order than its annotation says.",
        "`{argument}` is not stored as `@ {dim}`: its strides are {actual}",
        """\
`N C H W @ channels_last` is a tensor whose layout is N C H W and whose memory order is N H W C. It holds when the
tensor, permuted to that order, is contiguous; axes of size 1 do not count.

wrong:  f(torch.zeros(8, 3, 32, 32))
right:  f(torch.zeros(8, 3, 32, 32).to(memory_format=torch.channels_last))""",
    ),
    Code(
        "place-ambiguous",
        "Between two groups, a dim could stand at more than one axis.",
        "`{argument}` has {actual} places for `{dim}` between its groups: axes {expected}",
        """\
`*a C *b` is placed by the size of `C` where another argument or a number fixes it, and only if one axis has it.

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
An expression does not bind its dims: `2*C` says what the axis must be once `C` is known.

wrong:  def f(x: Float[Tensor, "2*C"]): ...
right:  def f(x: Float[Tensor, "2*C"], y: Float[Tensor, "C"]): ...
right:  def f(x: Float[Tensor, "(2 C)"]): ...        # a flattened axis is solved for C""",
    ),
    Code(
        "each-outside-container",
        "`?dim` stands where there are no elements.",
        "`?{dim}` is bound anew for every element of a list, tuple or dict, and {argument} is none",
        """\
wrong:  def f(image: Float[Tensor, "C ?H ?W"]): ...
right:  def f(images: list[Float[Tensor, "C ?H ?W"]]): ...      # images of different heights
right:  def f(image: Float[Tensor, "C H W"]): ...""",
    ),
    Code(
        "attribute-missing",
        "An attribute in an annotation is missing, or is no integer.",
        "`{dim}` in the annotation of {argument} {actual}",
        """\
wrong:  class Head(nn.Module):
            def forward(self, x: Float[Tensor, "N self.width"]): ...     # __init__ sets self.hidden
right:  def forward(self, x: Float[Tensor, "N self.hidden"]): ...""",
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
Of `Float[Tensor, "N C"] | Float[Tensor, "N C H W"]` the first member is taken whose type, dtype, rank and fixed
sizes fit; its other dims must then agree with the rest of the call.""",
    ),
    Code(
        "bad-annotation",
        "The text of an annotation is not in the language.",
        "{actual}",
        """\
wrong:  Float[Tensor, "N, C"]        right:  Float[Tensor, "N C"]
wrong:  Float[Tensor, "n * c"]       right:  Float[Tensor, "n*c"]
wrong:  Float[Tensor, "m>=2"]        right:  Float[Tensor, "m where m >= 2"]

The whole language stands in docs/language.md.""",
    ),
    Code(
        "bad-archive",
        "A file is no namedtorch archive, or a broken one.",
        "{actual}",
        """\
A namedtorch archive is a TorchScript file (.pt, .ptl) that holds a record `namedtorch.json`. A file that was loaded
and saved again by plain torch has lost that record (and kept the guard in its graph): lower the model again.""",
    ),
    Code(
        "cannot-lower",
        "Code that TorchScript does not take.",
        "{actual}",
        """\
TorchScript compiles a part of Python: no *args, no lambda, no try, no closures over numbers, every type fixed. The
message shows the line. Rewrite the line, or move it out of forward.""",
    ),
)

CODES: Mapping[str, Code] = {code.name: code for code in _TABLE}
"""Every code by its name."""


def code_of(text: str) -> tuple[str, dict[str, str]]:
    """The code whose sentence a text is, and the fields in it; "wrong-type" for a text of no code's."""
    for code in _TABLE:
        for message in (code.message, code.terse):
            # A sentence may go on: who bound the dim stands behind it.
            found = re.fullmatch(_pattern(message) + r"( \(.*)?", text) if message.startswith("`") else None
            if found:
                return code.name, found.groupdict()
    return "wrong-type", {}


def _pattern(message: str) -> str:
    """The pattern of a sentence: each field is a group, and the same text where it stands again."""
    pattern, seen = "", set[str]()
    for before, name, _, _ in Formatter().parse(message):
        pattern += re.escape(before)
        if name is not None:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
            seen.add(name)
    return pattern


def sentence(code: str, **fields: object) -> str:
    """The sentence of a code with its fields filled in; the terse one where a field of the other is missing."""
    entry = CODES[code]
    try:
        return entry.message.format(**fields)
    except KeyError:
        return entry.terse.format(**fields)
