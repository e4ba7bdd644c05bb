"""Observations of episodes, as tensors, and what reordering makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.networks import ObservationLayout
from polyproof_gym import Problem
from polyproof_gym.envs import PolyProofEnv
from tests.polyproof_gym.envs.helpers import advance

Observation = dict[str, NDArray[Any]]


def environment(problem: str | Problem, steps: int = 30, seed: int = 0, **settings: Any) -> PolyProofEnv:
    """An environment after some random steps."""
    env = PolyProofEnv(problem, max_steps=40, **settings)
    env.reset(seed=seed)
    list(advance(env, steps, np.random.default_rng(seed)))
    return env


def layout_of(env: PolyProofEnv) -> ObservationLayout:
    return ObservationLayout.of(env.observation_space)


def observe(env: PolyProofEnv) -> Observation:
    """The present observation."""
    observation: Observation = env._observation()
    return observation


def batch_of(*observations: Observation) -> dict[str, Tensor]:
    return {key: torch.as_tensor(np.stack([o[key] for o in observations])) for key in observations[0]}


def permuted(
    observation: Mapping[str, NDArray[Any]], layout: ObservationLayout, rng: np.random.Generator
) -> tuple[Observation, NDArray[np.intp]]:
    """The same state with inequalities, terms, monomials, factors and variables in another order.

    Returns:
        The observation, and for every action of it the same action of the one given.
    """
    n = layout.variables
    count, monomials = int(observation["num_inequalities"][0]), int(observation["num_monomials"][0])
    new = {key: array.copy() for key, array in observation.items()}
    inequality_order = np.concatenate([rng.permutation(count), np.arange(count, layout.inequalities)])
    variable_order = rng.permutation(n)
    # The objective has room for the first monomials only, so that these stay among themselves.
    first = min(len(observation["objective"]), monomials)
    monomial_order = np.concatenate(
        [rng.permutation(first), first + rng.permutation(monomials - first), np.arange(monomials, layout.monomials)]
    )
    new_row, new_variable = np.argsort(monomial_order), np.append(np.argsort(variable_order), n)

    values = observation["inequality_coefficients"].reshape(layout.inequalities, layout.terms)[inequality_order]
    rows = observation["inequality_monomials"].reshape(layout.inequalities, layout.terms)[inequality_order]
    rows = np.where(values != 0, new_row[rows], 0)
    for j in range(count):
        length = np.count_nonzero(values[j])
        order = rng.permutation(length)
        rows[j, :length], values[j, :length] = rows[j, order], values[j, order]
    new["inequality_monomials"][:], new["inequality_coefficients"][:] = rows.ravel(), values.ravel()
    table = new_variable[observation["monomials"].reshape(layout.monomials, layout.degree)[monomial_order]]
    for factors in table:
        length = np.count_nonzero(factors < n)
        factors[:length] = rng.permutation(factors[:length])
    new["monomials"][:] = table.ravel()
    new["objective"][:first] = observation["objective"][monomial_order[:first]]
    new["exclusive"][:] = observation["exclusive"].reshape(n, n)[np.ix_(variable_order, variable_order)].ravel()
    new["idempotent"][:] = observation["idempotent"][variable_order]
    if layout.has_lp_features:
        new["multipliers"][:] = observation["multipliers"][inequality_order]
        new["pseudo_moments"][:] = observation["pseudo_moments"][monomial_order]
    actions = np.arange(layout.num_actions).reshape(layout.inequalities, n, 2)
    same = actions[inequality_order][:, variable_order].ravel()
    new["action_mask"][:] = observation["action_mask"][same]
    return new, same
