import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Net(nn.Module):
    def __init__(self, n_classes: int = 10) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 8 * 8, n_classes)

    def forward(self, x: Float[Tensor, "N 3 16 16"]) -> Float[Tensor, "N n_classes"]:
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = x.view(x.size(0), -1)
        return self.fc(x)


def predict(model: Net, image: Float[Tensor, "3 16 16"]) -> Int[Tensor, ""]:
    with torch.no_grad():
        logits = model(image.unsqueeze(0))
    return logits.argmax()


def main() -> Tensor:
    torch.manual_seed(0)
    return predict(Net(), torch.rand(3, 16, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
