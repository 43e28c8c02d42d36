import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def length_mask(lengths: Int[Tensor, "B"], max_len: int) -> Bool[Tensor, "B {max_len}"]:
    ids = torch.arange(max_len, device=lengths.device)
    return ids.unsqueeze(0) < lengths.unsqueeze(1)


def mel_loss(
    pred: Float[Tensor, "B n_mels T"], target: Float[Tensor, "B n_mels T"], lengths: Int[Tensor, "B"]
) -> Float[Tensor, ""]:
    mask = length_mask(lengths, target.size(2))
    error = (pred - target).abs() * mask.unsqueeze(1)
    return error.sum() / mask.sum()


def main() -> Tensor:
    torch.manual_seed(0)
    return mel_loss(torch.randn(2, 8, 6), torch.randn(2, 8, 6), torch.tensor([6, 3]))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
