import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def attend(query: Float[Tensor, "B Q D"], context: Float[Tensor, "B S D"]) -> Float[Tensor, "B Q D"]:
    scores = query @ context.transpose(1, 2) / query.shape[-1] ** 0.5
    return scores.softmax(dim=-1) @ context


class Layer(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, tgt: Float[Tensor, "B T dim"], memory: Float[Tensor, "B M dim"]) -> Float[Tensor, "B T dim"]:
        out = attend(memory, self.norm(tgt))
        return self.proj(out)


def main() -> Tensor:
    torch.manual_seed(0)
    return Layer(8)(torch.randn(2, 4, 8), torch.randn(2, 7, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
