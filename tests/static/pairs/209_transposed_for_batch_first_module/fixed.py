import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class TrajectoryEncoder(nn.Module):
    def __init__(self, d_model: int = 16) -> None:
        super().__init__()
        self.embed = nn.Linear(4, d_model)
        self.attn = nn.MultiheadAttention(d_model, num_heads=4, batch_first=True)

    def forward(self, states: Float[Tensor, "B T 4"]) -> Float[Tensor, "B T d_model"]:
        x = self.embed(states)
        out, _ = self.attn(x, x, x)
        return out


def main() -> Tensor:
    torch.manual_seed(0)
    return TrajectoryEncoder().eval()(torch.randn(3, 6, 4))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
