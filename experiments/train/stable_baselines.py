"""Trainings with algorithms of Stable-Baselines3 on ``PolyProof-v0``."""

from __future__ import annotations

import abc
import inspect
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.utils import LinearSchedule
from stable_baselines3.common.vec_env import DummyVecEnv

from agents.checkpoint import load_checkpoint, save_checkpoint
from agents.networks import Start, TrainedNetwork
from agents.networks.trained_network import ScoreKind
from agents.pretrained import pretrained_agents
from agents.saved import load_scorer, save_network
from experiments.executors import Executor
from experiments.train.episodes import HeldOut, Tried, environment_of, means
from experiments.train.settings import HELD_OUT, LEAST_OF_RUN, generators, require_names, resolved
from polyproof_gym import BadInput
from polyproof_gym.problems import Mixture
from polyproof_gym.proofs import ESTIMATE_ROUNDS

ENVIRONMENT = {"max_steps": 100, "lp_features": True, "reward": "gap"}
"""Arguments of ``PolyProof-v0``."""

OPTIONAL_ENVIRONMENT = ("target", "steps_per_variable", "rules")
"""More of them, ``None`` by default, which the environment and its wrapper check themselves: where an episode ends,
the budgets of :class:`~agents.step_budgets.StepBudgets`, and the inference rules."""

NETWORK = {"features": "dual", "width": 32, "rounds": 2, "estimate_rounds": ESTIMATE_ROUNDS}
START = {"start": "", "temperature": 1.0, "gain": 1.0}
"""The name or folder of a trained scorer, and the rest of a :class:`~agents.networks.Start`."""

RUN = {"steps": 100_000, "envs": 1, "checkpoint_every": 10_000, "log_every": 1_000, **HELD_OUT}

_OF_THE_PROGRAM = {
    *("self", "policy", "env", "seed", "verbose", "tensorboard_log", "policy_kwargs", "optimize_memory_usage"),
    *("replay_buffer_class", "replay_buffer_kwargs", "rollout_buffer_class", "rollout_buffer_kwargs"),
    *("_init_setup_model", "settings"),
}
"""Arguments of the algorithms that are no settings of a configuration."""

_LEAST = {"learning_starts": 0, "gradient_steps": -1, "estimate_rounds": 0}


