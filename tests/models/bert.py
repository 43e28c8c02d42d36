"""BERT with its two heads for training, in plain positions.

Source: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers" (2018, arXiv:1810.04805).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple, Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from namedtorch import Bool, Float, Int, checked


@dataclass(frozen=True)
class Config:
    """Sizes of the model."""

    vocabulary: int = 30522
    hidden: int = 768
    layers: int = 12
    heads: int = 12
    intermediate: int = 3072
    longest: int = 512
    types: int = 2
    dropout: float = 0.1
    eps: float = 1e-12


class Output(NamedTuple):
    """Scores of the tokens that were hidden, scores of whether the second text follows the first."""

    tokens: Float[Tensor, "N T V"]
    follows: Float[Tensor, "N 2"]


class Embeddings(nn.Module):
    """Words, places and the text that a word belongs to, added."""

    ids: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.words = nn.Embedding(config.vocabulary, config.hidden, padding_idx=0)
        self.places = nn.Embedding(config.longest, config.hidden)
        self.types = nn.Embedding(config.types, config.hidden)
        self.norm = nn.LayerNorm(config.hidden, eps=config.eps)
        self.dropout = nn.Dropout(config.dropout)
        self.register_buffer("ids", torch.arange(config.longest).expand((1, -1)), persistent=False)

    def forward(
        self, text: Int[Tensor, "N T"], types: Optional[Int[Tensor, "N T"]] = None
    ) -> Float[Tensor, "N T D"]:
        length = text.size(1)
        if types is None:
            types = torch.zeros_like(text)
        places = self.ids[:, :length]
        embedded = self.words(text) + self.types(types) + self.places(places)
        return self.dropout(self.norm(embedded))


class SelfAttention(nn.Module):
    """Attention in several heads."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        if config.hidden % config.heads != 0:
            raise ValueError(f"{config.hidden} features do not divide into {config.heads} heads")
        self.heads = config.heads
        self.head_size = config.hidden // config.heads
        self.query = nn.Linear(config.hidden, config.hidden)
        self.key = nn.Linear(config.hidden, config.hidden)
        self.value = nn.Linear(config.hidden, config.hidden)
        self.dropout = nn.Dropout(config.dropout)

    def split(self, x: Float[Tensor, "N T D"]) -> Float[Tensor, "N h T d"]:
        return x.view(x.size(0), x.size(1), self.heads, self.head_size).permute(0, 2, 1, 3)

    def forward(
        self, hidden: Float[Tensor, "N T D"], bias: Optional[Float[Tensor, "N 1 1 T"]] = None
    ) -> Float[Tensor, "N T D"]:
        query = self.split(self.query(hidden))
        key = self.split(self.key(hidden))
        value = self.split(self.value(hidden))
        scores = torch.matmul(query, key.transpose(-1, -2))
        scores = scores / math.sqrt(self.head_size)
        if bias is not None:
            scores = scores + bias
        weights = self.dropout(F.softmax(scores, dim=-1))
        context = torch.matmul(weights, value).permute(0, 2, 1, 3).contiguous()
        return context.view(context.size(0), context.size(1), -1)


class Layer(nn.Module):
    """Attention and feed-forward, each with a norm behind it."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attention = SelfAttention(config)
        self.attention_output = nn.Linear(config.hidden, config.hidden)
        self.attention_norm = nn.LayerNorm(config.hidden, eps=config.eps)
        self.intermediate = nn.Linear(config.hidden, config.intermediate)
        self.output = nn.Linear(config.intermediate, config.hidden)
        self.output_norm = nn.LayerNorm(config.hidden, eps=config.eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, hidden: Float[Tensor, "N T D"], bias: Optional[Float[Tensor, "N 1 1 T"]] = None
    ) -> Float[Tensor, "N T D"]:
        attended = self.dropout(self.attention_output(self.attention(hidden, bias)))
        hidden = self.attention_norm(attended + hidden)
        fed = self.output(F.gelu(self.intermediate(hidden)))
        return self.output_norm(self.dropout(fed) + hidden)


class Encoder(nn.Module):
    """All layers, and what each gave where that is asked for."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layer = nn.ModuleList([Layer(config) for _ in range(config.layers)])

    def forward(
        self, hidden: Float[Tensor, "N T D"], bias: Optional[Float[Tensor, "N 1 1 T"]] = None
    ) -> Float[Tensor, "N T D"]:
        for layer_module in self.layer:
            hidden = layer_module(hidden, bias)
        return hidden


@checked
class Bert(nn.Module):
    """Reads one or two texts, and tells what was hidden in them, and whether one follows the other."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.vocabulary = config.vocabulary
        self.longest = config.longest
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(config)
        self.pooler = nn.Linear(config.hidden, config.hidden)
        self.transform = nn.Sequential(
            nn.Linear(config.hidden, config.hidden), nn.GELU(), nn.LayerNorm(config.hidden, eps=config.eps)
        )
        self.decoder = nn.Linear(config.hidden, config.vocabulary)
        self.decoder.weight = self.embeddings.words.weight
        self.next_text = nn.Linear(config.hidden, 2)

    def forward(
        self,
        text: Int[Tensor, "N T where T <= self.longest"],
        types: Optional[Int[Tensor, "N T"]] = None,
        mask: Optional[Bool[Tensor, "N T"]] = None,
    ) -> Output:
        """`mask` is true for the tokens that are there, and false for padding."""
        bias: Optional[Tensor] = None
        if mask is not None:
            bias = (1.0 - mask[:, None, None, :].to(torch.float32)) * -10000.0
        hidden = self.encoder(self.embeddings(text, types), bias)
        pooled = torch.tanh(self.pooler(hidden[:, 0]))
        return Output(tokens=self.decoder(self.transform(hidden)), follows=self.next_text(pooled))


def make() -> nn.Module:
    torch.manual_seed(0)
    return Bert(Config(vocabulary=60, hidden=32, layers=2, heads=4, intermediate=64, longest=16))


SIZES = ({"N": 3, "T": 7}, {"N": 1, "T": 16})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    mask = torch.ones(N, T, dtype=torch.bool)
    mask[0, T // 2 :] = False
    return torch.randint(1, 60, (N, T)), torch.randint(0, 2, (N, T)), mask


def wrong() -> tuple[Tensor, ...]:
    text, types, mask = example(3, 7)
    return text, types, mask.T


REFUSED = "`N`"
