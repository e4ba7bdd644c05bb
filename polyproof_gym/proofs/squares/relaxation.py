"""The semidefinite program whose Gram matrices become squares.

For the objective ``f`` and *localisers* ``m >= 0`` it solves

    max gamma   such that   f - gamma = sum_m m * z' G_m z + sum_e e * (any polynomial),   G_m positive semidefinite,

with a vector ``z`` of monomials for every localiser and equations ``e = 0``, by an interior-point method in floats.
Nothing that comes out of it is trusted: the Gram matrices only say which squares to derive.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import clarabel
import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from polyproof_gym import stopping
from polyproof_gym.polynomials import ONE, Monomial, Polynomial
from polyproof_gym.proofs.squares.blocks import Block, Equation
from polyproof_gym.proofs.squares.coordinates import Coordinates

Floats = NDArray[np.float64]

_Pattern = tuple[NDArray[np.intp], NDArray[np.intp], Floats]
"""The entries of a matrix that depend on a moment, the moments, and the factors."""

TOLERANCE = 1e-10
"""Accuracy that the solver is asked for; it ends with less where it gets no further."""

MAX_ITERATIONS = 200
"""The most iterations of the solver, of which 20 are usual."""

MARGIN = 1e-9
"""How far from singular Gram matrices must be, for an objective with the largest coefficient 1."""

ITERATIONS = 20
"""How many are usual."""

OPERATIONS_PER_SECOND = 5e9
"""Multiplications of dense matrices, about."""


@dataclass(frozen=True)
class RelaxationSolution:
    """What the solver found, in floats.

    Attributes:
        bound: The bound on the objective, which may be wrong by more than it seems.
        grams: The Gram matrix of every block.
    """

    bound: float
    grams: list[Floats]


class Relaxation:
    """The program for an objective, blocks and equations.

    Attributes:
        coordinates: The coordinates of bases and moments.
        blocks: The localisers with their bases.
        equations: The equations with their factors.
        moments: The monomials that occur, the monomial 1 first.
    """

    def __init__(
        self,
        coordinates: Coordinates,
        objective: Polynomial,
        blocks: Sequence[Block],
        equations: Sequence[Equation] = (),
    ) -> None:
        """Number the moments and set up the matrices.

        Args:
            coordinates: The coordinates of bases and factors.
            objective: The polynomial to bound from below, in unit coordinates.
            blocks: The localisers with their bases.
            equations: The equations with their factors.
        """
        self.coordinates = coordinates
        self.blocks = tuple(blocks)
        self.equations = tuple(equations)
        self.moments: list[Monomial] = [ONE]
        self._number: dict[Monomial, int] = {ONE: 0}
        self._patterns = [self._pattern(block) for block in self.blocks]
        self._vanishing = [self._multiples(equation) for equation in self.equations]
        terms = coordinates.terms_of(objective)
        self._is_covered = all(monomial in self._number for monomial in terms)
        for monomial in terms:
            self._numbered(monomial)
        self._objective = np.zeros(len(self.moments))
        for monomial, coefficient in terms.items():
            self._objective[self._number[monomial]] = float(coefficient)

    @property
    def expected_seconds(self) -> float:
        """The time that solving takes, about; every iteration factors a matrix with a dense part for every block.

        The solver can be stopped between iterations only, which tells nothing before the first one.
        """
        triangles = [len(block.basis) * (len(block.basis) + 1) / 2 for block in self.blocks]
        operations = sum(size**3 for size in triangles) / 3 + len(self.moments) ** 3 / 3
        return ITERATIONS * operations / OPERATIONS_PER_SECOND

    def _numbered(self, monomial: Monomial) -> int:
        number = self._number.get(monomial)
        if number is None:
            number = self._number[monomial] = len(self.moments)
            self.moments.append(monomial)
        return number

    def _pattern(self, block: Block) -> _Pattern:
        """The entries of a localised moment matrix, as a map from moments."""
        product, basis = self.coordinates.product, block.basis
        size = len(basis)
        entries: dict[Monomial, list[int]] = {}
        for j in range(size):
            for i in range(j + 1):
                monomial = product(basis[i], basis[j])
                if monomial is not None:
                    places = entries.setdefault(monomial, [])
                    places.append(i * size + j)
                    if i < j:
                        places.append(j * size + i)
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        for own, coefficient in self.coordinates.terms_of(block.localiser).items():
            weight = float(coefficient)
            for monomial, places in entries.items():
                image = product(own, monomial)
                if image is not None:
                    rows += places
                    columns += [self._numbered(image)] * len(places)
                    values += [weight] * len(places)
        return np.array(rows, np.intp), np.array(columns, np.intp), np.array(values)

    def _multiples(self, equation: Equation) -> list[dict[int, float]]:
        """The moments in the products of an equation with its factors."""
        terms = self.coordinates.terms_of(equation.polynomial)
        multiples = []
        for factor in equation.factors:
            row: dict[int, float] = {}
            for own, coefficient in terms.items():
                image = self.coordinates.product(own, factor)
                if image is not None:
                    number = self._numbered(image)
                    row[number] = row.get(number, 0.0) + float(coefficient)
            multiples.append(row)
        return multiples

    def moment_matrices(self, moments: Floats) -> list[Floats]:
        """The localised moment matrices, positive semidefinite for the moments of a point of the set.

        Args:
            moments: One value for each of :attr:`moments`.
        """
        matrices = []
        for block, (rows, columns, values) in zip(self.blocks, self._patterns, strict=True):
            size = len(block.basis)
            entries = np.bincount(rows, values * moments[columns], size * size).astype(np.float64)
            matrices.append(entries.reshape(size, size))
        return matrices

    def solve(self, seconds: float) -> RelaxationSolution | None:
        """Solve the program; ``None`` where the solver fails, or is not expected to be through in time.

        So it is where the objective has monomials that no square has.

        Args:
            seconds: What it may take; also a request to stop (see :mod:`polyproof_gym.stopping`) ends it.
        """
        if not self._is_covered or self.expected_seconds > seconds:
            return None
        scale = float(np.abs(self._objective[1:]).max(initial=0.0)) or 1.0
        parts, cones = self._cones([None] * len(self.blocks))
        matrix = scipy.sparse.vstack(parts).tocsc()
        sides = -matrix[:, [0]].toarray().ravel()  # the moment of 1 is 1
        found = _run(self._objective[1:] / scale, matrix[:, 1:], sides, cones, seconds)
        if found is None:
            return None
        value, duals = found
        grams = self._grams(duals * scale, [len(block.basis) for block in self.blocks])
        return RelaxationSolution(value * scale + self._objective[0], grams)

    def most_interior(self, frames: Sequence[Floats], seconds: float) -> tuple[float, list[Floats]] | None:
        """Gram matrices of an objective that is a sum of squares, as far from singular ones as possible.

        Every block's polynomials are restricted to some, the rows of its frame. Without a constant term to give away,
        the program is ``max delta`` such that ``f = sum_m m * z' F' G_m F z`` and all ``G_m - delta`` are positive
        semidefinite.

        Args:
            frames: For every block a matrix with one column for each element of the basis.
            seconds: What it may take.

        Returns:
            ``delta``, and the matrices ``G_m``; ``None`` where the solver fails, or ``delta`` is about 0.
        """
        if not self._is_covered or self.expected_seconds > seconds:
            return None
        scale = float(np.abs(self._objective).max(initial=0.0)) or 1.0
        parts, cones = self._cones(frames)
        traces = np.zeros(len(self.moments))
        first = 0 if not any(self._vanishing) else 1
        for part, frame in zip(parts[first:], frames, strict=True):
            diagonal = np.cumsum(np.arange(1, len(frame) + 1)) - 1
            traces -= np.asarray(part[diagonal].sum(axis=0)).ravel()
        matrix = scipy.sparse.vstack([scipy.sparse.csr_matrix(traces), *parts]).tocsc()
        sides = np.zeros(matrix.shape[0])
        sides[0] = 1.0
        found = _run(self._objective / scale, matrix, sides, [clarabel.ZeroConeT(1), *cones], seconds)
        if found is None or not found[0] > MARGIN:
            return None
        delta, duals = found
        grams = self._grams(duals[1:] * scale, [len(frame) for frame in frames])
        return delta * scale, [gram + delta * scale * np.eye(len(gram)) for gram in grams]

    def _cones(self, frames: Sequence[Floats | None]) -> tuple[list[scipy.sparse.csr_matrix], list[Any]]:
        """The rows of the solver's program, minus the matrices as functions of the moments, and the cones they are in.

        Args:
            frames: For every block the polynomials it is restricted to, or ``None``.
        """
        count = len(self.moments)
        parts: list[scipy.sparse.csr_matrix] = []
        cones: list[Any] = []
        if any(self._vanishing):
            parts.append(self._equation_rows(count))
            cones.append(clarabel.ZeroConeT(parts[-1].shape[0]))
        for block, pattern, frame in zip(self.blocks, self._patterns, frames, strict=True):
            rows, columns, values = pattern
            size = len(block.basis)
            whole = scipy.sparse.coo_matrix((values, (rows, columns)), shape=(size * size, count)).tocsr()
            if frame is not None:
                size = len(frame)
                sparse = scipy.sparse.csr_matrix(frame)
                whole = scipy.sparse.kron(sparse, sparse).tocsr() @ whole
            upper, weights = _triangle(size)
            parts.append((-scipy.sparse.diags(weights) @ whole[upper]).tocsr())
            cones.append(clarabel.PSDTriangleConeT(size) if size > 1 else clarabel.NonnegativeConeT(1))
        return parts, cones

    def _equation_rows(self, count: int) -> scipy.sparse.csr_matrix:
        multiples = [row for rows in self._vanishing for row in rows]
        matrix = scipy.sparse.lil_matrix((len(multiples), count))
        for number, row in enumerate(multiples):
            for moment, value in row.items():
                matrix[number, moment] = value
        return matrix.tocsr()

    def _grams(self, duals: Floats, sizes: Sequence[int]) -> list[Floats]:
        """The Gram matrices, behind the weights of the equations, which the bound LP finds anew."""
        first = sum(map(len, self._vanishing))
        grams = []
        for size in sizes:
            upper, weights = _triangle(size)
            entries = np.zeros(size * size)
            entries[upper] = duals[first : first + len(upper)] / weights
            gram = entries.reshape(size, size)
            grams.append(gram + np.triu(gram, 1).T)
            first += len(upper)
        return grams


def _run(
    cost: Floats, matrix: scipy.sparse.csc_matrix, sides: Floats, cones: list[Any], seconds: float
) -> tuple[float, Floats] | None:
    """The value of a program in the solver's form, and its dual solution; ``None`` where it has none worth anything."""
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_iter = MAX_ITERATIONS
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = TOLERANCE
    settings.time_limit = max(seconds, 0.01)
    quadratic = scipy.sparse.csc_matrix((len(cost), len(cost)))
    solver = clarabel.DefaultSolver(quadratic, cost, matrix, sides, cones, settings)
    with stopping.signals_held():
        solver.set_termination_callback(lambda information: stopping.is_up())
        solution = solver.solve()
    value, duals = float(solution.obj_val), np.array(solution.z)
    if not (math.isfinite(value) and np.isfinite(duals).all()) or str(solution.status) in _USELESS:
        return None
    return value, duals


_USELESS = frozenset({"PrimalInfeasible", "DualInfeasible", "AlmostPrimalInfeasible", "AlmostDualInfeasible"})
"""How the solver ends where there are no Gram matrices."""


def _triangle(size: int) -> tuple[NDArray[np.intp], Floats]:
    """The upper triangle of a matrix column by column, as places in it, and what the solver multiplies it by."""
    columns, rows = np.tril_indices(size)
    return rows * size + columns, np.where(rows == columns, 1.0, math.sqrt(2.0))
