"""Points and centers: distances by alignment, means by one-hot products."""

import namedtorch
import torch.nn.functional as F
from namedtorch import Float, Int, NamedTensor, checked


@checked
def distances(
    points: Float[NamedTensor, "N D"], centers: Float[NamedTensor, "K D"]
) -> Float[NamedTensor, "N K"]:
    # mistake [broadcast-dims-differ]: difference = points - centers
    difference = points.align_to("N", "K", "D") - centers
    # mistake [names-differ]: return difference.square().sum("K").sqrt()
    return difference.square().sum("D").sqrt()


@checked
def assign(points: Float[NamedTensor, "N D"], centers: Float[NamedTensor, "K D"]) -> Int[NamedTensor, "N"]:
    # mistake [dim-missing]: return distances(points, centers).argmin("D")
    return distances(points, centers).argmin("K")


@checked
def move(
    points: Float[NamedTensor, "N D"], nearest: Int[NamedTensor, "N"], count: int
) -> Float[NamedTensor, "K D"]:
    chosen = F.one_hot(nearest, count).float().refine_names("N", "K")
    # mistake [contracted-dims-differ]: total = chosen @ points
    total = chosen.T @ points
    # mistake [broadcast-dims-differ]: return total / chosen.sum("N").clamp(min=1)
    return total / chosen.sum("N").clamp(min=1).align_as(total)


def main() -> None:
    points = namedtorch.rand(N=6, D=6)
    # mistake [dim-missing]: centers = points["K", :3].rename(N="K")
    centers = points["N", :6].rename(N="K")
    for _ in range(3):
        # mistake [names-differ]: centers = move(points, assign(centers, points), 6)
        centers = move(points, assign(points, centers), 6)
    assert centers.dims == ("K", "D")
