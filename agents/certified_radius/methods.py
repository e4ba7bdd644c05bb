"""Ways of proving that a margin is positive on a neighbourhood of a point."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agents.agent import Agent
from agents.planning.squares import Budget, SquaresAgent
from agents.search import prove
from polyproof_gym import stopping
from polyproof_gym.compiled import kernels
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, rational
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import Axiom, Proof, ProofState, ProofTree, Reason, Times, TimesLine
from polyproof_gym.proofs.squares.s_lemma import Quadratic, ellipsoid_proof, minimum_on_ball, rounded_multiplier
from polyproof_gym.robustness.box_relaxation import BoxRelaxation, Relaxed
from polyproof_gym.robustness.neighbourhood import Neighbourhoods

DIRECTION_BITS, SHORTER = 28, 1 - 2.0**-24
"""Binary places of the coordinates of a direction, and how long it is before these are rounded."""

NEGLIGIBLE = 1e-11
"""Multipliers of products up to this share of the largest are left out."""

MOST_TERMS = 2000
"""How long products of linear inequalities may become when they are expanded."""

FACTORS = (3, 5, 7)
"""How many inequalities of one direction are multiplied, as far as these products do not become too long."""

BISECTIONS = 30
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

    @cached_property
    def directions(self) -> NDArray[np.float64]:
        """The gradient of a quadratic margin and the eigenvectors of its form across it, of length 1, in columns."""
        _, slope, form = Quadratic.of(self.local)
        length = float(np.linalg.norm(slope))
        if not length:
            return np.linalg.eigh(form)[1]
        across = np.linalg.svd(slope[None, :])[2][1:].T
        return np.column_stack([slope / length, across @ np.linalg.eigh(across.T @ form @ across)[1]])


class Method(abc.ABC):
    """A way of proving margins, for the neighbourhoods of one point."""

    def ceiling(self, margin: Margin, most: float) -> float:
        """A radius beyond which the method proves nothing, at most ``most``, as far as floats tell; here ``most``."""
        return most

    @abc.abstractmethod
    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof | ProofTree | None:
        """What the method proves of the margin on the neighbourhood with a radius, the better the more it is."""


class ProductsMethod(Method):
    """All products of a number of bounds of a box, by one linear program for all radii and rivals."""

    def __init__(self, neighbourhoods: Neighbourhoods, level: int) -> None:
        """Set up the program; see :class:`BoxRelaxation`."""
        self._neighbourhoods = neighbourhoods
        self._relaxation = BoxRelaxation(len(neighbourhoods.point), level)

    def ceiling(self, margin: Margin, most: float) -> float:
        """The largest radius by the relaxation."""
        found = self._relaxation.largest_radius(self._relaxation.coefficients(margin.local.terms), most)
        radius = most if found is None else found[0]
        if radius >= most or not self._neighbourhoods.is_cut(rational(radius)):
            return radius
        return _last_true(lambda radius: self._is_positive(margin, radius), radius, most)

    def _is_positive(self, margin: Margin, radius: float) -> bool:
        found = self._solve(margin, rational(radius))
        return found is not None and found.value > 0

    def _solve(self, margin: Margin, radius: Rational) -> Relaxed | None:
        """The solution for the box with a radius, as it is cut by the clip."""
        relaxation, local = self._relaxation, margin.local
        if not self._neighbourhoods.is_cut(radius):
            return relaxation.solve(relaxation.coefficients(local.terms), float(radius))
        # Of unequal widths, and around another point: in coordinates from -1 to 1 the products are the same again.
        halves = [Fraction(1, 2) * (1 + Polynomial.variable(local.ring, i)) for i in range(local.ring.num_variables)]
        differences = [
            difference.substitute(halves) for difference in self._neighbourhoods.differences(local.ring, radius)
        ]
        return relaxation.solve(relaxation.coefficients(local.substitute(differences).terms), 1.0)

    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof | None:
        """The combination of products that the relaxation finds, rounded; ``None`` if its bound is not positive."""
        found = self._solve(margin, radius)
        if found is None or found.value <= 0:
            return None
        # In unit coordinates 1 + s is 2 u, and 1 - s is 2 (1 - u).
        factors = [(k, 2) for k in range(2 * problem.num_variables)]
        return _combination(problem, factors, self._relaxation.products, found.multipliers)


class AlignedMethod(Method):
    """Quadratic margins on balls without squares, by products of linear inequalities in directions that suit each.

    These directions are that of the margin's gradient and the eigenvectors of its form across it. In each of them, no
    point of the ball is further from its centre than the radius; that is added to the axioms of the ball. There are all
    products of two, and of more for one direction each: what is lost otherwise is the curvature across the gradient. A
    clip is made no use of.
    """

    def __init__(self, neighbourhoods: Neighbourhoods) -> None:
        """Set up the program; see :class:`BoxRelaxation`."""
        self._neighbourhoods, size = neighbourhoods, len(neighbourhoods.point)
        powers = max((k for k in FACTORS if math.comb(size + k, k) <= MOST_TERMS), default=2)
        self._relaxation = BoxRelaxation(size, 2, is_ball=True, powers=powers)

    def ceiling(self, margin: Margin, most: float) -> float:
        """The largest radius by the relaxation."""
        found = self._relaxation.largest_radius(self._coefficients(margin), most)
        return most if found is None else found[0]

    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof | None:
        """The combination of products that the relaxation finds, rounded; ``None`` if its bound is not positive."""
        found = self._relaxation.solve(self._coefficients(margin), float(radius))
        if found is None or found.value <= 0:
            return None
        ring, ball = problem.ring, problem.axioms[problem.constraints[0]]
        units = [Fraction(1, radius) * difference for difference in self._neighbourhoods.differences(ring, radius)]
        nothing = Polynomial(ring, {})
        sides: list[Polynomial] = []
        for direction in margin.directions.T.tolist():
            # Shorter than 1 by what rounding may add.
            slopes = [Fraction(round(x * SHORTER * 2**DIRECTION_BITS), 2**DIRECTION_BITS) for x in direction]
            if sum(x * x for x in slopes) > 1:
                return None
            share = nothing
            for x, unit in zip(slopes, units, strict=True):
                share = share + x * unit
            sides += [1 + share, 1 - share]
        axioms = tuple(dict.fromkeys((*problem.axioms, *(side.primitive() for side in sides))))
        numbers = {axiom: k for k, axiom in enumerate(axioms)}
        inside = 1 - self._neighbourhoods.squared_distance(units)
        factors: list[tuple[int, Rational]] = []
        for factor, axiom in [*((side, side.primitive()) for side in sides), (inside, ball)]:
            monomial = next(iter(axiom.terms))
            factors.append((numbers[axiom], Fraction(factor.terms[monomial]) / axiom.terms[monomial]))
        aligned = replace(problem, axioms=axioms)
        return _combination(aligned, factors, self._relaxation.products, found.multipliers)

    def _coefficients(self, margin: Margin) -> NDArray[np.float64]:
        frame = margin.directions
        quadratic = Quadratic.of(margin.local).moved(np.zeros(len(frame)), frame)
        return self._relaxation.coefficients(quadratic.terms)


class EllipsoidMethod(Method):
    """The S-lemma: quadratic margins on balls and ellipsoids, by the constraint and squares, without any loss.

    A clip is made no use of.
    """

    def __init__(self, neighbourhoods: Neighbourhoods) -> None:
        """Take the neighbourhoods.

        Raises:
            BadInput: If their metric is not positive definite as far as floats tell, or beyond their range.
        """
        size = len(neighbourhoods.point)
        matrix = np.eye(size)
        try:
            if neighbourhoods.metric is not None:
                matrix = np.array([[float(entry) for entry in row] for row in neighbourhoods.metric])
            self._basis = np.linalg.inv(np.linalg.cholesky(matrix)).T
        except (OverflowError, np.linalg.LinAlgError):
            raise BadInput("expected a metric that is positive definite also when it is rounded to floats") from None
        self._centre = np.zeros(size)

    def ceiling(self, margin: Margin, most: float) -> float:
        """The radius of the largest ellipsoid on which the margin is not negative."""
        quadratic = Quadratic.of(margin.local).moved(self._centre, self._basis)
        if quadratic.constant <= 0:
            return most
        return _last_true(lambda radius: minimum_on_ball(quadratic, radius).value >= 0, 0.0, most)

    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof | None:
        """The proof of the least value."""
        return ellipsoid_proof(problem, problem.constraints[0])


class SquaresMethod(Method):
    """Squares from semidefinite programs, of the lowest degree, for all neighbourhoods and margins."""

    def __init__(self, seconds: float) -> None:
        """Fix the time for a proof."""
        self._seconds, self._agent = seconds, SquaresAgent()

    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof:
        """The best bound by squares of the lowest degree."""
        kernels("polyproof_gym.proofs")  # compiled now, where they are not yet, and not within the time for squares
        budget = Budget.of(min(self._seconds, stopping.seconds_left()))
        known = ProofState(problem, max_steps=0, rules=())
        return self._agent.find(problem, np.random.default_rng(0), budget, 0, num_degrees=1, products=known).proof


class AgentMethod(Method):
    """Any agent, with the target 0."""

    def __init__(self, agent: Agent | str, max_steps: int, seed: int) -> None:
        """Take over what :func:`~agents.prove` is to be called with."""
        self._agent, self._max_steps, self._seed = agent, max_steps, seed

    def proof(self, problem: Problem, margin: Margin, radius: Rational) -> Proof | ProofTree:
        """What the agent proves."""
        return prove(problem, self._agent, max_steps=self._max_steps, target=0, seed=self._seed)


def _last_true(is_true: Callable[[float], bool], low: float, high: float) -> float:
    """Up to where something is true, which it is at ``low`` and not at ``high``, or at both; by bisection."""
    if is_true(high):
        return high
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_true(middle) else (low, middle)
    return low


def _combination(
    problem: Problem,
    factors: Sequence[tuple[int, Rational]],
    products: Sequence[tuple[int, ...]],
    shares: NDArray[np.float64],
) -> Proof:
    """The proof that combines products of axioms, with rounded multipliers.

    Args:
        problem: The problem, with the axioms ``u_i >= 0`` and ``1 - u_i >= 0`` at ``2 i`` and ``2 i + 1``.
        factors: The numbers of axioms, each with a number that it is multiplied by.
        products: Numbers of factors, as many as are multiplied.
        shares: The multiplier of every product of factors.
    """
    largest = float(shares.max(initial=0.0))
    reasons: list[Reason] = []
    lines: dict[tuple[int, ...], int] = {}

    def line(product: tuple[int, ...]) -> int:
        """The line of a product of axioms, with all that it follows from."""
        if product not in lines:
            *first, axiom = product
            if not first:
                reason: Reason = Axiom(axiom, problem.axioms[axiom])
            elif axiom < 2 * problem.num_variables:
                reason = Times(line(tuple(first)), axiom // 2, bool(axiom % 2))
            else:
                reason = TimesLine(line(tuple(first)), line((axiom,)))
            reasons.append(reason)
            lines[product] = len(reasons) - 1
        return lines[product]

    multipliers: dict[int, Rational] = {}
    for k in np.flatnonzero(shares > NEGLIGIBLE * largest).tolist():
        if rounded := rounded_multiplier(float(shares[k]), largest):
            number = line(tuple(factors[factor][0] for factor in products[k]))
            scale = math.prod(factors[factor][1] for factor in products[k])
            multipliers[number] = rational(multipliers.get(number, 0) + rounded * scale)
    return Proof(problem, tuple(reasons), multipliers)
