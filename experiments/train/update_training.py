"""Trainings that count updates, with trainers of this project."""

from __future__ import annotations

import abc
import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from agents.agent import StepAgent
from experiments.train.episodes import Episode, HeldOut
from experiments.train.settings import HELD_OUT, generators, require_names, resolved
from polyproof_gym import BadInput
from polyproof_gym.problems import Mixture, ProblemGenerator

_CHECKPOINT = "trainer"


class Trainer(Protocol):
    """What trains.

    Attributes:
        update: Number of updates made.
    """

    update: int

    def run(self) -> Iterator[dict[str, float]]:
        """Train to the end; yields figures after each update."""
        ...

    def save(self, path: Path) -> None:
        """Write what is needed to go on."""
        ...

    def load(self, path: Path) -> None:
        """Go on from a file."""
        ...


TrainerT = TypeVar("TrainerT", bound=Trainer)


class UpdateTraining(abc.ABC, Generic[TrainerT]):
    """What the trainings have in common; see :class:`~experiments.train.training.Training`.

    Attributes:
        config: The configuration with all defaults filled in.
        total: Number of updates.
        held_out: What the agent is tried on at the end.
    """

    unit = "update"
    log_every = checkpoint_every = 1
    settings_class: ClassVar[type[Any]]
    """The settings: a dataclass with ``updates`` and ``steps_per_variable``."""

    def __init__(self, content: dict[str, Any], seed: int) -> None:
        """Begin a training.

        Args:
            content: The keys ``problems``, a list of spec strings; ``settings``, those of the trainer; ``held_out``,
                the number of held-out problems; and ``held_out_steps``, the step budget there, by default the largest
                one of the training.
            seed: Source of all randomness.

        Raises:
            BadInput: If the content is something else.
        """
        require_names("key", content, ("problems", "settings", "held_out", "held_out_steps"))
        known = [field.name for field in dataclasses.fields(self.settings_class)]
        given = require_names("setting", content.get("settings", {}), known)
        values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()}
        try:
            settings = self.settings_class(**values)
        except TypeError as error:
            raise BadInput(f"settings: {error}") from None
        sources = generators(content.get("problems"))
        source = Mixture(tuple(sources))
        defaults = {
            "held_out": HELD_OUT,
            "held_out_steps": math.ceil(settings.steps_per_variable[1] * source.shape.num_variables),
        }
        trial = resolved("key", {key: content[key] for key in defaults if key in content}, defaults)
        self._seed = seed
        self._trainer = self._new_trainer(sources, settings, seed)
        self.held_out = HeldOut(source, trial["held_out"], trial["held_out_steps"])
        self.config = {"problems": content["problems"], "settings": dataclasses.asdict(settings), **trial}
        self.total: int = settings.updates
        self._figures: dict[str, float] = {}

    @abc.abstractmethod
    def _new_trainer(self, sources: Sequence[ProblemGenerator], settings: Any, seed: int) -> TrainerT:
        """The trainer at its beginning."""

    @abc.abstractmethod
    def _agent(self) -> StepAgent:
        """The agent as far as it is trained."""

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

    def held_out_episodes(self) -> list[Episode]:
        """Figures of the agent on the held-out problems."""
        return self.held_out.episodes_of(self._agent(), self._seed)

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on."""
        self._trainer.save(folder / _CHECKPOINT)

    def load(self, folder: Path) -> None:
        """Go on from what was saved."""
        self._trainer.load(folder / _CHECKPOINT)

    @abc.abstractmethod
    def export(self, folder: Path, name: str) -> None:
        """Write the agent, if it is one of those that can be written."""
