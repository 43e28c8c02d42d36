import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class MDRNN(nn.Module):
    def __init__(self, latents: int, hiddens: int, gaussians: int) -> None:
        super().__init__()
        self.latents = latents
        self.gaussians = gaussians
        self.rnn = nn.LSTM(latents, hiddens)
        self.gmm_linear = nn.Linear(hiddens, (latents + 1) * gaussians)

    def forward(
        self, ins: Float[Tensor, "T B latents"]
    ) -> tuple[Float[Tensor, "T B gaussians latents"], Float[Tensor, "T B gaussians"]]:
        seq_len, bs = ins.size(0), ins.size(1)
        outs, _ = self.rnn(ins)
        gmm_outs = self.gmm_linear(outs)
        stride = self.gaussians * self.latents
        mus = gmm_outs[:, :, :stride]
        mus = mus.view(seq_len, bs, self.gaussians, self.latents)
        pi = gmm_outs[:, :, stride : stride + self.gaussians]
        pi = pi.view(seq_len, bs, self.gaussians)
        logpi = F.log_softmax(pi, dim=-2)
        return mus, logpi


def main() -> Tensor:
    torch.manual_seed(0)
    return MDRNN(6, 16, 5)(torch.randn(4, 3, 6))[1]


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
