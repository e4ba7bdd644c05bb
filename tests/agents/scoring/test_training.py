from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.scoring import Scorer, ScoringAgent
from agents.scoring.training import Trainer, TrainingSettings
from polyproof_gym import Problem, ProofState, make_problem
from polyproof_gym.problems import ProblemShape

STEPS = 13


@dataclass(frozen=True)
class Always:
    """A generator that knows one problem."""

    problem: Problem
    name: str = "always"

    @property
    def shape(self) -> ProblemShape:
        return self.problem.shape

    def sample(self, rng: np.random.Generator) -> Problem:
        return self.problem

    def held_out(self, index: int) -> Problem:
        return self.problem


def trained(problem: Problem, updates: int, **settings: int) -> Scorer:
    budget = STEPS / problem.num_variables
    trainer = Trainer(
        [Always(problem)],
        TrainingSettings(
            updates=updates, groups=1, steps_per_variable=(budget, budget), learning_rate=0.01, hidden=8, **settings
        ),
        seed=0,
    )
    assert len(list(trainer.run())) == updates
    return trainer.scorer


def bound(scorer: Scorer, problem: Problem) -> float:
    state, rng = ProofState(problem, max_steps=STEPS), np.random.default_rng(0)
    agent = ScoringAgent(scorer)
    while state.steps_left and agent.advance(state, rng):
        pass
    return state.bound


def test_it_learns_to_hurry() -> None:
    """Lotka-Volterra in 13 steps; the minimum is -20.8, the trivial bound -308.8, where random valid actions remain.

    The training starts with -100.8.
    """
    problem = make_problem("lv")
    assert bound(Scorer.initial(8, np.random.default_rng(0)), problem) < -100
    assert bound(trained(problem, 40, rollouts=16, workers=1), problem) > -80


def test_two_trainings_with_one_seed_agree_whatever_the_number_of_processes() -> None:
    problem = make_problem("cycle:n=5")
    one, two = (trained(problem, 2, rollouts=2, workers=workers) for workers in (1, 2))
    for layer, other in zip(one.weights, two.weights, strict=True):
        for array, same in zip(layer, other, strict=True):
            np.testing.assert_array_equal(array, same)
