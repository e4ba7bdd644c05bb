"""Trainings of the scorer by evolution strategies."""

from __future__ import annotations

import abc
import math
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from agents.saved import save_scorer
from agents.scoring import ScoringAgent, prior_weights
from agents.scoring.evolution import CMAES, Evolution, RunTrials, TrialSettings
from agents.scoring.scorer import SHAPE
from agents.step_budgets import is_range
from experiments.executors import Executor, Processes
from experiments.train.episodes import HeldOut, Tried
from experiments.train.settings import HELD_OUT, LEAST_OF_RUN, generators, require_names, resolved
from polyproof_gym import BadInput
from polyproof_gym.arguments import shown
from polyproof_gym.envs.reward import make_reward
from polyproof_gym.problems import Mixture
from polyproof_gym.proofs import make_rules, rule_names
from polyproof_gym.specs import unknown
from polyproof_gym.whole_file import write_whole_with

TRIALS = {"problems": 24, "reward": "ratio"}
"""What candidates for the weights are tried on, see :class:`~agents.scoring.evolution.TrialSettings`."""

STEPS_PER_VARIABLE = (2.0, 2.0)
"""The default range of step budgets."""

RUN = {"updates": 150, "start": "prior", "workers": 2, **HELD_OUT}

SMALLEST_STEP, LARGEST_STEP = 1e-6, 1e6
"""Steps among the weights beyond which they would not change, or scores overflow."""

SMALLEST_POPULATION = 4
"""The least that CMA-ES learns from."""

STARTS = {"prior": prior_weights(), "zero": np.zeros(SHAPE)}
"""The weights to begin with: those of guidance by the estimates with bonuses that decide near ties, or none."""


class EvolutionTraining(abc.ABC):
    """What the trainings have in common; see :class:`~experiments.train.training.Training`.

    Attributes:
        config: The configuration with all defaults filled in.
        total: Number of updates.
        held_out: What the agent is tried on at the end.
    """

    unit = "update"
    log_every = checkpoint_every = 1
    name: ClassVar[str]
    """The algorithm's name in configurations."""
    settings: ClassVar[Mapping[str, Any]]
    """The settings of the algorithm, with their defaults."""

    def __init__(self, content: dict[str, Any], seed: int, executor: Executor | None = None) -> None:
        """Begin a training.

        Args:
            content: The keys ``problems``, a list of spec strings, whose generators take turns; ``trials``, see
                :data:`TRIALS` and :data:`STEPS_PER_VARIABLE`, with ``rules``, see
                :func:`~polyproof_gym.proofs.make_rules`; ``settings``, those of the algorithm; and those of
                :data:`RUN`.
            seed: Source of all randomness.
            executor: What makes the episodes; by default ``workers`` processes of this machine.

        Raises:
            BadInput: If the content is something else.
        """
        require_names("key", content, ("problems", "trials", "settings", *RUN))
        run = resolved("configuration", {key: content[key] for key in RUN if key in content}, RUN, LEAST_OF_RUN)
        trials = require_names("trials", content.get("trials", {}), (*TRIALS, "steps_per_variable", "rules"))
        budgets = trials.get("steps_per_variable", STEPS_PER_VARIABLE)
        rules = make_rules(trials.get("rules"))
        trials = resolved("trials", {key: trials[key] for key in TRIALS if key in trials}, TRIALS)
        settings = resolved("settings", content.get("settings", {}), self.settings)
        if run["start"] not in STARTS:
            raise unknown("start", run["start"], STARTS)
        make_reward(trials["reward"])
        sources = tuple(generators(content.get("problems")))
        source = Mixture(sources)
        if not (is_range(budgets) and math.isfinite(budgets[1] * source.shape.num_variables)):
            raise BadInput(f"trials: expected a range of positive numbers as steps_per_variable, got {shown(budgets)}")
        self.config = {
            "problems": content["problems"],
            "trials": {**trials, "steps_per_variable": list(budgets), "rules": list(rule_names(rules))},
            "settings": settings,
            **run,
        }
        self.total: int = run["updates"]
        self.held_out_every: int = run["held_out_every"]
        self._seed, self._rules = seed, rules
        on = TrialSettings(sources, trials["problems"], tuple(budgets), trials["reward"], seed, rules)
        run_trials = (executor or Processes(run["workers"])).map
        self._model = self._new_model(on, STARTS[run["start"]], run_trials)
        steps = math.ceil(budgets[1] * source.shape.num_variables)
        self.held_out = HeldOut(source, run["held_out"], steps)

    @abc.abstractmethod
    def _new_model(self, trials: TrialSettings, start: Any, run_trials: RunTrials) -> Evolution:
        """The algorithm at its beginning."""

    @property
    def done(self) -> int:
        """Number of updates made."""
        return self._model.num_updates

    def run(self, at_rest: Callable[[], None]) -> None:
        """Train to the end; it rests after every update."""
        for _ in self._model.updates(self.total):
            at_rest()

    def figures(self) -> dict[str, float]:
        """Figures of the last update, see :class:`~agents.scoring.evolution.Evolution`."""
        return {**self._model.figures, "timesteps": float(self._model.num_timesteps)}

    def tried(self) -> Tried:
        """What the agent does on the held-out problems."""
        return self.held_out.tried_by(ScoringAgent(self._model.scorer()), self._seed, self._rules)

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on."""
        write_whole_with(folder / "evolution.pickle", lambda file: pickle.dump(self._model.checkpoint(), file))

    def load(self, folder: Path) -> None:
        """Go on from what was saved."""
        with (folder / "evolution.pickle").open("rb") as file:
            self._model.restore(pickle.load(file))

    def export(self, folder: Path, name: str) -> None:
        """Write the scorer as an agent."""
        save_scorer(folder, self._model.scorer(), name=name, algorithm=self.name)


class CMAESTraining(EvolutionTraining):
    """Training by :class:`~agents.scoring.evolution.CMAES`."""

    name = "cma-es"
    settings: ClassVar[Mapping[str, Any]] = {"population": 14, "step_size": 1.0}

    def _new_model(self, trials: TrialSettings, start: Any, run_trials: RunTrials) -> Evolution:
        settings = self.config["settings"]
        if settings["population"] % 2 or settings["population"] < SMALLEST_POPULATION:
            raise BadInput(f"settings: expected an even number of at least {SMALLEST_POPULATION} as population")
        if not SMALLEST_STEP <= settings["step_size"] <= LARGEST_STEP:
            raise BadInput(f"settings: expected a number from {SMALLEST_STEP:g} to {LARGEST_STEP:g} as step_size")
        return CMAES(trials, start, run_trials, **settings)


class ARSTraining(EvolutionTraining):
    """Training by :class:`~agents.scoring.evolution.Evolution`, which is sb3-contrib's ARS."""

    name = "ars"
    settings: ClassVar[Mapping[str, Any]] = {"n_delta": 8, "n_top": 8, "learning_rate": 2.0, "delta_std": 1.0}

    def _new_model(self, trials: TrialSettings, start: Any, run_trials: RunTrials) -> Evolution:
        settings = self.config["settings"]
        if settings["n_top"] > settings["n_delta"]:
            raise BadInput(f"settings: expected n_top of at most n_delta, got {settings['n_top']}")
        if max(settings["learning_rate"], settings["delta_std"]) > LARGEST_STEP:
            raise BadInput(f"settings: expected numbers up to {LARGEST_STEP:g} as learning_rate and delta_std")
        return Evolution(trials, start, run_trials, **settings)
