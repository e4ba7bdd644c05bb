"""Ways of proving that a margin is positive on a neighbourhood of a point."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from agents.agent import Agent
from agents.planning.squares import SquaresAgent
from agents.search import prove
from polyproof_gym import stopping
from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import Axiom, Proof, ProofState, ProofTree, Reason, Times
from polyproof_gym.proofs.squares.s_lemma import Quadratic, ellipsoid_proof, minimum_on_ball
from polyproof_gym.robustness.box_relaxation import BoxRelaxation
from polyproof_gym.robustness.neighbourhood import Neighbourhoods

MULTIPLIER_BITS = 40
"""Binary places of the largest multiplier of a product."""

NEGLIGIBLE = 1e-11
"""Multipliers of products up to this share of the largest are left out."""

BISECTIONS = 40
"""Steps towards the largest radius in floats."""


@dataclass(frozen=True)
class Margin:
    """The margin over one rival near a point.

    Attributes:
        rival: The rival.
        local: The margin, in the differences from the point.
    """

    rival: int
    local: Polynomial

    def zero(self, is_box: bool) -> float:
        """Where the margin is 0, to first order: at which largest difference of coordinates, or Euclidean distance."""
        slopes = [float(self.local.terms.get((i,), 0)) for i in range(self.local.ring.num_variables)]
        return float(self.local.constant_term) / (float(np.linalg.norm(slopes, 1 if is_box else 2)) or 1e-300)


class Method(abc.ABC):
    """A way of proving margins, for the neighbourhoods of one point."""

    @abc.abstractmethod
    def ceiling(self, margin: Margin, most: float) -> float:
        """A radius beyond which the method proves nothing, at most ``most``, as far as floats tell."""

    @abc.abstractmethod
    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof | ProofTree | None:
        """What the method proves of the margin on the neighbourhood with a radius, the better the more it is."""


class ProductsMethod(Method):
    """All products of a number of bounds of a box, by one linear program for all radii and rivals."""

    def __init__(self, num_variables: int, level: int) -> None:
        """Set up the program; see :class:`BoxRelaxation`."""
        self._relaxation, self._level = BoxRelaxation(num_variables, level), level

    def ceiling(self, margin: Margin, most: float) -> float:
        """The largest radius by the relaxation."""
        found = self._relaxation.largest_radius(self._relaxation.coefficients(margin.local), most)
        return most if found is None else found[0]

    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof | None:
        """The combination of products that the relaxation finds, rounded; ``None`` if its bound is not positive."""
        relaxation = self._relaxation
        found = relaxation.solve(relaxation.coefficients(margin.local), float(radius))
        if found is None or found.value <= 0:
            return None
        # In unit coordinates 1 + s is 2 u, and 1 - s is 2 (1 - u).
        shares = np.ldexp(found.multipliers, self._level)
        return _combination(problem, relaxation.products, shares)


class EllipsoidMethod(Method):
    """The S-lemma: quadratic margins on balls and ellipsoids, by the constraint and squares, without any loss."""

    def __init__(self, neighbourhoods: Neighbourhoods) -> None:
        """Take the neighbourhoods."""
        size = len(neighbourhoods.point)
        matrix = np.eye(size)
        if neighbourhoods.metric is not None:
            matrix = np.array([[float(entry) for entry in row] for row in neighbourhoods.metric])
        self._basis = np.linalg.inv(np.linalg.cholesky(matrix)).T
        self._centre = np.zeros(size)

    def ceiling(self, margin: Margin, most: float) -> float:
        """The radius of the largest ellipsoid on which the margin is not negative."""
        quadratic = Quadratic.of(margin.local).moved(self._centre, self._basis)
        if quadratic.constant <= 0 or minimum_on_ball(quadratic, most).value >= 0:
            return most
        low, high = 0.0, most
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            is_positive = minimum_on_ball(quadratic, middle).value >= 0
            low, high = (middle, high) if is_positive else (low, middle)
        return low

    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof | None:
        """The proof of the least value."""
        return ellipsoid_proof(problem, problem.constraints[0])


class SquaresMethod(Method):
    """Squares from semidefinite programs, of the lowest degree, for balls and ellipsoids and any margin."""

    def __init__(self, seconds: float) -> None:
        """Fix the time for a proof."""
        self._seconds, self._agent = seconds, SquaresAgent()

    def ceiling(self, margin: Margin, most: float) -> float:
        """Nothing is known beforehand."""
        return most

    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof:
        """The best bound by squares of the lowest degree."""
        seconds = min(self._seconds, stopping.seconds_left())
        known = ProofState(problem, max_steps=0, rules=())
        return self._agent.find(problem, np.random.default_rng(0), seconds, 0, num_degrees=1, products=known).proof


class AgentMethod(Method):
    """Any agent, with the target 0."""

    def __init__(self, agent: Agent | str, max_steps: int, seed: int) -> None:
        """Take over what :func:`~agents.prove` is to be called with."""
        self._agent, self._max_steps, self._seed = agent, max_steps, seed

    def ceiling(self, margin: Margin, most: float) -> float:
        """Nothing is known beforehand."""
        return most

    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof | ProofTree:
        """What the agent proves."""
        return prove(problem, self._agent, max_steps=self._max_steps, target=0, seed=self._seed)


def _combination(problem: Problem, products: tuple[tuple[int, ...], ...], shares: NDArray[np.float64]) -> Proof:
    """The proof that combines products of the axioms of the unit box, with rounded multipliers.

    Args:
        problem: The problem, with the axioms ``u_i >= 0`` and ``1 - u_i >= 0`` at ``2 i`` and ``2 i + 1``.
        products: The numbers of the axioms that are multiplied.
        shares: The multiplier of every product.
    """
    unit = Fraction(2) ** (int(np.frexp(shares.max(initial=0.0))[1]) - MULTIPLIER_BITS)
    reasons: list[Reason] = []
    lines: dict[tuple[int, ...], int] = {}

    def line(product: tuple[int, ...]) -> int:
        if product not in lines:
            *first, factor = product
            if first:
                reason: Reason = Times(line(tuple(first)), factor // 2, bool(factor % 2))
            else:
                reason = Axiom(factor, problem.axioms[factor])
            reasons.append(reason)
            lines[product] = len(reasons) - 1
        return lines[product]

    multipliers = {}
    for k in np.flatnonzero(shares > NEGLIGIBLE * shares.max(initial=0.0)).tolist():
        if rounded := round(Fraction(float(shares[k])) / unit):
            multipliers[line(products[k])] = rounded * unit
    return Proof(problem, tuple(reasons), multipliers)
