"""Images and texts that belong together: similarities, and a loss in both directions."""

import namedtorch
import torch.nn.functional as F
from namedtorch import Float, NamedTensor, checked


@checked
def similarities(
    images: Float[NamedTensor, "N D"], texts: Float[NamedTensor, "N D"]
) -> Float[NamedTensor, "N M"]:
    images = F.normalize(images, dim=1)
    # mistake [dim-missing]: texts = texts / texts.norm(dim="E", keepdim=True)
    texts = texts / texts.norm(dim="D", keepdim=True)
    # mistake [names-differ]: return namedtorch.einsum("N D, M D -> N M", images, texts)
    return namedtorch.einsum("N D, M D -> N M", images, texts.rename(N="M"))


@checked
def loss(scores: Float[NamedTensor, "N M"], temperature: float) -> Float[NamedTensor, ""]:
    # mistake [bad-sizes]: right = namedtorch.arange("N")
    right = namedtorch.arange(N=scores.size("N"))
    # mistake [target-differs]: one = F.cross_entropy(scores / temperature, right.rename(N="M"))
    one = F.cross_entropy(scores / temperature, right)
    # mistake [names-differ]: other = F.cross_entropy(scores.refine_names("M", "N") / temperature, right)
    other = F.cross_entropy(scores.T / temperature, right.rename(N="M"))
    return (one + other) / 2


@checked
def accuracy(scores: Float[NamedTensor, "N M"]) -> Float[NamedTensor, ""]:
    right = namedtorch.arange(N=scores.size("N"))
    # mistake [broadcast-dims-differ]: return (scores.argmax("N") == right).float().mean()
    return (scores.argmax("M") == right).float().mean()


def main() -> None:
    # mistake [names-differ]: scores = similarities(namedtorch.rand(N=4, D=4), namedtorch.rand(M=4, D=4))
    scores = similarities(namedtorch.rand(N=4, D=4), namedtorch.rand(N=4, D=4))
    assert loss(scores, 0.1).dims == accuracy(scores).dims == ()
