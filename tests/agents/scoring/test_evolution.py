from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from stable_baselines3.common.callbacks import BaseCallback

from agents.scoring import Scorer, ScoringAgent, prior_weights
from agents.scoring.environment import CandidateChoices
from agents.scoring.evolution import CMAES, Evolution, Outcome, RunTrials, Trial, TrialSettings
from agents.scoring.scorer import SHAPE
from experiments.executors import Processes
from polyproof_gym import Problem, ProofState
from polyproof_gym.problems import RandomPolynomial, RandomStableSet, stability_number

SMALL = TrialSettings((RandomStableSet(7, 9), RandomPolynomial(3, 2, 6, boolean=1)), 3, (0.5, 1.0), "ratio", 4)

ZERO = np.zeros(SHAPE)

Make = Callable[..., Evolution]


def ars(trials: TrialSettings = SMALL, start: NDArray[np.float64] = ZERO, run_trials: RunTrials = map) -> Evolution:
    return Evolution(trials, start, run_trials, n_delta=3, n_top=2, learning_rate=0.5, delta_std=1.0)


def cma_es(trials: TrialSettings = SMALL, start: NDArray[np.float64] = ZERO, run_trials: RunTrials = map) -> Evolution:
    return CMAES(trials, start, run_trials, population=6)


ALGORITHMS: dict[str, Make] = {"ars": ars, "cma-es": cma_es}
each_algorithm = pytest.mark.parametrize("make", ALGORITHMS.values(), ids=ALGORITHMS)


def weights_after(model: Evolution, updates: int) -> NDArray[np.float64]:
    for _ in model.updates(updates):
        pass
    assert model.num_updates == updates
    return model.scorer().weights


def drawn(update: int, settings: TrialSettings = SMALL) -> list[tuple[Problem, int]]:
    return [settings.draw(update, number) for number in range(settings.problems)]


def in_reverse(function: Callable[[Trial], Outcome], trials: Sequence[Trial]) -> Iterable[Outcome]:
    """The outcomes in their order, of trials that are made in another one."""
    return reversed([function(trial) for trial in reversed(trials)])


def in_two_processes(function: Callable[[Trial], Outcome], trials: Sequence[Trial]) -> Iterable[Outcome]:
    return Processes(2).map(function, trials)


# What weights are tried on -------------------------------------------------------------------------------------------


def test_problems_are_new_for_every_update_and_the_same_whenever_they_are_drawn() -> None:
    first, second = drawn(0), drawn(1)

    def content(drawn: list[tuple[Problem, int]]) -> list[Any]:
        return [(problem.ring, problem.objective, budget) for problem, budget in drawn]

    assert content(drawn(0)) == content(first)
    assert content(second) != content(first)
    assert content(drawn(0, SMALL._replace(seed=5))) != content(first)
    assert content(drawn(0, SMALL._replace(problems=5)))[:3] == content(first)


def test_sources_take_turns_and_budgets_are_of_the_range() -> None:
    problems = [one for update in range(10) for one in drawn(update)]
    families = [problem.name.partition(":")[0] for problem, _ in problems]
    assert families == ["random-stable-set", "random-polynomial"] * 15
    env = SMALL.environment()
    for problem, budget in problems:
        assert max(1, round(0.5 * problem.num_variables)) <= budget <= problem.num_variables
        env.reset(options={"problem": problem, "max_steps": budget})
    assert len({budget for _, budget in problems}) > 3


# Updates -------------------------------------------------------------------------------------------------------------


@each_algorithm
def test_one_seed_means_one_training(make: Make) -> None:
    first, again, other = make(), make(), make(SMALL._replace(seed=5))
    one = weights_after(first, 3)
    np.testing.assert_array_equal(weights_after(again, 3), one)
    assert first.figures == again.figures
    assert not np.array_equal(weights_after(other, 3), one)
    assert one.any()


@each_algorithm
def test_it_begins_with_the_weights_given(make: Make) -> None:
    start = np.random.default_rng(0).normal(size=SHAPE)
    np.testing.assert_array_equal(make(SMALL, start).scorer().weights, start)
    for algorithm in (Evolution, CMAES):
        np.testing.assert_array_equal(algorithm(SMALL).scorer().weights, prior_weights())


@each_algorithm
@pytest.mark.parametrize("run_trials", [in_reverse, in_two_processes])
def test_what_comes_out_does_not_depend_on_how_episodes_are_made(make: Make, run_trials: RunTrials) -> None:
    plain, other = make(), make(run_trials=run_trials)
    np.testing.assert_array_equal(weights_after(other, 3), weights_after(plain, 3))
    assert other.figures == plain.figures
    assert other.num_timesteps == plain.num_timesteps > 0


@each_algorithm
@pytest.mark.parametrize("interruptions", [(2,), (1, 3), (0,)])
def test_interruptions_change_nothing(make: Make, interruptions: tuple[int, ...]) -> None:
    whole, cut = make(), make()
    weights = weights_after(whole, 4)
    for number in interruptions:
        weights_after(cut, number)
        checkpoint = cut.checkpoint()
        weights_after(cut, number + 1)  # what is not saved is lost
        torch.manual_seed(number)
        np.random.seed(number)  # noqa: NPY002 (others use it)
        cut = make()
        cut.restore(checkpoint)
        assert cut.num_updates == number
    np.testing.assert_array_equal(weights_after(cut, 4), weights)
    assert cut.num_timesteps == whole.num_timesteps
    assert cut.figures == whole.figures
    np.testing.assert_array_equal(weights_after(cut, 5), weights_after(whole, 5))


