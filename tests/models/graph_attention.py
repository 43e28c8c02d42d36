"""A graph attention network: every node attends to its neighbours, by a softmax over the edges that lead to it.

Sources: Veličković et al., "Graph Attention Networks" (2018); Brody, Alon, Yahav, "How Attentive are Graph Attention
Networks?" (2022), whose order of the layers this is.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namedtorch import Float, Int, checked

FEATURES, HEADS, WIDTH, CLASSES = 16, 4, 16, 6


def segment_softmax(
    scores: Float[Tensor, "edges heads"], segment: Int[Tensor, "edges"], segments: int
) -> Float[Tensor, "edges heads"]:
    """The softmax over all edges of one segment, in a stable way."""
    index = segment[:, None].expand_as(scores)
    lowest = torch.full((segments, scores.shape[1]), float("-inf"), dtype=scores.dtype, device=scores.device)
    largest = lowest.scatter_reduce(0, index, scores, reduce="amax")
    exponents = (scores - largest[segment]).exp()
    total = torch.zeros_like(lowest).index_add_(0, segment, exponents)
    return exponents / total[segment].clamp(min=1e-12)


@checked
class GraphAttention(nn.Module):
    """Heads of attention along the edges; they are joined, or, in the last layer, their mean is taken."""

    def __init__(self, inputs: int, width: int, heads: int, join: bool = True, dropout: float = 0.2) -> None:
        super().__init__()
        self.inputs = inputs
        self.width = width
        self.heads = heads
        self.join = join
        self.outputs = heads * width if join else width
        self.source = nn.Linear(inputs, heads * width)
        self.target = nn.Linear(inputs, heads * width)
        self.score = nn.Parameter(torch.empty(heads, width))
        self.bias = nn.Parameter(torch.zeros(self.outputs))
        self.dropout = nn.Dropout(dropout)
        nn.init.xavier_uniform_(self.score)

    def forward(
        self, x: Float[Tensor, "nodes self.inputs"], edges: Int[Tensor, "2 edges"]
    ) -> Float[Tensor, "nodes self.outputs"]:
        source, target = edges[0], edges[1]
        nodes = x.size(0)
        from_source: Float[Tensor, "nodes heads width"] = self.source(x).view(nodes, self.heads, self.width)
        to_target: Float[Tensor, "nodes heads width"] = self.target(x).view(nodes, self.heads, self.width)

        messages = from_source[source]
        scores = (F.leaky_relu(messages + to_target[target], 0.2) * self.score).sum(-1)
        weights = self.dropout(segment_softmax(scores, target, nodes))

        gathered = x.new_zeros(nodes, self.heads, self.width)
        gathered = gathered.index_add(0, target, messages * weights.unsqueeze(-1))
        if self.join:
            return gathered.flatten(1) + self.bias
        return gathered.mean(1) + self.bias


@checked
class GraphAttentionNetwork(nn.Module):
    """The scores of the classes of every node."""

    def __init__(self, features: int, width: int, heads: int, classes: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.features = features
        self.classes = classes
        self.first = GraphAttention(features, width, heads, dropout=dropout)
        self.middle = GraphAttention(heads * width, width, heads, dropout=dropout)
        self.skip = nn.Linear(features, heads * width, bias=False)
        self.last = GraphAttention(heads * width, classes, heads, join=False, dropout=dropout)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Float[Tensor, "nodes self.features"], edges: Int[Tensor, "2 edges"]
    ) -> Float[Tensor, "nodes self.classes"]:
        # A node without edges to it attends to itself.
        own = torch.arange(x.size(0), device=edges.device)
        edges = torch.cat([edges, torch.stack([own, own])], dim=1)
        h = F.elu(self.first(self.dropout(x), edges))
        h = F.elu(self.middle(h, edges) + self.skip(x))
        return self.last(self.dropout(h), edges)


def make() -> nn.Module:
    torch.manual_seed(0)
    return GraphAttentionNetwork(FEATURES, WIDTH, HEADS, CLASSES)


SIZES = ({"nodes": 8, "edges": 25}, {"nodes": 1, "edges": 3})


def example(nodes: int, edges: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(nodes + edges)
    x = torch.randn(nodes, FEATURES, generator=generator)
    return x, torch.randint(0, nodes, (2, edges), generator=generator)


def wrong() -> tuple[Tensor, ...]:
    """Pairs of ends, an edge a row."""
    x, edges = example(8, 25)
    return x, edges.t()


REFUSED = "`edges` has size 25 at axis 0, but the annotation says 2"
