"""A conformer: blocks of half feed-forward layers, attention that knows relative positions, and a convolution.

Sources: Gulati et al., "Conformer: Convolution-augmented Transformer for Speech Recognition" (2020); the relative
positions are those of Dai et al., "Transformer-XL" (2019).
"""

import math

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Bool, Float, Int, NamedTensor, checked, named, named_module

BANDS, FEATURES, HEADS, LAYERS = 20, 48, 4, 2


class FeedForward(nn.Module):
    """Half of what a transformer has: each block has one in front and one at its end."""

    def __init__(self, features: int, expansion: int = 4, dropout: float = 0.1) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.widen = named_module(nn.Linear(features, expansion * features), "D -> wide")
        self.narrow = named_module(nn.Linear(expansion * features, features), "wide -> D")
        self.act = nn.SiLU()
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N T D"]:
        y = self.dropout(self.act(self.widen(self.norm(x))))
        return x + 0.5 * self.dropout(self.narrow(y))


def sinusoids(steps: int, like: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "R D"]:
    """Encodings of the distances from `steps - 1` down to `-(steps - 1)`."""
    half = like.size("D") // 2
    distance = namedtorch.arange(steps - 1, -steps, -1, names=("R",), dtype=like.dtype, device=like.device)
    place = namedtorch.arange(D=half, dtype=like.dtype, device=like.device)
    angle = distance.align_to("R", "D") * torch.exp(place * (-math.log(10000.0) / half))
    return namedtorch.cat([angle.sin(), angle.cos()], "D")


@checked
class RelativeAttention(nn.Module):
    """Attention in heads; a score depends on both contents and on how far they are apart."""

    def __init__(self, features: int, heads: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.heads = heads
        self.scale = 1 / math.sqrt(features // heads)
        self.norm = nn.LayerNorm(features)
        self.qkv = named_module(nn.Linear(features, 3 * features), "D -> QKV")
        self.place = named_module(nn.Linear(features, features, bias=False), "D -> D")
        self.out = named_module(nn.Linear(features, features), "D -> D")
        self.content_bias = nn.Parameter(torch.zeros(heads, features // heads))
        self.place_bias = nn.Parameter(torch.zeros(heads, features // heads))
        self.dropout = nn.Dropout(dropout)

    def shifted(self, scores: Float[NamedTensor, "N head T R"]) -> Float[NamedTensor, "N head T S"]:
        """Scores by distance, `R` of 2T-1, become scores by place: row t begins at distance t."""
        steps = scores.size("T")
        padded = namedtorch.cat([namedtorch.zeros_like(scores["R", :1]), scores], "R")
        rolled = padded.rearrange("N head T R -> N head (T R)").rename("N head F")
        rolled = rolled["F", steps:].unflatten("F", (("T", steps), ("S", -1)))
        return rolled["S", :steps]

    def forward(
        self, x: Float[NamedTensor, "N T D"], mask: Bool[NamedTensor, "N T"]
    ) -> Float[NamedTensor, "N T D"]:
        parts = self.qkv(self.norm(x)).unflatten("QKV", (("part", 3), ("head", self.heads), ("d", -1)))
        q, k, v = parts.unbind("part")
        k, v = k.rename(T="S"), v.rename(T="S")
        places = self.place(sinusoids(x.size("T"), x)).unflatten("D", (("head", self.heads), ("d", -1)))

        by_content = namedtorch.einsum(
            "N T head d, N S head d -> N head T S", q + named(self.content_bias, "head d"), k
        )
        by_place = namedtorch.einsum(
            "N T head d, R head d -> N head T R", q + named(self.place_bias, "head d"), places
        )
        scores = (by_content + self.shifted(by_place)) * self.scale
        keys = mask.rename(T="S")
        scores = scores.masked_fill(~keys.align_as(scores), -1e9)
        weights = self.dropout(scores.softmax("S"))
        context = namedtorch.einsum("N head T S, N S head d -> N T head d", weights, v)
        return x + self.dropout(self.out(context.flatten(["head", "d"], "D")))


@checked
class ConvolutionModule(nn.Module):
    """A gated pointwise layer, a depthwise convolution over time, a norm, and a pointwise layer."""

    def __init__(self, features: int, kernel: int = 7, dropout: float = 0.1) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.gate = named_module(nn.Linear(features, 2 * features), "D -> gated")
        self.depthwise = named_module(
            nn.Conv1d(features, features, kernel, padding=kernel // 2, groups=features), "N D T -> N D T"
        )
        self.batch_norm = nn.BatchNorm1d(features)
        self.act = nn.SiLU()
        self.mix = named_module(nn.Linear(features, features), "D -> D")
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Float[NamedTensor, "N T D"], mask: Bool[NamedTensor, "N T"]
    ) -> Float[NamedTensor, "N T D"]:
        content, gate = self.gate(self.norm(x)).chunk(2, "gated")
        y = (content * gate.sigmoid()).rename(gated="D")
        y = y.masked_fill(~mask.align_as(y), 0.0)
        y = self.act(self.batch_norm(self.depthwise(y.align_to("N", "D", "T"))))
        return x + self.dropout(self.mix(y.align_as(x)))


@checked
class ConformerBlock(nn.Module):
    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.before = FeedForward(features)
        self.attention = RelativeAttention(features, heads)
        self.convolution = ConvolutionModule(features)
        self.after = FeedForward(features)
        self.norm = nn.LayerNorm(features)

    def forward(
        self, x: Float[NamedTensor, "N T D"], mask: Bool[NamedTensor, "N T"]
    ) -> Float[NamedTensor, "N T D"]:
        x = self.before(x)
        x = self.attention(x, mask)
        x = self.convolution(x, mask)
        return self.norm(self.after(x))


@checked
class Conformer(nn.Module):
    """What an encoder of speech knows at each step; behind the end of an utterance the result is zero."""

    def __init__(self, bands: int, features: int, heads: int, layers: int) -> None:
        super().__init__()
        self.bands = bands
        self.features = features
        self.embed = named_module(nn.Linear(bands, features), "band -> D")
        self.blocks = nn.ModuleList(ConformerBlock(features, heads) for _ in range(layers))

    def forward(
        self, sound: Float[NamedTensor, "N T band=self.bands"], lengths: Int[NamedTensor, "N"]
    ) -> Float[NamedTensor, "N T D=self.features"]:
        steps = namedtorch.arange(T=sound.size("T"), device=sound.device)
        mask = steps < lengths.align_to("N", "T")
        x = self.embed(sound)
        for block in self.blocks:
            x = block(x, mask)
        return x * mask.align_as(x)


def make() -> nn.Module:
    torch.manual_seed(0)
    return Conformer(BANDS, FEATURES, HEADS, LAYERS)


SIZES = ({"N": 2, "T": 9}, {"N": 3, "T": 1})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(N + T)
    sound = torch.randn(N, T, BANDS, generator=generator)
    return sound, torch.randint(1, T + 1, (N,), generator=generator)


def wrong() -> tuple[Tensor, ...]:
    """Bands in front of time."""
    sound, lengths = example(2, 9)
    return sound.transpose(1, 2), lengths


REFUSED = "`band` is 20"
