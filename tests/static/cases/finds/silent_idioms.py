"""Idioms of training code that are right: nothing is said."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor


def length_mask(lengths: Int[Tensor, "B"], longest: int) -> Bool[Tensor, "B longest"]:
    return torch.arange(longest)[None, :] < lengths[:, None]


def masked_mean(x: Float[Tensor, "B T D"], mask: Bool[Tensor, "B T"]) -> Float[Tensor, "B D"]:
    m = mask.unsqueeze(-1).float()  # dims: B T 1
    return (x * m).sum(1) / m.sum(1).clamp(min=1e-6)


def focal(logits: Float[Tensor, "N C"], target: Int[Tensor, "N"], gamma: float = 2.0) -> Float[Tensor, ""]:
    logp = F.log_softmax(logits, dim=1)
    logp = logp.gather(1, target[:, None]).squeeze(1)  # dims: N
    return (-((1 - logp.exp()) ** gamma) * logp).mean()


def smoothed(logits: Float[Tensor, "N C"], target: Int[Tensor, "N"], eps: float = 0.1) -> Float[Tensor, ""]:
    n = logits.size(-1)
    one_hot = torch.zeros_like(logits).scatter(1, target.unsqueeze(1), 1)  # dims: N C
    one_hot = one_hot * (1 - eps) + (1 - one_hot) * eps / (n - 1)
    return -(one_hot * F.log_softmax(logits, dim=1)).sum(dim=1).mean()


def gradient_penalty(
    critic: nn.Module, real: Float[Tensor, "N C H W"], fake: Float[Tensor, "N C H W"]
) -> Float[Tensor, ""]:
    alpha = torch.rand(real.size(0), 1, 1, 1)  # dims: N 1 1 1
    mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)  # dims: N C H W
    score = critic(mixed)
    (grad,) = torch.autograd.grad(score, mixed, torch.ones_like(score), create_graph=True)
    return ((grad.view(grad.size(0), -1).norm(2, dim=1) - 1) ** 2).mean()


def supervised_contrastive(z: Float[Tensor, "N D"], labels: Int[Tensor, "N"]) -> Float[Tensor, ""]:
    z = F.normalize(z, dim=1)
    similarity = z @ z.T / 0.1  # dims: N N
    same = labels[:, None] == labels[None, :]  # dims: N N
    others = ~torch.eye(z.size(0), dtype=torch.bool)  # dims: N N
    logp = similarity - torch.logsumexp(similarity.masked_fill(~others, -1e9), dim=1, keepdim=True)
    positive = same & others
    return -((logp * positive).sum(1) / positive.sum(1).clamp(min=1)).mean()


def q_learning(
    q: nn.Module,
    s: Float[Tensor, "B S"],
    a: Int[Tensor, "B 1"],
    r: Float[Tensor, "B 1"],
    done: Float[Tensor, "B 1"],
) -> Tensor:
    now = q(s).gather(1, a)
    with torch.no_grad():
        later = q(s).max(1, keepdim=True)[0]
        target = r + 0.99 * (1 - done) * later
    return F.smooth_l1_loss(now, target)


def advantages(rewards: Float[Tensor, "T B"], values: Float[Tensor, "T+1 B"]) -> Float[Tensor, "T B"]:
    out = torch.zeros_like(rewards)
    running = torch.zeros(rewards.shape[1])
    for t in reversed(range(rewards.shape[0])):
        delta = rewards[t] + 0.99 * values[t + 1] - values[t]  # dims: B
        running = delta + 0.95 * running
        out[t] = running
    return out


def skip(up: Float[Tensor, "N C H W"], skip: Float[Tensor, "N D H2 W2"]) -> Tensor:
    dh, dw = skip.size(2) - up.size(2), skip.size(3) - up.size(3)
    up = F.pad(up, [dw // 2, dw - dw // 2, dh // 2, dh - dh // 2])
    return torch.cat([skip, up], dim=1)


def cropped(x: Float[Tensor, "N C H W"], y: Float[Tensor, "N C H2 W2"]) -> Tensor:
    h, w = min(x.size(2), y.size(2)), min(x.size(3), y.size(3))
    return x[..., :h, :w] + y[..., :h, :w]


def resized(x: Float[Tensor, "N C H W"], y: Float[Tensor, "N C H2 W2"]) -> Float[Tensor, "N C H2 W2"]:
    if x.shape[-2:] != y.shape[-2:]:
        x = F.interpolate(x, size=y.shape[-2:], mode="bilinear", align_corners=False)
    return x + y


def rotary(
    x: Float[Tensor, "B H T D"], cos: Float[Tensor, "T D"], sin: Float[Tensor, "T D"]
) -> Float[Tensor, "B H T D"]:
    a, b = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]
    return x * cos + torch.cat((-b, a), dim=-1) * sin


def interleaved(x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
    y = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(y).flatten(2)


def cached(k: Float[Tensor, "B H S D"], new: Float[Tensor, "B H T D"]) -> Float[Tensor, "B H S+T D"]:
    return torch.cat([k, new], dim=2)


def last_step(x: Float[Tensor, "B T D"], lengths: Int[Tensor, "B"]) -> Float[Tensor, "B D"]:
    index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, x.size(2))  # dims: B 1 D
    y = x.gather(1, index).squeeze(1)  # dims: B D
    z = x[torch.arange(x.size(0)), lengths - 1]  # dims: B D
    return y + z


def positions(length: int, width: int) -> Float[Tensor, "length width"]:
    table = torch.zeros(length, width)
    position = torch.arange(0, length).unsqueeze(1).float()  # dims: length 1
    scale = torch.exp(torch.arange(0, width, 2).float() * (-math.log(10000.0) / width))
    table[:, 0::2] = torch.sin(position * scale)
    table[:, 1::2] = torch.cos(position * scale)
    return table


def boxes_overlap(a: Float[Tensor, "N 4"], b: Float[Tensor, "M 4"]) -> Float[Tensor, "N M"]:
    top = torch.max(a[:, None, :2], b[None, :, :2])  # dims: N M 2
    bottom = torch.min(a[:, None, 2:], b[None, :, 2:])  # dims: N M 2
    inter = (bottom - top).clamp(min=0).prod(2)  # dims: N M
    area = (a[:, 2:] - a[:, :2]).prod(1)[:, None] + (b[:, 2:] - b[:, :2]).prod(1)[None]  # dims: N M
    return inter / (area - inter)


def reparameterized(x: Float[Tensor, "N 2*Z"]) -> Float[Tensor, "N Z"]:
    mean, logvar = x.chunk(2, dim=1)  # dims: N Z  # dims: N Z
    return mean + torch.exp(0.5 * logvar) * torch.randn_like(mean)


def quantized(z: Float[Tensor, "B D H W"], codes: Float[Tensor, "K D"]) -> Float[Tensor, "B D H W"]:
    flat = z.permute(0, 2, 3, 1).reshape(-1, z.shape[1])
    d = flat.pow(2).sum(1, keepdim=True) - 2 * flat @ codes.t() + codes.pow(2).sum(1)
    q = codes[d.argmin(1)].view(z.shape[0], z.shape[2], z.shape[3], -1).permute(0, 3, 1, 2)  # dims: B D H W
    return z + (q - z).detach()


def relative(x: Float[Tensor, "B H T T"], heads: int) -> Tensor:
    b, h, t, _ = x.shape
    slopes = torch.tensor([2.0 ** (-8 * (i + 1) / heads) for i in range(heads)])
    distance = torch.arange(t)[None, :] - torch.arange(t)[:, None]  # dims: T T
    return x + slopes[:, None, None] * distance
