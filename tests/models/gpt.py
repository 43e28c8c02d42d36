"""GPT with a cache of keys and values, its body written with names, and a loop that generates with it.

Source: Radford et al., "Language Models are Unsupervised Multitask Learners" (2019), in the form of Karpathy's nanoGPT.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named, named_module

Cache = tuple[Float[NamedTensor, "N h S d"], Float[NamedTensor, "N h S d"]]
"""Keys and values of one layer, of all places so far."""


class CausalAttention(nn.Module):
    """Attention of each place to itself and those before it, also those in the cache."""

    def __init__(self, features: int, heads: int, dropout: float) -> None:
        super().__init__()
        if features % heads:
            raise ValueError(f"{features} features do not divide into {heads} heads")
        self.heads = heads
        self.scale = (features // heads) ** -0.5
        self.qkv = named_module(nn.Linear(features, 3 * features), "D -> D")
        self.proj = named_module(nn.Linear(features, features), "D -> D")
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Float[NamedTensor, "N T D"], past: Cache | None = None) -> tuple[NamedTensor, Cache]:
        """The mixed values, and the cache with the new keys and values behind the old ones."""
        q, k, v = (
            self.qkv(x).rearrange("N T (three h d) -> three N h T d", three=3, h=self.heads).unbind("three")
        )
        k, v = k.rename(T="S"), v.rename(T="S")
        if past is not None:
            k = namedtorch.cat([past[0], k], "S")
            v = namedtorch.cat([past[1], v], "S")
        scores = namedtorch.contract(q, k, over="d") * self.scale  # N h T S
        # The last query stands at the last key.
        first = k.size("S") - q.size("T")
        query = namedtorch.arange(T=q.size("T"), device=x.device) + first
        key = namedtorch.arange(S=k.size("S"), device=x.device)
        future = key > query.align_to("T", "S")
        weights = scores.masked_fill(future, float("-inf")).softmax("S")
        mixed = namedtorch.contract(self.drop(weights), v, over="S")  # N h T d
        out = self.proj(mixed.rearrange("N h T d -> N T (h d)").rename("N T D"))
        return out, (k, v)


class FeedForward(nn.Module):
    """Two linear layers, four times as wide between."""

    def __init__(self, features: int, dropout: float) -> None:
        super().__init__()
        self.fc = named_module(nn.Linear(features, 4 * features), "D -> hidden")
        self.proj = named_module(nn.Linear(4 * features, features), "hidden -> D")
        self.drop = nn.Dropout(dropout)

    def forward(self, x: NamedTensor) -> NamedTensor:
        return self.drop(self.proj(F.gelu(self.fc(x), approximate="tanh")))


class Block(nn.Module):
    """One layer: attention and feed-forward, norms first."""

    def __init__(self, features: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.ln1 = nn.LayerNorm(features)
        self.attention = CausalAttention(features, heads, dropout)
        self.ln2 = nn.LayerNorm(features)
        self.mlp = FeedForward(features, dropout)

    def forward(self, x: NamedTensor, past: Cache | None = None) -> tuple[NamedTensor, Cache]:
        attended, cache = self.attention(self.ln1(x), past)
        x = x + attended
        return x + self.mlp(self.ln2(x)), cache


class GPT(nn.Module):
    """Scores for every place of a text which token comes next."""

    def __init__(
        self, vocabulary: int, context: int, features: int, layers: int, heads: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.context = context
        self.wte = named_module(nn.Embedding(vocabulary, features), "N T -> N T D")
        self.wpe = named_module(nn.Embedding(context, features), "T -> T D")
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(features, heads, dropout) for _ in range(layers))
        self.ln = nn.LayerNorm(features)
        self.apply(self._init)

    @staticmethod
    def _init(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.2)

    def step(self, text: NamedTensor, caches: list[Cache] | None = None) -> tuple[NamedTensor, list[Cache]]:
        """Scores for the places of `text`, which follows what the caches hold, and the new caches."""
        start = 0
        if caches is not None:
            start = caches[0][0].size("S")
        places = namedtorch.arange(T=text.size("T"), device=text.device) + start
        x = self.drop(self.wte(text) + self.wpe(places))
        new: list[Cache] = []
        for i, block in enumerate(self.blocks):
            x, cache = block(x, None if caches is None else caches[i])
            new.append(cache)
        # The scores share their weights with the embedding.
        scores = namedtorch.contract(self.ln(x), named(self.wte.weight, "V D"), over="D")
        return scores, new

    @checked
    def forward(
        self, text: Int[NamedTensor, "N T where T <= self.context"]
    ) -> Float[NamedTensor, "N T V=self.vocabulary"]:
        return self.step(text)[0]

    @torch.jit.export
    @checked
    def generate(
        self, text: Int[NamedTensor, "N T where T >= 1, T+{count}-1 <= self.context"], count: int = 4
    ) -> Int[NamedTensor, "N T+{count}"]:
        """The text, and the `count` tokens that follow by taking the likeliest each time."""
        scores, caches = self.step(text)
        for _ in range(count - 1):
            token = scores["T", -1:].argmax("V")
            text = namedtorch.cat([text, token], "T")
            scores, caches = self.step(token, caches)
        return namedtorch.cat([text, scores["T", -1:].argmax("V")], "T")


def make() -> nn.Module:
    torch.manual_seed(0)
    return GPT(vocabulary=50, context=16, features=32, layers=2, heads=4)


SIZES = ({"N": 2, "T": 7}, {"N": 1, "T": 3})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    return (torch.randint(0, 50, (N, T)),)


def generate_example(N: int, T: int) -> tuple[Tensor | int, ...]:
    return (torch.randint(0, 50, (N, T)), 5)


METHODS = {"generate": generate_example}


def wrong() -> tuple[Tensor, ...]:
    return (torch.randint(0, 50, (20, 17)),)


REFUSED = "T <= "
