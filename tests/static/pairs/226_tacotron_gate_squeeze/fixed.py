import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def parse_outputs(
    mels: list[Float[Tensor, "B n_mels"]], gates: list[Float[Tensor, "B 1"]]
) -> tuple[Float[Tensor, "B n_mels T"], Float[Tensor, "B T"]]:
    gate = torch.stack(gates).squeeze(-1).transpose(0, 1).contiguous()
    mel = torch.stack(mels, dim=-1)
    return mel, gate


def main() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return parse_outputs([torch.randn(1, 6) for _ in range(4)], [torch.randn(1, 1) for _ in range(4)])


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
