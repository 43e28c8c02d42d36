"""A tagger of sequences: an LSTM in both directions, and a conditional random field on top that Viterbi decodes.

Sources: Huang, Xu, Yu, "Bidirectional LSTM-CRF Models for Sequence Tagging" (2015); Lample et al., "Neural
Architectures for Named Entity Recognition" (2016).
"""

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Bool, Float, Int, NamedTensor, checked, named, named_module

WORDS, FEATURES, HIDDEN, TAGS = 400, 32, 48, 7
PADDING = 0


class ConditionalRandomField(nn.Module):
    """Scores of neighbouring tags, and the best sequence of tags under them."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.tags = tags
        # transitions[i, j]: how well tag j follows tag i.
        self.transitions = nn.Parameter(torch.empty(tags, tags))
        self.start = nn.Parameter(torch.empty(tags))
        self.end = nn.Parameter(torch.empty(tags))
        for parameter in (self.transitions, self.start, self.end):
            nn.init.uniform_(parameter, -0.1, 0.1)

    @checked
    def forward(
        self, scores: Float[NamedTensor, "N T tag=self.tags"], mask: Bool[NamedTensor, "N T"]
    ) -> tuple[Float[NamedTensor, "N"], Int[NamedTensor, "N T"]]:
        """The score of the best sequence and its tags; where `mask` is false the last tag goes on."""
        transitions = named(self.transitions, "tag next")
        best = scores["T", 0] + named(self.start, "tag")
        came_from: list[NamedTensor] = []
        stay = namedtorch.arange(tag=self.tags, device=scores.device)
        for t in range(1, scores.size("T")):
            # best of N tag and next: the tags that may come before, for each tag that may be next
            candidates = best.align_to("N", "tag", "next") + transitions
            values, tags = candidates.max("tag")
            values = (values.rename(next="tag") + scores["T", t]).rename("N tag")
            inside = mask["T", t].align_as(values)
            best = torch.where(inside, values, best)
            came_from.append(torch.where(inside, tags.rename(next="tag"), stay))
        score, tag = (best + named(self.end, "tag")).max("tag")

        path = [tag]
        for t in range(len(came_from) - 1, -1, -1):
            tag = came_from[t].gather("tag", tag.align_as(best)).squeeze("tag")
            path.append(tag)
        return score, namedtorch.stack(path, "T", place=1).flip("T")


@checked
class Tagger(nn.Module):
    """The best tags of each sentence; the padding gets the tag of the last word."""

    def __init__(self, words: int, features: int, hidden: int, tags: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.words = named_module(nn.Embedding(words, features, padding_idx=PADDING), "N T -> N T D")
        self.lstm = named_module(
            nn.LSTM(features, hidden // 2, batch_first=True, bidirectional=True),
            "N T D -> N T hidden, directions N half, directions N half",
        )
        self.dropout = nn.Dropout(dropout)
        self.scores = named_module(nn.Linear(hidden, tags), "hidden -> tag")
        self.field = ConditionalRandomField(tags)

    def forward(
        self, sentences: Int[NamedTensor, "N T"]
    ) -> tuple[Float[NamedTensor, "N"], Int[NamedTensor, "N T"]]:
        mask = sentences != PADDING
        x = self.dropout(self.words(sentences))
        hidden, _ = self.lstm(x)
        scores = self.scores(self.dropout(hidden))
        return self.field(scores, mask)


def make() -> nn.Module:
    torch.manual_seed(0)
    return Tagger(WORDS, FEATURES, HIDDEN, TAGS)


SIZES = ({"N": 3, "T": 8}, {"N": 1, "T": 5})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    """Sentences of different lengths, padded behind their words."""
    generator = torch.Generator().manual_seed(N * T)
    sentences = torch.randint(1, WORDS, (N, T), generator=generator)
    lengths = torch.randint(1, T + 1, (N, 1), generator=generator)
    return (sentences.masked_fill(torch.arange(T) >= lengths, PADDING),)


def wrong() -> tuple[Tensor, ...]:
    """One sentence without a batch."""
    return (torch.randint(1, WORDS, (8,)),)


REFUSED = "`sentences` has rank 1, but `N T` has rank 2"
