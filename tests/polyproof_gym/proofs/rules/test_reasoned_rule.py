from __future__ import annotations

import copy
import pickle
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import comb

import gymnasium as gym
import numpy as np
import pytest

import polyproof_gym
from polyproof_gym import Problem, ProofState
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import (
    DEFAULT_RULES,
    FEATURES,
    InferenceRule,
    Reason,
    ReasonedRule,
    Square,
    Times,
    VariableProducts,
    View,
    certify,
)
from tests.polyproof_gym.envs.helpers import constrained_problem, exact_terms, unwrapped
from tests.polyproof_gym.proofs.rules.test_products import extensions as extensions_of


class SquaresOfDifferences(ReasonedRule):
    """``(x_i - x_j)^2 >= 0`` for every pair of variables, which holds everywhere."""

    name = "squares-of-differences"

    def count(self) -> int:
        return comb(self.view.num_variables, 2)

    def reason(self, action: int) -> Reason:
        return square_of_difference(self.view.memory.ring, *self._pairs()[action])

    def action(self, reason: Reason) -> int | None:
        squares = [self.reason(action) for action in self.new_actions(0, 1)]
        return squares.index(reason) if reason in squares else None

    def new_actions(self, begin: int, end: int) -> Iterable[int]:
        return range(len(self._pairs())) if begin == 0 else ()

    def _pairs(self) -> list[tuple[int, int]]:
        return [(i, j) for j in range(self.view.memory.ring.num_variables) for i in range(j)]


def square_of_difference(ring: Ring, i: int, j: int) -> Square:
    return Square(Polynomial.variable(ring, i) - Polynomial.variable(ring, j))


RULES: tuple[InferenceRule, ...] = (VariableProducts(), SquaresOfDifferences())


def distances() -> Problem:
    return polyproof_gym.polynomial(
        "(x1 - x2)^2 + (x2 - x3)^2", box="unit", variables=["x1", "x2", "x3"], name="distances"
    )


def test_a_further_rule_has_its_block_after_the_products() -> None:
    plain = ProofState(distances(), max_steps=10)
    state = ProofState(distances(), max_steps=10, rules=RULES)
    assert state.num_actions == plain.num_actions + 3
    assert len(state.action_mask()) == len(state.expectations()) == len(state.closed()) == state.num_actions
    np.testing.assert_array_equal(state.action_mask()[: plain.num_actions], plain.action_mask())
    assert state.action_mask()[plain.num_actions :].all()
    for action in range(state.num_actions):
        assert state.action(state.reason(action)) == action
    actions = np.flatnonzero(state.action_mask())[::-1]
    assert state.extents(actions).terms.tolist() == [len(state.conclusion(int(action))) for action in actions]
    assert state.reason(plain.num_actions + 1) == square_of_difference(distances().ring, 0, 2)


@pytest.mark.parametrize("rules", [RULES, DEFAULT_RULES])
def test_extents_of_actions_that_are_not_valid_are_refused(rules: Sequence[InferenceRule]) -> None:
    state = ProofState(distances(), max_steps=10, rules=rules)
    zero = state.action(Times(0, 0, complement=True))
    state.derive(Times(0, 0, complement=True))
    valid = np.flatnonzero(state.action_mask())
    assert not state.action_mask()[zero]
    assert len(state.extents(valid).terms) == len(valid)
    for action in (zero, -1, -state.num_actions, state.num_actions, 10**15, -(10**15)):
        with pytest.raises(ValueError, match="not valid"):
            state.extents(np.array([*valid[:3], action], np.intp))


def test_extents_of_what_follows_from_an_inequality_that_is_new() -> None:
    state = ProofState(make_problem("random-stable-set:n=70,p_min=0.1,p_max=0.2"), max_steps=200)
    state.bound  # noqa: B018 (everything is found for the present memory)
    state.action_mask()
    number = max(state.derive(Times(j, i, complement=True)) for j in (1, 3, 5) for i in range(10, 40))
    actions = np.array([state.action(Times(number, i, complement=True)) for i in range(50, 60)], np.intp)
    terms = state.extents(actions).terms.tolist()
    assert terms == [len(state.conclusion(int(action))) for action in actions]


