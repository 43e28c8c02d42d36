"""The GRU tagger of spelled words, in positions."""

import torch
from torch import Tensor, nn

CHARACTERS, WORDS, TAGS = 30, 40, 6


class CharacterEncoder(nn.Module):
    def __init__(self, characters: int, features: int, hidden: int) -> None:
        super().__init__()
        self.letters = nn.Embedding(characters, features)
        self.gru = nn.GRU(features, hidden, batch_first=True, bidirectional=True)

    def forward(self, letters: Tensor) -> Tensor:
        words = letters.flatten(0, 1)
        _, last = self.gru(self.letters(words))
        spelling = last.transpose(0, 1).flatten(1)
        return spelling.unflatten(0, (letters.size(0), letters.size(1)))


class GRUTagger(nn.Module):
    def __init__(
        self, characters: int, words: int, tags: int, features: int = 12, hidden: int = 20, layers: int = 2
    ) -> None:
        super().__init__()
        self.spelling = CharacterEncoder(characters, features, hidden // 2)
        self.words = nn.Embedding(words, features)
        self.gru = nn.GRU(
            features + 2 * (hidden // 2),
            hidden,
            num_layers=layers,
            dropout=0.2,
            bidirectional=True,
        )
        self.norm = nn.LayerNorm(2 * hidden)
        self.classify = nn.Linear(2 * hidden, tags)

    def forward(self, words: Tensor, letters: Tensor) -> Tensor:
        x = torch.cat([self.words(words), self.spelling(letters)], 2)
        steps, _ = self.gru(x.transpose(0, 1))
        hidden = self.norm(steps)
        return self.classify(hidden).log_softmax(2).transpose(0, 1)


def make() -> nn.Module:
    torch.manual_seed(0)
    return GRUTagger(CHARACTERS, WORDS, TAGS)
