import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class TextEncoder(nn.Module):
    def __init__(self, vocab_size: int, d_model: int, nhead: int = 2, num_layers: int = 2) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, d_model)
        layer = nn.TransformerEncoderLayer(d_model, nhead, dim_feedforward=64)
        self.encoder = nn.TransformerEncoder(layer, num_layers, enable_nested_tensor=False)
        self.fc = nn.Linear(d_model, 2)

    def forward(self, tokens: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch 2"]:
        x = self.embedding(tokens)
        x = self.encoder(x)
        return self.fc(x.mean(dim=1))


def main() -> Tensor:
    torch.manual_seed(0)
    return TextEncoder(30, 16).eval()(torch.randint(0, 30, (3, 6)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
