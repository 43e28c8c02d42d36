import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class ConvVAE(nn.Module):
    def __init__(self, latent: int = 16) -> None:
        super().__init__()
        self.enc = nn.Sequential(
            nn.Conv2d(1, 32, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.ReLU()
        )
        self.to_mu = nn.Linear(64 * 7 * 7, latent)
        self.to_logvar = nn.Linear(64 * 7 * 7, latent)
        self.from_z = nn.Linear(latent, 64 * 7 * 7)
        self.up1 = nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1)
        self.up2 = nn.ConvTranspose2d(32, 1, 3, stride=2, padding=1, output_padding=1)

    def decode(self, z: Float[Tensor, "N latent"]) -> Float[Tensor, "N 1 H W"]:
        h = self.from_z(z).view(-1, 64, 7, 7)
        return torch.sigmoid(self.up2(F.relu(self.up1(h))))

    def forward(self, x: Float[Tensor, "N 1 28 28"]) -> Float[Tensor, ""]:
        h = self.enc(x).flatten(start_dim=1)
        mu, logvar = self.to_mu(h), self.to_logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        recon = self.decode(z)
        bce = F.binary_cross_entropy(recon, x)
        kld = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1).mean()
        return bce + kld


def main() -> Tensor:
    torch.manual_seed(0)
    return ConvVAE(8)(torch.rand(4, 1, 28, 28))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
