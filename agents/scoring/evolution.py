"""Evolution strategies for the scorer: exploration among weights, not among actions.

A proof is a hundred near-ties long. One action drawn at random spoils it, and the credit for a good one is lost among
the others, so that policy gradients and Q-learning find nothing here. A change of the weights, though, changes all
choices of an episode in the same direction; and that is how these algorithms explore: ARS (Mania, Guy and Recht 2018:
random search) as sb3-contrib has it, and CMA-ES (Hansen 2016) with a diagonal matrix (Ros and Hansen 2008).
"""

from __future__ import annotations

import math
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import cma
import numpy as np
import torch
from numpy.typing import NDArray
from sb3_contrib import ARS
from stable_baselines3.common.callbacks import BaseCallback

from agents.scoring.environment import CandidateChoices
from agents.scoring.policy import CandidatePolicy
from agents.scoring.scorer import Scorer
from agents.step_budgets import draw_budget
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.problems import Mixture, Problem, ProblemGenerator
from polyproof_gym.proofs import DEFAULT_RULES, InferenceRule


class TrialSettings(NamedTuple):
    """What candidates for the weights are tried on.

    Attributes:
        sources: Where the problems come from, in turn.
        problems: How many there are; the same for all candidates of an update, and new ones for the next.
        steps_per_variable: Range of the step budgets, per variable.
        reward: The environment's.
        seed: Source of the problems.
        rules: The inference rules.
    """

    sources: tuple[ProblemGenerator, ...]
    problems: int
    steps_per_variable: tuple[float, float]
    reward: str
    seed: int
    rules: tuple[InferenceRule, ...] = DEFAULT_RULES

    def draw(self, update: int, number: int) -> tuple[Problem, int]:
        """One of the problems of an update, with its step budget."""
        rng = np.random.default_rng((self.seed, update, number))
        problem = self.sources[(update * self.problems + number) % len(self.sources)].sample(rng)
        return problem, draw_budget(problem.num_variables, self.steps_per_variable, rng)

    def environment(self) -> CandidateChoices:
        """An environment for one episode after the other."""
        source = Mixture(self.sources)
        max_steps = math.ceil(self.steps_per_variable[1] * source.shape.num_variables)
        return CandidateChoices(
            PolyProofEnv(
                source,
                max_steps=max_steps,
                reward=self.reward,
                target="incumbent",
                lp_features=False,
                rules=self.rules,
            )
        )


class Trial(NamedTuple):
    """An episode that is to be made. Its problem does not travel: whoever makes the episode can draw it.

    Attributes:
        parameters: Those of the policy.
        update: The update that it is for.
        number: Which of the problems of that update is to be proved.
    """

    parameters: NDArray[np.float32]
    update: int
    number: int


Outcome = tuple[float, int]
"""Return and length of an episode."""

RunTrials = Callable[[Callable[[Trial], Outcome], Sequence[Trial]], Iterable[Outcome]]
"""Applies a function to trials, as ``map`` does, perhaps in several processes."""


class Episodes:
    """Makes the episodes of trials; its environment and policy are built at the first, once in every process.

    What travels to other processes are the settings. There every problem of an update is drawn once.
    """

    def __init__(self, settings: TrialSettings, start: NDArray[np.float64] | None = None) -> None:
        """Prepare.

        Args:
            settings: What candidates are tried on.
            start: The weights to begin with.
        """
        self._settings, self._start = settings, start
        self._update, self._drawn = -1, dict[int, tuple[Problem, int]]()

    @cached_property
    def env(self) -> CandidateChoices:
        """The environment of the episodes."""
        return self._settings.environment()

    @cached_property
    def _policy(self) -> CandidatePolicy:
        return CandidatePolicy(self.env.observation_space, self.env.action_space, self._start)

    def __getstate__(self) -> dict[str, Any]:
        return {"_settings": self._settings, "_start": self._start, "_update": -1, "_drawn": {}}

    def problem(self, trial: Trial) -> tuple[Problem, int]:
        """The problem of a trial and its step budget."""
        if trial.update != self._update:
            self._update, self._drawn = trial.update, {}
        if trial.number not in self._drawn:
            self._drawn[trial.number] = self._settings.draw(trial.update, trial.number)
        return self._drawn[trial.number]

    def __call__(self, trial: Trial) -> Outcome:
        """Make an episode."""
        self._policy.load_from_vector(trial.parameters)
        problem, max_steps = self.problem(trial)
        observation, _ = self.env.reset(options={"problem": problem, "max_steps": max_steps})
        total, steps, is_over = 0.0, 0, False
        while not is_over:
            tensors = {key: torch.from_numpy(array) for key, array in observation.items()}
            with torch.no_grad():
                action = self._policy(tensors).numpy()
            observation, reward, terminated, truncated, _ = self.env.step(action)
            is_over = terminated or truncated
            total += float(reward)
            steps += 1
        return total, steps


