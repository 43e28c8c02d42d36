import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class SequenceLoss(nn.Module):
    def __init__(self, num_classes: int, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("weight", torch.ones(num_classes))
        self.label_smoothing = label_smoothing

    def forward(
        self, outputs: Float[Tensor, "B num_classes T"], label: Int[Tensor, "B num_classes T"]
    ) -> Float[Tensor, ""]:
        label = label.argmax(dim=1)
        return F.cross_entropy(outputs, label, weight=self.weight, label_smoothing=self.label_smoothing)


def main() -> Tensor:
    torch.manual_seed(0)
    return SequenceLoss(9)(torch.randn(4, 9, 30), F.one_hot(torch.randint(0, 9, (4, 30)), 9).transpose(1, 2))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
