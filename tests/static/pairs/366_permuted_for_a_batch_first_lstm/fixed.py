import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class LSTMClassifier(nn.Module):
    def __init__(self, vocab_size: int, embedding_dim: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.lstm = nn.LSTM(embedding_dim, hidden_size, batch_first=True)
        self.label = nn.Linear(hidden_size, output_size)

    def forward(self, input_sentence: Int[Tensor, "B T"]) -> Float[Tensor, "B output_size"]:
        embedded = self.word_embeddings(input_sentence)
        _, (final_hidden_state, _) = self.lstm(embedded)
        return self.label(final_hidden_state[-1])


def main() -> Tensor:
    torch.manual_seed(0)
    return LSTMClassifier(30, 8, 12, 3)(torch.randint(0, 30, (4, 7)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
