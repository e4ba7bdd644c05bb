"""Margins whose least value is inside the box, where products of its bounds end too early and squares go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.certified_radius import certified_radius
from agents.certified_radius.radius import UPPER
from experiments.tables import Cell, Result, markdown
from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.robustness.classifier import PolynomialClassifier

MARGINS = ("(x - 1/2)^2 + 1/100", "8 - 7*x + 9*x^2 - x^3", "5 + 4*x + 7*x^2 - 6*x^3")
"""Polynomials of one variable that are positive at 0."""

REAL = 1e-9
"""Roots with smaller imaginary parts are real."""


@dataclass(frozen=True)
class Interior:
    """One margin around 0. All but the margin are radii.

    Attributes:
        margin: The margin, a polynomial of ``x``.
        largest: Up to where it is positive, but no more than is tried.
        without_squares: Up to where products prove it.
        with_squares: Up to where it is proved by all means.
    """

    margin: str
    largest: float
    without_squares: float
    with_squares: float


@dataclass(frozen=True)
class Interiors:
    """The result of this section; see :class:`Interior`."""

    rows: tuple[Interior, ...]


def measure(*, margins: Sequence[str] = MARGINS, seed: int = 0) -> Interiors:
    """Certify the radius of each margin with squares and without."""
    return Interiors(tuple(_row(text, seed) for text in margins))


def table(result: Result) -> str:
    """The result, as JSON has it, as a Markdown table; radii with five significant digits."""
    columns: dict[str, Cell] = {
        "margin": lambda row: f"`{row['margin']}`",
        "largest": lambda row: f"{row['largest']:.5g}",
        "without squares": lambda row: f"{row['without_squares']:.5g}",
        "with squares": lambda row: f"{row['with_squares']:.5g}",
    }
    return markdown(columns, result["rows"])


def _row(text: str, seed: int) -> Interior:
    ring = Ring(("x",))
    margin = parse_polynomial(text, ring)
    classifier = PolynomialClassifier([margin, Polynomial(ring, {})])
    without, within = (
        float(certified_radius(classifier, [0], squares=squares, seed=seed).radius) for squares in (False, True)
    )
    return Interior(text, min([*_roots(margin), float(UPPER)]), without, within)


def _roots(margin: Polynomial) -> list[float]:
    """The distances of the real roots from 0."""
    coefficients = [float(margin.terms.get((0,) * power, 0)) for power in range(margin.degree, -1, -1)]
    roots = np.roots(coefficients)
    return [abs(float(root.real)) for root in roots if abs(root.imag) < REAL]
