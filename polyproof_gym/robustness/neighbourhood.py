"""Neighbourhoods of a point as sets of polynomial problems: boxes, balls and ellipsoids, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from polyproof_gym.arguments import exact, members
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, Ring, rational
from polyproof_gym.problems.problem import Problem, unit_box_axioms, unit_ring, unit_substitution
from polyproof_gym.problems.robust_margin import FAMILY, Norm
from polyproof_gym.robustness.maps import clipped
from polyproof_gym.robustness.rounding import root_above

WIDTH_BITS = 20
"""Binary digits of the widths of an ellipsoid, which are rounded up."""

Metric = tuple[tuple[Rational, ...], ...]


class Neighbourhoods:
    """All points up to some radius around a point, for any radius.

    With the norm ``inf`` these are boxes. With ``2`` they are balls, or ellipsoids where there is a metric ``M``: the
    square of the distance is then ``(z - point)' M (z - point)``. Where a classifier has a clip, only what is in its
    box belongs to them: points outside are as good as their projections on it, which are no further from a point in it
    (with a metric they may be; then it is the distance of the projection that counts).

    Attributes:
        point: The point in the middle.
        norm: How distances are measured.
        metric: The matrix ``M``, or ``None`` for that of Euclid.
        widths: Half the extent of the set in every coordinate for radius 1 without a clip, exact or rounded up.
        clip: Half the width of the box around 0 that all points are in, or ``None``.
    """

    def __init__(self, point: Sequence[Rational], norm: Norm, metric: Any = None, clip: Rational | None = None) -> None:
        """Fix the point and the distance.

        Args:
            point: The exact coordinates; with a clip, those of the projection are taken.
            norm: How distances are measured.
            metric: A symmetric positive definite matrix of exact numbers or decimals; only with the norm ``2``.
            clip: Half the width of the clip's box, or ``None``.

        Raises:
            BadInput: If the metric is something else.
        """
        size = len(point)
        self.point, self.norm, self.clip = tuple(clipped(x, clip) for x in point), norm, clip
        self.metric: Metric | None = None
        self.widths: tuple[Rational, ...] = (1,) * size
        if metric is not None:
            if norm != "2":
                raise BadInput("expected no metric beside the norm inf")
            self.metric = _symmetric(metric, size)
            self.widths = tuple(root_above(x, WIDTH_BITS) for x in _inverse_diagonal(self.metric))

    @property
    def is_box(self) -> bool:
        """Whether the sets are boxes."""
        return self.norm == "inf"

    def squared_distance(self, differences: Sequence[Polynomial]) -> Polynomial:
        """The square of the length of a vector, by the norm ``2`` or the metric."""
        total = Polynomial(differences[0].ring, {})
        if self.metric is None:
            for difference in differences:
                total = total + difference * difference
            return total
        for i, row in enumerate(self.metric):
            image = Polynomial(total.ring, {})
            for entry, difference in zip(row, differences, strict=True):
                if entry:
                    image = image + entry * difference
            total = total + differences[i] * image
        return total

    def box(self, radius: Rational) -> tuple[tuple[Rational, Rational], ...]:
        """A box around the set; without a clip the smallest one but for the rounding of the widths."""
        halves = [radius * width for width in self.widths]
        return tuple(
            (rational(clipped(x - h, self.clip)), rational(clipped(x + h, self.clip)))
            for x, h in zip(self.point, halves, strict=True)
        )

    def is_cut(self, radius: Rational) -> bool:
        """Whether the box with a radius would be larger without the clip."""
        return any(
            clipped(x + h, self.clip) != x + h
            for x, width in zip(self.point, self.widths, strict=True)
            for h in (-radius * width, radius * width)
        )

    def coordinates(self, variables: Sequence[str], radius: Rational) -> list[Polynomial]:
        """The variables in unit coordinates of the box of a radius."""
        box = self.box(radius)
        return unit_substitution(unit_ring(variables, box), box)

    def differences(self, ring: Ring, radius: Rational) -> list[Polynomial]:
        """The differences of the variables from the point in unit coordinates of the box of a radius."""
        return [image - x for image, x in zip(unit_substitution(ring, self.box(radius)), self.point, strict=True)]

    def problem(self, name: str, margin: Polynomial, variables: Sequence[str], radius: Rational) -> Problem:
        """The problem of the least value of a margin on the set with a radius above 0.

        Args:
            name: What the problem is called.
            margin: The margin, with the :meth:`coordinates` of the radius in place of the variables.
            variables: What these are called.
            radius: The radius.
        """
        ring, box = margin.ring, self.box(radius)
        constraints: list[Polynomial] = []
        if not self.is_box:
            differences = self.differences(ring, radius)
            constraints = [(radius * radius - self.squared_distance(differences)).primitive()]
        return Problem(
            name=name,
            family=FAMILY,
            sense="min",
            objective=margin,
            axioms=tuple(dict.fromkeys((*unit_box_axioms(ring), *constraints))),
            variables=tuple(variables),
            box=box,
            feasible_point=tuple(
                rational(Fraction(x - low) / (high - low)) for x, (low, high) in zip(self.point, box, strict=True)
            ),
        )


def moved_variables(variables: Sequence[str], point: Sequence[Rational]) -> list[Polynomial]:
    """The variables as polynomials in their differences from a point."""
    ring = Ring(variables)
    return [Polynomial.variable(ring, i) + x for i, x in enumerate(point)]


def _symmetric(metric: Any, size: int) -> Metric:
    rows = [members(row, "numbers in a row of the metric", size) for row in members(metric, "rows of the metric", size)]
    if [*map(len, rows)] != [size] * size:
        raise BadInput(f"expected a metric with {size} rows of {size} numbers")
    found = tuple(tuple(exact(entry, "an entry of the metric") for entry in row) for row in rows)
    if any(found[i][j] != found[j][i] for i in range(size) for j in range(i)):
        raise BadInput("expected a symmetric matrix as metric")
    return found


def _inverse_diagonal(metric: Metric) -> list[Fraction]:
    """The diagonal of the inverse, by elimination.

    Raises:
        BadInput: If the matrix is not positive definite.
    """
    size = len(metric)
    rows = [[Fraction(x) for x in row] + [Fraction(i == j) for j in range(size)] for i, row in enumerate(metric)]
    for k in range(size):
        pivot = rows[k][k]
        if pivot <= 0:  # of a positive definite matrix all are positive, without any exchange of rows
            raise BadInput("expected a positive definite matrix as metric, such as W'W for W of full column rank")
        rows[k] = [x / pivot for x in rows[k]]
        for i in range(size):
            if i != k and (factor := rows[i][k]):
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [rows[i][size + i] for i in range(size)]
