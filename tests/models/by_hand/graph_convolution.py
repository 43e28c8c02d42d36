"""The graph convolutional network, in positions."""

import itertools

import torch
from torch import Tensor, nn

FEATURES, HIDDEN, CLASSES = 12, 64, 5


def normalized(source: Tensor, target: Tensor, nodes: int) -> Tensor:
    ones = torch.ones(source.size(0), device=source.device)
    degree = torch.zeros(nodes, device=source.device).index_add(0, target, ones)
    root = degree.clamp(min=1.0).rsqrt()
    return root[source] * root[target]


class GraphConvolution(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs, bias=False)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor, source: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        h = self.linear(x)
        messages = h[source] * weight.unsqueeze(1)
        return torch.zeros_like(h).index_add(0, target, messages) + self.bias


class GraphClassifier(nn.Module):
    def __init__(self, features: int, hidden: int, classes: int, layers: int = 3) -> None:
        super().__init__()
        sizes = [features] + [hidden] * layers
        self.layers = nn.ModuleList(
            GraphConvolution(inputs, outputs) for inputs, outputs in itertools.pairwise(sizes)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(layers))
        self.classify = nn.Linear(2 * hidden, classes)

    def forward(self, x: Tensor, edges: Tensor, graph: Tensor, graphs: int) -> Tensor:
        nodes = x.size(0)
        loops = torch.arange(nodes, device=edges.device)
        source, target = edges.unbind(0)
        source = torch.cat([source, loops])
        target = torch.cat([target, loops])
        weight = normalized(source, target, nodes)
        for layer, norm in zip(self.layers, self.norms):  # noqa: B905  # TorchScript has no `strict`
            x = norm(layer(x, source, target, weight)).relu()
        ones = torch.ones(nodes, device=x.device)
        members = torch.zeros(graphs, device=x.device).index_add(0, graph, ones)
        empty = torch.zeros(graphs, x.size(1), device=x.device)
        mean = empty.index_add(0, graph, x) / members.clamp(min=1.0).unsqueeze(1)
        largest = empty.scatter_reduce(0, graph.unsqueeze(1).expand(-1, x.size(1)), x, reduce="amax")
        return self.classify(torch.cat([mean, largest], 1))


def make() -> nn.Module:
    torch.manual_seed(0)
    return GraphClassifier(FEATURES, HIDDEN, CLASSES)
