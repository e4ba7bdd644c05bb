from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import Problem, ProofState, polynomial
from polyproof_gym.problems.cases import Split, cases_of
from polyproof_gym.proofs import Gap, certify
from polyproof_gym.proofs.rules import make_rules
from tests.flat import prove
from tests.polyproof_gym.proofs.rules.test_reasoned_rule import assert_follows_from_reasons


def nearest() -> Problem:
    return polynomial(
        "(a - 9)^2 + (b - 3)^2 + t",
        box={"a": (0, 100), "b": (0, 100), "t": (-1, 1)},
        integer=["b", "a"],
        constraints=["a^2 <= 12*b", "a + 3*b <= 15"],
    )


def test_gaps_prove_what_products_do_not() -> None:
    problem = polynomial("a^2 - 3*a", box={"a": (-50, 50)}, integer="a")
    assert prove(problem, max_steps=50).bound < -100
    proof = prove(problem, max_steps=50, rules=["gaps"])
    proof.verify()
    assert proof.bound == -2
    assert proof.status == "optimal"
    assert all(isinstance(reason, Gap) for reason in proof.reasons)


@pytest.mark.parametrize("agent", ["dual-guided", "greedy"])
def test_an_integer_program_is_proved_exactly(agent: str) -> None:
    problem = polynomial(
        "(a - 9)^2 + (b - 3)^2",
        box={"a": (0, 100), "b": (0, 100)},
        integer=["a", "b"],
        constraints=["a^2 <= 12*b", "a + 3*b <= 15"],
    )
    proof = prove(problem, agent, rules="products,gaps")
    proof.verify()
    assert proof.bound == 9
    assert proof.status == "optimal"


def test_the_gap_of_a_variable_is_where_its_pseudo_moment_is() -> None:
    state = ProofState(nearest(), max_steps=30, rules=["gaps", "products"])
    seen = set()
    for _ in range(12):
        valid = [action for action in range(3) if state.action_mask()[action]]
        assert valid
        assert set(valid) <= {0, 1}
        for action in range(2):
            gap = state.reason(action)
            assert isinstance(gap, Gap)
            moment = 100 * state.solution.moments[state.memory.row_of[(action,)]]
            assert gap.below - 1e-6 <= moment <= gap.below + 1 + 1e-6
            assert (gap.variable, gap.interval) == (action, (0, 100))
            assert state.find_action(gap) == action
        # The most violated of all gaps of the variable is the present one.
        values = state.expectations()
        assert min(values[action] for action in valid) < 0
        with pytest.raises(IndexError):
            state.reason(2)
        seen.add(state.reason(valid[0]))
        state.apply(valid[0])
        if len(seen) == 6 or not state.action_mask()[:2].any():
            break
    assert len(seen) > 2
    certify(state).verify()


def test_what_is_said_of_gaps_is_what_multiplying_out_gives() -> None:
    state = ProofState(nearest(), max_steps=10, rules=["gaps"])
    rng = np.random.default_rng(0)
    for _ in range(4):
        valid = np.flatnonzero(state.action_mask()).tolist()
        assert_follows_from_reasons(state, valid, rng)
        state.apply(int(rng.choice(valid)))


def test_a_known_gap_is_not_offered_again() -> None:
    state = ProofState(polynomial("a", box={"a": (2, 7)}, integer="a"), max_steps=3, rules=["gaps", "products"])
    gap = state.reason(0)
    assert gap == Gap(0, 2, (2, 7))
    state.apply(0)
    assert not state.action_mask()[0]
    assert state.find_action(Gap(0, 5, (2, 7))) is None


def test_there_are_no_gaps_without_integer_variables_left() -> None:
    state = ProofState(polynomial("a*c", box={"a": (0, 2)}, boolean="c"), rules=["gaps"])
    assert not state.action_mask().any()
    problem = polynomial("a*b - b^2", box={"a": (0, 2), "b": (0, 3)}, integer=["a", "b"])
    case, _ = cases_of(problem, Split(0, 0))
    state = ProofState(case.problem, rules=["gaps", "products"], max_steps=9)
    assert state.action_mask()[:2].tolist() == [False, True]


def test_the_name_makes_the_rule_again() -> None:
    (rule,) = make_rules("gaps")
    assert rule.name == "gaps"


def test_a_gap_is_a_product_in_lowest_terms() -> None:
    problem = nearest()
    gap = Gap.of(problem, 0, 4)
    conclusion = gap.conclude(problem.ring, [])
    for a in range(101):
        point = (Fraction(a, 100), Fraction(1, 2), 0)
        assert (conclusion.evaluate(point) == 0) == (a in (4, 5))
        assert conclusion.evaluate(point) >= 0
    assert conclusion.evaluate((Fraction(9, 200), 0, 0)) < 0
    assert conclusion == conclusion.primitive()
