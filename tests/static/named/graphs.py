"""Messages along the edges of graphs."""

import namedtorch
from namedtorch import Float, NamedTensor, checked, named_module
from torch import nn


class GraphConv(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.own = named_module(nn.Linear(features, features), "D -> D")
        self.sent = named_module(nn.Linear(features, features), "D -> D")

    @checked
    def forward(
        self, nodes: Float[NamedTensor, "B V D"], edges: Float[NamedTensor, "B V U"]
    ) -> Float[NamedTensor, "B V D"]:
        # mistake [dim-missing]: degree = edges.sum("W").clamp(min=1)
        degree = edges.sum("U").clamp(min=1)
        # mistake [contracted-dims-differ]: received = edges @ self.sent(nodes)
        received = edges @ self.sent(nodes).rename(V="U")
        # mistake [broadcast-dims-differ]: received = received / degree
        received = received / degree.align_as(received)
        return (self.own(nodes) + received).relu()


class Readout(nn.Module):
    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.conv = GraphConv(features)
        self.classes = named_module(nn.Linear(features, classes), "D -> classes")

    @checked
    def forward(
        self, nodes: Float[NamedTensor, "B V D"], edges: Float[NamedTensor, "B V U"]
    ) -> Float[NamedTensor, "B classes"]:
        for _ in range(2):
            # mistake [names-differ]: nodes = self.conv(nodes, edges.transpose("V", "U"))
            nodes = self.conv(nodes, edges)
        # mistake [names-differ]: return self.classes(nodes.mean("D"))
        return self.classes(nodes.mean("V"))


def main() -> None:
    nodes = namedtorch.rand(B=2, V=4, D=4)
    # mistake [names-differ]: edges = namedtorch.rand("B=2 U=4 V=4")
    edges = namedtorch.rand("B=2 V=4 U=4")
    assert Readout(4, 3)(nodes, edges).dims == ("B", "classes")
