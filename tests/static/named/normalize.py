"""One `normalize` for every layout."""

import namedtorch
import torch
from namedtorch import Float, NamedTensor, checked, named


@checked
def normalize(
    t: Float[NamedTensor, "... C ..."], mean: Float[NamedTensor, "C"], std: Float[NamedTensor, "C"]
) -> Float[NamedTensor, "... C ..."]:
    return (t - mean.align_as(t)) / std.align_as(t)


def statistics(images: Float[NamedTensor, "N C H W"]) -> tuple[NamedTensor, NamedTensor]:
    # mistake [dim-missing]: return images.mean(("N", "H", "W")), images.std(("N", "h", "w"))
    return images.mean(("N", "H", "W")), images.std(("N", "H", "W"))


def main() -> None:
    images = named(torch.rand(4, 3, 6, 7), "N C H W")
    mean, std = statistics(images)
    assert normalize(images, mean, std).dims == ("N", "C", "H", "W")
    # mistake [names-differ]: last = normalize(images.align_to("N", "H", "W", "C"), mean.rename("H"), std)
    last = normalize(images.align_to("N", "H", "W", "C"), mean, std)
    assert last.dims == ("N", "H", "W", "C")
    # mistake [name-missing]: single = normalize(images["C", 0], mean, std)
    single = normalize(images["N", 0], mean, std)
    assert single.dims == ("C", "H", "W")
    # mistake [argument-differs]: video = normalize(torch.rand(2, 5, 3, 6, 7), mean, std)
    video = normalize(namedtorch.rand("N=2 T=5 C=3 H=6 W=7"), mean, std)
    assert video.dims == ("N", "T", "C", "H", "W")
