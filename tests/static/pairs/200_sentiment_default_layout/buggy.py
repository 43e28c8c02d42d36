import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Classifier(nn.Module):
    def __init__(self, vocab: int, emb: int, hidden: int, n_classes: int = 2) -> None:
        super().__init__()
        self.emb = nn.Embedding(vocab, emb)
        self.lstm = nn.LSTM(emb, hidden, num_layers=1)
        self.fc = nn.Linear(hidden, n_classes)

    def forward(self, x: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch n_classes"]:
        out, _ = self.lstm(self.emb(x))
        return self.fc(out[:, -1, :])


def main() -> Tensor:
    torch.manual_seed(0)
    return Classifier(20, 8, 6)(torch.randint(0, 20, (3, 5)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
