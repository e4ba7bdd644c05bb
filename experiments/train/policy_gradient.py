"""Policy gradients for a score of candidates."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.saved import save_scorer
from agents.scoring.training import Trainer, TrainingSettings
from experiments.train.settings import generators, require_names
from polyproof_gym import BadInput

_CHECKPOINT = "trainer.pt"


class PolicyGradientTraining:
    """The training of :mod:`agents.scoring.training`; see :class:`~experiments.train.training.Training`."""

    unit = "update"
    log_every = checkpoint_every = 1

    def __init__(self, content: dict[str, Any], seed: int) -> None:
        """Begin a training.

        Args:
            content: The keys ``problems``, a list of spec strings that are taken in turn, and ``settings``, those of
                :class:`~agents.scoring.training.TrainingSettings`.
            seed: Source of all randomness.

        Raises:
            BadInput: If the content is something else.
        """
        require_names("key", content, ("problems", "settings"))
        known = [field.name for field in dataclasses.fields(TrainingSettings)]
        given = require_names("setting", content.get("settings", {}), known)
        values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()}
        try:
            settings = TrainingSettings(**values)
        except TypeError as error:
            raise BadInput(f"settings: {error}") from None
        self._trainer = Trainer(generators(content.get("problems")), settings, seed)
        self.config = {"problems": content["problems"], "settings": dataclasses.asdict(settings)}
        self.total = settings.updates
        self._figures: dict[str, float] = {}

    @property
    def done(self) -> int:
        """Number of updates made."""
        return self._trainer.update

    def run(self, at_rest: Callable[[], None]) -> None:
        """Train to the end; it rests after every update."""
        for figures in self._trainer.run():
            self._figures = dict(figures)
            at_rest()

    def figures(self) -> dict[str, float]:
        """Figures of the last update."""
        return self._figures

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on."""
        self._trainer.save(folder / _CHECKPOINT)

    def load(self, folder: Path) -> None:
        """Go on from what was saved."""
        self._trainer.load(folder / _CHECKPOINT)

    def export(self, folder: Path, name: str) -> None:
        """Write the scorer as an agent."""
        save_scorer(folder, self._trainer.scorer, name=name, algorithm="policy-gradient")
