import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class TextCNN(nn.Module):
    def __init__(
        self, vocab: int, emb: int, kernels: tuple[int, ...] = (3, 4, 5), channels: int = 16, classes: int = 2
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, emb)
        self.convs = nn.ModuleList([nn.Conv1d(emb, channels, k) for k in kernels])
        self.fc = nn.Linear(channels * len(kernels), classes)

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B classes"]:
        x = self.embedding(tokens)
        conved = [F.relu(conv(x)) for conv in self.convs]
        pooled = [F.max_pool1d(c, c.shape[2]).squeeze(2) for c in conved]
        return self.fc(torch.cat(pooled, dim=1))


def main() -> Tensor:
    torch.manual_seed(0)
    return TextCNN(80, 24)(torch.randint(0, 80, (4, 15)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
