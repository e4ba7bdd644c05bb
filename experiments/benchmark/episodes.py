"""Episodes that can be played again: the same actions in the environment, and the same columns in a bare solver."""

from __future__ import annotations

from dataclasses import dataclass

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from agents import StepAgent, make_agent
from polyproof_gym import Problem, ProofState, make_problem
from polyproof_gym.envs import PolyProofEnv

POLICIES = {"random-valid": "random", "dual-guided": "dual-guided"}
"""What chooses the actions, and the agent that does so: one hardly ever moves the bound, the other often does."""


@dataclass(frozen=True)
class Column:
    """What one inequality adds to the LP.

    Attributes:
        rows: The monomials, by number.
        values: Their coefficients, as the LP has them.
        num_rows: The number of monomials from then on.
    """

    rows: NDArray[np.int32]
    values: NDArray[np.float64]
    num_rows: int


@dataclass(frozen=True)
class Episode:
    """The actions that an agent took on a problem, and what came of them.

    Attributes:
        problem: The problem.
        actions: The actions.
        objective: Coefficient of the minimised objective for each of its rows, the constant first.
        initial: The axioms' columns.
        added: One column per action.
        bounds: The bound after each action.
    """

    problem: Problem
    actions: list[int]
    objective: NDArray[np.float64]
    initial: list[Column]
    added: list[Column]
    bounds: list[float]


def held_out(n: int, index: int) -> Problem:
    """The held-out graph number ``index`` with ``n`` vertices, of the paper's protocol."""
    return make_problem(f"random-stable-set:n={n},index={index}")


def step_agent(policy: str) -> StepAgent:
    """The agent of a policy."""
    agent = make_agent(POLICIES[policy])
    assert isinstance(agent, StepAgent)
    return agent


def environment(spec: str, steps: int) -> PolyProofEnv:
    """The environment for problems of a kind, without Gymnasium's wrappers."""
    env = gym.make("PolyProof-v0", problem=spec, max_steps=steps).unwrapped
    assert isinstance(env, PolyProofEnv)
    return env


def record(problem: Problem, policy: str, steps: int, seed: int) -> Episode:
    """Let an agent act on a problem for a number of steps, or for as many as there are."""
    agent = step_agent(policy)
    rng = np.random.default_rng(seed)
    state = ProofState(problem, max_steps=steps)
    actions: list[int] = []
    bounds: list[float] = []
    columns: list[Column] = []
    while True:
        for number in range(len(columns), len(state.memory)):
            rows, values = state.memory.column(number)
            columns.append(Column(rows.copy(), values.copy(), len(state.memory.monomials)))
        action = agent.act(state, rng) if len(actions) < steps else None
        if action is None:
            break
        state.apply(action)
        actions.append(action)
        bounds.append(state.bound)
    objective = np.zeros(1 + len(problem.objective))
    for row, coefficient in enumerate(problem.minimised.terms.values(), 1):
        objective[row] = float(coefficient)
    num_axioms = len(problem.axioms)
    return Episode(problem, actions, objective, columns[:num_axioms], columns[num_axioms:], bounds)
