import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class RawWaveNet(nn.Module):
    def __init__(self, num_classes: int, length: int = 1600) -> None:
        super().__init__()
        specs = [(10, 5), (8, 4), (4, 2)]
        layers: list[nn.Module] = []
        channels = 1
        for kernel, stride in specs:
            layers += [nn.Conv1d(channels, 32, kernel, stride), nn.ReLU()]
            length = self.output_length(length, kernel, stride)
            channels = 32
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(32 * length, num_classes)

    @staticmethod
    def output_length(length: int, kernel: int, stride: int) -> int:
        return (length - kernel) // stride

    def forward(self, wav: Float[Tensor, "N 1 L"]) -> Float[Tensor, "N num_classes"]:
        return self.fc(self.features(wav).flatten(1))


def main() -> Tensor:
    torch.manual_seed(0)
    return RawWaveNet(5)(torch.randn(2, 1, 1600))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
