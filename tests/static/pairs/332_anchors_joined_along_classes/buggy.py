import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class RetinaHead(nn.Module):
    def __init__(self, in_channels: int, num_anchors: int, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.conv = nn.Conv2d(in_channels, in_channels, 3, padding=1)
        self.cls_logits = nn.Conv2d(in_channels, num_anchors * num_classes, 3, padding=1)

    def forward(self, features: list[Float[Tensor, "N in_channels _ _"]]) -> Float[Tensor, "N A num_classes"]:
        all_cls_logits = []
        for feature in features:
            cls_logits = self.cls_logits(F.relu(self.conv(feature)))
            N, _, H, W = cls_logits.shape
            cls_logits = cls_logits.view(N, -1, self.num_classes, H, W)
            cls_logits = cls_logits.permute(0, 3, 4, 1, 2)
            all_cls_logits.append(cls_logits.reshape(N, -1, self.num_classes))
        return torch.cat(all_cls_logits, dim=-1)


def main() -> Tensor:
    torch.manual_seed(0)
    return RetinaHead(16, 3, 5)([torch.randn(2, 16, 8, 8), torch.randn(2, 16, 4, 4)])


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
