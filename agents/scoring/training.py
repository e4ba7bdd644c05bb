"""Policy gradients for a scorer: whole proofs of one problem are compared with each other, without a critic."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from agents.requirements import require_numbers, require_range, require_whole_numbers
from agents.scoring.features import FEATURES, WIDTH, describe
from agents.scoring.scorer import GAIN, Scorer, drawn, prior
from agents.step_budgets import draw_budget
from polyproof_gym.problems import Problem, ProblemGenerator
from polyproof_gym.proofs import ProofState
from polyproof_gym.stopping import leave_to_first_process
from polyproof_gym.whole_file import write_whole_with


@dataclass(frozen=True)
class TrainingSettings:
    """How a scorer is trained.

    Attributes:
        updates: Number of gradient steps.
        groups: Problems per update.
        rollouts: Proofs per problem, compared with each other.
        steps_per_variable: Range of the step budget, per variable.
        area_weight: Weight of the mean gap over the steps in the return, beside the last gap.
        learning_rate: Of Adam, at first; it falls linearly to a tenth.
        hidden: Size of the hidden layers.
        workers: Number of processes that make proofs.
    """

    updates: int = 300
    groups: int = 16
    rollouts: int = 8
    steps_per_variable: tuple[float, float] = (1.6, 2.8)
    area_weight: float = 0.1
    learning_rate: float = 3e-3
    hidden: int = 32
    workers: int = 2

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            BadInput: If one is out of range.
        """
        require_whole_numbers(self, {"updates": 1, "groups": 1, "rollouts": 2, "hidden": 1, "workers": 1})
        require_range(self, "steps_per_variable")
        require_numbers(self, "area_weight", "learning_rate")


class Rollout(NamedTuple):
    """A proof that was made by sampling.

    Attributes:
        features: What was looked at, padded with zeros, shape ``(steps, WIDTH, len(FEATURES))``, half precision.
        counts: Number of candidates in each step.
        chosen: The place of the candidate taken in each step.
        value: The return.
    """

    features: NDArray[np.float16]
    counts: NDArray[np.int64]
    chosen: NDArray[np.int64]
    value: float


def roll_out(problem: Problem, scorer: Scorer, steps: int, area_weight: float, rng: np.random.Generator) -> Rollout:
    """Make a proof by drawing every step with probability proportional to the exponential of its score."""
    state = ProofState(problem, max_steps=steps)
    seen, counts, chosen = np.zeros((steps, WIDTH, len(FEATURES)), np.float16), [], []
    goal = None if problem.incumbent is None else float(problem.incumbent)
    initial = state.bound
    unit = abs(initial - goal) if goal is not None and goal != initial else 1.0
    gained = []
    for step in range(steps):
        actions, features = describe(state)
        if not len(actions):
            break
        place = drawn(scorer(features), rng)
        seen[step, : len(actions)] = features
        counts.append(len(actions))
        chosen.append(place)
        state.apply(int(actions[place]))
        gained.append(abs(state.bound - initial) / unit)
        if goal is not None and state.is_reached(goal):
            break
    final = gained[-1] if gained else 0.0
    area = (sum(gained) + final * (steps - len(gained))) / steps
    return Rollout(seen[: len(chosen)], np.array(counts), np.array(chosen), final + area_weight * area)


class ScorerNetwork(nn.Module):
    """The network of :class:`Scorer` with gradients, on batches of padded candidates."""

    def __init__(self, scorer: Scorer) -> None:
        """Start from the weights of a scorer."""
        super().__init__()
        self.layers = nn.ParameterList(
            nn.Parameter(torch.from_numpy(array.copy())) for layer in scorer.weights for array in layer
        )

    def forward(self, features: torch.Tensor, is_real: torch.Tensor) -> torch.Tensor:
        """Log-probabilities of the candidates.

        Args:
            features: Shape ``(states, candidates, len(FEATURES))``.
            is_real: Which candidates are not padding, shape ``(states, candidates)``.

        Returns:
            Shape ``(states, candidates)``; very small for padding.
        """
        real = is_real.unsqueeze(-1)
        number = real.sum(dim=1).clamp(min=1)
        values = features
        for k in range(0, len(self.layers), 3):
            own, mean, offset = self.layers[k : k + 3]
            if k:
                values = torch.tanh(values)
            pooled = (values * real).sum(dim=1) / number
            values = values @ own + (pooled @ mean + offset).unsqueeze(1)
        scores = torch.from_numpy(prior(features.numpy())) + GAIN * values.squeeze(-1)
        return torch.log_softmax(scores.masked_fill(~is_real, -1e9), dim=-1)

    def scorer(self) -> Scorer:
        """The present weights."""
        arrays = [parameter.detach().numpy().copy() for parameter in self.layers]
        return Scorer(tuple((arrays[k], arrays[k + 1], arrays[k + 2]) for k in range(0, len(arrays), 3)))


