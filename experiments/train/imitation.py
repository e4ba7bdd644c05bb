"""Imitation of neighbourhood search."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.agent import StepAgent
from agents.imitation import ImitationSettings, ImitationTrainer
from agents.networks import NetworkAgent
from agents.saved import save_network
from experiments.train.update_training import UpdateTraining
from polyproof_gym.problems import Mixture, ProblemGenerator


class ImitationTraining(UpdateTraining[ImitationTrainer]):
    """The training of :mod:`agents.imitation`; every episode draws from one of the generators."""

    settings_class = ImitationSettings

    def _new_trainer(
        self, sources: Sequence[ProblemGenerator], settings: ImitationSettings, seed: int
    ) -> ImitationTrainer:
        return ImitationTrainer(Mixture(tuple(sources)), settings, seed)

    def _agent(self) -> StepAgent:
        return NetworkAgent(self._trainer.trained)

    def export(self, folder: Path, name: str) -> None:
        """Write the network as an agent."""
        save_network(folder, self._trainer.trained, name=name, algorithm="imitation")