def test_the_order_of_the_rules_is_the_order_of_the_blocks() -> None:
    state = ProofState(distances(), max_steps=10, rules=RULES[::-1])
    assert state.reason(0) == square_of_difference(distances().ring, 0, 1)
    assert state.reason(3) == Times(0, 0, complement=False)
    assert state.action(Times(0, 0, complement=False)) == 3


def test_a_reason_of_no_rule_has_no_action() -> None:
    with pytest.raises(ValueError, match="no rule"):
        ProofState(distances()).action(square_of_difference(distances().ring, 0, 1))


def test_the_further_rule_proves_at_once_what_products_do_not() -> None:
    state = ProofState(distances(), max_steps=40, rules=RULES)
    squares = [state.action(square_of_difference(state.problem.ring, i, j)) for i, j in pairwise(range(3))]
    for action in squares:
        state.apply(action)
    assert state.bound == pytest.approx(0.0, abs=1e-9)
    assert not state.action_mask()[squares].any()
    proof = certify(state)
    assert proof.bound == 0
    proof.verify()
    assert set(proof.reasons) == {square_of_difference(state.problem.ring, i, i + 1) for i in range(2)}


def test_no_products_prove_what_two_squares_do() -> None:
    state = ProofState(distances(), max_steps=200)
    rng = np.random.default_rng(0)
    for _ in range(60):
        closed = np.flatnonzero(state.closed())
        state.apply(int(rng.choice(closed if len(closed) else np.flatnonzero(state.action_mask()))))
        assert state.bound < -0.05


@pytest.mark.parametrize("rules", [RULES, RULES[::-1], DEFAULT_RULES])
def test_the_most_violated_actions_are_those_over_all_rules(rules: Sequence[InferenceRule]) -> None:
    state = ProofState(constrained_problem(), max_steps=30, rules=rules)
    found = set()
    for _ in range(30):
        expectations = np.where(state.closed(), state.expectations(), np.inf)
        violated = state.most_violated()
        smallest = expectations.min()
        assert set(violated.tolist()) == set(np.flatnonzero(expectations <= min(smallest + 1e-9, -1e-9)).tolist())
        found |= {type(state.reason(int(action))) for action in violated}
        state.apply(int(violated[-1] if len(violated) else np.flatnonzero(state.action_mask())[0]))
    assert found <= {Times, Square}
    assert len(found) == len(rules)


def test_the_further_rule_in_the_environment() -> None:
    env = gym.make("PolyProof-v0", problem=distances(), rules=RULES, max_steps=10, target=0, reward="raw")
    inner = unwrapped(env)
    env.reset(seed=0)
    start = inner.state.bound
    products = inner.capacity * inner.num_variables * 2
    assert isinstance(env.action_space, gym.spaces.Discrete)
    assert env.action_space.n == products + 3
    assert inner.action_masks()[products:].all()
    observation, reward, terminated, _, info = env.step(products)
    assert not terminated
    assert observation["action_mask"][products] == 0
    first = float(reward)
    observation, reward, terminated, truncated, info = env.step(products + 2)
    assert terminated
    assert not truncated
    assert info["is_success"]
    assert info["bound"] == pytest.approx(0.0, abs=1e-9)
    assert first + float(reward) == pytest.approx(-start)
    assert env.observation_space.contains(observation)
    assert inner.proof().bound == 0
    _, _, _, _, info = env.step(products)
    assert info["invalid_action"]
    with pytest.raises(ValueError, match="not a product"):
        inner.decode_action(products)
    env.close()


def test_the_further_rule_on_fewer_variables_than_the_actions_are_numbered_for() -> None:
    state = ProofState(distances(), capacity=12, num_variables=5, rules=RULES)
    assert state.num_actions == 12 * 5 * 2 + 10
    valid = [state.reason(int(action)) for action in np.flatnonzero(state.action_mask()[120:]) + 120]
    assert valid == [square_of_difference(state.problem.ring, i, j) for j in range(3) for i in range(j)]


