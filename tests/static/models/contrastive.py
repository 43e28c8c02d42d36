"""Contrastive learning: siamese and triplet losses, NT-Xent, MoCo's queue, BYOL, Barlow Twins, a CLIP pair."""

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor


class Encoder(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.cnn = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.projection = nn.Sequential(
            nn.Linear(16, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, dim)
        )

    def forward(self, x: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B dim"]:
        return self.projection(self.cnn(x))


class ContrastiveLoss(nn.Module):
    def __init__(self, margin: float = 2.0) -> None:
        super().__init__()
        self.margin = margin

    def forward(
        self, output1: Float[Tensor, "B D"], output2: Float[Tensor, "B D"], label: Float[Tensor, " B"]
    ) -> Float[Tensor, ""]:
        euclidean_distance = F.pairwise_distance(output1, output2)
        return torch.mean(
            (1 - label) * torch.pow(euclidean_distance, 2)
            + label * torch.pow(torch.clamp(self.margin - euclidean_distance, min=0.0), 2)
        )


def pairwise_distances(embeddings: Float[Tensor, "B D"], squared: bool = False) -> Float[Tensor, "B B"]:
    dot_product = torch.matmul(embeddings, embeddings.t())
    square_norm = torch.diag(dot_product)
    distances = square_norm.unsqueeze(0) - 2.0 * dot_product + square_norm.unsqueeze(1)
    distances = F.relu(distances)
    if not squared:
        mask = distances.eq(0).float()
        distances = distances + mask * 1e-16
        distances = (1.0 - mask) * torch.sqrt(distances)
    return distances


def get_triplet_mask(labels: Int[Tensor, " B"]) -> Bool[Tensor, "B B B"]:
    indices_equal = torch.eye(labels.size(0), dtype=torch.bool)
    indices_not_equal = ~indices_equal
    i_not_equal_j = indices_not_equal.unsqueeze(2)
    i_not_equal_k = indices_not_equal.unsqueeze(1)
    j_not_equal_k = indices_not_equal.unsqueeze(0)
    distinct_indices = (i_not_equal_j & i_not_equal_k) & j_not_equal_k
    label_equal = labels.unsqueeze(0) == labels.unsqueeze(1)
    i_equal_j = label_equal.unsqueeze(2)
    i_equal_k = label_equal.unsqueeze(1)
    return ~i_equal_k & i_equal_j & distinct_indices


def batch_all_triplet_loss(
    labels: Int[Tensor, " B"], embeddings: Float[Tensor, "B D"], margin: float = 0.3
) -> Float[Tensor, ""]:
    pairwise_dist = pairwise_distances(embeddings)
    anchor_positive_dist = pairwise_dist.unsqueeze(2)
    anchor_negative_dist = pairwise_dist.unsqueeze(1)
    triplet_loss = anchor_positive_dist - anchor_negative_dist + margin
    triplet_loss = F.relu(get_triplet_mask(labels).float() * triplet_loss)
    return triplet_loss.sum() / (triplet_loss.gt(1e-16).sum() + 1e-16)


def nt_xent(
    z_i: Float[Tensor, "B D"], z_j: Float[Tensor, "B D"], temperature: float = 0.5
) -> Float[Tensor, ""]:
    batch_size = z_i.size(0)
    features = torch.cat([z_i, z_j], dim=0)
    labels = torch.cat([torch.arange(batch_size) for i in range(2)], dim=0)
    labels = (labels.unsqueeze(0) == labels.unsqueeze(1)).float()
    features = F.normalize(features, dim=1)
    similarity_matrix = torch.matmul(features, features.T)
    # discard the main diagonal from both
    mask = torch.eye(labels.shape[0], dtype=torch.bool)
    labels = labels[~mask].view(labels.shape[0], -1)
    similarity_matrix = similarity_matrix[~mask].view(similarity_matrix.shape[0], -1)
    positives = similarity_matrix[labels.bool()].view(labels.shape[0], -1)
    negatives = similarity_matrix[~labels.bool()].view(similarity_matrix.shape[0], -1)
    logits = torch.cat([positives, negatives], dim=1)
    target = torch.zeros(logits.shape[0], dtype=torch.long)
    return F.cross_entropy(logits / temperature, target)


class MoCo(nn.Module):
    def __init__(self, dim: int = 12, K: int = 20, m: float = 0.999, T: float = 0.07) -> None:
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q = Encoder(dim)
        self.encoder_k = Encoder(dim)
        for param_q, param_k in zip(self.encoder_q.parameters(), self.encoder_k.parameters()):
            param_k.data.copy_(param_q.data)
            param_k.requires_grad = False
        self.register_buffer("queue", torch.randn(dim, K))
        self.queue = nn.functional.normalize(self.queue, dim=0)
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    @torch.no_grad()
    def _momentum_update_key_encoder(self) -> None:
        for param_q, param_k in zip(self.encoder_q.parameters(), self.encoder_k.parameters()):
            param_k.data = param_k.data * self.m + param_q.data * (1.0 - self.m)

    @torch.no_grad()
    def _dequeue_and_enqueue(self, keys: Float[Tensor, "N dim"]) -> None:
        batch_size = keys.shape[0]
        ptr = int(self.queue_ptr)
        assert self.K % batch_size == 0
        self.queue[:, ptr : ptr + batch_size] = keys.T
        ptr = (ptr + batch_size) % self.K
        self.queue_ptr[0] = ptr

    def forward(
        self, im_q: Float[Tensor, "N 3 H W"], im_k: Float[Tensor, "N 3 H W"]
    ) -> tuple[Float[Tensor, "N K1"], Int[Tensor, " N"]]:
        q = nn.functional.normalize(self.encoder_q(im_q), dim=1)
        with torch.no_grad():
            self._momentum_update_key_encoder()
            idx_shuffle = torch.randperm(im_k.shape[0])
            idx_unshuffle = torch.argsort(idx_shuffle)
            k = nn.functional.normalize(self.encoder_k(im_k[idx_shuffle]), dim=1)[idx_unshuffle]
        # positive logits: Nx1
        l_pos = torch.einsum("nc,nc->n", [q, k]).unsqueeze(-1)
        # negative logits: NxK
        l_neg = torch.einsum("nc,ck->nk", [q, self.queue.clone().detach()])
        logits = torch.cat([l_pos, l_neg], dim=1)
        logits /= self.T
        labels = torch.zeros(logits.shape[0], dtype=torch.long)
        self._dequeue_and_enqueue(k)
        return logits, labels


class BYOL(nn.Module):
    def __init__(self, dim: int = 10) -> None:
        super().__init__()
        self.online = Encoder(dim)
        self.target = copy.deepcopy(self.online)
        self.predictor = nn.Sequential(
            nn.Linear(dim, 2 * dim), nn.BatchNorm1d(2 * dim), nn.ReLU(), nn.Linear(2 * dim, dim)
        )

    def forward(self, x1: Float[Tensor, "B 3 H W"], x2: Float[Tensor, "B 3 H W"]) -> Float[Tensor, ""]:
        images = torch.cat((x1, x2), dim=0)
        online_pred_one, online_pred_two = self.predictor(self.online(images)).chunk(2, dim=0)
        with torch.no_grad():
            target_one, target_two = self.target(images).chunk(2, dim=0)
        loss = self.loss_fn(online_pred_one, target_two.detach()) + self.loss_fn(
            online_pred_two, target_one.detach()
        )
        return loss.mean()

    @staticmethod
    def loss_fn(x: Float[Tensor, "B D"], y: Float[Tensor, "B D"]) -> Float[Tensor, " B"]:
        x = F.normalize(x, dim=-1, p=2)
        y = F.normalize(y, dim=-1, p=2)
        return 2 - 2 * (x * y).sum(dim=-1)


def off_diagonal(x: Float[Tensor, "n n"]) -> Float[Tensor, " n*(n-1)"]:
    n, m = x.shape
    assert n == m
    return x.flatten()[:-1].view(n - 1, n + 1)[:, 1:].flatten()


def barlow(z_a: Float[Tensor, "B D"], z_b: Float[Tensor, "B D"], lambd: float = 0.005) -> Float[Tensor, ""]:
    z_a = (z_a - z_a.mean(0)) / (z_a.std(0) + 1e-6)
    z_b = (z_b - z_b.mean(0)) / (z_b.std(0) + 1e-6)
    c = z_a.T @ z_b
    c.div_(z_a.shape[0])
    on_diag = torch.diagonal(c).add_(-1).pow_(2).sum()
    return on_diag + lambd * off_diagonal(c).pow(2).sum()


class CLIP(nn.Module):
    def __init__(self, dim: int = 8, vocab: int = 30) -> None:
        super().__init__()
        self.visual = Encoder(dim)
        self.token_embedding = nn.Embedding(vocab, 12)
        self.text_projection = nn.Parameter(torch.randn(12, dim))
        self.logit_scale = nn.Parameter(torch.ones([]) * 2.6)

    def encode_text(self, text: Int[Tensor, "B T"]) -> Float[Tensor, "B D"]:
        x = self.token_embedding(text)
        x = x[torch.arange(x.shape[0]), text.argmax(dim=-1)] @ self.text_projection
        return x

    def forward(self, image: Float[Tensor, "B 3 H W"], text: Int[Tensor, "B T"]) -> Float[Tensor, ""]:
        image_features = self.visual(image)
        text_features = self.encode_text(text)
        image_features = image_features / image_features.norm(dim=1, keepdim=True)
        text_features = text_features / text_features.norm(dim=1, keepdim=True)
        logits_per_image = self.logit_scale.exp() * image_features @ text_features.t()
        logits_per_text = logits_per_image.t()
        labels = torch.arange(image.shape[0])
        return (F.cross_entropy(logits_per_image, labels) + F.cross_entropy(logits_per_text, labels)) / 2


def main() -> None:
    torch.manual_seed(0)
    encoder, moco, byol, clip = Encoder(6), MoCo(), BYOL(), CLIP()
    for b, h in ((4, 20), (5, 17)):
        x1, x2 = torch.randn(b, 3, h, 24), torch.randn(b, 3, h, 24)
        z1, z2 = encoder(x1), encoder(x2)
        print(
            ContrastiveLoss()(z1, z2, torch.ones(b)).shape,
            batch_all_triplet_loss(torch.arange(b) % 2, z1).shape,
        )
        print(nt_xent(z1, z2).shape, barlow(z1, z2).shape, F.cross_entropy(*moco(x1, x2)).shape)
        print(byol(x1, x2).shape, clip(x1, torch.randint(0, 30, (b, 7))).shape)


if __name__ == "__main__":
    main()
