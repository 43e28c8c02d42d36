import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def smooth_labels(labels: Int[Tensor, "N"], num_classes: int, epsilon: float = 0.1) -> Float[Tensor, "N num_classes"]:
    batch = labels.size(0)
    one_hot = torch.zeros(batch, num_classes, device=labels.device)
    one_hot.scatter_(1, labels.unsqueeze(1), 1.0)
    return (1 - epsilon) * one_hot + epsilon / num_classes


def main() -> Tensor:
    torch.manual_seed(0)
    return smooth_labels(torch.randint(0, 5, (4,)), 5)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
