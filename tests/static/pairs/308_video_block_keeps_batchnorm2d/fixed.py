import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Transition(nn.Sequential):
    def __init__(self, num_input_features: int, num_output_features: int) -> None:
        super().__init__()
        self.add_module("norm", nn.BatchNorm3d(num_input_features))
        self.add_module("relu", nn.ReLU(inplace=True))
        self.add_module("conv", nn.Conv3d(num_input_features, num_output_features, kernel_size=1, bias=False))
        self.add_module("pool", nn.AvgPool3d(kernel_size=2, stride=2))

    def forward(
        self, x: Float[Tensor, "N num_input_features T H W"]
    ) -> Float[Tensor, "N num_output_features T//2 H//2 W//2"]:
        return super().forward(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return Transition(24, 12)(torch.randn(2, 24, 8, 14, 14))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
