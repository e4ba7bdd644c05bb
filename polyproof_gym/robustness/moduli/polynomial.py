"""The modulus of a polynomial generator that is clipped to a box, from a proof of a bound on its derivative."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, get_args

from polyproof_gym.arguments import instance_of, members, one_of, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Rational, Ring, rational
from polyproof_gym.polynomials.polynomial import add_terms
from polyproof_gym.polynomials.ring import Monomial
from polyproof_gym.problems.box_polynomial import problem_on_unit_box
from polyproof_gym.problems.problem import Problem, unit_ring, unit_substitution
from polyproof_gym.proofs import Claim
from polyproof_gym.robustness.moduli.boxes import read_box
from polyproof_gym.robustness.modulus import Modulus, Norm
from polyproof_gym.robustness.rounding import root_above
from polyproof_gym.robustness.status import Status

MAX_COMPONENTS = 100_000
"""Most polynomials of a generator."""


def derivative_problem(components: Sequence[Polynomial], box: Any) -> Problem:
    """The problem of bounding the squares of all partial derivatives of a generator, added up, over a box.

    Args:
        components: The polynomials of the generator, one for each image entry, in the latent variables.
        box: One interval ``(low, high)`` for each latent variable, or a number ``R`` for ``[-R, R]`` everywhere.

    Raises:
        BadInput: If something is no polynomial, or one of another ring than the others or of one with rewriting rules,
            or the box is none.
    """
    polynomials = [instance_of(p, Polynomial, "component") for p in members(components, "components", MAX_COMPONENTS)]
    if not polynomials:
        raise BadInput("expected at least one polynomial as components")
    ring = polynomials[0].ring
    if any(polynomial.ring != ring for polynomial in polynomials):
        raise BadInput("expected polynomials in the same variables as components")
    if ring.idempotent or ring.num_exclusive or not ring.num_variables:
        raise BadInput(f"expected components in real variables without rewriting rules, got {shown(ring.variables)}")
    intervals = [(rational(low), rational(high)) for low, high in read_box(box, ring.num_variables)]
    substitution = unit_substitution(unit_ring(ring.variables, intervals), intervals)
    return problem_on_unit_box(
        f"squared derivative of {len(polynomials)} polynomials",
        _squared_derivative(polynomials, ring).substitute(substitution),
        sense="max",
        variables=ring.variables,
        box=intervals,
    )


def polynomial_modulus(components: Sequence[Polynomial], box: Any, proof: Claim, norm: Norm = "2") -> Modulus:
    """The modulus of a polynomial generator clipped to a box: the root of a proved bound on its squared derivative.

    The sum of the squares of all partial derivatives is the square of the Frobenius norm of the derivative, which is
    at least the spectral norm.

    Args:
        components: The polynomials of the generator, one for each image entry, in the latent variables.
        box: One interval ``(low, high)`` for each latent variable, or a number ``R`` for ``[-R, R]`` everywhere.
        proof: A proof about :func:`derivative_problem`; it is verified here.
        norm: The norm of images; the largest entry is no larger than the Euclidean norm, so the bound is one for it.

    Raises:
        BadInput: If something cannot be used, or the proof is about another problem.
        InvalidProof: If the proof does not hold.
        ResourceLimit: If the proof is too large for the checker.
    """
    norm = one_of(norm, "norm", get_args(Norm))
    problem = derivative_problem(components, box)
    if not isinstance(proof, Claim):
        raise BadInput(f"expected a proof, got {shown(proof)}")
    if not _says_the_same(proof.problem, problem):
        asked = f"an upper bound on the {problem.name} over their box"
        raise BadInput(f"expected a proof of {asked}, got one about {shown(proof.problem.name)}")
    proof.verify()
    bound = max(Fraction(proof.bound), Fraction(0))
    return Modulus(
        root_above(bound), Status.CERTIFIED, "proved bound on the derivative of a polynomial generator", norm=norm
    )


def _says_the_same(given: Problem, wanted: Problem) -> bool:
    """Whether a problem asks for the same bound, on nothing less than all real points of the box.

    Objectives are in unit coordinates: equal ones, without rewriting rules, take the same values, whatever the boxes.
    """
    return (
        given.sense == wanted.sense
        and not given.constraints
        and not given.integer
        and given.objective == wanted.objective
    )


def _squared_derivative(polynomials: Sequence[Polynomial], ring: Ring) -> Polynomial:
    """The sum of the squares of all partial derivatives."""
    total: dict[Monomial, Rational] = {}
    for polynomial in polynomials:
        for i in range(ring.num_variables):
            partial = derivative(polynomial, i)
            add_terms(total, (partial * partial).terms)
    return Polynomial(ring, total)


def derivative(polynomial: Polynomial, i: int) -> Polynomial:
    """The partial derivative of a polynomial, in a ring without rewriting rules, by one variable."""
    terms: dict[Monomial, Rational] = {}
    for monomial, coefficient in polynomial.terms.items():
        power = monomial.count(i)
        if power:
            place = monomial.index(i)
            terms[monomial[:place] + monomial[place + 1 :]] = coefficient * power
    return Polynomial(polynomial.ring, terms)
