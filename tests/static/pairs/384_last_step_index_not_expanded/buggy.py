import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class LastStep(nn.Module):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.gru = nn.GRU(input_size, hidden_size, batch_first=True)

    def forward(
        self, x: Float[Tensor, "B T input_size"], lengths: Int[Tensor, "B"]
    ) -> Float[Tensor, "B hidden_size"]:
        output, _ = self.gru(x)
        idx = (lengths - 1).view(-1, 1, 1)
        return output.gather(1, idx).squeeze(1)


def main() -> Tensor:
    torch.manual_seed(0)
    return LastStep(6, 9)(torch.randn(3, 5, 6), torch.tensor([5, 2, 4]))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
