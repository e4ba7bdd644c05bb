from __future__ import annotations

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import ProofState, make_problem, polynomial
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.proofs import LPStatus, Square, Times, certify
from polyproof_gym.proofs.remainder_lp import RemainderLP


def parabola(root: str = "3*x - 1") -> ProofState:
    """A proof about ``x^2`` on [-1, 2], whose minimum is at ``u = 1/3``."""
    problem = polynomial("x^2", box=[(-1, 2)], variables=["x"])
    state = ProofState(problem, max_steps=10)
    state.absorb_remainders()
    u = Polynomial.variable(problem.ring, 0)
    coefficient, constant = root.split("*x - ")
    state.derive(Square(int(coefficient) * u - int(constant)))
    return state


def test_it_has_the_trivial_bound_at_least() -> None:
    problem = make_problem("motzkin")
    state = ProofState(problem)
    state.absorb_remainders()
    assert isinstance(state.lp, RemainderLP)
    assert state.has_lp_bound
    assert state.bound >= float(problem.trivial_bound) - 1e-9
    assert certify(state).bound >= problem.trivial_bound


def test_rounded_squares_prove_a_bound_up_to_a_little() -> None:
    exact, rounded = parabola(), parabola("3000*x - 1001")
    assert certify(exact).bound == 0
    proof = certify(rounded)
    assert -0.02 < proof.bound < 0
    assert float(proof.bound) == pytest.approx(rounded.bound, abs=1e-9)
    proof.verify()


def test_moments_are_between_0_and_1() -> None:
    state = parabola("7*x - 3")
    moments = state.solution.moments
    assert moments[0] == pytest.approx(1.0)
    assert (moments > -1e-9).all()
    assert (moments < 1 + 1e-9).all()


def test_new_monomials_may_come_later() -> None:
    state = parabola("3000*x - 1001")
    before = state.bound
    number = state.derive(Times(0, 0, False))
    state.derive(Times(number, 0, True))  # u^2 - u^3
    assert state.solution.status is LPStatus.OPTIMAL
    assert len(state.solution.multipliers) == len(state.memory)
    assert state.bound >= before - 1e-12
    assert certify(state).bound <= 0


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda state: pickle.loads(pickle.dumps(state))])
def test_copies_go_on_alike(copied: object) -> None:
    state = parabola("3000*x - 1001")
    bound = state.bound
    twin = copied(state)  # type: ignore[operator]
    assert twin.bound == bound
    for one in (state, twin):
        one.derive(Times(0, 0, True))
        one.derive(Square(3 * Polynomial.variable(one.problem.ring, 0) - 1))
    assert twin.bound == state.bound == pytest.approx(0.0, abs=1e-9)
    assert np.array_equal(twin.solution.multipliers, state.solution.multipliers)
    assert certify(twin).bound == certify(state).bound


def test_the_value_of_an_action_is_the_bound_with_it() -> None:
    state = parabola("7*x - 3")
    assert state.bound == state.bound
    for action in np.flatnonzero(state.action_mask() & state.closed()).tolist():
        value = state.value_of(action)
        twin = state.clone()
        twin.apply(action)
        assert twin.bound == pytest.approx(value, abs=1e-8)


def test_corrections_gain_digits() -> None:
    state = parabola("3000*x - 1001")
    multipliers = np.array([float(value) for value in state.multipliers]) * (1 - 1e-7)
    problem = state.problem
    left = problem.minimised - sum(
        (state.memory[j] * Fraction(value) for j, value in enumerate(multipliers.tolist())),
        start=Polynomial.constant(problem.ring, 0),
    )
    assert isinstance(state.lp, RemainderLP)
    corrections = state.lp.corrections(multipliers, left)
    assert corrections is not None
    assert multipliers + corrections == pytest.approx(np.array(state.multipliers), rel=1e-12, abs=1e-12)


def test_suggested_multipliers_are_tried_first_and_must_fit() -> None:
    problem = polynomial("x^2", box=[(-1, 1)], variables=["x"])
    state = ProofState(problem, max_steps=10)
    number = state.derive(Square(2 * Polynomial.variable(problem.ring, 0) - 1))
    state.suggest({number: 1})
    assert certify(state).bound == 0
    for wrong in ({number: -1}, {number + 1: 1}):
        with pytest.raises(ValueError, match="multipliers that are not negative"):
            state.suggest(wrong)


def test_a_wrong_suggestion_changes_nothing() -> None:
    problem = polynomial("x^2", box=[(-1, 1)], variables=["x"])
    state = ProofState(problem, max_steps=10)
    number = state.derive(Square(2 * Polynomial.variable(problem.ring, 0) - 1))
    state.suggest({number: 1000, 0: Fraction(1, 3)})
    proof = certify(state)
    assert proof.bound == 0
    proof.verify()