class _Task(NamedTuple):
    problem: Problem
    scorer: Scorer
    steps: int
    area_weight: float
    seed: tuple[int, ...]


def _work(task: _Task) -> Rollout:
    return roll_out(task.problem, task.scorer, task.steps, task.area_weight, np.random.default_rng(task.seed))


class Trainer:
    """Training that can be interrupted after any update and gone on with from a file.

    Attributes:
        update: Number of updates made.
    """

    def __init__(self, generators: Sequence[ProblemGenerator], settings: TrainingSettings, seed: int) -> None:
        """Begin a training.

        Args:
            generators: Where problems come from, in turn.
            settings: How to train.
            seed: Source of all randomness.
        """
        self._generators = generators
        self._settings = settings
        self._seed = seed
        self.update = 0
        self._network = ScorerNetwork(Scorer.initial(settings.hidden, np.random.default_rng(seed)))
        self._optimizer = torch.optim.Adam(self._network.parameters(), settings.learning_rate)

    @property
    def scorer(self) -> Scorer:
        """The present scorer."""
        return self._network.scorer()

    def save(self, path: Path) -> None:
        """Write what is needed to go on."""
        content = {
            "update": self.update,
            "network": self._network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        write_whole_with(path, lambda file: torch.save(content, file))

    def load(self, path: Path) -> None:
        """Go on from a file."""
        content: dict[str, Any] = torch.load(path, weights_only=True)
        self.update = content["update"]
        self._network.load_state_dict(content["network"])
        self._optimizer.load_state_dict(content["optimizer"])

    def run(self) -> Iterator[dict[str, float]]:
        """Train up to the number of updates of the settings; yields figures after each."""
        settings = self._settings
        with multiprocessing.get_context("fork").Pool(settings.workers, leave_to_first_process) as pool:
            while self.update < settings.updates:
                tasks = self._tasks()
                rollouts = pool.map(_work, tasks, chunksize=1)
                for group in self._optimizer.param_groups:
                    group["lr"] = settings.learning_rate * (1.0 - 0.9 * self.update / settings.updates)
                entropy = self._learn(rollouts)
                self.update += 1
                yield {
                    "return": float(np.mean([rollout.value for rollout in rollouts])),
                    "steps": float(np.mean([len(rollout.chosen) for rollout in rollouts])),
                    "entropy": entropy,
                }

    def _tasks(self) -> list[_Task]:
        settings, scorer = self._settings, self.scorer
        tasks = []
        for number in range(settings.groups):
            seed = (self._seed, self.update, number)
            rng = np.random.default_rng(seed)
            generator = self._generators[(self.update * settings.groups + number) % len(self._generators)]
            problem = generator.sample(rng)
            steps = draw_budget(problem.num_variables, settings.steps_per_variable, rng)
            tasks += [
                _Task(problem, scorer, steps, settings.area_weight, (*seed, rollout))
                for rollout in range(settings.rollouts)
            ]
        return tasks

    def _learn(self, rollouts: Sequence[Rollout]) -> float:
        """One gradient step; the mean entropy."""
        settings = self._settings
        values = np.array([rollout.value for rollout in rollouts]).reshape(settings.groups, settings.rollouts)
        advantages = (values - values.mean(axis=1, keepdims=True)) / (values.std(axis=1, keepdims=True) + 1e-3)
        total = sum(len(rollout.chosen) for rollout in rollouts)
        self._optimizer.zero_grad()
        entropy_sum = 0.0
        for rollout, advantage in zip(rollouts, advantages.ravel().tolist(), strict=True):
            if not len(rollout.chosen):
                continue
            width = int(rollout.counts.max())
            features = torch.from_numpy(rollout.features[:, :width].astype(np.float32))
            is_real = torch.arange(width) < torch.from_numpy(rollout.counts).unsqueeze(1)
            logs = self._network(features, is_real)
            taken = logs.gather(1, torch.from_numpy(rollout.chosen).unsqueeze(1)).sum()
            (-advantage * taken / total).backward()
            entropy_sum -= float((logs.exp() * logs.masked_fill(~is_real, 0.0)).sum().detach())
        nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimizer.step()
        return entropy_sum / max(1, total)
