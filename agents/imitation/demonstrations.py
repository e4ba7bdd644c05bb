"""Proofs found by search, seen along the way of a student that is to learn them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.imitation.teacher import Teacher
from agents.step_budgets import shown_step
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.problems import Problem

Observation = dict[str, NDArray[Any]]
Scores = Callable[[Observation], NDArray[np.floating[Any]]]

_OF_STEPS = ("num_inequalities", "num_monomials", "bound", "step", "has_lp_bound")
"""Short entries that are kept for every step as they are."""


@dataclass(frozen=True)
class Moment:
    """What an observation adds to the last one of its episode.

    Attributes:
        short: The short entries.
        mask: The valid actions as bits.
        multipliers: Those of the known inequalities.
        pseudo_moments: Those of the known monomials.
        good: The actions that derive a line of the plan.
    """

    short: Mapping[str, NDArray[Any]]
    mask: NDArray[np.uint8]
    multipliers: NDArray[np.float32]
    pseudo_moments: NDArray[np.float32]
    good: NDArray[np.intp]


@dataclass(frozen=True)
class Demonstration:
    """One episode with the actions that would have been right in each state, stored once and not once per step.

    Attributes:
        last: The last observation.
        moments: What is different in each step.
        padding: The number that pads ``monomials``.
        tried: How often the student chose the action.
        hits: How often its choice derived a line of the plan.
    """

    last: Observation
    moments: tuple[Moment, ...]
    padding: int
    tried: int
    hits: int

    def __len__(self) -> int:
        return len(self.moments)

    def observation(self, step: int) -> Observation:
        """The observation before a step, as the environment gave it."""
        moment, last = self.moments[step], self.last
        count, monomials = (int(moment.short[key][0]) for key in ("num_inequalities", "num_monomials"))
        result = {key: array.copy() for key, array in last.items()}
        terms = len(last["inequality_monomials"]) // len(last["multipliers"])
        for key in ("inequality_monomials", "inequality_coefficients"):
            result[key][count * terms :] = 0
        degree = len(last["monomials"]) // len(last["pseudo_moments"])
        result["monomials"][monomials * degree :] = self.padding
        for key in ("multipliers", "pseudo_moments"):
            result[key][:] = 0
        result["multipliers"][:count] = moment.multipliers
        result["pseudo_moments"][:monomials] = moment.pseudo_moments
        result["action_mask"] = np.unpackbits(moment.mask, count=len(last["action_mask"])).view(np.int8)
        return {**result, **moment.short}


def demonstrate(
    env: PolyProofEnv,
    problem: Problem,
    budget: int,
    rounds: int,
    student: Scores,
    trust: float,
    rng: np.random.Generator,
) -> Demonstration:
    """Search for a proof, then let the student make one, and note what the search would have done in its place.

    The episode ends when the plan is carried out, or the budget spent.

    Args:
        env: An environment with room for the problem and the budget, and observations with what the LP found.
        problem: The problem.
        budget: Steps of a proof.
        rounds: Rounds of the neighbourhood search.
        student: Scores all actions of an observation.
        trust: The probability that a step is the student's choice, the action of the highest score.
        rng: Source of all randomness.
    """
    last, _ = env.reset(options={"problem": problem})
    observation = last
    teacher = Teacher(env.state, budget, rounds, trust, rng)
    moments: list[Moment] = []
    for _ in range(budget):
        good = teacher.good_actions(env.state)
        if not len(good):
            break
        # The share of the budget that is spent is what the observation is to tell.
        last = {**observation, "step": shown_step(observation, budget, env.max_steps)}
        moments.append(_moment(last, good))
        observation, *_ = env.step(teacher.action(good, partial(_best, student, last)))
    return Demonstration(last, tuple(moments), env.num_variables, teacher.tried, teacher.hits)


def _best(student: Scores, observation: Observation) -> int:
    """The valid action of the highest score."""
    return int(np.where(observation["action_mask"] > 0, student(observation), -np.inf).argmax())


def _moment(observation: Observation, good: NDArray[np.intp]) -> Moment:
    count, monomials = int(observation["num_inequalities"][0]), int(observation["num_monomials"][0])
    return Moment(
        short={key: observation[key] for key in _OF_STEPS},
        mask=np.packbits(observation["action_mask"].view(np.uint8)),
        multipliers=observation["multipliers"][:count].copy(),
        pseudo_moments=observation["pseudo_moments"][:monomials].copy(),
        good=good,
    )


def stacked(parts: Sequence[tuple[Demonstration, int]]) -> tuple[Observation, list[NDArray[np.intp]]]:
    """Some observations, entry by entry one below the other, and the good actions of each."""
    observations = [demonstration.observation(step) for demonstration, step in parts]
    batch = {key: np.stack([observation[key] for observation in observations]) for key in observations[0]}
    return batch, [demonstration.moments[step].good for demonstration, step in parts]
