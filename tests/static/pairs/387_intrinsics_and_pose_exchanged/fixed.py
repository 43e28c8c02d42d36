import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def project(
    points: Float[Tensor, "N 3"], K: Float[Tensor, "3 3"], w2c: Float[Tensor, "4 4"]
) -> Float[Tensor, "N 2"]:
    homo = torch.cat([points, torch.ones_like(points[:, :1])], dim=1)
    cam = (homo @ w2c.T)[:, :3]
    pix = cam @ K.T
    return pix[:, :2] / pix[:, 2:].clamp(min=1e-6)


def reprojection_loss(
    points: Float[Tensor, "N 3"],
    keypoints: Float[Tensor, "N 2"],
    K: Float[Tensor, "3 3"],
    w2c: Float[Tensor, "4 4"],
) -> Float[Tensor, ""]:
    uv = project(points, K, w2c)
    return (uv - keypoints).norm(dim=1).mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return reprojection_loss(torch.rand(10, 3) + 1, torch.rand(10, 2), torch.eye(3), torch.eye(4))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
