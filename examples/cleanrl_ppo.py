"""Proximal policy optimisation with an action mask, in one file, as in CleanRL.

It learns to prove one problem: `python examples/cleanrl_ppo.py --problem petersen --max-steps 20`. It needs PyTorch.
What differs from CleanRL's `ppo.py`: the mask; the vector environment of this package; and that steps which only begin
the next episode, whose action is ignored, are left out of the loss.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import gymnasium as gym
import numpy as np
import torch
from gymnasium.wrappers.vector import VectorizeTransformObservation
from torch import Tensor, nn
from torch.distributions import Categorical

import polyproof_gym  # noqa: F401  (registers the environments)
from polyproof_gym.wrappers import BooleanMask, CompactObservation


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    """The settings."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--problem", default="petersen", help="spec string of the problem")
    parser.add_argument("--max-steps", type=int, default=20, help="steps of an episode")
    parser.add_argument("--total-timesteps", type=int, default=50_000, help="steps of all environments together")
    parser.add_argument("--num-envs", type=int, default=8, help="environments")
    parser.add_argument("--num-workers", type=int, default=1, help="processes that step them")
    parser.add_argument("--num-steps", type=int, default=64, help="steps of each environment between two updates")
    parser.add_argument("--num-minibatches", type=int, default=4)
    parser.add_argument("--update-epochs", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="at the start; it falls to 0")
    parser.add_argument("--gamma", type=float, default=0.99)
    parser.add_argument("--gae-lambda", type=float, default=0.95)
    parser.add_argument("--clip-coef", type=float, default=0.2)
    parser.add_argument("--ent-coef", type=float, default=0.01)
    parser.add_argument("--vf-coef", type=float, default=0.5)
    parser.add_argument("--max-grad-norm", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def make_envs(args: argparse.Namespace) -> gym.vector.VectorEnv:
    """Environments whose observations are a vector and a mask of bools."""
    envs = gym.make_vec(
        "PolyProof-v0",
        num_envs=args.num_envs,
        num_workers=args.num_workers,
        problem=args.problem,
        max_steps=args.max_steps,
    )
    envs = VectorizeTransformObservation(envs, BooleanMask)
    envs = VectorizeTransformObservation(envs, CompactObservation)
    return gym.wrappers.vector.RecordEpisodeStatistics(envs)


def layer(inputs: int, outputs: int, gain: float = np.sqrt(2)) -> nn.Linear:
    """A layer with orthogonal weights."""
    made = nn.Linear(inputs, outputs)
    nn.init.orthogonal_(made.weight, gain)
    nn.init.zeros_(made.bias)
    return made


class Agent(nn.Module):
    """Actor and critic."""

    def __init__(self, envs: gym.vector.VectorEnv) -> None:
        super().__init__()
        size = envs.single_observation_space["observation"].shape[0]
        self.critic = nn.Sequential(layer(size, 64), nn.Tanh(), layer(64, 64), nn.Tanh(), layer(64, 1, 1.0))
        self.actor = nn.Sequential(
            layer(size, 64), nn.Tanh(), layer(64, 64), nn.Tanh(), layer(64, envs.single_action_space.n, 0.01)
        )

    def value(self, observation: Tensor) -> Tensor:
        """Values of states, shape `(batch,)`."""
        return self.critic(observation).squeeze(-1)

    def policy(self, observation: Tensor, mask: Tensor) -> Categorical:
        """The distribution over the valid actions."""
        # Finite, since minus infinity would make the entropy not a number, and after the end no action is valid.
        return Categorical(logits=self.actor(observation).masked_fill(~mask, -1e9))


class Rollout(NamedTuple):
    """What happened between two updates; shape `(steps, envs, ...)`, or `(batch, ...)` once flattened."""

    observation: Tensor
    mask: Tensor
    action: Tensor
    log_prob: Tensor
    reward: Tensor
    value: Tensor
    terminated: Tensor
    is_reset: Tensor


def advantages_of(rollout: Rollout, last_value: Tensor, args: argparse.Namespace) -> Tensor:
    """Generalised advantage estimates; the value after a truncated episode counts, that after a terminated one not."""
    advantages = torch.zeros_like(rollout.reward)
    advantage, value_after, is_reset_after = torch.zeros_like(last_value), last_value, torch.zeros_like(last_value)
    for t in reversed(range(len(advantages))):
        value_after = value_after * (1 - rollout.terminated[t])
        delta = rollout.reward[t] + args.gamma * value_after - rollout.value[t]
        # The step after an episode's last one belongs to no episode: nothing is carried over it.
        advantage = delta + args.gamma * args.gae_lambda * (1 - is_reset_after) * advantage
        advantages[t], value_after, is_reset_after = advantage, rollout.value[t], rollout.is_reset[t]
    return advantages


def train(args: argparse.Namespace) -> list[float]:
    """Train an agent; the returns of its episodes, in order."""
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    envs = make_envs(args)
    agent = Agent(envs)
    optimizer = torch.optim.Adam(agent.parameters(), lr=args.learning_rate, eps=1e-5)
    returns: list[float] = []

    observations, _ = envs.reset(seed=args.seed)
    is_reset = torch.zeros(args.num_envs)
    updates = max(1, args.total_timesteps // (args.num_envs * args.num_steps))
    for update in range(updates):
        optimizer.param_groups[0]["lr"] = args.learning_rate * (1 - update / updates)
        steps = []
        for _ in range(args.num_steps):
            observation = torch.from_numpy(observations["observation"])
            mask = torch.from_numpy(observations["action_mask"])
            with torch.no_grad():
                policy, value = agent.policy(observation, mask), agent.value(observation)
            action = policy.sample()
            observations, rewards, terminations, truncations, infos = envs.step(action.numpy())
            reward = torch.from_numpy(rewards).float()
            terminated = torch.from_numpy(terminations).float()
            steps.append(
                Rollout(observation, mask, action, policy.log_prob(action), reward, value, terminated, is_reset)
            )
            is_reset = torch.from_numpy(terminations | truncations).float()  # of the next step
            if "episode" in infos:
                returns.extend(infos["episode"]["r"][infos["_episode"]].tolist())

        rollout = Rollout(*map(torch.stack, zip(*steps, strict=True)))
        with torch.no_grad():
            last_value = agent.value(torch.from_numpy(observations["observation"]))
        advantages = advantages_of(rollout, last_value, args)
        counts = rollout.is_reset.flatten() == 0
        batch = Rollout(*(entry.flatten(0, 1)[counts] for entry in rollout))
        advantages = advantages.flatten()[counts]
        targets = advantages + batch.value

        for _ in range(args.update_epochs):
            for part in np.array_split(rng.permutation(len(advantages)), args.num_minibatches):
                policy = agent.policy(batch.observation[part], batch.mask[part])
                ratio = (policy.log_prob(batch.action[part]) - batch.log_prob[part]).exp()
                scaled = (advantages[part] - advantages[part].mean()) / (advantages[part].std() + 1e-8)
                clipped = ratio.clamp(1 - args.clip_coef, 1 + args.clip_coef)
                policy_loss = -torch.min(scaled * ratio, scaled * clipped).mean()
                value_loss = 0.5 * (agent.value(batch.observation[part]) - targets[part]).square().mean()
                loss = policy_loss - args.ent_coef * policy.entropy().mean() + args.vf_coef * value_loss
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(agent.parameters(), args.max_grad_norm)
                optimizer.step()
        done = (update + 1) * args.num_envs * args.num_steps
        print(f"{done} steps: mean return of the last 100 episodes {np.mean(returns[-100:]):.3f}", flush=True)
    envs.close()
    return returns


if __name__ == "__main__":
    train(parse_args())
