import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class StepDecoder(nn.Module):
    def __init__(self, feature_size: int, hidden_size: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(feature_size, hidden_size)
        self.fc = nn.Linear(hidden_size, hidden_size)

    def forward(self, x: Float[Tensor, "B T feature_size"]) -> Float[Tensor, "B T hidden_size"]:
        x = x.transpose(1, 0)
        all_out = []
        for step in x:
            out, _ = self.lstm(step.unsqueeze(1))
            all_out.append(self.fc(out))
        return torch.cat(all_out, dim=1)


def main() -> Tensor:
    torch.manual_seed(0)
    return StepDecoder(12, 8)(torch.randn(3, 5, 12))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
