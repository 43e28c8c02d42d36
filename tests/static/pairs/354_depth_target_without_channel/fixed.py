import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class DepthLoss(nn.Module):
    def __init__(self, coarse_weight: float = 0.5) -> None:
        super().__init__()
        self.coarse_weight = coarse_weight

    def forward(
        self,
        pred_depth: Float[Tensor, "B 1 H W"],
        high_depth: Float[Tensor, "B 1 H W"],
        depth: Float[Tensor, "B H W"],
    ) -> Float[Tensor, ""]:
        target = depth.unsqueeze(1)
        loss4 = F.smooth_l1_loss(high_depth, target)
        loss6 = F.smooth_l1_loss(pred_depth, target)
        return loss6 + self.coarse_weight * loss4


def main() -> Tensor:
    torch.manual_seed(0)
    return DepthLoss()(torch.rand(2, 1, 8, 8), torch.rand(2, 1, 8, 8), torch.rand(2, 8, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
