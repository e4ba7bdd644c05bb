from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import BadInput, InvalidProof, Proof, ProofState, certify, polynomial
from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import Claim
from polyproof_gym.robustness import Status, derivative_problem, polynomial_modulus, quadratic_modulus

RING = Ring(["a", "b"])
COMPONENTS = [parse_polynomial(text, RING) for text in ("a^2 + b", "a*b - 2*b", "a^3/2")]
BOX = [(-1, 1), (Fraction(-1, 2), 2)]


def trivial_proof(problem: Problem) -> Claim:
    """The proof of the bound that the signs of the coefficients show."""
    return Proof(problem, (), {})


def searched_proof(problem: Problem) -> Claim:
    """A better one, by products that promise most."""
    state = ProofState(problem, max_steps=60)
    while state.steps_left and state.action_mask().any():
        violated = state.most_violated()
        actions = violated if len(violated) else np.flatnonzero(state.action_mask())
        state.apply(int(actions[0]))
    return certify(state)


def test_the_problem_is_the_sum_of_the_squared_derivatives() -> None:
    problem = derivative_problem(COMPONENTS, BOX)
    wanted = parse_polynomial("4*a^2 + 1 + b^2 + (a - 2)^2 + 9*a^4/4", RING)
    assert problem.in_own_coordinates(problem.objective) == wanted
    assert (problem.sense, problem.box) == ("max", tuple(BOX))
    assert not problem.constraints


@pytest.mark.parametrize("prove", [trivial_proof, searched_proof])
def test_a_proof_makes_a_modulus(prove: object) -> None:
    proof = prove(derivative_problem(COMPONENTS, BOX))  # type: ignore[operator]
    modulus = polynomial_modulus(COMPONENTS, BOX, proof)
    assert modulus.status is Status.CERTIFIED
    assert modulus.constant**2 >= proof.bound
    assert float(modulus.constant) == pytest.approx(float(proof.bound) ** 0.5)
    z = np.random.default_rng(0).uniform([-1, -0.5], [1, 2], (2, 5000, 2))

    def images(points: np.ndarray) -> np.ndarray:
        a, b = points.T
        return np.stack([a**2 + b, a * b - 2 * b, a**3 / 2], axis=1)

    ratios = np.linalg.norm(images(z[0]) - images(z[1]), axis=1) / np.linalg.norm(z[0] - z[1], axis=1)
    assert ratios.max() <= float(modulus.constant)


def test_own_problems_do_if_they_say_the_same() -> None:
    text = "4*a^2 + 1 + b^2 + (a - 2)^2 + 9*a^4/4"
    own = polynomial(text, box={"a": (-1, 1), "b": ("-1/2", 2)}, sense="max")
    assert polynomial_modulus(COMPONENTS, BOX, trivial_proof(own)).status is Status.CERTIFIED


@pytest.mark.parametrize(
    "other",
    [
        {"objective": "4*a^2 + b^2 + (a - 2)^2 + 9*a^4/4"},
        {"sense": "min"},
        {"box": {"a": (-1, 1), "b": ("-1/2", 1)}},
        {"box": {"a": (-1, "1/2"), "b": ("-1/2", 2)}},
        {"constraints": ["a + b <= 1"]},
        {"box": {"a": (-1, 1), "b": ("-1/2", 2), "c": (0, 1)}, "variables": ["a", "b", "c"]},
        {"objective": "4*c^2 + 1 + b^2 + (c - 2)^2 + 9*c^4/4", "box": {"c": (-1, 1), "b": ("-1/2", 2)}},
    ],
)
def test_proofs_about_other_problems_are_refused(other: dict[str, object]) -> None:
    given: dict[str, object] = {
        "objective": "4*a^2 + 1 + b^2 + (a - 2)^2 + 9*a^4/4",
        "box": {"a": (-1, 1), "b": ("-1/2", 2)},
        "sense": "max",
    }
    proof = trivial_proof(polynomial(**(given | other)))  # type: ignore[arg-type]
    proof.verify()
    with pytest.raises(BadInput, match="expected a proof of an upper bound on the squared derivative of 3 polynomials"):
        polynomial_modulus(COMPONENTS, BOX, proof)


def test_whole_numbers_are_not_the_whole_box() -> None:
    box = [(0, 2), (0, 3)]
    problem = derivative_problem(COMPONENTS, box)
    whole = replace(problem, integer=frozenset({0, 1}))
    with pytest.raises(BadInput, match="expected a proof"):
        polynomial_modulus(COMPONENTS, box, trivial_proof(whole))
    # Of a Boolean variable a square is the variable itself: another polynomial on the box from 0 to 1.
    boolean = polynomial("4*a^2 + 1 + b^2 + (a - 2)^2 + 9*a^4/4", boolean=["a", "b"], sense="max")
    with pytest.raises(BadInput, match="expected a proof"):
        polynomial_modulus(COMPONENTS, [(0, 1), (0, 1)], trivial_proof(boolean))


def test_proofs_are_verified() -> None:
    problem = derivative_problem(COMPONENTS, BOX)
    proof = searched_proof(problem)
    assert isinstance(proof, Proof)
    assert proof.multipliers
    wrong = replace(proof, multipliers={j: -value for j, value in proof.multipliers.items()})
    with pytest.raises(InvalidProof):
        polynomial_modulus(COMPONENTS, BOX, wrong)


def test_it_is_no_better_than_the_spectral_norm_of_a_quadratic_generator() -> None:
    quadratic = COMPONENTS[:2]
    problem = derivative_problem(quadratic, 1)
    by_proof = polynomial_modulus(quadratic, 1, searched_proof(problem))
    at_vertices = quadratic_modulus([[0, 1], [0, -2]], [[[1, 0], [0, 0]], [[0, 1], [0, 0]]], 1)
    assert by_proof.constant >= at_vertices.constant * (1 - Fraction(1, 10**8))


def test_a_constant_generator() -> None:
    constant = [Polynomial.constant(RING, 3)]
    problem = derivative_problem(constant, 1)
    assert polynomial_modulus(constant, 1, trivial_proof(problem)).constant == 0


@pytest.mark.parametrize(
    ("components", "message"),
    [
        ([], "expected at least one polynomial"),
        (["a^2"], "expected an object of class Polynomial as component"),
        ([COMPONENTS[0], Polynomial.variable(Ring(["a"]), 0)], "expected polynomials in the same variables"),
        ([Polynomial.variable(Ring(["a"], idempotent=[0]), 0)], "without rewriting rules"),
        ([Polynomial.constant(Ring([]), 1)], "without rewriting rules"),
        (5, "expected a list of components"),
    ],
)
def test_what_are_no_components_is_refused(components: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        derivative_problem(components, 1)  # type: ignore[arg-type]


def test_what_is_no_proof_is_refused() -> None:
    with pytest.raises(BadInput, match=r"expected a proof, got 3\.5"):
        polynomial_modulus(COMPONENTS, BOX, 3.5)  # type: ignore[arg-type]
