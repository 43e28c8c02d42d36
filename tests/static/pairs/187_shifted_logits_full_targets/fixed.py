import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def causal_lm_loss(
    logits: Float[Tensor, "B T V"], labels: Int[Tensor, "B T"], ignore_index: int = -100
) -> Float[Tensor, ""]:
    shift_logits = logits[:, :-1, :].contiguous()
    shift_labels = labels[:, 1:].contiguous()
    vocab = shift_logits.size(-1)
    return F.cross_entropy(shift_logits.view(-1, vocab), shift_labels.view(-1), ignore_index=ignore_index)


def main() -> Tensor:
    torch.manual_seed(0)
    return causal_lm_loss(torch.randn(2, 6, 11), torch.randint(0, 11, (2, 6)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