class StableBaselinesTraining(abc.ABC):
    """What the trainings have in common; see :class:`~experiments.train.training.Training`.

    Attributes:
        config: The configuration with all defaults filled in.
        total: Number of steps, of all environments together.
        log_every: After how many steps figures are written.
        checkpoint_every: After how many steps a checkpoint is written.
        held_out: What the policy is tried on at the end.
    """

    unit = "step"
    name: ClassVar[str]
    """The algorithm's name in configurations."""
    algorithm: ClassVar[type[BaseAlgorithm]]
    """Its class."""
    arguments: ClassVar[Callable[..., Any]]
    """The function whose arguments are the settings."""
    changed_defaults: ClassVar[Mapping[str, Any]]
    """Settings that have another default than in Stable-Baselines3, or another kind."""
    scores: ClassVar[ScoreKind]
    """What the scores of the network mean."""
    logged: ClassVar[Mapping[str, str]]
    """The figures, by the names that the algorithm logs them under."""

    def __init__(self, content: dict[str, Any], seed: int, executor: Executor | None = None) -> None:
        """Begin a training.

        Args:
            content: The keys ``problems``, a list of spec strings from which every episode draws; ``environment``, see
                :data:`ENVIRONMENT`; ``policy``, see :data:`NETWORK` and :data:`START`; ``settings``, those of the
                algorithm, and ``learning_rate_end``, what the learning rate falls to linearly; and those of
                :data:`RUN`.
            seed: Source of all randomness.
            executor: None: the steps of a training come one after the other.

        Raises:
            BadInput: If the content is something else, or there is an executor.
        """
        if executor is not None:
            raise BadInput(f"{self.name} trains in one process: expected ars or cma-es with --executor")
        require_names("key", content, ("problems", "environment", "policy", "settings", *RUN))
        run = resolved("configuration", {key: content[key] for key in RUN if key in content}, RUN, LEAST_OF_RUN)
        self.config: dict[str, Any] = {
            "problems": content.get("problems"),
            "environment": _environment(content.get("environment", {})),
            "policy": resolved("policy", content.get("policy", {}), {**NETWORK, **START}, _LEAST),
            "settings": resolved("settings", content.get("settings", {}), self._defaults(), _LEAST),
            **run,
        }
        self.total: int = run["steps"]
        self.log_every: int = run["log_every"]
        self.checkpoint_every: int = run["checkpoint_every"]
        self.held_out_every: int = run["held_out_every"]
        self._source = Mixture(tuple(generators(content.get("problems"))))
        self.held_out = HeldOut(self._source, run["held_out"], self.config["environment"]["max_steps"])
        self._losses: dict[str, list[float]] = {}
        try:
            make = partial(environment_of, self._source, candidates=self._has_start, **self.config["environment"])
            self._model = self._new_model(DummyVecEnv([make] * run["envs"]), seed)
        except (TypeError, ValueError, AssertionError, RuntimeError, MemoryError) as error:
            raise BadInput(" ".join(str(error).split())) from None

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        """The settings with their defaults."""
        parameters = inspect.signature(cls.arguments).parameters
        own = {name: p.default for name, p in parameters.items() if name not in _OF_THE_PROGRAM}
        return {**own, "learning_rate_end": None, "device": "cpu", **cls.changed_defaults}

    @abc.abstractmethod
    def _new_model(self, env: DummyVecEnv, seed: int) -> BaseAlgorithm:
        """The model, as the configuration says."""

    @abc.abstractmethod
    def _best_action(self, observation: dict[str, NDArray[Any]], mask: NDArray[np.int8]) -> int:
        """What the policy does without exploration."""

    @property
    def _arguments(self) -> dict[str, Any]:
        """The settings as the algorithm wants them."""
        settings = dict(self.config["settings"])
        end = settings.pop("learning_rate_end")
        if end is not None:
            settings["learning_rate"] = LinearSchedule(settings["learning_rate"], end, end_fraction=1.0)
        return settings

    @property
    def _has_start(self) -> bool:
        return bool(self.config["policy"]["start"])

    @property
    def _policy_arguments(self) -> dict[str, Any]:
        """The arguments of the policy, with the start's weights.

        Raises:
            BadInput: If there is no such start.
        """
        policy = self.config["policy"]
        arguments: dict[str, Any] = {name: policy[name] for name in NETWORK}
        if self._has_start:
            folder = pretrained_agents().get(policy["start"], Path(policy["start"]))
            arguments["start"] = Start(load_scorer(folder).weights, policy["temperature"], policy["gain"])
        return arguments

    @property
    def done(self) -> int:
        """Number of steps taken."""
        return int(self._model.num_timesteps)

    @property
    def learning_rate(self) -> float:
        """The present learning rate."""
        return float(self._model.lr_schedule(self._model._current_progress_remaining))

    def run(self, at_rest: Callable[[], None]) -> None:
        """Train to the end; it rests between two rollouts."""

        def rest() -> None:
            for name, logged in self.logged.items():
                if logged in self._model.logger.name_to_value:
                    self._losses.setdefault(name, []).append(float(self._model.logger.name_to_value[logged]))
            at_rest()

        # A call of learn adds to the steps taken, and takes its share of all as the progress of schedules.
        steps = max(0, self.total - self.done)
        try:
            self._model.learn(steps, callback=_AtRest(rest), log_interval=None, reset_num_timesteps=False)  # type: ignore[arg-type]
        except ValueError:
            if all(bool(weights.isfinite().all()) for weights in self._model.policy.parameters()):
                raise
            raise BadInput(
                f"after {self.done} steps: expected finite weights; smaller learning rates or larger batches may help"
            ) from None

    def figures(self) -> dict[str, float]:
        """Means over the last episodes, and losses since the last call."""
        figures = means(list(self._model.ep_info_buffer or []))
        figures.update({name: float(np.mean(values)) for name, values in self._losses.items()})
        self._losses = {}
        return figures

    def tried(self) -> Tried:
        """What the policy does without exploration on the held-out problems."""
        budgets = ("max_steps", "steps_per_variable")
        settings = {name: value for name, value in self.config["environment"].items() if name not in budgets}
        return self.held_out.tried(self.held_out.environment(candidates=self._has_start, **settings), self._best_action)

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on."""
        save_checkpoint(self._model, folder)

    def load(self, folder: Path) -> None:
        """Go on from what was saved."""
        self._model = load_checkpoint(self.algorithm, folder)

    def export(self, folder: Path, name: str) -> None:
        """Write the network as an agent."""
        policy: Any = self._model.policy
        trained = TrainedNetwork.of(policy.network, policy.network_settings, self.scores)
        save_network(folder, trained, name=name, algorithm=self.name)


class _AtRest(BaseCallback):
    """Calls a function between two rollouts, when all that a training depends on is in the model."""

    def __init__(self, function: Callable[[], None]) -> None:
        super().__init__()
        self._function = function

    def _on_rollout_start(self) -> None:
        self._function()

    def _on_training_end(self) -> None:
        self._function()

    def _on_step(self) -> bool:
        return True


def _environment(given: Any) -> dict[str, Any]:
    """The arguments of the environment.

    Raises:
        BadInput: If a name is not known, or a value that is not checked elsewhere.
    """
    values = require_names("environment", given, (*ENVIRONMENT, *OPTIONAL_ENVIRONMENT))
    checked = {name: value for name, value in values.items() if name in ENVIRONMENT}
    return {
        **resolved("environment", checked, ENVIRONMENT),
        **{name: values.get(name) for name in OPTIONAL_ENVIRONMENT},
    }
