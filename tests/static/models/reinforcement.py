"""Reinforcement learning: DQN variants with replay targets, PPO with GAE, SAC critics, a recurrent policy."""

from collections import deque, namedtuple
from typing import NamedTuple

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.distributions import Categorical, Normal

Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))


class Batch(NamedTuple):
    obs: Float[Tensor, "B O"]
    action: Int[Tensor, "B"]
    reward: Float[Tensor, "B"]
    next_obs: Float[Tensor, "B O"]
    done: Float[Tensor, "B"]


class NatureDQN(nn.Module):
    def __init__(self, in_channels: int, n_actions: int) -> None:
        super().__init__()
        self.network = nn.Sequential(
            nn.Conv2d(in_channels, 32, 8, stride=4),
            nn.ReLU(),
            nn.Conv2d(32, 64, 4, stride=2),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, stride=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(3136, 512),
            nn.ReLU(),
            nn.Linear(512, n_actions),
        )

    def forward(self, x: Float[Tensor, "B in_channels 84 84"]) -> Float[Tensor, "B n_actions"]:
        return self.network(x / 255.0)


class DuelingDQN(nn.Module):
    def __init__(self, n_observations: int, n_actions: int, atoms: int = 1) -> None:
        super().__init__()
        self.atoms, self.n_actions = atoms, n_actions
        self.layer1 = nn.Linear(n_observations, 32)
        self.value = nn.Linear(32, atoms)
        self.advantage = nn.Linear(32, n_actions * atoms)

    def forward(self, x: Float[Tensor, "B O"]) -> Float[Tensor, "B A"]:
        x = F.relu(self.layer1(x))
        value = self.value(x).view(-1, 1, self.atoms)
        advantage = self.advantage(x).view(-1, self.n_actions, self.atoms)
        q = value + advantage - advantage.mean(dim=1, keepdim=True)
        return q.mean(-1)


def td_loss(policy: nn.Module, target: nn.Module, batch: Batch, gamma: float = 0.99) -> Float[Tensor, ""]:
    q = policy(batch.obs).gather(1, batch.action.unsqueeze(1)).squeeze(1)
    with torch.no_grad():
        best = policy(batch.next_obs).argmax(dim=1, keepdim=True)
        next_q = target(batch.next_obs).gather(1, best).squeeze(1)
        expected = batch.reward + gamma * next_q * (1 - batch.done)
    return F.smooth_l1_loss(q, expected)


class ReplayMemory:
    def __init__(self, capacity: int) -> None:
        self.memory = deque([], maxlen=capacity)

    def push(self, *args: Tensor | None) -> None:
        self.memory.append(Transition(*args))

    def optimize(self, policy_net: nn.Module, target_net: nn.Module, gamma: float = 0.9) -> Float[Tensor, ""]:
        transitions = list(self.memory)
        batch = Transition(*zip(*transitions))
        non_final_mask = torch.tensor(tuple(map(lambda s: s is not None, batch.next_state)), dtype=torch.bool)
        non_final_next_states = torch.cat([s for s in batch.next_state if s is not None])
        state_batch = torch.cat(batch.state)
        action_batch = torch.cat(batch.action)
        reward_batch = torch.cat(batch.reward)
        state_action_values = policy_net(state_batch).gather(1, action_batch)
        next_state_values = torch.zeros(len(transitions))
        with torch.no_grad():
            next_state_values[non_final_mask] = target_net(non_final_next_states).max(1).values
        expected_state_action_values = (next_state_values * gamma) + reward_batch
        criterion = nn.SmoothL1Loss()
        return criterion(state_action_values, expected_state_action_values.unsqueeze(1))


def layer_init(layer: nn.Linear, std: float = np.sqrt(2), bias_const: float = 0.0) -> nn.Linear:
    torch.nn.init.orthogonal_(layer.weight, std)
    torch.nn.init.constant_(layer.bias, bias_const)
    return layer


class Agent(nn.Module):
    def __init__(self, obs_dim: int, n_actions: int) -> None:
        super().__init__()
        self.critic = nn.Sequential(
            layer_init(nn.Linear(obs_dim, 64)), nn.Tanh(), layer_init(nn.Linear(64, 1), std=1.0)
        )
        self.actor = nn.Sequential(
            layer_init(nn.Linear(obs_dim, 64)), nn.Tanh(), layer_init(nn.Linear(64, n_actions), std=0.01)
        )

    def get_value(self, x: Float[Tensor, "B O"]) -> Float[Tensor, "B 1"]:
        return self.critic(x)

    def get_action_and_value(
        self, x: Float[Tensor, "B O"], action: Int[Tensor, " B"] | None = None
    ) -> tuple[Int[Tensor, " B"], Float[Tensor, " B"], Float[Tensor, " B"], Float[Tensor, "B 1"]]:
        logits = self.actor(x)
        probs = Categorical(logits=logits)
        if action is None:
            action = probs.sample()
        return action, probs.log_prob(action), probs.entropy(), self.critic(x)


