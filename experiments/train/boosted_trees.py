"""Boosted trees."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.agent import StepAgent
from agents.trees import TreesSettings, TreesTrainer
from experiments.train.update_training import UpdateTraining
from polyproof_gym.problems import Mixture, ProblemGenerator


class BoostedTreesTraining(UpdateTraining[TreesTrainer]):
    """The training of :mod:`agents.trees`; every episode draws from one of the generators."""

    settings_class = TreesSettings

    def _new_trainer(self, sources: Sequence[ProblemGenerator], settings: TreesSettings, seed: int) -> TreesTrainer:
        return TreesTrainer(Mixture(tuple(sources)), settings, seed)

    def _agent(self) -> StepAgent:
        return self._trainer.agent

    def export(self, folder: Path, name: str) -> None:
        """Write nothing: scikit-learn's models have no plain format, so only the held-out figures tell of them."""
