"""Mamba: selective state spaces in plain torch, as a loop and as a scan, with a one-token step."""

import math
from dataclasses import dataclass
from typing import Union

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

Caches = list[tuple[Tensor, Tensor]]


@dataclass
class MambaConfig:
    d_model: int
    n_layers: int
    dt_rank: Union[int, str] = "auto"
    d_state: int = 16
    expand_factor: int = 2
    d_conv: int = 4
    pscan: bool = True
    vocab_size: int = 32

    def __post_init__(self) -> None:
        self.d_inner = self.expand_factor * self.d_model
        if self.dt_rank == "auto":
            self.dt_rank = math.ceil(self.d_model / 16)


class RMSNorm(nn.Module):
    def __init__(self, d_model: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x: Float[Tensor, "*batch D"]) -> Float[Tensor, "*batch D"]:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


class MambaBlock(nn.Module):
    def __init__(self, config: MambaConfig) -> None:
        super().__init__()
        self.config = config
        self.in_proj = nn.Linear(config.d_model, 2 * config.d_inner, bias=False)
        self.conv1d = nn.Conv1d(
            in_channels=config.d_inner,
            out_channels=config.d_inner,
            kernel_size=config.d_conv,
            bias=True,
            groups=config.d_inner,
            padding=config.d_conv - 1,
        )
        self.x_proj = nn.Linear(config.d_inner, config.dt_rank + 2 * config.d_state, bias=False)
        self.dt_proj = nn.Linear(config.dt_rank, config.d_inner, bias=True)
        A = torch.arange(1, config.d_state + 1, dtype=torch.float32).repeat(config.d_inner, 1)
        self.A_log = nn.Parameter(torch.log(A))
        self.D = nn.Parameter(torch.ones(config.d_inner))
        self.out_proj = nn.Linear(config.d_inner, config.d_model, bias=False)

    def forward(self, x: Float[Tensor, "B L D"]) -> Float[Tensor, "B L D"]:
        # x : (B, L, D)
        _, L, _ = x.shape
        xz = self.in_proj(x)  # (B, L, 2*ED)
        x, z = xz.chunk(2, dim=-1)  # (B, L, ED), (B, L, ED)
        # x branch
        x = x.transpose(1, 2)  # (B, ED, L)
        x = self.conv1d(x)[:, :, :L]  # depthwise convolution over time, with a short filter
        x = x.transpose(1, 2)  # (B, L, ED)
        x = F.silu(x)
        y = self.ssm(x)
        # z branch
        z = F.silu(z)
        output = y * z
        return self.out_proj(output)

    def ssm(self, x: Float[Tensor, "B L ED"]) -> Float[Tensor, "B L ED"]:
        A = -torch.exp(self.A_log.float())  # (ED, N)
        D = self.D.float()
        deltaBC = self.x_proj(x)  # (B, L, dt_rank+2*N)
        delta, B, C = torch.split(
            deltaBC, [self.config.dt_rank, self.config.d_state, self.config.d_state], dim=-1
        )  # (B, L, dt_rank), (B, L, N), (B, L, N)
        delta = F.softplus(self.dt_proj(delta))  # (B, L, ED)
        if self.config.pscan:
            return self.selective_scan(x, delta, A, B, C, D)
        return self.selective_scan_seq(x, delta, A, B, C, D)

    def selective_scan(
        self,
        x: Float[Tensor, "B L ED"],
        delta: Float[Tensor, "B L ED"],
        A: Float[Tensor, "ED N"],
        B: Float[Tensor, "B L N"],
        C: Float[Tensor, "B L N"],
        D: Float[Tensor, " ED"],
    ) -> Float[Tensor, "B L ED"]:
        deltaA = torch.exp(delta.unsqueeze(-1) * A)  # (B, L, ED, N)
        deltaB = delta.unsqueeze(-1) * B.unsqueeze(2)  # (B, L, ED, N)
        BX = deltaB * (x.unsqueeze(-1))  # (B, L, ED, N)
        hs = doubling_scan(deltaA, BX)
        y = (hs @ C.unsqueeze(-1)).squeeze(3)  # (B, L, ED, N) @ (B, L, N, 1) -> (B, L, ED, 1)
        return y + D * x

    def selective_scan_seq(
        self,
        x: Float[Tensor, "B L ED"],
        delta: Float[Tensor, "B L ED"],
        A: Float[Tensor, "ED N"],
        B: Float[Tensor, "B L N"],
        C: Float[Tensor, "B L N"],
        D: Float[Tensor, " ED"],
    ) -> Float[Tensor, "B L ED"]:
        _, L, _ = x.shape
        deltaA = torch.exp(torch.einsum("bld,dn->bldn", delta, A))
        BX = torch.einsum("bld,bln,bld->bldn", delta, B, x)
        h = torch.zeros(
            x.size(0), self.config.d_inner, self.config.d_state, device=deltaA.device
        )  # (B, ED, N)
        hs = []
        for t in range(0, L):
            h = deltaA[:, t] * h + BX[:, t]
            hs.append(h)
        hs = torch.stack(hs, dim=1)  # (B, L, ED, N)
        y = torch.einsum("bldn,bln->bld", hs, C)
        return y + D * x

    def step(
        self, x: Float[Tensor, "B D"], cache: tuple[Float[Tensor, "B ED N"], Float[Tensor, "B ED k"]]
    ) -> tuple[Float[Tensor, "B D"], tuple[Float[Tensor, "B ED N"], Float[Tensor, "B ED k"]]]:
        h, inputs = cache
        xz = self.in_proj(x)  # (B, 2*ED)
        x, z = xz.chunk(2, dim=1)  # (B, ED), (B, ED)
        x_cache = x.unsqueeze(2)
        x = self.conv1d(torch.cat([inputs, x_cache], dim=2))[:, :, self.config.d_conv - 1]  # (B, ED)
        x = F.silu(x)
        y, h = self.ssm_step(x, h)
        output = self.out_proj(y * F.silu(z))
        inputs = torch.cat([inputs[:, :, 1:], x_cache], dim=2)  # (B, ED, d_conv-1)
        return output, (h, inputs)

    def ssm_step(
        self, x: Float[Tensor, "B ED"], h: Float[Tensor, "B ED N"]
    ) -> tuple[Float[Tensor, "B ED"], Float[Tensor, "B ED N"]]:
        A = -torch.exp(self.A_log.float())
        delta, B, C = self.x_proj(x).split(
            [self.config.dt_rank, self.config.d_state, self.config.d_state], dim=-1
        )
        delta = F.softplus(self.dt_proj(delta))  # (B, ED)
        deltaA = torch.exp(delta.unsqueeze(-1) * A)  # (B, ED, N)
        deltaB = delta.unsqueeze(-1) * B.unsqueeze(1)  # (B, ED, N)
        h = deltaA * h + deltaB * x.unsqueeze(-1)
        y = (h @ C.unsqueeze(-1)).squeeze(2)  # (B, ED, N) @ (B, N, 1) -> (B, ED, 1)
        return y + self.D * x, h