class Watched:
    """Runs trials one after the other, and keeps them."""

    def __init__(self) -> None:
        self.trials: list[Trial] = []
        self.outcomes: list[Outcome] = []

    def __call__(self, function: Callable[[Trial], Outcome], trials: Sequence[Trial]) -> list[Outcome]:
        self.trials = [*trials]
        self.outcomes = [function(trial) for trial in trials]
        return self.outcomes


@each_algorithm
def test_samples_are_mirrored_and_all_tried_on_the_same_problems(make: Make) -> None:
    watched = Watched()
    model = make(run_trials=watched)
    mean = np.zeros(model.n_params, np.float32)
    means = [mean]
    for _ in model.updates(3):
        samples = len(watched.trials) // 3 - 2
        assert samples == 6
        for first in range(0, len(watched.trials), 3):
            one = watched.trials[first : first + 3]
            assert len({trial.parameters.tobytes() for trial in one}) == 1
            assert [(trial.update, trial.number) for trial in one] == [(model.num_updates - 1, k) for k in range(3)]
        parameters = np.array([trial.parameters for trial in watched.trials[::3]])
        np.testing.assert_allclose(parameters[:3] - means[-1], -(parameters[3:6] - means[-1]), atol=1e-5)
        assert np.abs(parameters[0] - parameters[1]).max() > 0.1
        np.testing.assert_allclose(parameters[6], np.mean(means, axis=0), atol=1e-6)
        assert not parameters[7].any()
        mean = np.asarray(model.weights)
        means.append(mean)
        np.testing.assert_allclose(model.policy.parameters_to_vector(), np.mean(means, axis=0), atol=1e-6)
    assert mean.any()


@each_algorithm
def test_figures_are_means_of_returns(make: Make) -> None:
    watched = Watched()
    model, steps = make(run_trials=watched), 0
    for _ in model.updates(2):
        returns = np.array([total for total, _ in watched.outcomes]).reshape(-1, 3).mean(axis=1)
        steps += sum(length for _, length in watched.outcomes)
        assert model.figures["return"] == pytest.approx(returns[:-2].mean())
        assert model.figures["return_of_mean"] == pytest.approx(returns[-2])
        assert model.figures["gain"] == pytest.approx(returns[-2] - returns[-1])
        assert model.num_timesteps == steps
        if model.num_updates == 1:
            assert model.figures["gain"] == 0


def test_the_return_of_a_trial_is_what_the_agent_of_its_weights_earns() -> None:
    watched = Watched()
    model = CMAES(SMALL, np.zeros(SHAPE), watched, population=4)
    weights_after(model, 1)
    for trial, (total, length) in zip(watched.trials, watched.outcomes, strict=True):
        policy = model.policy
        policy.load_from_vector(trial.parameters)
        problem, max_steps = SMALL.draw(trial.update, trial.number)
        state = ProofState(problem, max_steps=max_steps)
        agent, rng, initial = ScoringAgent(policy.scorer()), np.random.default_rng(0), state.bound
        incumbent = float(problem.incumbent or 0)
        while state.steps < max_steps and agent.advance(state, rng):
            if state.is_reached(incumbent):
                break
        assert length == max(1, state.steps)
        assert total == pytest.approx(abs(state.bound - initial) / abs(incumbent))


def test_cma_es_moves_to_where_returns_are_larger() -> None:
    """On a plain function in place of the returns of episodes."""

    class OnAFunction(CMAES):
        def evaluate_candidates(
            self, candidate_weights: torch.Tensor, callback: BaseCallback, async_eval: Any
        ) -> torch.Tensor:
            return -((candidate_weights - 2.0) ** 2).sum(dim=1)

    model = OnAFunction(SMALL, population=14, step_size=1.0)
    for _ in model.updates(300):
        pass
    np.testing.assert_allclose(model.policy.parameters_to_vector(), 2.0, atol=0.3)


@each_algorithm
def test_the_environment_is_that_of_the_settings(make: Make) -> None:
    model = make()
    assert isinstance(model.trials.environment(), CandidateChoices)
    assert model.trials.environment().get_wrapper_attr("max_steps") == 9


# Learning ------------------------------------------------------------------------------------------------------------

GRAPHS = RandomStableSet(12, 12)


def mean_ratio(scorer: Scorer) -> float:
    """Mean of bound / alpha over held-out graphs of twelve vertices, after twelve steps."""
    ratios = []
    for index in range(100):
        problem, rng = GRAPHS.held_out(index), np.random.default_rng(0)
        state, agent = ProofState(problem, max_steps=12), ScoringAgent(scorer)
        while state.steps < 12 and agent.advance(state, rng):
            pass
        ratios.append(state.bound / stability_number(problem))
    return float(np.mean(ratios))


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda trials: Evolution(trials, ZERO, n_delta=8, learning_rate=2.0, delta_std=1.0),
        lambda trials: CMAES(trials, ZERO, population=14),
    ],
    ids=["ars", "cma-es"],
)
def test_it_learns_from_nothing_within_a_minute(make: Callable[[TrialSettings], Evolution]) -> None:
    """Graphs of twelve vertices in twelve steps: from 1.120 x alpha to at most 1.1."""
    model = make(TrialSettings((GRAPHS,), 24, (1.0, 1.0), "ratio", 0))
    assert mean_ratio(model.scorer()) > 1.115
    for _ in model.updates(20):
        pass
    assert mean_ratio(model.scorer()) <= 1.1
