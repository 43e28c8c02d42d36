import math
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class PositionalEncoding(nn.Module):
    def __init__(self, d_model: int, max_len: int = 100) -> None:
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(position * div_term)
        pe[:, 0, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x: Float[Tensor, "batch seq d_model"]) -> Float[Tensor, "batch seq d_model"]:
        return x + self.pe[: x.size(0)]


class Model(nn.Module):
    def __init__(self, d_model: int, n_out: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(30, d_model)
        self.pos = PositionalEncoding(d_model)
        self.out = nn.Linear(d_model, n_out)

    def forward(self, tokens: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch seq n_out"]:
        return self.out(self.pos(self.embed(tokens)))


def main() -> Tensor:
    torch.manual_seed(0)
    return Model(16, 4)(torch.randint(0, 30, (3, 6)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