def doubling_scan(A: Float[Tensor, "B L ED N"], X: Float[Tensor, "B L ED N"]) -> Float[Tensor, "B L ED N"]:
    """h[t] = A[t] * h[t-1] + X[t], in log2(L) passes."""
    length, offset = A.size(1), 1
    while offset < length:
        a = F.pad(A[:, :-offset], (0, 0, 0, 0, offset, 0), value=1.0)
        x = F.pad(X[:, :-offset], (0, 0, 0, 0, offset, 0))
        X = X + A * x
        A = A * a
        offset *= 2
    return X


class ResidualBlock(nn.Module):
    def __init__(self, config: MambaConfig) -> None:
        super().__init__()
        self.mixer = MambaBlock(config)
        self.norm = RMSNorm(config.d_model)

    def forward(self, x: Float[Tensor, "B L D"]) -> Float[Tensor, "B L D"]:
        return self.mixer(self.norm(x)) + x

    def step(
        self, x: Float[Tensor, "B D"], cache: tuple[Tensor, Tensor]
    ) -> tuple[Float[Tensor, "B D"], tuple[Tensor, Tensor]]:
        output, cache = self.mixer.step(self.norm(x), cache)
        return output + x, cache


class LM(nn.Module):
    def __init__(self, config: MambaConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList([ResidualBlock(config) for _ in range(config.n_layers)])
        self.norm_f = RMSNorm(config.d_model)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.lm_head.weight = self.embedding.weight

    def forward(self, tokens: Int[Tensor, "B L"]) -> Float[Tensor, "B L V"]:
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm_f(x))

    def empty_caches(self, batch: int) -> Caches:
        c = self.config
        return [
            (torch.zeros(batch, c.d_inner, c.d_state), torch.zeros(batch, c.d_inner, c.d_conv - 1))
            for _ in self.layers
        ]

    def step(self, token: Int[Tensor, " B"], caches: Caches) -> tuple[Float[Tensor, "B V"], Caches]:
        x = self.embedding(token)
        for i, layer in enumerate(self.layers):
            x, caches[i] = layer.step(x, caches[i])
        return self.lm_head(self.norm_f(x)), caches


def main() -> None:
    torch.manual_seed(0)
    model = LM(MambaConfig(16, 2, d_state=5))
    for b, length in ((2, 7), (3, 10)):
        tokens = torch.randint(0, 32, (b, length))
        logits = model(tokens)
        caches = model.empty_caches(b)
        for t in range(length):
            step, caches = model.step(tokens[:, t], caches)
        for layer in model.layers:
            layer.mixer.config.pscan = not layer.mixer.config.pscan
        model.config.pscan = False
        again = model(tokens)
        print(
            tuple(logits.shape),
            torch.allclose(step, logits[:, -1], atol=1e-4),
            torch.allclose(again, logits, atol=1e-4),
        )
        model.config.pscan = True


if __name__ == "__main__":
    main()
