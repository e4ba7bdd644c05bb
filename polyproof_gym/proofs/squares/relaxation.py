"""The semidefinite program whose Gram matrices become squares.

For the objective ``f`` and *localisers* ``m >= 0`` it solves

    max gamma   such that   f - gamma = sum_m m * z' G_m z + sum_e e * (any polynomial),   G_m positive semidefinite,

with a vector ``z`` of monomials for every localiser and equations ``e = 0``, by an interior-point method in floats.
Nothing that comes out of it is trusted: the Gram matrices only say which squares to derive.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import clarabel
import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from polyproof_gym import stopping
from polyproof_gym.polynomials import ONE, Monomial, Polynomial, Rational
from polyproof_gym.proofs.squares.blocks import Block, Equation
from polyproof_gym.proofs.squares.coordinates import Coordinates, Terms

Floats = NDArray[np.float64]

TOLERANCE = 1e-10
"""Accuracy that the solver is asked for; it ends with less where it gets no further."""

MAX_ITERATIONS = 200
"""The most iterations of the solver, of which 20 are usual."""

MARGIN = 1e-9
"""How far from singular Gram matrices must be, for an objective with the largest coefficient 1."""

ITERATIONS = 20
"""How many are usual."""

LONGEST_ITERATION = 1.0
"""Seconds that one may be expected to take: the solver can be stopped only between two of them."""

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


class _Pattern(NamedTuple):
    """The upper triangle of a localised moment matrix as a function of the moments, which is linear.

    Attributes:
        rows: The place of every entry in the triangle, column by column.
        columns: The moment that it depends on.
        values: The factor of that moment.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    values: Floats


