"""Policy gradients for a score of candidates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.agent import StepAgent
from agents.saved import save_scorer
from agents.scoring import ScoringAgent
from agents.scoring.training import Trainer, TrainingSettings
from experiments.train.update_training import UpdateTraining
from polyproof_gym.problems import ProblemGenerator


class PolicyGradientTraining(UpdateTraining[Trainer]):
    """The training of :mod:`agents.scoring.training`; the generators take turns."""

    settings_class = TrainingSettings

    def _new_trainer(self, sources: Sequence[ProblemGenerator], settings: TrainingSettings, seed: int) -> Trainer:
        return Trainer(sources, settings, seed)

    def _agent(self) -> StepAgent:
        return ScoringAgent(self._trainer.scorer)

    def export(self, folder: Path, name: str) -> None:
        """Write the scorer as an agent."""
        save_scorer(folder, self._trainer.scorer, name=name, algorithm="policy-gradient")
