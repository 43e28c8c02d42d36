import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class EncoderLayer(nn.Module):
    def __init__(self, embed_dim: int, heads: int) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(embed_dim, heads)
        self.norm = nn.LayerNorm(embed_dim)
        self.fc = nn.Linear(embed_dim, embed_dim)

    def forward(self, x: Float[Tensor, "T B embed_dim"]) -> Float[Tensor, "T B embed_dim"]:
        y = self.norm(x)
        y, _ = self.self_attn(y, y, y)
        x = x + y
        return x + F.relu(self.fc(x))


class TransformerEncoder(nn.Module):
    def __init__(self, vocab: int, embed_dim: int, heads: int, num_layers: int = 2) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocab, embed_dim)
        self.layers = nn.ModuleList([])
        self.layers.extend([EncoderLayer(embed_dim, heads) for _ in range(num_layers)])
        self.layer_norm = nn.LayerNorm(embed_dim)

    def forward(self, src_tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T embed_dim"]:
        x = self.embed_tokens(src_tokens)
        x = x.transpose(0, 1)
        for layer in self.layers:
            x = layer(x)
        x = self.layer_norm(x)
        return x.transpose(0, 1)


def main() -> Tensor:
    torch.manual_seed(0)
    return TransformerEncoder(20, 16, 4)(torch.randint(0, 20, (2, 7)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
