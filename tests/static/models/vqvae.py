"""VQ-VAE: nearest codes by expanded squares, straight-through gradients, EMA, residual stacks."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


class VectorQuantizer(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int, commitment_cost: float = 0.25) -> None:
        super().__init__()
        self._embedding_dim = embedding_dim
        self._num_embeddings = num_embeddings
        self._embedding = nn.Embedding(self._num_embeddings, self._embedding_dim)
        self._embedding.weight.data.uniform_(-1 / self._num_embeddings, 1 / self._num_embeddings)
        self._commitment_cost = commitment_cost

    def forward(
        self, inputs: Float[Tensor, "B D H W"]
    ) -> tuple[Float[Tensor, ""], Float[Tensor, "B D H W"], Float[Tensor, ""], Float[Tensor, "BHW K"]]:
        # convert inputs from BCHW -> BHWC
        inputs = inputs.permute(0, 2, 3, 1).contiguous()
        input_shape = inputs.shape
        flat_input = inputs.view(-1, self._embedding_dim)
        distances = (
            torch.sum(flat_input**2, dim=1, keepdim=True)
            + torch.sum(self._embedding.weight**2, dim=1)
            - 2 * torch.matmul(flat_input, self._embedding.weight.t())
        )
        encoding_indices = torch.argmin(distances, dim=1).unsqueeze(1)
        encodings = torch.zeros(encoding_indices.shape[0], self._num_embeddings, device=inputs.device)
        encodings.scatter_(1, encoding_indices, 1)
        quantized = torch.matmul(encodings, self._embedding.weight).view(input_shape)
        e_latent_loss = F.mse_loss(quantized.detach(), inputs)
        q_latent_loss = F.mse_loss(quantized, inputs.detach())
        loss = q_latent_loss + self._commitment_cost * e_latent_loss
        quantized = inputs + (quantized - inputs).detach()
        avg_probs = torch.mean(encodings, dim=0)
        perplexity = torch.exp(-torch.sum(avg_probs * torch.log(avg_probs + 1e-10)))
        # convert quantized from BHWC -> BCHW
        return loss, quantized.permute(0, 3, 1, 2).contiguous(), perplexity, encodings


class VectorQuantizerEMA(nn.Module):
    def __init__(
        self, num_embeddings: int, embedding_dim: int, decay: float = 0.99, epsilon: float = 1e-5
    ) -> None:
        super().__init__()
        self.embedding_dim = embedding_dim
        self.num_embeddings = num_embeddings
        embed = torch.randn(num_embeddings, embedding_dim)
        self.embed: Float[Tensor, "K D"]
        self.register_buffer("embed", embed)
        self.register_buffer("cluster_size", torch.zeros(num_embeddings))
        self.register_buffer("embed_avg", embed.clone())
        self.decay, self.epsilon = decay, epsilon

    def encode(self, flat: Float[Tensor, "M D"]) -> Int[Tensor, " M"]:
        return torch.cdist(flat, self.embed).argmin(dim=-1)

    def forward(self, inputs: Float[Tensor, "B D H W"]) -> tuple[Float[Tensor, ""], Float[Tensor, "B D H W"]]:
        flat = inputs.permute(0, 2, 3, 1).reshape(-1, self.embedding_dim)
        ind = self.encode(flat)
        onehot = F.one_hot(ind, self.num_embeddings).type(flat.dtype)
        if self.training:
            with torch.no_grad():
                self.cluster_size.mul_(self.decay).add_(onehot.sum(0), alpha=1 - self.decay)
                embed_sum = flat.transpose(0, 1) @ onehot  # D, K
                self.embed_avg.mul_(self.decay).add_(embed_sum.t(), alpha=1 - self.decay)
                n = self.cluster_size.sum()
                smoothed = (self.cluster_size + self.epsilon) / (n + self.num_embeddings * self.epsilon) * n
                self.embed.copy_(self.embed_avg / smoothed.unsqueeze(1))
        b, _, h, w = inputs.shape
        quantized = F.embedding(ind.view(b, h, w), self.embed).permute(0, 3, 1, 2)
        diff = (quantized.detach() - inputs).pow(2).mean()
        return diff, inputs + (quantized - inputs).detach()


class Residual(nn.Module):
    def __init__(self, num_hiddens: int, num_residual_hiddens: int) -> None:
        super().__init__()
        self._block = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(num_hiddens, num_residual_hiddens, kernel_size=3, stride=1, padding=1, bias=False),
            nn.ReLU(),
            nn.Conv2d(num_residual_hiddens, num_hiddens, kernel_size=1, stride=1, bias=False),
        )

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        return x + self._block(x)


class ResidualStack(nn.Module):
    def __init__(self, num_hiddens: int, num_layers: int, num_residual_hiddens: int) -> None:
        super().__init__()
        self._num_residual_layers = num_layers
        self._layers = nn.ModuleList(
            [Residual(num_hiddens, num_residual_hiddens) for _ in range(self._num_residual_layers)]
        )

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        for i in range(self._num_residual_layers):
            x = self._layers[i](x)
        return F.relu(x)


class Model(nn.Module):
    def __init__(
        self,
        num_hiddens: int = 32,
        num_residual_layers: int = 2,
        num_residual_hiddens: int = 8,
        num_embeddings: int = 16,
        embedding_dim: int = 10,
        decay: float = 0.0,
    ) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, num_hiddens // 2, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(num_hiddens // 2, num_hiddens, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(num_hiddens, num_hiddens, kernel_size=3, stride=1, padding=1),
            ResidualStack(num_hiddens, num_residual_layers, num_residual_hiddens),
        )
        self._pre_vq_conv = nn.Conv2d(num_hiddens, embedding_dim, kernel_size=1, stride=1)
        if decay > 0.0:
            self._vq_vae = VectorQuantizerEMA(num_embeddings, embedding_dim, decay)
        else:
            self._vq_vae = VectorQuantizer(num_embeddings, embedding_dim)
        self.decoder = nn.Sequential(
            nn.Conv2d(embedding_dim, num_hiddens, kernel_size=3, stride=1, padding=1),
            ResidualStack(num_hiddens, num_residual_layers, num_residual_hiddens),
            nn.ConvTranspose2d(num_hiddens, num_hiddens // 2, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(num_hiddens // 2, 3, kernel_size=4, stride=2, padding=1),
        )

    def forward(
        self, x: Float[Tensor, "B 3 H W"]
    ) -> tuple[Float[Tensor, ""], Float[Tensor, "B 3 4*(H//4) 4*(W//4)"]]:
        z = self.encoder(x)
        z = self._pre_vq_conv(z)
        loss, quantized, *_ = self._vq_vae(z)
        x_recon = self.decoder(quantized)
        return loss, x_recon


def main() -> None:
    torch.manual_seed(0)
    for decay in (0.0, 0.9):
        model = Model(decay=decay)
        for size in ((2, 3, 32, 32), (3, 3, 16, 40)):
            x = torch.randn(*size)
            loss, recon = model(x)
            print(loss.shape, tuple(recon.shape), F.mse_loss(recon, x).shape)


if __name__ == "__main__":
    main()
