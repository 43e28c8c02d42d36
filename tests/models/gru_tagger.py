"""A tagger of words spelled in characters: a GRU over the characters of each word, another over the words.

Source: Yang, Salakhutdinov, Cohen, "Multi-Task Cross-Lingual Sequence Tagging from Scratch" (2016), the hierarchical
recurrent network without its conditional random field.
"""

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named_module

CHARACTERS, WORDS, TAGS = 30, 40, 6


@checked
class CharacterEncoder(nn.Module):
    """A vector for each word from its letters, which both directions of a GRU have read to the end."""

    def __init__(self, characters: int, features: int, hidden: int) -> None:
        super().__init__()
        self.letters = named_module(nn.Embedding(characters, features), "M L -> M L D")
        self.gru = named_module(
            nn.GRU(features, hidden, batch_first=True, bidirectional=True),
            "M L D -> M L both, direction M hidden",
        )

    def forward(self, letters: Int[NamedTensor, "N T L"]) -> Float[NamedTensor, "N T spelling"]:
        # Every word is a sequence of its own: the words of all sentences are one batch.
        words = letters.flatten(["N", "T"], "M")
        _, last = self.gru(self.letters(words))
        spelling = last.rearrange("direction M hidden -> M (direction hidden)").rename("M spelling")
        return spelling.unflatten("M", (("N", letters.size("N")), ("T", letters.size("T"))))


@checked
class GRUTagger(nn.Module):
    """The logarithm of the probability of each tag for each word."""

    def __init__(
        self, characters: int, words: int, tags: int, features: int = 12, hidden: int = 20, layers: int = 2
    ) -> None:
        super().__init__()
        self.tags = tags
        self.spelling = CharacterEncoder(characters, features, hidden // 2)
        self.words = named_module(nn.Embedding(words, features), "N T -> N T D")
        self.gru = nn.GRU(
            features + 2 * (hidden // 2),
            hidden,
            num_layers=layers,
            dropout=0.2,
            bidirectional=True,
        )
        self.norm = nn.LayerNorm(2 * hidden)
        self.classify = named_module(nn.Linear(2 * hidden, tags), "hidden -> tag")

    def forward(
        self, words: Int[NamedTensor, "N T"], letters: Int[NamedTensor, "N T L"]
    ) -> Float[NamedTensor, "N T tag=self.tags"]:
        spelled = self.spelling(letters).rename(spelling="D")
        x = namedtorch.cat([self.words(words), spelled], "D")
        # torch's recurrent layers take time first.
        steps, _ = self.gru(x.align_to("T", "N", "D"))
        hidden = self.norm(steps.refine_names("T", "N", "hidden"))
        return self.classify(hidden).log_softmax("tag").align_to("N", "T", "tag")


def make() -> nn.Module:
    torch.manual_seed(0)
    return GRUTagger(CHARACTERS, WORDS, TAGS)


SIZES = ({"N": 2, "T": 5, "L": 4}, {"N": 3, "T": 1, "L": 7})


def example(N: int, T: int, L: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(N + T + L)
    words = torch.randint(0, WORDS, (N, T), generator=generator)
    return words, torch.randint(0, CHARACTERS, (N, T, L), generator=generator)


def wrong() -> tuple[Tensor, ...]:
    """Letters with time first."""
    words, letters = example(2, 5, 4)
    return words, letters.transpose(0, 1)


REFUSED = "`N` is 2 (bound by `words` at axis 0)"