def test_conclusions_of_the_further_rule_are_in_normal_form() -> None:
    state = ProofState(make_problem("complete:n=3"), max_steps=5, rules=(*DEFAULT_RULES, SquaresOfDifferences()))
    action = state.action(square_of_difference(state.problem.ring, 0, 1))
    assert exact_terms(state.conclusion(action)) == {(0,): Fraction(1), (1,): Fraction(1)}
    assert state.action_mask()[action]
    state.apply(action)
    assert not state.action_mask()[action]


def test_what_follows_from_the_reasons_is_what_multiplying_out_gives() -> None:
    state = ProofState(constrained_problem(), max_steps=30, rules=(SquaresOfDifferences(), VariableProducts()))
    rng = np.random.default_rng(0)
    for _ in range(20):
        assert_follows_from_reasons(state, range(comb(state.num_variables, 2)), rng)
        state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))


def assert_follows_from_reasons(state: ProofState, actions: Iterable[int], rng: np.random.Generator) -> None:
    """Check what a state says of actions that some rules say nothing of but their reasons."""
    memory, mask, closed = state.memory, state.action_mask(), state.closed()
    moments = rng.normal(size=len(memory.monomials))
    expectations = state.expectations(moments)
    for action in actions:
        reason = state.reason(action)
        assert state.action(reason) == action
        if not all(parent < len(memory) for parent in reason.parents):
            assert not mask[action]
            continue
        polynomial = state.conclusion(action)
        fits = polynomial.degree <= state.limits.max_degree and len(polynomial) <= state.limits.max_terms
        assert mask[action] == (bool(polynomial) and fits and polynomial not in memory)
        if not mask[action]:
            assert not closed[action]
            assert expectations[action] == 0
            continue
        absent = [monomial for monomial in polynomial.terms if monomial not in memory.row_of]
        assert closed[action] == (not absent)
        alone = np.array([action], np.intp)
        assert state.absent_shares(alone).tolist() == [len(absent) / len(polynomial)]
        ((terms,), (extensions,)) = state.extents(alone)
        assert (terms, extensions) == (len(polynomial), extensions_of(memory.ring, exact_terms(polynomial)))
        (features,) = state.features(alone, moments)
        assert np.isfinite(features).all()
        assert features[[*FEATURES].index("terms")] == pytest.approx(np.log(len(polynomial)))
        if not absent:
            size = max(abs(Fraction(c)) for c in polynomial.terms.values())
            exact = sum(float(c / size) * moments[memory.row_of[m]] for m, c in polynomial.terms.items())
            assert expectations[action] == pytest.approx(exact, abs=1e-9)


def test_a_copy_of_a_proof_goes_its_own_way() -> None:
    state = ProofState(distances(), max_steps=10, rules=RULES)
    square = state.action(square_of_difference(state.problem.ring, 0, 1))
    for twin in (state.clone(), copy.deepcopy(state), state.clone().clone()):
        twin.apply(square)
        assert not twin.action_mask()[square]
        assert state.action_mask()[square]
        assert twin.reason(square) == state.reason(square)
        assert len(twin.memory) == len(state.memory) + 1
        twin.apply(int(np.flatnonzero(twin.action_mask())[0]))


def test_a_rule_may_be_copied_and_pickled_before_it_is_opened() -> None:
    rule = SquaresOfDifferences()
    for twin in (copy.deepcopy(rule), pickle.loads(pickle.dumps(rule))):
        assert ProofState(distances(), rules=[twin]).num_actions == 3


def test_a_memory_beyond_the_capacity_is_refused() -> None:
    state = ProofState(distances(), max_steps=0)
    block = SquaresOfDifferences().open(View(state.memory, state.limits, len(state.memory) - 1, 3))
    with pytest.raises(ValueError, match="expected at most 5 inequalities"):
        block.update()


def test_the_guess_for_a_new_monomial_takes_variables_for_independent() -> None:
    state = ProofState(polyproof_gym.polynomial("x + y", box="unit"), max_steps=5, rules=[SquaresOfDifferences()])
    moments = np.ones(3)
    moments[[state.memory.row_of[0,], state.memory.row_of[1,]]] = 0.5, 0.25
    # (x^2 - 2 x y + y^2) / 2
    assert state.expectations(moments).tolist() == [(0.25 - 2 * 0.125 + 0.0625) / 2]
    assert not state.closed().any()
