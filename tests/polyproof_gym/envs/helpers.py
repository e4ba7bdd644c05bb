"""Exact arithmetic, linear programs and comparisons that share no code with the environment under test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

import polyproof_gym
from polyproof_gym import Problem, ProofState
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.polynomials import Monomial, Polynomial, Ring
from polyproof_gym.problems.stable_set import stable_set_from_edges

Terms = dict[Monomial, Fraction]
FloatTerms = dict[Monomial, float]


# Problems ------------------------------------------------------------------------------------------------------------


def constrained_problem() -> Problem:
    return polyproof_gym.polynomial(
        "x1^2 + x2^2 - 3*x1*x2 + x3",
        box=[(-1, 1), (0, 2), (0, 1)],
        constraints=["x1 + x2 <= 1", "x1*x2 + x3 >= -1/2"],
        name="constrained",
    )


def mixed_problem() -> Problem:
    return polyproof_gym.polynomial("x1*x2 - 2*x2*x3 + x3 - x1", box={"x2": (0, 1)}, boolean=["x1", "x3"], name="mixed")


def weighted_stable_set() -> Problem:
    names = [f"x{i + 1}" for i in range(7)]
    edges = [(i, (i + 1) % 7) for i in range(7)] + [(0, 3), (2, 5)]
    return stable_set_from_edges(names, edges, [1, "5/2", 2, "0.25", 3, 1, 2], name="weighted")


def without_incumbent(problem: Problem) -> Problem:
    return replace(problem, feasible_point=None)


# Environments --------------------------------------------------------------------------------------------------------


def unwrapped(env: gym.Env[Any, Any]) -> PolyProofEnv:
    inner = env.unwrapped
    assert isinstance(inner, PolyProofEnv)
    return inner


def num_actions(env: PolyProofEnv) -> int:
    assert isinstance(env.action_space, gym.spaces.Discrete)
    return int(env.action_space.n)


def valid_actions(env: PolyProofEnv) -> NDArray[np.intp]:
    return np.flatnonzero(env.action_masks())


def advance(env: PolyProofEnv, steps: int, rng: np.random.Generator) -> Iterator[tuple[Any, float, bool, bool, Any]]:
    """Take random valid actions until there is none, the episode is over or the steps are taken."""
    for _ in range(steps):
        actions = valid_actions(env)
        if not len(actions):
            return
        observation, reward, terminated, truncated, info = env.step(int(rng.choice(actions)))
        yield observation, float(reward), terminated, truncated, info
        if terminated or truncated:
            return


def admissible_products(env: PolyProofEnv) -> set[int]:
    """All valid actions, found by multiplying out every product in exact arithmetic."""
    state = env.state
    memory = [exact_terms(state.memory[j]) for j in range(len(state.memory))]
    known = {_frozen(terms) for terms in memory}
    return {
        env.encode_action(j, i, complement)
        for j, terms in enumerate(memory)
        for i in range(state.problem.num_variables)
        for complement in (False, True)
        if (product := multiply(terms, state.problem.ring, i, complement))
        and _frozen(product) not in known
        and max(map(len, product)) <= state.limits.max_degree
        and len(product) <= state.limits.max_terms
    }


# Exact arithmetic ----------------------------------------------------------------------------------------------------


def exact_terms(polynomial: Polynomial) -> Terms:
    return {monomial: Fraction(coefficient) for monomial, coefficient in polynomial.terms.items()}


def _frozen(terms: Terms) -> tuple[tuple[Monomial, Fraction], ...]:
    return tuple(sorted(terms.items()))


def multiply(terms: Terms, ring: Ring, variable: int, complement: bool) -> Terms:
    """The product with ``x_i`` or ``1 - x_i``, by the definition of the ring's rules."""
    product = dict(terms) if complement else {}
    for monomial, coefficient in terms.items():
        factors = [*monomial, variable]
        if any((min(i, j), max(i, j)) in ring.exclusive for i in factors for j in factors):
            continue
        image = tuple(sorted([*(set(factors) & ring.idempotent), *(i for i in factors if i not in ring.idempotent)]))
        product[image] = product.get(image, Fraction(0)) + (-coefficient if complement else coefficient)
    return {monomial: coefficient for monomial, coefficient in product.items() if coefficient}


def linprog_bound(state: ProofState) -> float:
    """The lower bound on the minimised objective that the memory proves; minus infinity if it proves none."""
    sign = 1 if state.problem.sense == "min" else -1
    objective = exact_terms(state.problem.objective)
    columns = [exact_terms(state.memory[j]) for j in range(len(state.memory))]
    monomials = sorted({(), *objective, *(monomial for column in columns for monomial in column)})
    row = {monomial: r for r, monomial in enumerate(monomials)}
    matrix = np.zeros((len(monomials), 1 + len(columns)))
    matrix[row[()], 0] = 1.0
    for c, column in enumerate(columns, 1):
        size = max(map(abs, column.values()))
        for monomial, coefficient in column.items():
            matrix[row[monomial], c] = float(coefficient / size)
    right = np.array([sign * float(objective.get(monomial, 0)) for monomial in monomials])
    costs = np.zeros(1 + len(columns))
    costs[0] = -1.0
    result = linprog(costs, A_eq=matrix, b_eq=right, bounds=[(None, None)] + [(0, None)] * len(columns))
    assert result.status in (0, 2), result.message
    return -float(result.fun) if result.status == 0 else -np.inf


def trivial_bound(problem: Problem) -> float:
    """The lower bound on the minimised objective that the signs of its coefficients give on the unit box."""
    sign = 1 if problem.sense == "min" else -1
    terms = {monomial: sign * c for monomial, c in exact_terms(problem.objective).items()}
    return float(sum(c for monomial, c in terms.items() if c < 0 or not monomial))


# Observations --------------------------------------------------------------------------------------------------------


def monomials_of(env: PolyProofEnv, observation: dict[str, NDArray[Any]]) -> list[Monomial]:
    """The monomials in use, as an observation gives them."""
    table = observation["monomials"].reshape(-1, env.state.limits.max_degree)
    count = int(observation["num_monomials"][0])
    return [tuple(int(i) for i in row if i < env.num_variables) for row in table[:count]]


def inequalities_of(env: PolyProofEnv, observation: dict[str, NDArray[Any]]) -> list[FloatTerms]:
    """The known inequalities, as an observation gives them."""
    monomials = monomials_of(env, observation)
    rows = observation["inequality_monomials"].reshape(env.capacity, -1)
    values = observation["inequality_coefficients"].reshape(env.capacity, -1)
    return [
        {monomials[r]: float(v) for r, v in zip(rows[j], values[j], strict=True) if v}
        for j in range(int(observation["num_inequalities"][0]))
    ]


def objective_of(env: PolyProofEnv, observation: dict[str, NDArray[Any]]) -> FloatTerms:
    monomials = monomials_of(env, observation)
    return {m: float(c) for m, c in zip(monomials, observation["objective"], strict=False) if c}


def assert_identical(one: Any, other: Any) -> None:
    """Equal down to the last bit, types and nested values included."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_identical(one[key], other[key])
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_identical(a, b)
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    else:
        assert one == other
