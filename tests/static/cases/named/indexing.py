"""Indices by place and by name, read and written."""

import namedtorch
from namedtorch import Bool, Float, Int, NamedTensor


def read(x: Float[NamedTensor, "N C T"], rows: Int[NamedTensor, "B"], mask: Bool[NamedTensor, "N"]) -> None:
    x[0]  # dims: C T
    x[..., 0]  # dims: N C
    x[:, None]  # dims: N 1 C T
    x["C", 0]  # dims: N T
    x["C", 0, "T", 1:3]  # dims: N T=2
    x[{"C": 0}]  # dims: N T
    x["N", rows]  # dims: B C T
    x[mask]  # dims: N C T
    x["N", 0].sum("N")  # error: [dim-missing]
    x["K", 0]  # error: [dim-missing]
    x[{"K": 0}]  # error: [dim-missing]
    x["C", 0, "C", 1]  # error: [axis-repeated]
    x["C"]  # error: [index-differs]
    x["C", 0, 1]  # error: [index-differs]
    x[:, mask]  # error: [index-differs]


def written(x: Float[NamedTensor, "N C"], y: Float[NamedTensor, "C"], z: Float[NamedTensor, "N"]) -> None:
    x["N", 0] = y
    x["N", 0] = z  # error: [broadcast-dims-differ]
    x["K", 0] = 1.0  # error: [dim-missing]
    x["C"] = 1.0  # error: [index-differs]
    x[x > 0] = 0.0
    x[0] = 1.0


def items(x: Float[NamedTensor, "N C"]) -> None:
    for row in x:
        row.sum("C")  # dims:
        row.sum("N")  # error: [dim-missing]
    for t in range(x.size("C")):
        x["C", t]  # dims: N
    length = len(x)
    x.narrow("N", 0, length)  # dims: N C


def loops(x: Float[NamedTensor, "N T D"]) -> None:
    state = namedtorch.zeros(N=x.size("N"), D=x.size("D"))  # dims: N D
    states = []
    for t in range(x.size("T")):
        state = (x["T", t] + state).tanh()  # dims: N D
        states.append(state)
    stacked = namedtorch.stack(states, "T")  # dims: T N D
    stacked.sum("K")  # error: [dim-missing]
