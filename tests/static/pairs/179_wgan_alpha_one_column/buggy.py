import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Critic(nn.Module):
    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 4, stride=2, padding=1)
        self.fc = nn.Linear(width, 1)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N"]:
        h = F.leaky_relu(self.conv(x), 0.2).mean(dim=(2, 3))
        return self.fc(h).squeeze(1)


def gradient_penalty(
    critic: Critic, real: Float[Tensor, "N 3 H W"], fake: Float[Tensor, "N 3 H W"], weight: float = 10.0
) -> Float[Tensor, ""]:
    n = real.size(0)
    alpha = torch.rand(n, 1)
    mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    score = critic(mixed)
    grad = torch.autograd.grad(score.sum(), mixed, create_graph=True)[0]
    norm = grad.view(n, -1).norm(2, dim=1)
    return weight * ((norm - 1) ** 2).mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return gradient_penalty(Critic(), torch.rand(4, 3, 8, 8), torch.rand(4, 3, 8, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
