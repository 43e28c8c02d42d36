"""A graph convolutional network: every node takes the mean of its neighbours, weighed by their degrees.

Sources: Kipf, Welling, "Semi-Supervised Classification with Graph Convolutional Networks" (2017); the graphs of a batch
are one graph without edges between them, as in PyTorch Geometric.
"""

import itertools

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named, named_module

FEATURES, HIDDEN, CLASSES = 12, 64, 5


def normalized(
    source: Int[NamedTensor, "edge"], target: Int[NamedTensor, "edge"], nodes: int
) -> Float[NamedTensor, "edge"]:
    """The weight of each edge: one over the root of the degrees at its ends."""
    ones = namedtorch.ones(edge=source.size("edge"), device=source.device)
    degree = namedtorch.zeros(node=nodes, device=source.device).index_add("node", target, ones)
    root = degree.clamp(min=1.0).rsqrt()
    return root["node", source] * root["node", target]


@checked
class GraphConvolution(nn.Module):
    """Sums over the edges that lead to each node, behind a linear layer."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.inputs = inputs
        self.outputs = outputs
        self.linear = named_module(nn.Linear(inputs, outputs, bias=False), "D -> K")
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(
        self,
        x: Float[NamedTensor, "node D=self.inputs"],
        source: Int[NamedTensor, "edge"],
        target: Int[NamedTensor, "edge"],
        weight: Float[NamedTensor, "edge"],
    ) -> Float[NamedTensor, "node K=self.outputs"]:
        h = self.linear(x)
        messages = h["node", source] * weight.align_to("edge", "K")
        gathered = namedtorch.zeros_like(h).index_add("node", target, messages)
        return gathered + named(self.bias, "K")


@checked
class GraphClassifier(nn.Module):
    """The scores of each graph of a batch: convolutions, then the mean and the maximum over its nodes."""

    def __init__(self, features: int, hidden: int, classes: int, layers: int = 3) -> None:
        super().__init__()
        self.features = features
        self.classes = classes
        sizes = [features] + [hidden] * layers
        self.layers = nn.ModuleList(
            GraphConvolution(inputs, outputs) for inputs, outputs in itertools.pairwise(sizes)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(layers))
        self.classify = named_module(nn.Linear(2 * hidden, classes), "D -> class")

    def forward(
        self,
        x: Float[NamedTensor, "node D=self.features"],
        edges: Int[NamedTensor, "ends=2 edge"],
        graph: Int[NamedTensor, "node"],
        graphs: int,
    ) -> Float[NamedTensor, "graph class=self.classes"]:
        """`graph` tells for each node which of the `graphs` graphs it is of."""
        # Every node is its own neighbour.
        nodes = x.size("node")
        loops = namedtorch.arange(edge=nodes, device=edges.device)
        source, target = edges.unbind("ends")
        source = namedtorch.cat([source, loops], "edge")
        target = namedtorch.cat([target, loops], "edge")
        weight = normalized(source, target, nodes)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            y = norm(layer(x, source, target, weight)).relu()
            x = y.rename(K="D")
        ones = namedtorch.ones(node=nodes, device=x.device)
        members = namedtorch.zeros(graph=graphs, device=x.device).index_add("graph", graph, ones)
        empty = namedtorch.zeros(graph=graphs, D=x.size("D"), device=x.device)
        mean = empty.index_add("graph", graph, x) / members.clamp(min=1.0).align_to("graph", "D")
        # The activations are not negative: zero is their least maximum.
        places = graph.align_as(x).expand(D=x.size("D"))
        largest = empty.scatter_reduce("graph", places, x, reduce="amax")
        return self.classify(namedtorch.cat([mean, largest], "D"))


def make() -> nn.Module:
    torch.manual_seed(0)
    return GraphClassifier(FEATURES, HIDDEN, CLASSES)


SIZES = ({"node": 9, "edge": 20}, {"node": 14, "edge": 1})


def example(node: int, edge: int) -> tuple[Tensor | int, ...]:
    generator = torch.Generator().manual_seed(node + edge)
    x = torch.randn(node, FEATURES, generator=generator)
    graph = torch.arange(node) * 3 // node
    return x, torch.randint(0, node, (2, edge), generator=generator), graph, 3


def wrong() -> tuple[Tensor | int, ...]:
    """Pairs of ends, an edge a row."""
    x, edges, graph, graphs = example(9, 20)
    return x, edges.t(), graph, graphs


REFUSED = "`ends` is 2"
