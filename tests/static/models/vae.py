"""A convolutional VAE, a fully connected one and the loss they share."""

from typing import List, Tuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class VAE(nn.Module):
    """The small one: 784 - 400 - 20 - 400 - 784."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc21 = nn.Linear(400, 20)
        self.fc22 = nn.Linear(400, 20)
        self.fc3 = nn.Linear(20, 400)
        self.fc4 = nn.Linear(400, 784)

    def encode(self, x: Float[Tensor, "N 784"]) -> Tuple[Float[Tensor, "N 20"], Float[Tensor, "N 20"]]:
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu: Float[Tensor, "N Z"], logvar: Float[Tensor, "N Z"]) -> Float[Tensor, "N Z"]:
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z: Float[Tensor, "N 20"]) -> Float[Tensor, "N 784"]:
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(
        self, x: Float[Tensor, "N 1 28 28"]
    ) -> Tuple[Float[Tensor, "N 784"], Float[Tensor, "N 20"], Float[Tensor, "N 20"]]:
        mu, logvar = self.encode(x.view(-1, 784))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


def loss_function(
    recon_x: Float[Tensor, "N 784"],
    x: Float[Tensor, "N 1 28 28"],
    mu: Float[Tensor, "N Z"],
    logvar: Float[Tensor, "N Z"],
) -> Float[Tensor, ""]:
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 784), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


class ConvVAE(nn.Module):
    def __init__(self, in_channels: int, latent_dim: int, hidden_dims: List[int] | None = None) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        modules = []
        if hidden_dims is None:
            hidden_dims = [8, 16, 32, 64, 128]
        out_channels = in_channels
        for h_dim in hidden_dims:
            modules.append(
                nn.Sequential(
                    nn.Conv2d(in_channels, out_channels=h_dim, kernel_size=3, stride=2, padding=1),
                    nn.BatchNorm2d(h_dim),
                    nn.LeakyReLU(),
                )
            )
            in_channels = h_dim
        self.encoder = nn.Sequential(*modules)
        self.fc_mu = nn.Linear(hidden_dims[-1] * 4, latent_dim)
        self.fc_var = nn.Linear(hidden_dims[-1] * 4, latent_dim)

        modules = []
        self.decoder_input = nn.Linear(latent_dim, hidden_dims[-1] * 4)
        self.last = hidden_dims[-1]
        reverse = hidden_dims[::-1]
        for i in range(len(reverse) - 1):
            modules.append(
                nn.Sequential(
                    nn.ConvTranspose2d(
                        reverse[i], reverse[i + 1], kernel_size=3, stride=2, padding=1, output_padding=1
                    ),
                    nn.BatchNorm2d(reverse[i + 1]),
                    nn.LeakyReLU(),
                )
            )
        self.decoder = nn.Sequential(*modules)
        self.final_layer = nn.Sequential(
            nn.ConvTranspose2d(
                reverse[-1], reverse[-1], kernel_size=3, stride=2, padding=1, output_padding=1
            ),
            nn.BatchNorm2d(reverse[-1]),
            nn.LeakyReLU(),
            nn.Conv2d(reverse[-1], out_channels=out_channels, kernel_size=3, padding=1),
            nn.Tanh(),
        )

    def encode(self, input: Float[Tensor, "N C 64 64"]) -> List[Float[Tensor, "N latent"]]:
        result = self.encoder(input)
        result = torch.flatten(result, start_dim=1)
        mu = self.fc_mu(result)
        log_var = self.fc_var(result)
        return [mu, log_var]

    def decode(self, z: Float[Tensor, "M latent"]) -> Float[Tensor, "M C H W"]:
        result = self.decoder_input(z)
        result = result.view(-1, self.last, 2, 2)
        result = self.decoder(result)
        result = self.final_layer(result)
        return result

    @staticmethod
    def reparameterize(mu: Float[Tensor, "N Z"], logvar: Float[Tensor, "N Z"]) -> Float[Tensor, "N Z"]:
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return eps * std + mu

    def forward(self, input: Float[Tensor, "N C 64 64"]) -> List[Tensor]:
        mu, log_var = self.encode(input)
        z = self.reparameterize(mu, log_var)
        return [self.decode(z), input, mu, log_var]

    @staticmethod
    def loss(
        recons: Tensor, input: Tensor, mu: Tensor, log_var: Tensor, kld_weight: float = 0.1
    ) -> dict[str, Tensor]:
        recons_loss = F.mse_loss(recons, input)
        kld_loss = torch.mean(-0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1), dim=0)
        loss = recons_loss + kld_weight * kld_loss
        return {"loss": loss, "recons": recons_loss.detach(), "kld": -kld_loss.detach()}

    def sample(self, num_samples: int) -> Float[Tensor, "{num_samples} C H W"]:
        z = torch.randn(num_samples, self.latent_dim)
        return self.decode(z)


def main() -> None:
    torch.manual_seed(0)
    model = VAE()
    for n in (2, 5):
        image = torch.rand(n, 1, 28, 28)
        recon, mu, logvar = model(image)
        print(tuple(recon.shape), loss_function(recon, image, mu, logvar).item() > 0)
    for channels, n in ((3, 4), (1, 2)):
        conv = ConvVAE(channels, 10)
        out = conv(torch.randn(n, channels, 64, 64))
        print(tuple(out[0].shape), sorted(conv.loss(*out)), tuple(conv.sample(3).shape))


if __name__ == "__main__":
    main()
