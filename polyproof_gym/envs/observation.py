"""Observations: the set of known inequalities as fixed-size arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from math import comb
from typing import Any, cast

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from polyproof_gym.polynomials import Ring
from polyproof_gym.problems import ProblemShape
from polyproof_gym.proofs import Limits, ProofState

ObservationArrays = dict[str, NDArray[Any]]

FEATURE_LIMIT = 1e6
"""Multipliers and pseudo-moments are clipped to this size; in practice they stay far below."""


@dataclass(frozen=True)
class ObservationSizes:
    """Lengths of the arrays of an observation.

    Attributes:
        variables: ``N``, the most variables a problem may have.
        objective: ``F``, the most monomials that the objective may have, the monomial 1 included.
        inequalities: ``K``, the most inequalities the memory may hold.
        terms: ``T``, the most terms an inequality may have.
        monomials: ``M``, the most monomials that can occur.
        degree: ``D``, the largest degree of a monomial.
        actions: ``A``, the number of actions.
        max_steps: The step budget.
    """

    variables: int
    objective: int
    inequalities: int
    terms: int
    monomials: int
    degree: int
    actions: int
    max_steps: int

    @classmethod
    def of(cls, shape: ProblemShape, limits: Limits, max_steps: int, actions: int) -> ObservationSizes:
        """The sizes that suffice for every problem of a shape and every proof within the limits."""
        met = 1 + shape.objective_terms + shape.num_axioms * shape.max_terms + max_steps * limits.max_terms
        return cls(
            variables=shape.num_variables,
            objective=1 + shape.objective_terms,
            inequalities=shape.num_axioms + max_steps,
            terms=limits.max_terms,
            monomials=min(met, comb(shape.num_variables + limits.max_degree, limits.max_degree)),
            degree=limits.max_degree,
            actions=actions,
            max_steps=max_steps,
        )

    @property
    def index_type(self) -> type[np.signedinteger[Any]]:
        """The smallest type that numbers all monomials, int16 in most cases."""
        return np.int16 if self.monomials <= 2**15 else np.int32

    @property
    def variable_type(self) -> type[np.signedinteger[Any]]:
        """The smallest type that numbers all variables and the padding."""
        return np.int8 if self.variables < 2**7 else np.int16

    def space(self, lp_features: bool) -> spaces.Space[ObservationArrays]:
        """The observation space; :class:`~polyproof_gym.envs.polyproof_env.PolyProofEnv` documents its entries."""
        flat = self.inequalities * self.terms
        entries: dict[str, spaces.Space[Any]] = {
            "inequality_monomials": spaces.Box(0, self.monomials - 1, (flat,), self.index_type),
            "inequality_coefficients": spaces.Box(-1, 1, (flat,), np.float32),
            "num_inequalities": spaces.Box(0, self.inequalities, (1,), np.int32),
            "monomials": spaces.Box(0, self.variables, (self.monomials * self.degree,), self.variable_type),
            "num_monomials": spaces.Box(0, self.monomials, (1,), np.int32),
            "objective": spaces.Box(-1, 1, (self.objective,), np.float32),
            "bound": spaces.Box(0, FEATURE_LIMIT, (1,), np.float32),
            "step": spaces.Box(0, self.max_steps, (1,), np.int32),
            "action_mask": spaces.MultiBinary(self.actions),
        }
        if lp_features:
            entries["multipliers"] = spaces.Box(0, FEATURE_LIMIT, (self.inequalities,), np.float32)
            entries["pseudo_moments"] = spaces.Box(-FEATURE_LIMIT, FEATURE_LIMIT, (self.monomials,), np.float32)
            entries["has_lp_bound"] = spaces.MultiBinary(1)
        return cast("spaces.Space[ObservationArrays]", spaces.Dict(entries))


@dataclass
class Observer:
    """Turns the states of one episode into observations; keeps what it has written, since the memory only grows.

    Attributes:
        sizes: Lengths of the arrays.
        ring: The ring of the problem.
        lp_features: Whether the LP's multipliers and pseudo-moments are part of the observation.
    """

    sizes: ObservationSizes
    ring: Ring
    lp_features: bool
    _monomials: NDArray[np.signedinteger[Any]] = field(init=False)
    _terms: NDArray[np.signedinteger[Any]] = field(init=False)
    _coefficients: NDArray[np.float32] = field(init=False)
    _objective: NDArray[np.float32] = field(init=False)
    _num_inequalities: int = 0
    _num_monomials: int = 0

    def __post_init__(self) -> None:
        """Allocate the arrays, all padding."""
        s = self.sizes
        self._monomials = np.full((s.monomials, s.degree), s.variables, s.variable_type)
        self._terms = np.zeros((s.inequalities, s.terms), s.index_type)
        self._coefficients = np.zeros((s.inequalities, s.terms), np.float32)
        self._objective = np.zeros(s.objective, np.float32)

    @classmethod
    def start(cls, sizes: ObservationSizes, state: ProofState, lp_features: bool) -> Observer:
        """The observer of an episode that begins with ``state``."""
        terms = state.problem.minimised.terms
        scale = max((abs(float(c)) for c in terms.values()), default=0.0) or 1.0
        observer = cls(sizes, state.problem.ring, lp_features)
        for monomial, coefficient in terms.items():
            observer._objective[state.memory.row_of[monomial]] = float(coefficient) / scale
        return observer

    def observe(self, state: ProofState, gap_closed: float, step: int, mask: NDArray[np.int8]) -> ObservationArrays:
        """The observation of a state of this episode, in arrays of its own (but for the mask, which it takes over).

        Args:
            state: The present state, which extends that of the last call.
            gap_closed: How much of the initial gap is closed.
            step: Number of actions taken.
            mask: The valid actions.
        """
        self._extend(state)
        counts = np.array([self._num_inequalities, self._num_monomials, step], np.int32)
        observation: ObservationArrays = {
            "inequality_monomials": self._terms.flatten(),
            "inequality_coefficients": self._coefficients.flatten(),
            "num_inequalities": counts[0:1],
            "monomials": self._monomials.flatten(),
            "num_monomials": counts[1:2],
            "objective": self._objective.copy(),
            "bound": np.array([min(max(gap_closed, 0.0), FEATURE_LIMIT)], np.float32),
            "step": counts[2:3],
            "action_mask": mask,
        }
        if self.lp_features:
            solution = state.solution
            observation["multipliers"] = self._padded(solution.multipliers, self.sizes.inequalities)
            observation["pseudo_moments"] = self._padded(solution.moments, self.sizes.monomials)
            observation["has_lp_bound"] = np.array([math.isfinite(solution.bound)], np.int8)
        return observation

    def _extend(self, state: ProofState) -> None:
        memory = state.memory
        for row in range(self._num_monomials, len(memory.monomials)):
            monomial = memory.monomials[row]
            self._monomials[row, : len(monomial)] = monomial
        self._num_monomials = len(memory.monomials)
        for j in range(self._num_inequalities, len(memory)):
            rows, values = memory.column(j)
            self._terms[j, : len(rows)] = rows
            self._coefficients[j, : len(rows)] = values
        self._num_inequalities = len(memory)

    @staticmethod
    def _padded(values: NDArray[np.float64], size: int) -> NDArray[np.float32]:
        result = np.zeros(size, np.float32)
        result[: len(values)] = values
        if not values.dot(values) <= FEATURE_LIMIT**2:
            np.clip(result, -FEATURE_LIMIT, FEATURE_LIMIT, out=result)
        return result
