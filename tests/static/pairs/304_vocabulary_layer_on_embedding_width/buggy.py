import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class RNNLM(nn.Module):
    def __init__(self, vocab_size: int, embed_size: int, hidden_size: int, num_layers: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_size)
        self.lstm = nn.LSTM(embed_size, hidden_size, num_layers, batch_first=True)
        self.linear = nn.Linear(embed_size, vocab_size)

    def forward(self, x: Int[Tensor, "B T"]) -> Float[Tensor, "B*T vocab_size"]:
        x = self.embed(x)
        out, _ = self.lstm(x)
        out = out.reshape(out.size(0) * out.size(1), out.size(2))
        return self.linear(out)


def main() -> Tensor:
    torch.manual_seed(0)
    return RNNLM(50, 16, 32, 2)(torch.randint(0, 50, (4, 9)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
