"""Translation by attention: an encoder of GRUs, and a decoder that chooses its words greedily until all sentences end.

Source: Bahdanau, Cho, Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate" (2015).
"""

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Bool, Float, Int, NamedTensor, checked, named_module

SOURCE_WORDS, TARGET_WORDS, FEATURES, HIDDEN = 60, 50, 24, 32
PADDING, BEGIN, END = 0, 1, 2


@checked
class Encoder(nn.Module):
    """What a bidirectional GRU knows at each word, and the state that the decoder begins with."""

    def __init__(self, words: int, features: int, hidden: int) -> None:
        super().__init__()
        self.words = named_module(nn.Embedding(words, features, padding_idx=PADDING), "N S -> N S D")
        self.gru = named_module(
            nn.GRU(features, hidden, batch_first=True, bidirectional=True), "N S D -> N S both, way N hidden"
        )
        self.keys = named_module(nn.Linear(2 * hidden, hidden), "both -> hidden")
        self.bridge = named_module(nn.Linear(hidden, hidden), "hidden -> hidden")

    def forward(
        self, source: Int[NamedTensor, "N S"]
    ) -> tuple[
        Float[NamedTensor, "N S both"], Float[NamedTensor, "N S hidden"], Float[NamedTensor, "N hidden"]
    ]:
        memory, last = self.gru(self.words(source))
        backward = last["way", 1]
        return memory, self.keys(memory), torch.tanh(self.bridge(backward))


@checked
class Attention(nn.Module):
    """Additive attention of one state to the words of the source."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.query = named_module(nn.Linear(hidden, hidden, bias=False), "hidden -> hidden")
        self.energy = named_module(nn.Linear(hidden, 1, bias=False), "hidden -> one")

    def forward(
        self,
        state: Float[NamedTensor, "N hidden"],
        keys: Float[NamedTensor, "N S hidden"],
        mask: Bool[NamedTensor, "N S"],
    ) -> Float[NamedTensor, "N S"]:
        query = self.query(state)
        energy = self.energy(torch.tanh(keys + query.align_as(keys))).squeeze("one")
        return energy.masked_fill(~mask, -1e9).softmax("S")


@checked
class Translator(nn.Module):
    """The words that are chosen, padded behind the end of each sentence, and the scores that they were chosen by."""

    def __init__(self, source: int, target: int, features: int, hidden: int, longest: int = 20) -> None:
        super().__init__()
        self.target = target
        self.longest = longest
        self.encoder = Encoder(source, features, hidden)
        self.attention = Attention(hidden)
        self.words = named_module(nn.Embedding(target, features), "N -> N D")
        self.cell = nn.GRUCell(features + 2 * hidden, hidden)
        self.scores = named_module(nn.Linear(3 * hidden + features, target), "joined -> word")

    def step(
        self,
        word: Int[NamedTensor, "N"],
        state: Float[NamedTensor, "N hidden"],
        memory: Float[NamedTensor, "N S both"],
        keys: Float[NamedTensor, "N S hidden"],
        mask: Bool[NamedTensor, "N S"],
    ) -> tuple[Float[NamedTensor, "N word"], Float[NamedTensor, "N hidden"]]:
        """The scores of the next word behind `word`, and the next state."""
        weights = self.attention(state, keys, mask)
        context = namedtorch.contract(weights, memory, over="S").rename(both="D")
        embedded = self.words(word)
        state = self.cell(namedtorch.cat([embedded, context], "D"), state)
        joined = namedtorch.cat(
            [state.rename(hidden="joined"), context.rename(D="joined"), embedded.rename(D="joined")], "joined"
        )
        return self.scores(joined), state

    def forward(
        self, source: Int[NamedTensor, "N S"]
    ) -> tuple[Int[NamedTensor, "N T"], Float[NamedTensor, "N T word=self.target"]]:
        mask = source != PADDING
        memory, keys, state = self.encoder(source)
        word = namedtorch.full(BEGIN, N=source.size("N"), dtype=torch.long, device=source.device)
        ended = namedtorch.zeros(N=source.size("N"), dtype=torch.bool, device=source.device)
        chosen: list[NamedTensor] = []
        scores: list[NamedTensor] = []
        while len(chosen) < self.longest and not bool(ended.all()):
            score, state = self.step(word, state, memory, keys, mask)
            word = score.argmax("word").masked_fill(ended, PADDING)
            ended = ended | (word == END)
            chosen.append(word)
            scores.append(score)
        return namedtorch.stack(chosen, "T", place=1), namedtorch.stack(scores, "T", place=1)


def make() -> nn.Module:
    torch.manual_seed(5)
    return Translator(SOURCE_WORDS, TARGET_WORDS, FEATURES, HIDDEN)


SIZES = ({"N": 3, "S": 6}, {"N": 5, "S": 1})


def example(N: int, S: int) -> tuple[Tensor, ...]:
    """Sentences of different lengths; none is empty."""
    generator = torch.Generator().manual_seed(N + S)
    source = torch.randint(END + 1, SOURCE_WORDS, (N, S), generator=generator)
    lengths = torch.randint(1, S + 1, (N, 1), generator=generator)
    return (source.masked_fill(torch.arange(S) >= lengths, PADDING),)


def wrong() -> tuple[Tensor, ...]:
    """One sentence without a batch."""
    return (torch.randint(END + 1, SOURCE_WORDS, (6,)),)


REFUSED = "`source` has rank 1, but `N S` has rank 2"
