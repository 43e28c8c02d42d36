"""Codes of names: what a NamedTensor is refused for, by a guard or by an operator."""

from typing import Final

from namedtorch.diagnostics.code import Code

NAMES: Final = (
    Code(
        "names-differ",
        "An axis of a NamedTensor carries another name than its annotation says.",
        "axis {axis} of `{argument}` is `{actual}`, but the annotation has `{dim}` there",
        """\
A parameter that is annotated as NamedTensor takes its dims by name, in the order of the annotation: sizes that
happen to fit do not help.""",
        "`{argument}` has the dims `{actual}`, but the annotation has `{expected}`",
        wrong="""\
from namedtorch import NamedTensor

def pooled(images: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C"]:
    return images.mean(("H", "W"))

def last(images: Float[NamedTensor, "N H W C"]) -> NamedTensor:
    return pooled(images)  # <-
""",
        right="""\
from namedtorch import NamedTensor

def pooled(images: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C"]:
    return images.mean(("H", "W"))

def last(images: Float[NamedTensor, "N H W C"]) -> NamedTensor:
    return pooled(images.align_to("N C H W"))
""",
    ),
    Code(
        "name-missing",
        "A NamedTensor does not carry a name that its annotation asks for.",
        "axis {axis} of `{argument}` has no name, but the annotation has `{dim}` there",
        """\
The body of the function may ask for the dim by its name, so the name has to be there. Operators leave axes without
names that they make themselves: the features of a linear layer, the new axis of `stack`.""",
        "`{argument}` has no dim `{dim}`: its dims are {actual}",
        wrong="""\
from namedtorch import NamedTensor

class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(512, 10)

    def forward(self, x: Float[NamedTensor, "N features"]) -> Float[NamedTensor, "N classes"]:
        return self.layer(x)  # <-
""",
        right="""\
from namedtorch import NamedTensor, named_module

class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = named_module(nn.Linear(512, 10), "features -> classes")

    def forward(self, x: Float[NamedTensor, "N features"]) -> Float[NamedTensor, "N classes"]:
        return self.layer(x)
""",
    ),
    Code(
        "operator-without-rule",
        "Nothing tells what dims the result of an operator has.",
        "{actual}",
        """\
NamedTensor never guesses names, and never drops them silently. For an operator that namedtorch does not know (or a call
of it whose result can't be told), there are two ways on: take the plain tensors and name the result, or tell the rule.

        result = named(library.operator(x.tensor), "N C")

        namedtorch.register(library.operator, "x: N C -> N C")""",
    ),
    Code(
        "names-repeated",
        "A name is given to two axes.",
        "{actual}",
        """\
A name stands for one axis, so that it can be asked for. Products may give one name twice (`x @ x.mT` has the dims
`N T T`); `rename` tells them apart before they are used by name.""",
        wrong="""\
from namedtorch import NamedTensor

def products(x: Float[NamedTensor, "N T D"]) -> NamedTensor:
    return (x @ x.mT).rename("N", "T", "T")  # <-
""",
        right="""\
from namedtorch import NamedTensor

def products(x: Float[NamedTensor, "N T D"]) -> NamedTensor:
    return (x @ x.mT).rename("N", "T", "S")
""",
    ),
    Code(
        "name-invalid",
        "A text is no name of a dim.",
        "{actual}",
        """\
A name is a word: letters, digits and underscores, no digit first. The names of a flattened axis stand in parentheses:
`(C H W)`.""",
        wrong="""\
from namedtorch import NamedTensor

def last(x: Float[NamedTensor, "N C"]) -> NamedTensor:
    return x.rename(C="1st")  # <-
""",
        right="""\
from namedtorch import NamedTensor

def last(x: Float[NamedTensor, "N C"]) -> NamedTensor:
    return x.rename(C="first")
""",
    ),
    Code(
        "state-dims-differ",
        "A state dict has a parameter under other dims than the model.",
        "{actual}",
        """\
The dims of parameters travel in the state dict, so that a weight of fitting sizes whose axes mean something else is not
loaded: the transposed weight of a square layer, a kernel in another layout. Where both have the same dims in another
order, load within `namedtorch.permuted_loading()`, which permutes the tensor.

wrong:  model.load_state_dict(state)                          # weight is "in out" there, and "out in" here
right:  with namedtorch.permuted_loading():
            model.load_state_dict(state)""",
    ),
    Code(
        "mesh-dim-missing",
        "A dim of a tensor is to go to a dim that the mesh does not have.",
        "{actual}",
        """\
The dims of a mesh have the names that it was made with.

right:  mesh = init_device_mesh("cpu", (2, 4), mesh_dim_names=("dp", "tp"))
        shard(x, mesh, {"N": "dp", "heads": "tp"})""",
    ),
    Code(
        "mesh-dim-claimed",
        "Two dims of one tensor are to go to one dim of a mesh.",
        "{actual}",
        """\
A dim of a mesh cuts one axis of each tensor. Leave one of the two out, or use a mesh with one dim more.

wrong:  shard(x, mesh, {"N": "dp", "T": "dp"})
right:  shard(x, mesh, {"N": "dp"})""",
    ),
    Code(
        "shards-uneven",
        "A size can't be cut into equal parts, one for each rank.",
        "{actual}",
        """\
Every rank gets a part of the same size. Pad the dim to a multiple of the number of ranks, or use another mesh.

wrong:  shard(named(torch.zeros(5, 8), "N D"), mesh, {"N": "dp"})    # 5 for 2 ranks
right:  shard(named(torch.zeros(6, 8), "N D"), mesh, {"N": "dp"})""",
    ),
    Code(
        "bad-sizes",
        "A factory is not told the sizes of its dims, or is told them twice.",
        "{actual}",
        """\
The sizes of a new tensor are given in one of three ways: by keyword, by text, or in order with names.""",
        wrong="""\
import namedtorch

def start() -> None:
    namedtorch.zeros("N C")  # <-
""",
        right="""\
import namedtorch

def start() -> None:
    namedtorch.zeros("N=2 C=3")
""",
    ),
)
