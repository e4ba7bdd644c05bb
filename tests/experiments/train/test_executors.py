"""Evolution strategies whose episodes are made on Ray."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from agents.scoring.evolution import CMAES, Episodes, Outcome, Trial, TrialSettings
from agents.scoring.scorer import SHAPE
from experiments.executors import Executor, make_executor
from experiments.train.training import make_training
from polyproof_gym import BadInput
from polyproof_gym.problems import RandomStableSet
from tests.experiments.train.small import SMALL, rows, train, write


@pytest.fixture(scope="module")
def cluster() -> Iterator[Executor]:
    with make_executor("ray", 2) as made:
        yield made


class Mortal:
    """Makes episodes, but the process dies of some of them the first time that they are made."""

    def __init__(self, episodes: Callable[[Trial], Outcome], folder: Path) -> None:
        self._episodes, self._folder = episodes, folder

    def __call__(self, trial: Trial) -> Outcome:
        death = self._folder / f"{trial.update}-{trial.number}"
        if (trial.update + trial.number) % 3 == 0 and not death.exists():
            death.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self._episodes(trial)


def learned(run_trials: Callable[[Callable[[Trial], Outcome], Sequence[Trial]], Iterable[Outcome]]) -> list[float]:
    settings = TrialSettings((RandomStableSet(6, 8),), 3, (0.5, 1.0), "ratio", 4)
    model = CMAES(settings, np.zeros(SHAPE), run_trials, population=4)
    for _ in model.updates(3):
        pass
    weights: list[float] = model.scorer().weights.ravel().tolist()
    return weights


@pytest.mark.ray
@pytest.mark.parametrize("algorithm", ["ars", "cma-es"])
def test_what_is_learned_is_the_same_as_in_processes(algorithm: str, tmp_path: Path) -> None:
    config, local, remote = write(tmp_path / "small.yaml", algorithm), tmp_path / "local", tmp_path / "remote"
    assert train(config, local) == 0
    assert train(config, remote, "--executor", "ray") == 0
    assert (remote / "weights.npz").read_bytes() == (local / "weights.npz").read_bytes()
    figures = [[{**row, "seconds": 0} for row in rows(folder)] for folder in (local, remote)]
    assert figures[0] == figures[1]


@pytest.mark.ray
def test_what_is_learned_is_the_same_when_workers_die(cluster: Executor, tmp_path: Path) -> None:
    def mortal(episodes: Callable[[Trial], Outcome], trials: Sequence[Trial]) -> list[Outcome]:
        return cluster.map(Mortal(episodes, tmp_path), trials)

    assert learned(mortal) == learned(map)
    assert len([*tmp_path.iterdir()]) == 3


def test_what_travels_is_small() -> None:
    """The weights of a candidate and two numbers, however large its problem is."""
    settings = TrialSettings((RandomStableSet(60, 60),), 3, (0.5, 1.0), "ratio", 4)
    episodes = Episodes(settings, np.zeros(SHAPE))
    trial = Trial(np.zeros(100, np.float32), 0, 1)
    before = len(pickle.dumps(episodes))
    episodes(trial)
    assert len(pickle.dumps(episodes)) == before < 5_000
    assert len(pickle.dumps(trial)) < 1_000


def test_only_evolution_strategies_have_a_use_for_executors() -> None:
    for algorithm in ("masked-dqn", "maskable-ppo"):
        with pytest.raises(BadInput, match="expected ars or cma-es with --executor"):
            make_training({"algorithm": algorithm, **SMALL[algorithm]}, 0, make_executor("processes", 2))
