"""The LSTM tagger with a conditional random field, in positions."""

import torch
from torch import Tensor, nn

WORDS, FEATURES, HIDDEN, TAGS = 400, 32, 48, 7
PADDING = 0


class ConditionalRandomField(nn.Module):
    def __init__(self, tags: int) -> None:
        super().__init__()
        self.tags = tags
        self.transitions = nn.Parameter(torch.empty(tags, tags))
        self.start = nn.Parameter(torch.empty(tags))
        self.end = nn.Parameter(torch.empty(tags))
        for parameter in (self.transitions, self.start, self.end):
            nn.init.uniform_(parameter, -0.1, 0.1)

    def forward(self, scores: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        best = scores[:, 0] + self.start
        came_from: list[Tensor] = []
        stay = torch.arange(self.tags, device=scores.device)
        for t in range(1, scores.size(1)):
            values, tags = (best.unsqueeze(2) + self.transitions).max(1)
            values = values + scores[:, t]
            inside = mask[:, t].unsqueeze(1)
            best = torch.where(inside, values, best)
            came_from.append(torch.where(inside, tags, stay))
        score, tag = (best + self.end).max(1)

        path = [tag]
        for t in range(len(came_from) - 1, -1, -1):
            tag = came_from[t].gather(1, tag.unsqueeze(1)).squeeze(1)
            path.append(tag)
        return score, torch.stack(path, 1).flip(1)


class Tagger(nn.Module):
    def __init__(self, words: int, features: int, hidden: int, tags: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.words = nn.Embedding(words, features, padding_idx=PADDING)
        self.lstm = nn.LSTM(features, hidden // 2, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.scores = nn.Linear(hidden, tags)
        self.field = ConditionalRandomField(tags)

    def forward(self, sentences: Tensor) -> tuple[Tensor, Tensor]:
        mask = sentences != 0
        x = self.dropout(self.words(sentences))
        hidden, _ = self.lstm(x)
        scores = self.scores(self.dropout(hidden))
        return self.field(scores, mask)


def make() -> nn.Module:
    torch.manual_seed(0)
    return Tagger(WORDS, FEATURES, HIDDEN, TAGS)
