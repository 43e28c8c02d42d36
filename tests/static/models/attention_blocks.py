"""Attention over feature maps: SE, ECA, CBAM, non-local, selective kernels, criss-cross, external, involution."""

from __future__ import annotations

import math
from typing import TypeAlias

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

Features: TypeAlias = Float[Tensor, "b c h w"]


class SELayer(nn.Module):
    def __init__(self, channel: int, reduction: int = 4) -> None:
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channel, channel // reduction, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channel // reduction, channel, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x: Features) -> Features:
        b, c, _, _ = x.size()
        y = self.avg_pool(x).view(b, c)
        y = self.fc(y).view(b, c, 1, 1)
        return x * y.expand_as(x)


class ECALayer(nn.Module):
    def __init__(self, channels: int, gamma: int = 2, b: int = 1) -> None:
        super().__init__()
        t = int(abs((math.log(channels, 2) + b) / gamma))
        k_size = t if t % 2 else t + 1
        self.conv = nn.Conv1d(1, 1, kernel_size=k_size, padding=(k_size - 1) // 2, bias=False)

    def forward(self, x: Features) -> Features:
        y = x.mean((2, 3), keepdim=True)
        y = self.conv(y.squeeze(-1).transpose(-1, -2)).transpose(-1, -2).unsqueeze(-1)
        return x * y.sigmoid()


class ChannelAttention(nn.Module):
    def __init__(self, in_planes: int, ratio: int = 4) -> None:
        super().__init__()
        self.sharedMLP = nn.Sequential(
            nn.Conv2d(in_planes, in_planes // ratio, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(in_planes // ratio, in_planes, 1, bias=False),
        )

    def forward(self, x: Float[Tensor, "b in_planes h w"]) -> Float[Tensor, "b in_planes 1 1"]:
        avgout = self.sharedMLP(F.adaptive_avg_pool2d(x, 1))
        maxout = self.sharedMLP(F.adaptive_max_pool2d(x, 1))
        return torch.sigmoid(avgout + maxout)


class SpatialAttention(nn.Module):
    def __init__(self, kernel_size: int = 7) -> None:
        super().__init__()
        assert kernel_size in (3, 7), "kernel size must be 3 or 7"
        padding = 3 if kernel_size == 7 else 1
        self.conv = nn.Conv2d(2, 1, kernel_size, padding=padding, bias=False)

    def forward(self, x: Features) -> Float[Tensor, "b 1 h w"]:
        avgout = torch.mean(x, dim=1, keepdim=True)
        maxout, _ = torch.max(x, dim=1, keepdim=True)
        x = torch.cat([avgout, maxout], dim=1)
        return torch.sigmoid(self.conv(x))


class CBAM(nn.Module):
    def __init__(self, planes: int) -> None:
        super().__init__()
        self.ca = ChannelAttention(planes)
        self.sa = SpatialAttention()

    def forward(self, x: Features) -> Features:
        x = self.ca(x) * x
        x = self.sa(x) * x
        return x


class NonLocalBlock(nn.Module):
    def __init__(self, in_channels: int, inter_channels: int | None = None, sub_sample: bool = True) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.inter_channels = inter_channels
        if self.inter_channels is None:
            self.inter_channels = in_channels // 2
            if self.inter_channels == 0:
                self.inter_channels = 1
        max_pool_layer = nn.MaxPool2d(kernel_size=(2, 2))
        self.g: nn.Module = nn.Conv2d(self.in_channels, self.inter_channels, kernel_size=1)
        self.W = nn.Sequential(
            nn.Conv2d(self.inter_channels, self.in_channels, 1), nn.BatchNorm2d(self.in_channels)
        )
        nn.init.constant_(self.W[1].weight, 0)
        self.theta = nn.Conv2d(self.in_channels, self.inter_channels, kernel_size=1)
        self.phi: nn.Module = nn.Conv2d(self.in_channels, self.inter_channels, kernel_size=1)
        if sub_sample:
            self.g = nn.Sequential(self.g, max_pool_layer)
            self.phi = nn.Sequential(self.phi, max_pool_layer)

    def forward(self, x: Features) -> Features:
        batch_size = x.size(0)
        g_x = self.g(x).view(batch_size, self.inter_channels, -1)
        g_x = g_x.permute(0, 2, 1)
        theta_x = self.theta(x).view(batch_size, self.inter_channels, -1)
        theta_x = theta_x.permute(0, 2, 1)
        phi_x = self.phi(x).view(batch_size, self.inter_channels, -1)
        f = torch.matmul(theta_x, phi_x)
        f_div_C = F.softmax(f, dim=-1)
        y = torch.matmul(f_div_C, g_x)
        y = y.permute(0, 2, 1).contiguous()
        y = y.view(batch_size, self.inter_channels, *x.size()[2:])
        return self.W(y) + x


class SKConv(nn.Module):
    def __init__(self, features: int, M: int = 2, r: int = 2, L: int = 8) -> None:
        super().__init__()
        d = max(int(features / r), L)
        self.M = M
        self.features = features
        self.convs = nn.ModuleList(
            [nn.Conv2d(features, features, 3 + i * 2, padding=1 + i, groups=features) for i in range(M)]
        )
        self.fc = nn.Linear(features, d)
        self.fcs = nn.ModuleList([nn.Linear(d, features) for _ in range(M)])
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x: Features) -> Features:
        for i, conv in enumerate(self.convs):
            fea = conv(x).unsqueeze_(dim=1)
            feas = fea if i == 0 else torch.cat([feas, fea], dim=1)
        fea_U = torch.sum(feas, dim=1)
        fea_s = fea_U.mean(-1).mean(-1)
        fea_z = self.fc(fea_s)
        for i, fc in enumerate(self.fcs):
            vector = fc(fea_z).unsqueeze_(dim=1)
            attention_vectors = vector if i == 0 else torch.cat([attention_vectors, vector], dim=1)
        attention_vectors = self.softmax(attention_vectors)
        attention_vectors = attention_vectors.unsqueeze(-1).unsqueeze(-1)
        return (feas * attention_vectors).sum(dim=1)


class PositionAttention(nn.Module):
    """DANet's position module with a learned residual weight."""

    def __init__(self, in_dim: int) -> None:
        super().__init__()
        self.query_conv = nn.Conv2d(in_dim, in_dim // 4, kernel_size=1)
        self.key_conv = nn.Conv2d(in_dim, in_dim // 4, kernel_size=1)
        self.value_conv = nn.Conv2d(in_dim, in_dim, kernel_size=1)
        self.gamma = nn.Parameter(torch.zeros(1))
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x: Features) -> Features:
        m_batchsize, C, height, width = x.size()
        proj_query: Float[Tensor, "b h*w d"] = (
            self.query_conv(x).view(m_batchsize, -1, width * height).permute(0, 2, 1)
        )
        proj_key: Float[Tensor, "b d h*w"] = self.key_conv(x).view(m_batchsize, -1, width * height)
        energy = torch.bmm(proj_query, proj_key)
        attention: Float[Tensor, "b h*w h*w"] = self.softmax(energy)
        proj_value = self.value_conv(x).view(m_batchsize, -1, width * height)
        out = torch.bmm(proj_value, attention.permute(0, 2, 1))
        out = out.view(m_batchsize, C, height, width)
        return self.gamma * out + x


class ChannelSelfAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Features) -> Features:
        b, C, height, width = x.size()
        query = x.view(b, C, -1)
        key = x.view(b, C, -1).permute(0, 2, 1)
        energy = torch.bmm(query, key)
        energy_new = torch.max(energy, -1, keepdim=True)[0].expand_as(energy) - energy
        attention = F.softmax(energy_new, dim=-1)
        out = torch.bmm(attention, x.view(b, C, -1)).view(b, C, height, width)
        return self.gamma * out + x


class ExternalAttention(nn.Module):
    def __init__(self, d_model: int, S: int = 6) -> None:
        super().__init__()
        self.mk = nn.Linear(d_model, S, bias=False)
        self.mv = nn.Linear(S, d_model, bias=False)

    def forward(self, x: Features) -> Features:
        b, c, h, w = x.shape
        queries = x.flatten(2).transpose(1, 2)
        attn = self.mk(queries)  # bs,n,S
        attn = F.softmax(attn, dim=1)  # over the n positions
        attn = attn / torch.sum(attn, dim=2, keepdim=True)
        return self.mv(attn).transpose(1, 2).reshape(b, c, h, w)


class Involution(nn.Module):
    def __init__(self, channels: int, kernel_size: int = 3, stride: int = 1, group_channels: int = 4) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride
        self.channels = channels
        self.group_channels = group_channels
        self.groups = self.channels // self.group_channels
        self.conv1 = nn.Conv2d(channels, channels // 2, 1)
        self.conv2 = nn.Conv2d(channels // 2, kernel_size**2 * self.groups, 1)
        if stride > 1:
            self.avgpool = nn.AvgPool2d(stride, stride)
        self.unfold = nn.Unfold(kernel_size, 1, (kernel_size - 1) // 2, stride)

    def forward(self, x: Features) -> Float[Tensor, "b c h_out w_out"]:
        weight = self.conv2(self.conv1(x if self.stride == 1 else self.avgpool(x)))
        b, c, h, w = weight.shape
        weight = weight.view(b, self.groups, self.kernel_size**2, h, w).unsqueeze(2)
        out = self.unfold(x).view(b, self.groups, self.group_channels, self.kernel_size**2, h, w)
        out = (weight * out).sum(dim=3).view(b, self.channels, h, w)
        return out


def main() -> None:
    torch.manual_seed(0)
    blocks = [
        SELayer(16),
        ECALayer(16),
        CBAM(16),
        NonLocalBlock(16),
        NonLocalBlock(16, 4, False),
        SKConv(16, 3),
    ]
    blocks += [
        PositionAttention(16),
        ChannelSelfAttention(),
        ExternalAttention(16),
        Involution(16),
        Involution(16, 5, 2),
    ]
    for size in ((2, 16, 12, 8), (3, 16, 6, 10)):
        for block in blocks:
            print(type(block).__name__, tuple(block(torch.randn(*size)).shape))


if __name__ == "__main__":
    main()
