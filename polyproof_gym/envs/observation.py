"""Observations: the set of known inequalities as fixed-size arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from polyproof_gym.compiled import kernels
from polyproof_gym.polynomials import Ring
from polyproof_gym.problems import ProblemShape
from polyproof_gym.proofs import Limits, Memory, ProofState

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
        slots: ``S``, the number of slots that oracles fill.
    """

    variables: int
    objective: int
    inequalities: int
    terms: int
    monomials: int
    degree: int
    actions: int
    max_steps: int
    slots: int = 0

    @classmethod
    def of(cls, shape: ProblemShape, limits: Limits, max_steps: int, actions: int, slots: int = 0) -> ObservationSizes:
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
            slots=slots,
        )

    @property
    def index_type(self) -> type[np.signedinteger[Any]]:
        """The smallest type that numbers all monomials, int16 in most cases."""
        return np.int16 if self.monomials <= 2**15 else np.int32

    @property
    def variable_type(self) -> type[np.signedinteger[Any]]:
        """The smallest type that numbers all variables and the padding."""
        return np.int8 if self.variables < 2**7 else np.int16

    def space(self, lp_features: bool) -> spaces.Dict:
        """The observation space; :class:`~polyproof_gym.envs.polyproof_env.PolyProofEnv` documents its entries."""
        flat = self.inequalities * self.terms
        entries: dict[str, spaces.Space[Any]] = {
            "inequality_monomials": spaces.Box(0, self.monomials - 1, (flat,), self.index_type),
            "inequality_coefficients": spaces.Box(-1, 1, (flat,), np.float32),
            "num_inequalities": spaces.Box(0, self.inequalities, (1,), np.int32),
            "monomials": spaces.Box(0, self.variables, (self.monomials * self.degree,), self.variable_type),
            "num_monomials": spaces.Box(0, self.monomials, (1,), np.int32),
            "objective": spaces.Box(-1, 1, (self.objective,), np.float32),
            "exclusive": spaces.MultiBinary(self.variables**2),
            "idempotent": spaces.MultiBinary(self.variables),
            "bound": spaces.Box(0, FEATURE_LIMIT, (1,), np.float32),
            "step": spaces.Box(0, self.max_steps, (1,), np.int32),
            "action_mask": spaces.MultiBinary(self.actions),
        }
        if self.slots:
            flat = self.slots * self.terms
            entries["slot_variables"] = spaces.Box(0, self.variables, (flat * self.degree,), self.variable_type)
            entries["slot_coefficients"] = spaces.Box(-1, 1, (flat,), np.float32)
        if lp_features:
            entries["multipliers"] = spaces.Box(0, FEATURE_LIMIT, (self.inequalities,), np.float32)
            entries["pseudo_moments"] = spaces.Box(-FEATURE_LIMIT, FEATURE_LIMIT, (self.monomials,), np.float32)
            entries["has_lp_bound"] = spaces.MultiBinary(1)
        return spaces.Dict(entries)

    def layout(self, lp_features: bool) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
        """Shape and type of every entry of an observation."""
        return {key: (entry.shape or (), np.dtype(entry.dtype)) for key, entry in self.space(lp_features).items()}

    def nbytes(self, lp_features: bool) -> int:
        """Size of one observation in bytes."""
        return sum(math.prod(shape) * dtype.itemsize for shape, dtype in self.layout(lp_features).values())


