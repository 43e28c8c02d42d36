import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def match_features(
    source: Float[Tensor, "B C T"], reference: Float[Tensor, "B C S"], k: int = 4
) -> Float[Tensor, "B C T"]:
    source_norm = torch.norm(source, dim=1, keepdim=True) + 1e-6
    reference_norm = torch.norm(reference, dim=1, keepdim=True) + 1e-6
    sims = torch.bmm((source / source_norm).transpose(1, 2), reference / reference_norm)
    best = torch.topk(sims, k, dim=2)
    weights = torch.softmax(best.values, dim=2)
    out = torch.zeros_like(source)
    for b in range(source.size(0)):
        picked = reference[b][:, best.indices[b]]
        out[b] = (picked * weights[b]).sum(dim=2)
    return out


def main() -> Tensor:
    torch.manual_seed(0)
    return match_features(torch.randn(2, 12, 20), torch.randn(2, 12, 30))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