AVERAGED = 25
"""Last updates whose parameters are averaged: each alone is noisy, as a few dozen problems cannot tell more."""


class Evolution(ARS):
    """ARS whose candidates are all tried on the same problems, in parallel if wished, and which can be gone on with.

    What comes out depends neither on how episodes are made nor on interruptions.

    Attributes:
        figures: How the last update went: the mean ``return`` of its candidates, that of the weights that it began with
            (``return_of_mean``), and how much more that is than the return of the weights before any training
            (``gain``), all on the same problems.
    """

    def __init__(
        self,
        trials: TrialSettings,
        start: NDArray[np.float64] | None = None,
        run_trials: RunTrials = map,
        **settings: Any,
    ) -> None:
        """Begin.

        Args:
            trials: What candidates are tried on.
            start: The weights to begin with, see :class:`~agents.scoring.policy.CandidatePolicy`.
            run_trials: How episodes are made, perhaps in several processes; the function travels as its settings.
            settings: Arguments of ARS.
        """
        self.policy: CandidatePolicy
        self.trials = trials
        self.figures: dict[str, float] = {}
        self._run_trials = run_trials
        self._episode = Episodes(trials, start)
        super().__init__(
            CandidatePolicy, self._episode.env, policy_kwargs={"start": start}, seed=trials.seed, **settings
        )
        self._last: deque[NDArray[np.float32]] = deque([self._parameters()], AVERAGED)

    def scorer(self) -> Scorer:
        """The scorer as far as it is trained."""
        return self.policy.scorer()

    @property
    def num_updates(self) -> int:
        """Number of updates made."""
        return int(self._n_updates)

    def updates(self, number: int) -> Iterator[None]:
        """Train until so many updates are made; rests after each."""
        _, callback = self._setup_learn(number, None, reset_num_timesteps=False)
        while self.num_updates < number:
            self._update_current_progress_remaining(self.num_updates, number)
            # The randomness of an update is its own, so that a training can go on from its number.
            torch.manual_seed(int(np.random.default_rng((self.trials.seed, self.num_updates)).integers(2**62)))
            self._do_one_update(callback, None)
            self._last.append(self._parameters())
            self.policy.load_from_vector(self._averaged())
            yield

    def _parameters(self) -> NDArray[np.float32]:
        """The parameters as far as they are trained, which ARS keeps apart from its policy."""
        weights: Any = self.weights
        parameters: NDArray[np.float32] = weights.numpy()
        return parameters

    def _go_on_from(self, parameters: NDArray[np.floating]) -> None:
        self.weights = torch.as_tensor(parameters, dtype=torch.float32)  # type: ignore[assignment]

    def _averaged(self) -> NDArray[np.float32]:
        average: NDArray[np.float32] = np.mean(list(self._last), axis=0, dtype=np.float32)
        return average

    def evaluate_candidates(
        self, candidate_weights: torch.Tensor, callback: BaseCallback, async_eval: Any
    ) -> torch.Tensor:
        """The mean return of each candidate.

        Args:
            candidate_weights: One row of parameters for each.
            callback: Unused: it is told of steps made in this process.
            async_eval: Unused.
        """
        candidates = [*candidate_weights.numpy(), self._averaged(), np.zeros(self.n_params, np.float32)]
        update, numbers = self.num_updates, range(self.trials.problems)
        outcomes = [
            *self._run_trials(self._episode, [Trial(one, update, number) for one in candidates for number in numbers])
        ]
        table = np.array(outcomes).reshape(len(candidates), len(numbers), 2)
        returns = table[..., 0].mean(axis=1)
        self.num_timesteps += int(table[..., 1].sum())
        self.figures = {
            "return": float(returns[:-2].mean()),
            "return_of_mean": float(returns[-2]),
            "gain": float(returns[-2] - returns[-1]),
        }
        return torch.from_numpy(returns[:-2].astype(np.float32))

    def checkpoint(self) -> dict[str, Any]:
        """What is needed to go on, beside the arguments."""
        return {"updates": self._n_updates, "timesteps": self.num_timesteps, "last": list(self._last)}

    def restore(self, checkpoint: Mapping[str, Any]) -> None:
        """Go on from what :meth:`checkpoint` gave.

        Raises:
            ValueError: If it is one of other weights.
        """
        if any(parameters.shape != (self.n_params,) for parameters in checkpoint["last"]):
            raise ValueError(f"expected {self.n_params} weights")
        self._n_updates, self.num_timesteps = checkpoint["updates"], checkpoint["timesteps"]
        self._last = deque(checkpoint["last"], AVERAGED)
        self._go_on_from(self._last[-1])
        self.policy.load_from_vector(self._averaged())