class Relaxation:
    """The program for an objective, blocks and equations.

    Attributes:
        coordinates: The coordinates of bases and moments.
        objective: The polynomial to bound from below, in unit coordinates.
        blocks: The localisers with their bases.
        equations: The equations with their factors.
    """

    def __init__(
        self,
        coordinates: Coordinates,
        objective: Polynomial,
        blocks: Sequence[Block],
        equations: Sequence[Equation] = (),
    ) -> None:
        """Take over what the program is made of; nothing is set up yet."""
        self.coordinates = coordinates
        self.objective = objective
        self.blocks = tuple(blocks)
        self.equations = tuple(equations)

    @property
    def expected_seconds(self) -> float:
        """The time that solving takes, about; every iteration factors a matrix with a dense part for every block.

        The solver can be stopped between iterations only, which tells nothing before the first one.
        """
        sizes = (len(block.basis) for block in self.blocks)
        return ITERATIONS * sum((size * (size + 1) / 2) ** 3 for size in sizes) / 3 / OPERATIONS_PER_SECOND

    @cached_property
    def _number(self) -> dict[Monomial, int]:
        """The numbers of the moments that occur; the monomial 1 is the first."""
        return {ONE: 0}

    @cached_property
    def _patterns(self) -> list[_Pattern]:
        return [self._pattern(block) for block in self.blocks]

    @cached_property
    def _vanishing(self) -> list[dict[int, float]]:
        """The products of equations with their factors, as the moments in them."""
        return [row for equation in self.equations for row in self._multiples(equation)]

    @property
    def moments(self) -> list[Monomial]:
        """The monomials that occur, the monomial 1 first."""
        _ = self._patterns, self._vanishing  # which number them
        return list(self._number)

    @cached_property
    def _terms(self) -> Terms:
        return self.coordinates.terms_of(self.objective)

    @property
    def is_covered(self) -> bool:
        """Whether every monomial of the objective can be had from squares and equations."""
        known = set(self.moments)
        return all(monomial in known for monomial in self._terms)

    @cached_property
    def matrices(self) -> list[scipy.sparse.csr_matrix]:
        """For every block, the entries of its matrix's upper triangle, column by column, as functions of the moments.

        Every localiser is divided by its largest coefficient in the coordinates.
        """
        count = len(self.moments)
        sizes = (len(block.basis) for block in self.blocks)
        return [
            scipy.sparse.csr_matrix((values, (rows, columns)), shape=(size * (size + 1) // 2, count))
            for size, (rows, columns, values) in zip(sizes, self._patterns, strict=True)
        ]

    @cached_property
    def multiples(self) -> scipy.sparse.csr_matrix:
        """The products of equations with their factors in moments, one per row, divided like the localisers."""
        rows = self._vanishing
        ends = np.cumsum([0, *map(len, rows)])
        columns = np.array([number for row in rows for number in row], np.intp)
        values = np.array([value for row in rows for value in row.values()])
        return scipy.sparse.csr_matrix((values, columns, ends), shape=(len(rows), len(self.moments)))

    def _numbered(self, monomial: Monomial) -> int:
        return self._number.setdefault(monomial, len(self._number))

    def _pattern(self, block: Block) -> _Pattern:
        product, basis = self.coordinates.product, block.basis
        localiser = self._scaled(block.localiser)
        entries: dict[Monomial, list[int]] = {}
        place = 0
        for j, one in enumerate(basis):
            for other in basis[: j + 1]:
                monomial = product(one, other)
                if monomial is not None:
                    entries.setdefault(monomial, []).append(place)
                place += 1
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        for monomial, places in entries.items():
            for own, weight in localiser:
                image = product(own, monomial)
                if image is not None:
                    rows += places
                    columns += [self._numbered(image)] * len(places)
                    values += [weight] * len(places)
        return _Pattern(np.array(rows, np.intp), np.array(columns, np.intp), np.array(values))

    def _multiples(self, equation: Equation) -> Iterator[dict[int, float]]:
        """The moments in the products of an equation with its factors."""
        terms = self._scaled(equation.polynomial)
        for factor in equation.factors:
            row: dict[int, float] = {}
            for own, coefficient in terms:
                image = self.coordinates.product(own, factor)
                if image is not None:
                    number = self._numbered(image)
                    row[number] = row.get(number, 0.0) + coefficient
            yield row

    def _scaled(self, polynomial: Polynomial) -> list[tuple[Monomial, float]]:
        """The terms of a polynomial in the coordinates, divided by the largest, which the solver needs."""
        terms = self.coordinates.terms_of(polynomial)
        largest = max((abs(Fraction(value)) for value in terms.values()), default=Fraction(1))
        return [(own, float(value / largest)) for own, value in terms.items()]

    def moment_matrices(self, moments: Floats) -> list[Floats]:
        """The localised moment matrices, positive semidefinite for the moments of a point of the set.

        Args:
            moments: One value for each of :attr:`moments`.
        """
        matrices = []
        for block, (rows, columns, values) in zip(self.blocks, self._patterns, strict=True):
            size = len(block.basis)
            entries = np.bincount(rows, values * moments[columns], size * (size + 1) // 2)
            matrices.append(_symmetric(entries.astype(np.float64), size))
        return matrices

    def solve(self, seconds: float) -> RelaxationSolution | None:
        """Solve the program; ``None`` where the solver fails, or is not expected to be through in time.

        So it is where the objective has monomials that no square has.

        Args:
            seconds: What it may take; also a request to stop (see :mod:`polyproof_gym.stopping`) ends it.
        """
        if self.expected_seconds > min(seconds, ITERATIONS * LONGEST_ITERATION) or not self.is_covered:
            return None
        objective = self.coefficients(0)
        scale = float(np.abs(objective[1:]).max(initial=0.0)) or 1.0
        sizes = [len(block.basis) for block in self.blocks]
        matrix = scipy.sparse.csc_matrix(self._rows(self._patterns, sizes))
        sides = -matrix[:, [0]].toarray().ravel()  # the moment of 1 is 1
        found = _run(objective[1:] / scale, matrix[:, 1:], sides, self._cones(sizes), seconds)
        if found is None:
            return None
        value, duals = found
        return RelaxationSolution(value * scale + objective[0], self._grams(duals * scale, sizes))

    def most_interior(self, value: Rational, frames: Sequence[Floats], seconds: float) -> list[Floats] | None:
        """Gram matrices of the objective less a value, as far from singular ones as possible.

        Every block's polynomials are restricted to some, the rows of its frame. The program is ``max delta`` such that
        ``f - value = sum_m m * z' F' G_m F z`` and all ``G_m - delta`` are positive semidefinite.

        Args:
            value: The least value of the objective.
            frames: For every block a matrix with one column for each element of the basis; those without rows are
                left out.
            seconds: What it may take.

        Returns:
            The matrices ``G_m``; ``None`` where the solver fails, or ``delta`` is about 0.
        """
        if self.expected_seconds > seconds or not self.is_covered or not any(map(len, frames)):
            return None
        objective = self.coefficients(value)
        scale = float(np.abs(objective).max(initial=0.0)) or 1.0
        sizes = [len(frame) for frame in frames]
        restricted = [
            self._restricted(pattern, frame) if len(frame) else _Pattern(*(np.empty(0, np.intp),) * 2, np.empty(0))
            for pattern, frame in zip(self._patterns, frames, strict=True)
        ]
        rows = scipy.sparse.csr_matrix(self._rows(restricted, sizes))
        traces = rows[self._diagonal_rows(sizes)].sum(axis=0)
        matrix = scipy.sparse.vstack([scipy.sparse.csr_matrix(-np.asarray(traces)), rows]).tocsc()
        sides = np.zeros(matrix.shape[0])
        sides[0] = 1.0
        found = _run(objective / scale, matrix, sides, [clarabel.ZeroConeT(1), *self._cones(sizes)], seconds)
        if found is None or not found[0] > MARGIN:
            return None
        grams = self._grams(found[1][1:], sizes)
        return [scale * (gram + found[0] * np.eye(len(gram))) for gram in grams]

    def coefficients(self, value: Rational) -> Floats:
        """The coefficients of the objective less a value, one for every moment."""
        objective = np.zeros(len(self.moments))
        for monomial, coefficient in {ONE: 0, **self._terms}.items():
            objective[self._number[monomial]] = float(coefficient - value if monomial == ONE else coefficient)
        return objective

    def _restricted(self, pattern: _Pattern, frame: Floats) -> _Pattern:
        """The matrix of the polynomials of a frame, from that of the basis."""
        size, count = frame.shape[1], len(self._number)
        columns, rows = np.tril_indices(size)
        whole = scipy.sparse.csr_matrix(
            (
                np.concatenate([pattern.values, pattern.values]),
                (
                    np.concatenate([(rows * size + columns)[pattern.rows], (columns * size + rows)[pattern.rows]]),
                    np.concatenate([pattern.columns, pattern.columns]),
                ),
            ),
            shape=(size * size, count),
        )
        halves = np.ones(size * size)
        halves[:: size + 1] = 0.5  # the diagonal has been entered twice
        columns, rows = np.tril_indices(len(frame))
        sparse = scipy.sparse.csr_matrix(frame)
        upper = scipy.sparse.kron(sparse, sparse).tocsr()[rows * len(frame) + columns]
        entries = (upper @ scipy.sparse.diags(halves) @ whole).tocoo()
        return _Pattern(entries.row.astype(np.intp), entries.col.astype(np.intp), entries.data)

    def _rows(self, patterns: Sequence[_Pattern], sizes: Sequence[int]) -> scipy.sparse.coo_matrix:
        """The rows of the solver's program: the equations, and minus the triangles of all matrices."""
        multiples = self.multiples.tocoo()
        rows, columns, values = [multiples.row], [multiples.col], [multiples.data]
        first = len(self._vanishing)
        for pattern, size in zip(patterns, sizes, strict=True):
            rows.append(first + pattern.rows)
            columns.append(pattern.columns)
            values.append(-_weights(size)[pattern.rows] * pattern.values)
            first += size * (size + 1) // 2
        entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
        return scipy.sparse.coo_matrix(entries, shape=(first, len(self._number)))

    def _diagonal_rows(self, sizes: Sequence[int]) -> NDArray[np.intp]:
        """The rows of diagonal entries."""
        found = [np.empty(0, np.intp)]
        first = len(self._vanishing)
        for size in sizes:
            found.append(first + np.cumsum(np.arange(1, size + 1)) - 1)
            first += size * (size + 1) // 2
        return np.concatenate(found).astype(np.intp)

    def _cones(self, sizes: Sequence[int]) -> list[Any]:
        """The cones that the rows are in."""
        cones: list[Any] = [clarabel.ZeroConeT(len(self._vanishing))] if self._vanishing else []
        for size in filter(None, sizes):
            cones.append(clarabel.PSDTriangleConeT(size) if size > 1 else clarabel.NonnegativeConeT(1))
        return cones

    def _grams(self, duals: Floats, sizes: Sequence[int]) -> list[Floats]:
        """The Gram matrices, behind the weights of the equations, which the bound LP finds anew."""
        first = len(self._vanishing)
        grams = []
        for size in sizes:
            count = size * (size + 1) // 2
            grams.append(_symmetric(duals[first : first + count] / _weights(size), size))
            first += count
        return grams


def _symmetric(triangle: Floats, size: int) -> Floats:
    """The matrix with a given upper triangle, column by column."""
    matrix = np.empty((size, size))
    columns, rows = np.tril_indices(size)
    matrix[rows, columns] = matrix[columns, rows] = triangle
    return matrix


def _weights(size: int) -> Floats:
    """What the solver multiplies the entries of a triangle by."""
    columns, rows = np.tril_indices(size)
    return np.where(rows == columns, 1.0, math.sqrt(2.0))


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
        try:
            solution = solver.solve()
        except BaseException as error:  # a panic of the solver, whose class cannot be imported
            if type(error).__name__ != "PanicException":
                raise
            return None
    value, duals = float(solution.obj_val), np.array(solution.z)
    if not (math.isfinite(value) and np.isfinite(duals).all()) or str(solution.status) in _USELESS:
        return None
    return value, duals


_USELESS = frozenset({"PrimalInfeasible", "DualInfeasible", "AlmostPrimalInfeasible", "AlmostDualInfeasible"})
"""How the solver ends where there are no Gram matrices."""