def gae(
    rewards: Float[Tensor, "T E"],
    values: Float[Tensor, "T E"],
    dones: Float[Tensor, "T E"],
    next_value: Float[Tensor, "1 E"],
    gamma: float = 0.99,
    lam: float = 0.95,
) -> tuple[Float[Tensor, "T E"], Float[Tensor, "T E"]]:
    advantages = torch.zeros_like(rewards)
    lastgaelam = 0
    num_steps = rewards.shape[0]
    for t in reversed(range(num_steps)):
        if t == num_steps - 1:
            nextnonterminal = 1.0 - dones[-1]
            nextvalues = next_value.reshape(-1)
        else:
            nextnonterminal = 1.0 - dones[t + 1]
            nextvalues = values[t + 1]
        delta = rewards[t] + gamma * nextvalues * nextnonterminal - values[t]
        advantages[t] = lastgaelam = delta + gamma * lam * nextnonterminal * lastgaelam
    return advantages, advantages + values


def ppo_loss(
    agent: Agent,
    b_obs: Float[Tensor, "M O"],
    b_actions: Int[Tensor, " M"],
    b_logprobs: Float[Tensor, " M"],
    b_advantages: Float[Tensor, " M"],
    b_returns: Float[Tensor, " M"],
    clip_coef: float = 0.2,
) -> Float[Tensor, ""]:
    _, newlogprob, entropy, newvalue = agent.get_action_and_value(b_obs, b_actions)
    ratio = (newlogprob - b_logprobs).exp()
    adv = (b_advantages - b_advantages.mean()) / (b_advantages.std() + 1e-8)
    pg_loss = torch.max(-adv * ratio, -adv * torch.clamp(ratio, 1 - clip_coef, 1 + clip_coef)).mean()
    newvalue = newvalue.view(-1)
    v_loss = 0.5 * ((newvalue - b_returns) ** 2).mean()
    return pg_loss - 0.01 * entropy.mean() + v_loss * 0.5


class GaussianActor(nn.Module):
    def __init__(self, obs_dim: int, act_dim: int) -> None:
        super().__init__()
        self.fc = nn.Linear(obs_dim, 32)
        self.fc_mean = nn.Linear(32, act_dim)
        self.fc_logstd = nn.Linear(32, act_dim)
        self.register_buffer("action_scale", torch.ones(act_dim))

    def forward(self, x: Float[Tensor, "B O"]) -> tuple[Float[Tensor, "B A"], Float[Tensor, "B 1"]]:
        x = F.relu(self.fc(x))
        mean, log_std = self.fc_mean(x), torch.tanh(self.fc_logstd(x))
        normal = Normal(mean, (-5 + 0.5 * 7 * (log_std + 1)).exp())
        x_t = normal.rsample()
        y_t = torch.tanh(x_t)
        log_prob = normal.log_prob(x_t) - torch.log(self.action_scale * (1 - y_t.pow(2)) + 1e-6)
        return y_t * self.action_scale, log_prob.sum(1, keepdim=True)


class Critic(nn.Module):
    def __init__(self, obs_dim: int, act_dim: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(obs_dim + act_dim, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x: Float[Tensor, "B O"], a: Float[Tensor, "B A"]) -> Float[Tensor, "B 1"]:
        return self.fc2(F.relu(self.fc1(torch.cat([x, a], 1))))


def soft_target(
    reward: Float[Tensor, " B"],
    done: Bool[Tensor, " B"],
    q1: Float[Tensor, "B 1"],
    q2: Float[Tensor, "B 1"],
    log_pi,
) -> Float[Tensor, " B"]:
    min_q = torch.min(q1, q2) - 0.2 * log_pi
    return reward.flatten() + (~done).float().flatten() * 0.99 * min_q.view(-1)


def main() -> None:
    torch.manual_seed(0)
    for b in (3, 5):
        print(tuple(NatureDQN(4, 6)(torch.rand(b, 4, 84, 84)).shape))
        batch = Batch(
            torch.randn(b, 4), torch.randint(0, 2, (b,)), torch.randn(b), torch.randn(b, 4), torch.zeros(b)
        )
        net = DuelingDQN(4, 2, atoms=3)
        print(td_loss(net, DuelingDQN(4, 2), batch).shape)
        memory = ReplayMemory(b)
        for i in range(b):
            memory.push(
                torch.randn(1, 4), torch.tensor([[i % 2]]), torch.randn(1, 4) if i else None, torch.ones(1)
            )
        print(memory.optimize(net, net).shape)
        agent, steps = Agent(4, 3), 7
        obs = torch.randn(steps, b, 4)
        with torch.no_grad():
            action, logprob, _, value = agent.get_action_and_value(obs.reshape(-1, 4))
            adv, returns = gae(
                torch.randn(steps, b),
                value.view(steps, b),
                torch.zeros(steps, b),
                agent.get_value(obs[-1]).reshape(1, -1),
            )
        print(
            ppo_loss(agent, obs.reshape((-1, 4)), action, logprob, adv.reshape(-1), returns.reshape(-1)).shape
        )
        act, log_pi = GaussianActor(4, 2)(batch.obs)
        q1, q2 = Critic(4, 2)(batch.obs, act), Critic(4, 2)(batch.obs, act)
        print(
            F.mse_loss(q1.view(-1), soft_target(batch.reward, batch.done > 0, q1, q2, log_pi).detach()).shape
        )


if __name__ == "__main__":
    main()
