"""Models that are right, written as people write them: nothing is said."""

import math
from typing import Optional

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inplanes, planes, stride=1, downsample=None):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes * self.expansion, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        return F.relu(out)


class ResNet(nn.Module):
    def __init__(self, layers=(2, 2), classes=10):
        super().__init__()
        self.inplanes = 16
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.stages = nn.ModuleList()
        for index, count in enumerate(layers):
            self.stages.append(self.make(16 * 2**index, count, 1 if index == 0 else 2))
        self.fc = nn.Linear(32 * BasicBlock.expansion, classes)

    def make(self, planes, count, stride):
        downsample = None
        if stride != 1 or self.inplanes != planes * BasicBlock.expansion:
            downsample = nn.Sequential(nn.Conv2d(self.inplanes, planes, 1, stride), nn.BatchNorm2d(planes))
        blocks = [BasicBlock(self.inplanes, planes, stride, downsample)]
        self.inplanes = planes
        blocks += [BasicBlock(planes, planes) for _ in range(1, count)]
        return nn.Sequential(*blocks)

    def forward(self, x: Float[Tensor, "N 3 32 32"]) -> Tensor:
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return self.fc(x.mean((2, 3)))


class UNet(nn.Module):
    def __init__(self, widths=(8, 16, 32)):
        super().__init__()
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        inside = 1
        for width in widths:
            self.down.append(nn.Conv2d(inside, width, 3, padding=1))
            inside = width
        for width in reversed(widths[:-1]):
            self.up.append(nn.Conv2d(inside + width, width, 3, padding=1))
            inside = width
        self.head = nn.Conv2d(inside, 1, 1)

    def forward(self, x: Float[Tensor, "N 1 64 64"]) -> Float[Tensor, "N 1 64 64"]:
        skips = []
        for layer in self.down:
            x = layer(x).relu()
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = F.interpolate(x, scale_factor=2)
        for layer, skip in zip(self.up, skips[:-1][::-1]):
            x = F.interpolate(x, scale_factor=2)
            x = layer(torch.cat([x, skip], dim=1)).relu()
        return self.head(x)


class Seq2Seq(nn.Module):
    def __init__(self, vocab, embed, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab, embed)
        self.encoder = nn.GRU(embed, hidden, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * hidden, hidden)
        self.decoder = nn.GRUCell(embed + 2 * hidden, hidden)
        self.query, self.keys, self.energy = (
            nn.Linear(hidden, hidden),
            nn.Linear(2 * hidden, hidden),
            nn.Linear(hidden, 1),
        )
        self.out = nn.Linear(hidden, vocab)

    def forward(self, src: Int[Tensor, "B S"], tgt: Int[Tensor, "B T"]) -> Float[Tensor, "B T vocab"]:
        memory, last = self.encoder(self.embed(src))
        h = torch.tanh(self.bridge(torch.cat([last[0], last[1]], dim=1)))
        keys = self.keys(memory)
        outputs = []
        for t in range(tgt.size(1)):
            e = self.energy(torch.tanh(self.query(h).unsqueeze(1) + keys)).squeeze(-1)
            context = torch.bmm(e.softmax(-1).unsqueeze(1), memory).squeeze(1)
            h = self.decoder(torch.cat([self.embed(tgt[:, t]), context], dim=1), h)
            outputs.append(self.out(h))
        return torch.stack(outputs, dim=1)


class GPTBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        assert config.n_embd % config.n_head == 0
        self.n_head, self.n_embd = config.n_head, config.n_embd
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd, bias=config.bias)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.register_buffer(
            "bias",
            torch.tril(torch.ones(config.block_size, config.block_size)).view(
                1, 1, config.block_size, config.block_size
            ),
        )

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        q, k, v = (y.view(B, T, self.n_head, C // self.n_head).transpose(1, 2) for y in (q, k, v))
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf")).softmax(dim=-1)
        return self.c_proj((att @ v).transpose(1, 2).contiguous().view(B, T, C))


class Conditional(nn.Module):
    def __init__(self, dim, cond_dim=None, num_classes=0):
        super().__init__()
        self.cond = nn.Linear(cond_dim, 2 * dim) if cond_dim else None
        self.classes = nn.Embedding(num_classes, dim) if num_classes > 0 else None
        self.norm = nn.GroupNorm(min(32, dim), dim)

    def forward(self, x, c=None, label=None):
        h = self.norm(x)
        if self.cond is not None and c is not None:
            scale, shift = self.cond(c)[:, :, None, None].chunk(2, dim=1)
            h = h * (1 + scale) + shift
        if self.classes is not None:
            h = h + self.classes(label)[..., None, None]
        return x + h


class Generator(nn.Module):
    def __init__(self, nz=100, ngf=64, nc=3):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 8, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf * 8), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf * 4), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, nc, 4, 2, 1, bias=False), nn.Tanh(),
        )  # fmt: skip

    def forward(self, z: Float[Tensor, "N nz 1 1"]) -> Float[Tensor, "N nc 16 16"]:
        y = self.main(z)  # dims: N nc 16 16
        return y


class Experts(nn.Module):
    def __init__(self, dim: int, count: int, top: int = 2) -> None:
        super().__init__()
        self.top = top
        self.gate = nn.Linear(dim, count, bias=False)
        self.experts = nn.ModuleList(
            [nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim)) for _ in range(count)]
        )

    def forward(self, x: Float[Tensor, "B T dim"]) -> Float[Tensor, "B T dim"]:
        flat = x.reshape(-1, x.shape[-1])
        weights, chosen = self.gate(flat).softmax(-1).topk(self.top, dim=-1)
        weights = weights / weights.sum(-1, keepdim=True)
        out = torch.zeros_like(flat)
        for index, expert in enumerate(self.experts):
            rows, slots = torch.where(chosen == index)
            out[rows] += weights[rows, slots, None] * expert(flat[rows])
        return out.view_as(x)


class Windows(nn.Module):
    def __init__(self, dim: int, window: int = 7, heads: int = 4) -> None:
        super().__init__()
        self.window, self.heads = window, heads
        self.table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.register_buffer("index", torch.zeros(window * window, window * window, dtype=torch.long))
        self.qkv = nn.Linear(dim, dim * 3)

    def forward(self, x: Float[Tensor, "N L dim"], mask: Optional[Float[Tensor, "M L L"]] = None) -> Tensor:
        n, l, c = x.shape
        q, k, v = self.qkv(x).reshape(n, l, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        a = q @ k.transpose(-2, -1)
        bias = self.table[self.index.view(-1)].view(self.window**2, self.window**2, -1).permute(2, 0, 1)
        a = a + bias.unsqueeze(0)
        if mask is not None:
            m = mask.shape[0]
            a = a.view(n // m, m, self.heads, l, l) + mask.unsqueeze(1).unsqueeze(0)
            a = a.view(-1, self.heads, l, l)
        return (a.softmax(-1) @ v).transpose(1, 2).reshape(n, l, c)
