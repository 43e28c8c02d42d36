import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


N_MELS = 80


class AudioEncoder(nn.Module):
    def __init__(self, n_mels: int = N_MELS, n_state: int = 48) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(n_mels, n_state, kernel_size=3, padding=1)
        self.conv2 = nn.Conv1d(n_state, n_state, kernel_size=3, stride=2, padding=1)
        self.ln_post = nn.LayerNorm(n_state)

    def forward(self, mel: Float[Tensor, "B T 80"]) -> Float[Tensor, "B (T+1)//2 n_state"]:
        x = F.gelu(self.conv1(mel))
        x = F.gelu(self.conv2(x))
        x = x.permute(0, 2, 1)
        return self.ln_post(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return AudioEncoder()(torch.randn(2, 30, 80))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
