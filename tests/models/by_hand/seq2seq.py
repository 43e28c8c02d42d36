"""Translation by attention with greedy decoding, in positions."""

import torch
from torch import Tensor, nn

SOURCE_WORDS, TARGET_WORDS, FEATURES, HIDDEN = 60, 50, 24, 32
PADDING, BEGIN, END = 0, 1, 2


class Encoder(nn.Module):
    def __init__(self, words: int, features: int, hidden: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, features, padding_idx=PADDING)
        self.gru = nn.GRU(features, hidden, batch_first=True, bidirectional=True)
        self.keys = nn.Linear(2 * hidden, hidden)
        self.bridge = nn.Linear(hidden, hidden)

    def forward(self, source: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        memory, last = self.gru(self.words(source))
        return memory, self.keys(memory), torch.tanh(self.bridge(last[1]))


class Attention(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.energy = nn.Linear(hidden, 1, bias=False)

    def forward(self, state: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
        energy = self.energy(torch.tanh(keys + self.query(state).unsqueeze(1))).squeeze(2)
        return energy.masked_fill(~mask, -1e9).softmax(1)


class Translator(nn.Module):
    def __init__(self, source: int, target: int, features: int, hidden: int, longest: int = 20) -> None:
        super().__init__()
        self.longest = longest
        self.encoder = Encoder(source, features, hidden)
        self.attention = Attention(hidden)
        self.words = nn.Embedding(target, features)
        self.cell = nn.GRUCell(features + 2 * hidden, hidden)
        self.scores = nn.Linear(3 * hidden + features, target)

    def step(
        self, word: Tensor, state: Tensor, memory: Tensor, keys: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        weights = self.attention(state, keys, mask)
        context = torch.bmm(weights.unsqueeze(1), memory).squeeze(1)
        embedded = self.words(word)
        state = self.cell(torch.cat([embedded, context], 1), state)
        return self.scores(torch.cat([state, context, embedded], 1)), state

    def forward(self, source: Tensor) -> tuple[Tensor, Tensor]:
        mask = source != 0
        memory, keys, state = self.encoder(source)
        word = torch.full((source.size(0),), 1, dtype=torch.long, device=source.device)
        ended = torch.zeros(source.size(0), dtype=torch.bool, device=source.device)
        chosen: list[Tensor] = []
        scores: list[Tensor] = []
        while len(chosen) < self.longest and not bool(ended.all()):
            score, state = self.step(word, state, memory, keys, mask)
            word = score.argmax(1).masked_fill(ended, 0)
            ended = ended | (word == 2)
            chosen.append(word)
            scores.append(score)
        return torch.stack(chosen, 1), torch.stack(scores, 1)


def make() -> nn.Module:
    torch.manual_seed(5)
    return Translator(SOURCE_WORDS, TARGET_WORDS, FEATURES, HIDDEN)
