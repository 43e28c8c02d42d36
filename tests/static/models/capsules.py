"""Capsules with dynamic routing, slot attention, and a mixture of experts with top-k gates."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def squash(x: Float[Tensor, "*batch D"], dim: int = -1) -> Float[Tensor, "*batch D"]:
    squared_norm = (x**2).sum(dim=dim, keepdim=True)
    scale = squared_norm / (1 + squared_norm)
    return scale * x / (squared_norm.sqrt() + 1e-8)


class PrimaryCaps(nn.Module):
    def __init__(
        self, num_conv_units: int, in_channels: int, out_channels: int, kernel_size: int, stride: int
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels * num_conv_units, kernel_size=kernel_size, stride=stride
        )
        self.out_channels = out_channels

    def forward(self, x: Float[Tensor, "B in_channels H W"]) -> Float[Tensor, "B caps out_channels"]:
        out = self.conv(x)
        batch_size = out.shape[0]
        return squash(out.contiguous().view(batch_size, -1, self.out_channels), dim=-1)


class DigitCaps(nn.Module):
    def __init__(self, in_dim: int, in_caps: int, num_caps: int, dim_caps: int, num_routing: int = 3) -> None:
        super().__init__()
        self.in_dim = in_dim
        self.in_caps = in_caps
        self.num_caps = num_caps
        self.dim_caps = dim_caps
        self.num_routing = num_routing
        self.W = nn.Parameter(0.01 * torch.randn(1, num_caps, in_caps, dim_caps, in_dim))

    def forward(self, x: Float[Tensor, "B in_caps in_dim"]) -> Float[Tensor, "B num_caps dim_caps"]:
        batch_size = x.size(0)
        x = x.unsqueeze(1).unsqueeze(4)
        # (1, num_caps, in_caps, dim_caps, in_dim) @ (B, 1, in_caps, in_dim, 1)
        u_hat = torch.matmul(self.W, x)
        u_hat = u_hat.squeeze(-1)
        temp_u_hat = u_hat.detach()
        b = torch.zeros(batch_size, self.num_caps, self.in_caps, 1)
        for _ in range(self.num_routing - 1):
            # softmax over the capsules above, for every capsule below
            c = b.softmax(dim=1)
            s = (c * temp_u_hat).sum(dim=2)
            v = squash(s)
            uv = torch.matmul(temp_u_hat, v.unsqueeze(-1))
            b += uv
        c = b.softmax(dim=1)
        s = (c * u_hat).sum(dim=2)
        return squash(s)


class CapsNet(nn.Module):
    def __init__(self, n_classes: int = 10) -> None:
        super().__init__()
        self.n_classes = n_classes
        self.conv = nn.Conv2d(1, 16, 9)
        self.relu = nn.ReLU(inplace=True)
        self.primary_caps = PrimaryCaps(4, in_channels=16, out_channels=8, kernel_size=9, stride=2)
        self.digit_caps = DigitCaps(in_dim=8, in_caps=4 * 6 * 6, num_caps=n_classes, dim_caps=12)
        self.decoder = nn.Sequential(
            nn.Linear(12 * n_classes, 32), nn.ReLU(inplace=True), nn.Linear(32, 784), nn.Sigmoid()
        )

    def forward(
        self, x: Float[Tensor, "B 1 28 28"]
    ) -> tuple[Float[Tensor, "B n_classes"], Float[Tensor, "B 1 28 28"]]:
        out = self.relu(self.conv(x))
        out = self.primary_caps(out)
        out = self.digit_caps(out)
        logits = torch.norm(out, dim=-1)
        pred = torch.eye(self.n_classes).index_select(dim=0, index=torch.argmax(logits, dim=1))
        batch_size = out.shape[0]
        reconstruction = self.decoder((out * pred.unsqueeze(2)).contiguous().view(batch_size, -1))
        return logits, reconstruction.view(-1, 1, 28, 28)


def margin_loss(logits: Float[Tensor, "B K"], labels: Int[Tensor, " B"]) -> Float[Tensor, ""]:
    targets = F.one_hot(labels, logits.size(1))
    left = F.relu(0.9 - logits) ** 2
    right = F.relu(logits - 0.1) ** 2
    return (targets * left + 0.5 * (1 - targets) * right).sum(dim=1).mean()


class SlotAttention(nn.Module):
    def __init__(
        self, num_slots: int, dim: int, iters: int = 3, eps: float = 1e-8, hidden_dim: int = 24
    ) -> None:
        super().__init__()
        self.num_slots = num_slots
        self.iters = iters
        self.eps = eps
        self.scale = dim**-0.5
        self.slots_mu = nn.Parameter(torch.randn(1, 1, dim))
        self.slots_sigma = nn.Parameter(torch.rand(1, 1, dim))
        self.to_q = nn.Linear(dim, dim)
        self.to_k = nn.Linear(dim, dim)
        self.to_v = nn.Linear(dim, dim)
        self.gru = nn.GRUCell(dim, dim)
        self.fc1 = nn.Linear(dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, dim)
        self.norm_input = nn.LayerNorm(dim)
        self.norm_slots = nn.LayerNorm(dim)
        self.norm_pre_ff = nn.LayerNorm(dim)

    def forward(self, inputs: Float[Tensor, "B N D"], num_slots: int | None = None) -> Float[Tensor, "B S D"]:
        b, n, d = inputs.shape
        n_s = num_slots if num_slots is not None else self.num_slots
        mu = self.slots_mu.expand(b, n_s, -1)
        sigma = self.slots_sigma.expand(b, n_s, -1)
        slots = torch.normal(mu, sigma)
        inputs = self.norm_input(inputs)
        k, v = self.to_k(inputs), self.to_v(inputs)
        for _ in range(self.iters):
            slots_prev = slots
            slots = self.norm_slots(slots)
            q = self.to_q(slots)
            dots = torch.einsum("bid,bjd->bij", q, k) * self.scale
            # slots compete for the inputs
            attn = dots.softmax(dim=1) + self.eps
            attn = attn / attn.sum(dim=-1, keepdim=True)
            updates = torch.einsum("bjd,bij->bid", v, attn)
            slots = self.gru(updates.reshape(-1, d), slots_prev.reshape(-1, d))
            slots = slots.reshape(b, -1, d)
            slots = slots + self.fc2(F.relu(self.fc1(self.norm_pre_ff(slots))))
        return slots


class MoE(nn.Module):
    def __init__(self, dim: int, num_experts: int = 4, top_k: int = 2) -> None:
        super().__init__()
        self.num_experts, self.top_k = num_experts, top_k
        self.gate = nn.Linear(dim, num_experts, bias=False)
        self.experts = nn.ModuleList(
            [
                nn.Sequential(nn.Linear(dim, 2 * dim), nn.SiLU(), nn.Linear(2 * dim, dim))
                for _ in range(num_experts)
            ]
        )

    def forward(
        self, hidden_states: Float[Tensor, "B T D"]
    ) -> tuple[Float[Tensor, "B T D"], Float[Tensor, "BT E"]]:
        batch_size, sequence_length, hidden_dim = hidden_states.shape
        hidden_states = hidden_states.view(-1, hidden_dim)
        router_logits = self.gate(hidden_states)
        routing_weights = F.softmax(router_logits, dim=1, dtype=torch.float)
        routing_weights, selected_experts = torch.topk(routing_weights, self.top_k, dim=-1)
        routing_weights /= routing_weights.sum(dim=-1, keepdim=True)
        final_hidden_states = torch.zeros(
            (batch_size * sequence_length, hidden_dim), dtype=hidden_states.dtype
        )
        expert_mask = F.one_hot(selected_experts, num_classes=self.num_experts).permute(2, 1, 0)
        for expert_idx in range(self.num_experts):
            expert_layer = self.experts[expert_idx]
            idx, top_x = torch.where(expert_mask[expert_idx])
            current_state = hidden_states[None, top_x].reshape(-1, hidden_dim)
            current_hidden_states = expert_layer(current_state) * routing_weights[top_x, idx, None]
            final_hidden_states.index_add_(0, top_x, current_hidden_states.to(hidden_states.dtype))
        final_hidden_states = final_hidden_states.reshape(batch_size, sequence_length, hidden_dim)
        return final_hidden_states, router_logits

    @staticmethod
    def load_balancing_loss(router_logits: Float[Tensor, "M E"], top_k: int) -> Float[Tensor, ""]:
        num_experts = router_logits.shape[-1]
        weights = router_logits.softmax(dim=-1)
        _, selected = weights.topk(top_k, dim=-1)
        mask = F.one_hot(selected, num_experts)
        tokens_per_expert = torch.mean(mask.float(), dim=0)
        router_prob_per_expert = torch.mean(weights, dim=0)
        return torch.sum(tokens_per_expert * router_prob_per_expert.unsqueeze(0)) * num_experts


def main() -> None:
    torch.manual_seed(0)
    caps, slot, moe = CapsNet(5), SlotAttention(4, 12), MoE(12)
    for b, t in ((2, 7), (3, 10)):
        image = torch.rand(b, 1, 28, 28)
        logits, recon = caps(image)
        print(margin_loss(logits, torch.randint(0, 5, (b,))).shape, F.mse_loss(recon, image).shape)
        out, router = moe(torch.randn(b, t, 12))
        print(tuple(slot(out).shape), tuple(slot(out, 6).shape), MoE.load_balancing_loss(router, 2).shape)


if __name__ == "__main__":
    main()
