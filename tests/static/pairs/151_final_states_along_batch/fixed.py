import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Sentiment(nn.Module):
    def __init__(self, vocab: int, emb: int, hid: int, n_out: int = 2) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, emb, padding_idx=0)
        self.rnn = nn.LSTM(emb, hid, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(hid * 2, n_out)

    def forward(self, text: Int[Tensor, "B T"]) -> Float[Tensor, "B n_out"]:
        _, (hidden, cell) = self.rnn(self.embedding(text))
        hidden = torch.cat((hidden[-2, :, :], hidden[-1, :, :]), dim=1)
        return self.fc(hidden)


def main() -> Tensor:
    torch.manual_seed(0)
    return Sentiment(60, 16, 12)(torch.randint(0, 60, (4, 9)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
