"""Proofs of several families on which scores are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from agents.scoring import Scorer
from agents.scoring.scorer import SHAPE
from polyproof_gym import Problem, ProofState
from polyproof_gym.problems import make_problem
from tests.polyproof_gym.envs.helpers import constrained_problem, mixed_problem, weighted_stable_set

PROBLEMS: dict[str, Callable[[], Problem]] = {
    "petersen": lambda: make_problem("petersen"),
    "random graph": lambda: make_problem("random-stable-set:n=12"),
    "large graph": lambda: make_problem("random-stable-set:n=30,index=1"),
    "odd cycle": lambda: make_problem("cycle:n=7"),
    "weighted": weighted_stable_set,
    "random weights": lambda: make_problem("random-stable-set:n=14,max_weight=9"),
    "Boolean": lambda: make_problem("random-polynomial:n=6,degree=2,terms=12,boolean=1"),
    "box": lambda: make_problem("caprasse"),
    "constrained": constrained_problem,
    "mixed": mixed_problem,
}


def random_scorer(seed: int) -> Scorer:
    """A scorer whose weights are drawn at random."""
    return Scorer(np.random.default_rng(seed).normal(size=SHAPE))


def states_of(name: str, steps: int, seed: int = 0) -> Iterator[ProofState]:
    """A proof after each of some steps, half of which are those of column generation, as long as there are any."""
    state, rng = ProofState(PROBLEMS[name](), max_steps=steps), np.random.default_rng(seed)
    for _ in range(steps):
        yield state
        valid, violated = np.flatnonzero(state.action_mask()), state.most_violated()
        if not len(valid):
            return
        state.apply(int(rng.choice(violated if len(violated) and rng.random() < 0.5 else valid)))
    yield state
