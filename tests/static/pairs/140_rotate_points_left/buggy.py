import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def to_camera(
    points: Float[Tensor, "N 3"], rot: Float[Tensor, "3 3"], trans: Float[Tensor, "3"]
) -> Float[Tensor, "N 2"]:
    cam = rot @ points + trans
    depth = cam[:, 2:].clamp(min=1e-3)
    return cam[:, :2] / depth


def main() -> Tensor:
    torch.manual_seed(0)
    return to_camera(torch.randn(10, 3), torch.eye(3), torch.randn(3))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
