import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class BiLSTMTagger(nn.Module):
    def __init__(self, vocab_size: int, embed_dim: int, hidden_dim: int, n_tags: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.lstm = nn.LSTM(embed_dim, hidden_dim, num_layers=2, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.1)
        self.hidden2tag = nn.Linear(hidden_dim * 2, n_tags)

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T n_tags"]:
        embedded = self.drop(self.embed(tokens))
        outputs, _ = self.lstm(embedded)
        return self.hidden2tag(outputs)


def main() -> Tensor:
    torch.manual_seed(0)
    return BiLSTMTagger(100, 24, 32, 9)(torch.randint(0, 100, (4, 11)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