class Observer:
    """Writes the states of an episode into arrays, and of them only what has changed: the memory only grows.

    Attributes:
        buffers: The arrays, which hold the present observation.
    """

    def __init__(self, sizes: ObservationSizes, buffers: ObservationArrays) -> None:
        """Take arrays over and fill them with padding.

        Args:
            sizes: Lengths of the arrays.
            buffers: One array for every entry of the observation, shaped as :meth:`ObservationSizes.layout` says. Those
                of the LP and the action mask may be left out; then they are not written.
        """
        self.buffers = buffers
        self._sizes = sizes
        self._num_inequalities = 0
        self._num_monomials = 0
        kernels("polyproof_gym.envs")  # loaded here, not at the first step
        for buffer in buffers.values():
            buffer.fill(0)
        buffers["monomials"].fill(sizes.variables)

    def start(self, state: ProofState) -> None:
        """Begin an episode with ``state``: clear what the last one has written."""
        buffers, sizes = self.buffers, self._sizes
        terms = self._num_inequalities * sizes.terms
        buffers["inequality_monomials"][:terms] = 0
        buffers["inequality_coefficients"][:terms] = 0
        buffers["monomials"][: self._num_monomials * sizes.degree] = sizes.variables
        if "multipliers" in buffers:
            buffers["multipliers"][: self._num_inequalities] = 0
            buffers["pseudo_moments"][: self._num_monomials] = 0
        self._num_inequalities = self._num_monomials = 0
        self._write_ring(state.problem.ring)
        objective = state.problem.minimised.terms
        scale = max((abs(float(c)) for c in objective.values()), default=0.0) or 1.0
        buffers["objective"].fill(0)
        for monomial, coefficient in objective.items():
            buffers["objective"][state.memory.row_of[monomial]] = float(coefficient) / scale

    def _write_ring(self, ring: Ring) -> None:
        """Write the rewriting rules of a problem, which may have fewer variables than there is room for."""
        n = self._sizes.variables
        exclusive, idempotent = self.buffers["exclusive"].reshape(n, n), self.buffers["idempotent"]
        exclusive.fill(0)
        exclusive[: ring.num_variables, : ring.num_variables] = ring.exclusion_matrix
        idempotent.fill(0)
        idempotent[list(ring.idempotent)] = 1

    def write(self, state: ProofState, gap_closed: float, step: int) -> ObservationArrays:
        """Bring the arrays up to date.

        Args:
            state: The present state, which extends that of the last call.
            gap_closed: How much of the initial gap is closed.
            step: Number of actions taken.

        Returns:
            The arrays themselves, which the next call changes.

        Raises:
            ValueError: If the proof has outgrown the arrays.
        """
        buffers = self.buffers
        self._write_new(state.memory)
        buffers["bound"][0] = min(max(gap_closed, 0.0), FEATURE_LIMIT)
        buffers["step"][0] = step
        if "action_mask" in buffers:
            buffers["action_mask"][:] = state.action_mask().view(np.int8)
        if self._sizes.slots:
            self._write_slots(state)
        if "multipliers" in buffers:
            solution = state.solution
            kernels("polyproof_gym.envs").write_solution(
                solution.multipliers,
                solution.moments,
                FEATURE_LIMIT,
                buffers["multipliers"],
                buffers["pseudo_moments"],
            )
            buffers["has_lp_bound"][0] = math.isfinite(solution.bound)
        return buffers

    def _write_slots(self, state: ProofState) -> None:
        """Write the conclusions of the slots, which may have changed altogether."""
        sizes = self._sizes
        variables = self.buffers["slot_variables"].reshape(sizes.slots, sizes.terms, sizes.degree)
        coefficients = self.buffers["slot_coefficients"].reshape(sizes.slots, sizes.terms)
        variables.fill(sizes.variables)
        coefficients.fill(0)
        for slot, monomials, values in state.slot_terms():
            coefficients[slot, : len(values)] = values
            for term, monomial in enumerate(monomials):
                variables[slot, term, : len(monomial)] = monomial

    def _write_new(self, memory: Memory) -> None:
        """Write the inequalities and monomials that the memory has learned since the last call."""
        buffers, sizes = self.buffers, self._sizes
        count, monomials = len(memory), memory.monomials
        if count > sizes.inequalities or len(monomials) > sizes.monomials:
            raise ValueError(f"no room for {count} inequalities in {len(monomials)} monomials in the observation")
        if len(monomials) > self._num_monomials:
            degree = max(map(len, monomials[self._num_monomials :]))
            if degree > sizes.degree:
                raise ValueError(f"no room for a monomial of degree {degree} in the observation")
            table = buffers["monomials"]
            for row in range(self._num_monomials, len(monomials)):
                begin = row * sizes.degree
                table[begin : begin + len(monomials[row])] = monomials[row]
            self._num_monomials = buffers["num_monomials"][0] = len(monomials)
        if count > self._num_inequalities:
            has_room = kernels("polyproof_gym.envs").write_inequalities(
                self._num_inequalities,
                memory.starts,
                memory.rows,
                memory.values,
                sizes.terms,
                buffers["inequality_monomials"],
                buffers["inequality_coefficients"],
            )
            if not has_room:
                raise ValueError(f"no room for an inequality with more than {sizes.terms} terms in the observation")
            self._num_inequalities = buffers["num_inequalities"][0] = count