class CMAES(Evolution):
    """CMA-ES of the package ``cma`` in place of ARS's step: it also learns how far to go along every weight.

    Covariances stay diagonal: a population of some sixteen tells nothing of thousands. Samples come in mirrored pairs.
    """

    def __init__(
        self,
        trials: TrialSettings,
        start: NDArray[np.float64] | None = None,
        run_trials: RunTrials = map,
        *,
        population: int = 14,
        step_size: float = 1.0,
    ) -> None:
        """Begin.

        Args:
            trials: What candidates are tried on.
            start: The weights to begin with.
            run_trials: How episodes are made, perhaps in several processes.
            population: Candidates per update, an even number.
            step_size: Standard deviation of the first samples.
        """
        super().__init__(trials, start, run_trials, n_delta=population // 2)
        self._samples = _MirroredNormals(trials.seed)
        options = {
            "popsize": population,
            "CMA_diagonal": True,
            "CMA_mirrors": 0,
            "randn": self._samples,
            "seed": np.nan,
            "verbose": -9,
            "termination_callback": (),
        }
        self._strategy = cma.CMAEvolutionStrategy(np.zeros(self.n_params), step_size, options)

    def _do_one_update(self, callback: BaseCallback, async_eval: Any) -> None:
        candidates = self._strategy.ask()
        returns = self.evaluate_candidates(torch.as_tensor(np.array(candidates), dtype=torch.float32), callback, None)
        self._strategy.tell(candidates, (-returns.double()).tolist())
        self._go_on_from(self._strategy.mean)
        self.figures["step_size"] = float(self._strategy.sigma)
        self._n_updates += 1

    def checkpoint(self) -> dict[str, Any]:
        """What is needed to go on, beside the arguments."""
        return {**super().checkpoint(), "strategy": self._strategy.pickle_dumps()}

    def restore(self, checkpoint: Mapping[str, Any]) -> None:
        """Go on from what :meth:`checkpoint` gave."""
        super().restore(checkpoint)
        self._strategy = pickle.loads(checkpoint["strategy"])


class _MirroredNormals:
    """Normally distributed rows, each followed by its negative in the other half."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def __call__(self, rows: int, columns: int) -> NDArray[np.float64]:
        half = self._rng.normal(size=(-(-rows // 2), columns))
        return np.vstack([half, -half])[:rows]
