"""Layers of torch on named tensors, and modules whose names a signature tells."""

import namedtorch
from namedtorch import Float, Int, NamedTensor, named_function, named_module
from torch import nn


class Layers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 4)
        self.conv = nn.Conv2d(3, 16, 3, padding=1)
        self.norm = nn.LayerNorm(8)
        self.rnn = nn.LSTM(8, 5, batch_first=True)
        self.embed = nn.Embedding(9, 8)

    def forward(
        self,
        x: Float[NamedTensor, "N T D=8"],
        images: Float[NamedTensor, "N C=3 H W"],
        text: Int[NamedTensor, "N T"],
    ) -> None:
        self.linear(x)  # dims: N T 4
        self.linear(x).sum("D")  # error: [dim-missing]
        self.linear(x).refine_names(..., "K").sum("K")  # dims: N T
        self.conv(images)  # dims: N 16 H W
        self.norm(x)  # dims: N T D=8
        self.embed(text)  # dims: N T 8
        out, (h, c) = self.rnn(x)  # dims: N T 5  # dims: 1 N 5  # dims: 1 N 5
        out.sum("T")  # dims: N 5
        nn.Flatten()(images).sum("(C H W)")  # dims: N


class Told(nn.Module):
    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.conv = named_module(nn.Conv2d(3, features, 3, padding=1), "N C H W -> N K H W")
        self.head = named_module(
            nn.Sequential(nn.Linear(features, 9), nn.ReLU(), nn.Linear(9, classes)), "K -> classes"
        )
        self.rnn = named_module(nn.GRU(features, 5, batch_first=True), "N T K -> N T hidden, layers N hidden")
        self.plain = nn.Linear(classes, 2)
        named_module(self.plain, "classes -> two")

    def forward(self, images: Float[NamedTensor, "N C=3 H W"], text: Float[NamedTensor, "N T K"]) -> None:
        maps = self.conv(images)  # dims: N K=features H W
        pooled = maps.mean(("H", "W"))  # dims: N K=features
        scores = self.head(pooled)  # dims: N classes
        self.plain(scores)  # dims: N two=2
        self.head(maps.align_to("N", "H", "W", "K"))  # dims: N H W classes
        out, state = self.rnn(text)  # dims: N T hidden=5  # dims: layers=1 N hidden=5
        self.conv(maps)  # error: [names-differ]
        self.conv(images.align_to("N", "H", "W", "C"))  # error: [names-differ]
        self.conv(images.tensor)  # error: [argument-differs]
        self.conv(images["N", 0])  # error: [rank-unfit]
        self.head(images.mean(("H", "W")))  # error: [names-differ]
        self.head(scores)  # error: [names-differ]
        scores.softmax("K")  # error: [dim-missing]
        # What has no name is taken for what the signature says.
        self.head(pooled.rename(K=None))  # dims: N classes


class Wrong(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = named_module(nn.Linear(2, 3), "C K")  # error: [bad-annotation]
        self.second = named_module(nn.Linear(2, 3), "C -> (K")  # error: [bad-annotation]


def attention(queries, keys):
    return (queries @ keys.mT).softmax(-1)


weights = named_function(attention, "N T D, N S D -> N T S")
found = weights(namedtorch.rand(N=2, T=3, D=4), namedtorch.rand(N=2, S=5, D=4))  # dims: N=2 T=3 S=5
weights(namedtorch.rand(N=2, T=3, D=4), namedtorch.rand(N=2, D=4, S=5))  # error: [names-differ]


class Strided(nn.Module):
    def __init__(self, stride: int, unknown: nn.Module) -> None:
        super().__init__()
        self.conv = named_module(nn.Conv2d(3, 8, 3, stride=stride, padding=1), "N C H W -> N K H W")
        self.other = named_module(unknown, "N C H W -> N K=8 H W")

    def forward(self, images: Float[NamedTensor, "N C=3 H W"]) -> None:
        # A name in a result says no size: `H` keeps its name where it gets smaller.
        maps = self.conv(images)
        maps.sum("C")  # error: [dim-missing]
        images.mean("C") + self.other(images)["K", 0]
