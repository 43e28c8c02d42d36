import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def make_src_mask(valid: Bool[Tensor, "B S"]) -> Bool[Tensor, "B 1 1 S"]:
    return valid.unsqueeze(1).unsqueeze(2)


class CrossAttention(nn.Module):
    def __init__(self, d_model: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(d_model, d_model)
        self.kv = nn.Linear(d_model, 2 * d_model)

    def heads_first(self, x: Float[Tensor, "B L D"]) -> Float[Tensor, "B h L d"]:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(
        self,
        trg: Float[Tensor, "B T d_model"],
        src: Float[Tensor, "B S d_model"],
        src_valid: Bool[Tensor, "B S"],
    ) -> Float[Tensor, "B T d_model"]:
        k, v = self.kv(src).chunk(2, dim=-1)
        q, k, v = self.heads_first(self.q(trg)), self.heads_first(k), self.heads_first(v)
        energy = torch.einsum("bhtd,bhsd->bhts", q, k)
        energy = energy.masked_fill(~make_src_mask(src_valid).transpose(2, 3), float("-1e20"))
        out = torch.einsum("bhts,bhsd->bthd", energy.softmax(dim=-1), v)
        return out.flatten(2)


def main() -> Tensor:
    torch.manual_seed(0)
    return CrossAttention(8, 2)(torch.randn(2, 4, 8), torch.randn(2, 7, 8), torch.ones(2, 7, dtype=torch.bool))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
