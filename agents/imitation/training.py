"""Training a network to derive what a search would have derived."""

from __future__ import annotations

import math
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from agents.imitation.demonstrations import Demonstration, Observation, demonstrate, stacked
from agents.networks import FeatureSet, ObservationLayout, ProofNetwork, TrainedNetwork
from agents.requirements import require_numbers, require_range, require_whole_numbers
from agents.step_budgets import draw_budget
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.problems import ProblemGenerator
from polyproof_gym.stopping import leave_to_first_process


@dataclass(frozen=True)
class ImitationSettings:
    """How a network is trained to imitate.

    Attributes:
        updates: Number of rounds of collecting and learning.
        episodes: Episodes collected per update.
        rounds: Rounds of the neighbourhood search whose proof is imitated.
        steps_per_variable: Range of the step budget, per variable.
        trust: Probability of the student's own choice in an episode, after ``warm_up`` updates; it grows from 0.
        warm_up: Updates over which the trust grows.
        batches: Gradient steps per update.
        batch_size: States per gradient step.
        kept: Episodes that are learned from, the last ones.
        learning_rate: Of Adam, at first; it falls linearly to a tenth.
        features: See :class:`~agents.networks.ProofNetwork`, likewise the next two.
        width: Length of the network's vectors.
        message_rounds: How often messages are exchanged.
        workers: Number of processes that search.
    """

    updates: int = 60
    episodes: int = 16
    rounds: int = 60
    steps_per_variable: tuple[float, float] = (1.6, 2.8)
    trust: float = 0.8
    warm_up: int = 10
    batches: int = 40
    batch_size: int = 32
    kept: int = 320
    learning_rate: float = 2e-3
    features: FeatureSet = "dual"
    width: int = 32
    message_rounds: int = 2
    workers: int = 2

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            BadInput: If one is out of range.
        """
        counts = ("updates", "episodes", "rounds", "warm_up", "batches", "batch_size", "kept", "width")
        require_whole_numbers(self, dict.fromkeys((*counts, "message_rounds", "workers"), 1))
        require_range(self, "steps_per_variable")
        require_numbers(self, "trust", most=1.0)
        require_numbers(self, "learning_rate")


class _Task(NamedTuple):
    weights: dict[str, NDArray[Any]]
    trust: float
    seed: tuple[int, ...]


class _Collector:
    """What a process needs to make demonstrations: an environment and a network."""

    def __init__(self, generator: ProblemGenerator, settings: ImitationSettings) -> None:
        self._generator, self._settings = generator, settings
        self._env = environment_for(generator, settings)
        self._network = network_for(self._env, settings)

    def __call__(self, task: _Task) -> Demonstration:
        self._network.load_state_dict({key: torch.from_numpy(value) for key, value in task.weights.items()})
        settings, rng = self._settings, np.random.default_rng(task.seed)
        problem = self._generator.sample(rng)
        budget = draw_budget(problem.num_variables, settings.steps_per_variable, rng)
        return demonstrate(self._env, problem, budget, settings.rounds, self._scores, task.trust, rng)

    @torch.no_grad()
    def _scores(self, observation: Observation) -> NDArray[np.float32]:
        scores, _ = self._network({key: torch.from_numpy(array[None]) for key, array in observation.items()})
        result: NDArray[np.float32] = scores[0].numpy()
        return result


def environment_for(generator: ProblemGenerator, settings: ImitationSettings) -> PolyProofEnv:
    """An environment with room for the largest problem and budget."""
    return PolyProofEnv(generator, max_steps=math.ceil(settings.steps_per_variable[1] * generator.shape.num_variables))


def network_for(env: PolyProofEnv, settings: ImitationSettings) -> ProofNetwork:
    """A network with random weights for the observations of an environment."""
    return ProofNetwork(ObservationLayout.of(env.observation_space), **_network_settings(settings))


def _network_settings(settings: ImitationSettings) -> dict[str, Any]:
    return {"features": settings.features, "width": settings.width, "rounds": settings.message_rounds}


_collector: _Collector | None = None
"""That of a worker process."""


def _start(generator: ProblemGenerator, settings: ImitationSettings) -> None:
    """Prepare a process."""
    global _collector
    leave_to_first_process()
    torch.set_num_threads(1)
    _collector = _Collector(generator, settings)


def _collect(task: _Task) -> Demonstration:
    assert _collector is not None
    return _collector(task)


@contextmanager
def _collecting(
    generator: ProblemGenerator, settings: ImitationSettings
) -> Iterator[Callable[[Sequence[_Task]], list[Demonstration]]]:
    """Makes demonstrations in as many processes as the settings say; one needs no other process."""
    if settings.workers == 1:
        collector = _Collector(generator, settings)
        yield lambda tasks: [collector(task) for task in tasks]
        return
    # Forked copies of a process in which PyTorch has computed with threads may wait for these forever.
    with multiprocessing.get_context("spawn").Pool(settings.workers, _start, (generator, settings)) as pool:
        yield lambda tasks: pool.map(_collect, tasks, chunksize=1)


class ImitationTrainer:
    """Training that can be interrupted after any update and gone on with from a file.

    Attributes:
        update: Number of updates made.
        network: The student.
    """

    def __init__(self, generator: ProblemGenerator, settings: ImitationSettings, seed: int) -> None:
        """Begin a training.

        Args:
            generator: Where problems come from.
            settings: How to train.
            seed: Source of all randomness.
        """
        self._generator, self._settings, self._seed = generator, settings, seed
        self.update = 0
        torch.manual_seed(seed)
        self.network = network_for(environment_for(generator, settings), settings)
        self._optimizer = torch.optim.Adam(self.network.parameters(), settings.learning_rate)
        self._kept: deque[Demonstration] = deque(maxlen=settings.kept)

    @property
    def trained(self) -> TrainedNetwork:
        """A copy of the network as it is now; its scores are logits."""
        return TrainedNetwork.of(self.network, _network_settings(self._settings), "logits")

    def save(self, path: Path) -> None:
        """Write what is needed to go on."""
        partial = path.with_suffix(".partial")
        content = {
            "update": self.update,
            "network": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "kept": list(self._kept),
        }
        torch.save(content, partial)
        partial.replace(path)

    def load(self, path: Path) -> None:
        """Go on from a file of one's own (it is unpickled)."""
        content: dict[str, Any] = torch.load(path, weights_only=False)
        self.update = content["update"]
        self.network.load_state_dict(content["network"])
        self._optimizer.load_state_dict(content["optimizer"])
        self._kept.extend(content["kept"])

    def run(self) -> Iterator[dict[str, float]]:
        """Train up to the number of updates of the settings; yields figures after each."""
        settings = self._settings
        with _collecting(self._generator, settings) as collect:
            while self.update < settings.updates:
                new = collect(self._tasks())
                self._kept.extend(demonstration for demonstration in new if len(demonstration))
                for group in self._optimizer.param_groups:
                    group["lr"] = settings.learning_rate * (1.0 - 0.9 * self.update / settings.updates)
                rng = np.random.default_rng((self._seed, self.update))
                losses = [self._learn(rng) for _ in range(settings.batches if self._kept else 0)]
                self.update += 1
                yield _figures(new, losses)

    def _tasks(self) -> list[_Task]:
        settings = self._settings
        weights = {key: value.numpy().copy() for key, value in self.network.state_dict().items()}
        trust = settings.trust * min(1.0, self.update / settings.warm_up)
        return [_Task(weights, trust, (self._seed, self.update, number)) for number in range(settings.episodes)]

    def _learn(self, rng: np.random.Generator) -> float:
        """One gradient step; the loss: minus the logarithm of the probability of a good action."""
        parts = []
        for _ in range(self._settings.batch_size):
            demonstration = self._kept[int(rng.integers(len(self._kept)))]
            parts.append((demonstration, int(rng.integers(len(demonstration)))))
        batch, good = stacked(parts)
        tensors = {key: torch.from_numpy(value) for key, value in batch.items()}
        scores = self.network(tensors)[0].masked_fill(tensors["action_mask"] == 0, -1e9)
        logs = torch.log_softmax(scores, dim=-1)
        loss = -torch.stack(
            [logs[row, torch.from_numpy(actions)].logsumexp(0) for row, actions in enumerate(good)]
        ).mean()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimizer.step()
        return float(loss.detach())


def _figures(new: Sequence[Demonstration], losses: Sequence[float]) -> dict[str, float]:
    """What is told of an update; nothing of what did not happen in it."""
    figures = {"steps": float(np.mean([len(demonstration) for demonstration in new]))}
    if losses:
        figures["loss"] = float(np.mean(losses))
    tried = sum(demonstration.tried for demonstration in new)
    if tried:
        figures["agreement"] = sum(demonstration.hits for demonstration in new) / tried
    return figures
