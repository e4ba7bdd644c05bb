from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from typing import ClassVar

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import polyproof_gym
from polyproof_gym import InvalidProof, Problem, ProofState
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems import make_problem
from polyproof_gym.problems.problem import unit_box_axioms
from polyproof_gym.proofs import (
    DEFAULT_RULES,
    FEATURES,
    Axiom,
    Candidates,
    Extents,
    InferenceRule,
    Limits,
    Memory,
    Reason,
    Times,
    VariableProducts,
    certify,
)
from tests.polyproof_gym.envs.helpers import Terms, constrained_problem, exact_terms, multiply, unwrapped
from tests.polyproof_gym.polynomials.strategies import polynomials, rings


def open_products(memory: Memory, limits: Limits, capacity: int, width: int) -> Candidates:
    candidates: Candidates = VariableProducts().candidates(memory, limits, capacity, width)
    candidates.update()
    return candidates


def all_products(memory: Memory) -> dict[Times, Terms]:
    """Every product of a known inequality, multiplied out without the code under test."""
    return {
        Times(j, i, complement): multiply(exact_terms(memory[j]), memory.ring, i, complement)
        for j in range(len(memory))
        for i in range(memory.ring.num_variables)
        for complement in (False, True)
    }


def valid_products(memory: Memory, limits: Limits) -> dict[Times, Terms]:
    known = [exact_terms(memory[j]) for j in range(len(memory))]
    return {
        reason: product
        for reason, product in all_products(memory).items()
        if product
        and product not in known
        and max(map(len, product)) <= limits.max_degree
        and len(product) <= limits.max_terms
    }


def extensions(ring: Ring, product: Terms) -> int:
    """The number of variables that make every monomial but the constant zero."""
    monomials = [monomial for monomial in product if monomial]
    return sum(
        bool(monomials) and all(ring.times(monomial, i) is None for monomial in monomials)
        for i in range(ring.num_variables)
    )


def action_of(candidates: Candidates, reason: Reason) -> int:
    action = candidates.action(reason)
    assert action is not None
    return action


def assert_agrees_with_multiplying_out(candidates: Candidates, memory: Memory, limits: Limits, seed: int) -> None:
    valid = valid_products(memory, limits)
    actions = {action_of(candidates, reason): product for reason, product in valid.items()}
    assert set(np.flatnonzero(candidates.mask()).tolist()) == set(actions)
    closed = {action for action, product in actions.items() if product.keys() <= memory.row_of.keys()}
    assert set(np.flatnonzero(candidates.closed()).tolist()) == closed
    moments = np.random.default_rng(seed).normal(size=len(memory.monomials))
    expectations = candidates.expectations(moments)
    assert expectations.shape == (candidates.num_actions,)
    assert np.isfinite(expectations).all()
    assert not expectations[~candidates.mask()].any()
    extents = candidates.extents(np.array(list(actions), np.intp))
    assert extents.terms.tolist() == [len(product) for product in valid.values()]
    assert extents.extensions.tolist() == [extensions(memory.ring, product) for product in valid.values()]
    assert_most_violated(candidates, expectations, closed, moments)
    for reason, product in valid.items():
        action = action_of(candidates, reason)
        if action in closed:
            size = max(map(abs, exact_terms(memory[reason.parent]).values()))
            exact = sum(float(c / size) * moments[memory.row_of[m]] for m, c in product.items())
            assert expectations[action] == pytest.approx(exact, abs=1e-9)


def assert_most_violated(
    candidates: Candidates, expectations: NDArray[np.float64], closed: set[int], moments: NDArray[np.float64]
) -> None:
    smallest = min((expectations[action] for action in closed), default=np.inf)
    for below in (-1e-9, 0.5, smallest - 1.0):
        actions, values = candidates.most_violated(moments, below, 1e-7)
        expected = {action for action in closed if expectations[action] < min(below, smallest + 1e-7)}
        assert set(actions.tolist()) == expected
        assert actions.tolist() == sorted(expected)
        np.testing.assert_allclose(values, expectations[actions], atol=1e-9)


@pytest.mark.parametrize(("size", "tie"), [(1.0, 0.0), (1e10, 1e-9), (1e10, 0.0)])
def test_the_smallest_is_found_however_small_the_tie_is_beside_it(size: float, tie: float) -> None:
    state = ProofState(make_problem("petersen"), max_steps=0)
    candidates = open_products(state.memory, state.limits, 20, 10)
    moments = np.random.default_rng(0).normal(size=len(state.memory.monomials)) * size
    closed = np.flatnonzero(candidates.closed())
    expectations = candidates.expectations(moments)[closed]
    actions, values = candidates.most_violated(moments, -1e-9, tie)
    assert actions.tolist() == closed[expectations == expectations.min()].tolist()
    assert set(values.tolist()) == {expectations.min()}


def test_no_product_is_beyond_the_degree_limit_even_where_its_parent_is() -> None:
    ring = Ring(["x", "y", "z", "w"], idempotent=[0], exclusive=[(0, 3)])
    x, y, z, w = (Polynomial.variable(ring, i) for i in range(4))
    memory, limits = Memory(ring, x), Limits(2, 10)
    for index, axiom in enumerate((x * y * z, y + x * y * z, w + x * y, x * y * y - y * z)):
        memory.add(Axiom(index, axiom))
    candidates = open_products(memory, limits, 10, 4)
    assert_agrees_with_multiplying_out(candidates, memory, limits, 0)
    assert candidates.mask()[action_of(candidates, Times(1, 0, complement=True))]  # (1 - x) * y
    assert not candidates.mask()[action_of(candidates, Times(1, 0, complement=False))]  # x * y + x * y * z


def test_candidates_follow_the_memory_without_being_told() -> None:
    state = ProofState(make_problem("random-stable-set:n=12"), max_steps=80)
    told = open_products(state.memory, state.limits, 104, 12)
    untold = VariableProducts().candidates(state.memory, state.limits, 104, 12)
    rng = np.random.default_rng(0)
    for _ in range(60):  # grows beyond the room that tables start with
        state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))
    told.update()
    moments = rng.normal(size=len(state.memory.monomials))
    np.testing.assert_array_equal(untold.closed(), told.closed())
    np.testing.assert_array_equal(untold.expectations(moments), told.expectations(moments))
    other = VariableProducts().candidates(state.memory, state.limits, 104, 12)
    np.testing.assert_array_equal(other.most_violated(moments, 0.0, 1.0), told.most_violated(moments, 0.0, 1.0))


@pytest.mark.parametrize("change", [-1, 1, 10_000])
def test_moments_of_another_number_than_the_rows_are_refused(change: int) -> None:
    state = ProofState(make_problem("petersen"), max_steps=0)
    candidates = open_products(state.memory, state.limits, 20, 10)
    moments = np.zeros(len(state.memory.monomials) + change)
    with pytest.raises(ValueError, match="expected 11 moments"):
        candidates.expectations(moments)
    with pytest.raises(ValueError, match="expected 11 moments"):
        candidates.most_violated(moments, -1e-9, 1e-9)


@settings(deadline=None, max_examples=120)
@given(st.data())
def test_mask_closed_expectations_and_extents_agree_with_multiplying_out(data: st.DataObject) -> None:
    ring = data.draw(rings())
    objective = data.draw(polynomials(ring))
    extra = [p.primitive() for p in data.draw(st.lists(polynomials(ring), max_size=2)) if p]
    axioms = [*unit_box_axioms(ring), *extra]
    limits = Limits(
        max_degree=max(p.degree for p in axioms) + data.draw(st.integers(0, 2)),
        max_terms=max(map(len, axioms)) + data.draw(st.integers(0, 5)),
    )
    steps = data.draw(st.integers(0, 10))
    width = ring.num_variables + data.draw(st.integers(0, 2))
    memory = Memory(ring, objective)
    candidates = VariableProducts().candidates(memory, limits, len(axioms) + 2 * steps, width)
    for index, axiom in enumerate(axioms):
        memory.add(Axiom(index, axiom))
    candidates.update()
    for step in range(steps):
        assert_agrees_with_multiplying_out(candidates, memory, limits, step)
        valid = np.flatnonzero(candidates.mask())
        if not len(valid):
            break
        memory.add(candidates.reason(int(valid[data.draw(st.integers(0, len(valid) - 1))])))
        if data.draw(st.booleans()) and memory[0].times_complement(0):  # two at once
            memory.add(Times(0, 0, complement=True))
        candidates.update()
    assert_agrees_with_multiplying_out(candidates, memory, limits, steps)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_derived_entries_are_those_of_the_polynomials_multiplied_out(data: st.DataObject) -> None:
    """Small coefficients are multiplied as table entries, larger ones as polynomials; both must give one memory."""
    ring = data.draw(rings())
    factor = data.draw(st.sampled_from([1, 3, 2**57, 2**59 + 1, 2**60, 2**62, 2**63, 2**64 + 1, 10**30]))
    extra = [p.primitive() * factor for p in data.draw(st.lists(polynomials(ring), max_size=3)) if p]
    axioms = [*unit_box_axioms(ring), *extra]
    limits = Limits(max(p.degree for p in axioms) + 2, 64)
    memory, slow = Memory(ring, axioms[0]), Memory(ring, axioms[0])
    candidates = VariableProducts().candidates(memory, limits, len(axioms) + 12, ring.num_variables)
    for index, axiom in enumerate(axioms):
        memory.add(Axiom(index, axiom))
        slow.add(Axiom(index, axiom))
    for _ in range(12):
        candidates.update()
        valid = np.flatnonzero(candidates.mask())
        if not len(valid):
            break
        action = int(valid[data.draw(st.integers(0, len(valid) - 1))])
        number = candidates.derive(action)
        assert number == slow.add(candidates.reason(action)) == len(memory) - 1
    assert memory.monomials == slow.monomials
    for name in ("starts", "rows", "coefficients", "scales"):
        np.testing.assert_array_equal(getattr(memory, name), getattr(slow, name))
    np.testing.assert_allclose(memory.values, slow.values, rtol=1e-15)
    for number in range(len(memory)):
        assert list(memory[number].terms.items()) == list(slow[number].terms.items())
        assert memory.number_of(slow[number]) == number


@pytest.mark.parametrize(
    "spec",
    [
        "petersen",
        "cycle:n=7",
        "wheel:n=6",
        "complete:n=6",
        "random-stable-set:n=12",
        "random-stable-set:n=10,p_min=0.2,p_max=0.3",
        "caprasse",
        "butcher",
        "schwefel",
        "motzkin",
        "magnetism",
    ],
)
@pytest.mark.parametrize("max_terms", [None, "tight"])
def test_the_mask_of_a_random_proof(spec: str, max_terms: str | None) -> None:
    problem = make_problem(spec)
    shape = problem.shape
    limits = Limits(max(3, shape.degree + 1), 64 if max_terms is None else shape.max_terms + 2)
    memory = Memory(problem.ring, problem.minimised)
    for index, axiom in enumerate(problem.axioms):
        memory.add(Axiom(index, axiom))
    candidates = open_products(memory, limits, len(memory) + 40, problem.num_variables)
    rng = np.random.default_rng(1)
    for step in range(40):
        if step % 8 == 0:
            assert_agrees_with_multiplying_out(candidates, memory, limits, step)
        valid = np.flatnonzero(candidates.mask())
        if not len(valid):
            break
        memory.add(candidates.reason(int(rng.choice(valid))))
        candidates.update()
    assert_agrees_with_multiplying_out(candidates, memory, limits, 40)


def test_a_product_that_becomes_known_by_another_way_becomes_invalid() -> None:
    ring = Ring(["x", "y"])
    x, y = (Polynomial.variable(ring, i) for i in range(2))
    memory = Memory(ring, x)
    for index, axiom in enumerate((x, y)):
        memory.add(Axiom(index, axiom))
    candidates = open_products(memory, Limits(3, 10), 10, 2)
    one, other = (action_of(candidates, Times(j, 1 - j, complement=False)) for j in range(2))
    assert candidates.mask()[[one, other]].all()
    memory.add(Times(0, 1, complement=False))
    candidates.update()
    assert not candidates.mask()[[one, other]].any()


def test_coefficients_beyond_sixty_four_bits_are_told_apart() -> None:
    ring = Ring(["x", "y"])
    x, y = (Polynomial.variable(ring, i) for i in range(2))
    memory = Memory(ring, x)
    for index, axiom in enumerate((x + 3, 10**40 * y + 7 * x, -(10**25) * x * y + 10**30, 5 - (10**19) * x)):
        memory.add(Axiom(index, axiom))
    limits = Limits(4, 20)
    candidates = open_products(memory, limits, 20, 2)
    for step in range(10):
        assert_agrees_with_multiplying_out(candidates, memory, limits, step)
        memory.add(candidates.reason(int(np.flatnonzero(candidates.mask())[-1 - step])))
        candidates.update()


@pytest.mark.parametrize("max_terms", [4, 5, 6])
def test_coefficients_that_vanish_modulo_two_to_the_power_of_sixty_four_count_as_terms(max_terms: int) -> None:
    huge = 2**64
    problem = polyproof_gym.polynomial("x*z - y", box="unit", constraints=[f"{huge}*x + {huge}*y + z >= 1"])
    state = ProofState(problem, max_steps=40, limits=Limits(3, max_terms))
    rng = np.random.default_rng(0)
    for _ in range(12):
        valid = np.flatnonzero(state.action_mask())
        assert max(len(state.conclusion(int(action))) for action in valid) <= max_terms
        state.apply(int(rng.choice(valid)))


@pytest.mark.parametrize("width", [3, 5])
def test_actions_and_reasons_are_inverse(width: int) -> None:
    problem = constrained_problem()
    memory = Memory(problem.ring, problem.minimised)
    for index, axiom in enumerate(problem.axioms):
        memory.add(Axiom(index, axiom))
    candidates = open_products(memory, Limits(4, 64), 12, width)
    assert candidates.num_actions == 12 * width * 2
    reasons = [candidates.reason(action) for action in range(candidates.num_actions)]
    assert [candidates.action(reason) for reason in reasons] == list(range(candidates.num_actions))
    assert len(set(map(repr, reasons))) == len(reasons)
    assert candidates.reason((2 * width + 1) * 2 + 1) == Times(2, 1, complement=True)
    assert candidates.action(Axiom(0, problem.axioms[0])) is None


def test_updating_without_news_changes_nothing() -> None:
    state = ProofState(make_problem("petersen"))
    candidates = open_products(state.memory, state.limits, 30, 10)
    before = candidates.mask().copy()
    candidates.update()
    assert candidates.mask().tolist() == before.tolist()


# A rule of one's own -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SquareOfDifference:
    """``(x_i - x_j)^2 >= 0``, which holds everywhere."""

    i: int
    j: int
    since: ClassVar[int] = 2
    parents: ClassVar[tuple[int, ...]] = ()

    def conclude(self, ring: Ring, parents: Sequence[Polynomial]) -> Polynomial:
        difference = Polynomial.variable(ring, self.i) - Polynomial.variable(ring, self.j)
        return difference * difference

    def renumbered(self, numbers: Mapping[int, int]) -> SquareOfDifference:
        return self

    def describe(self, ring: Ring) -> str:
        return f"square of {ring.variables[self.i]} - {ring.variables[self.j]}"

    def to_json(self) -> str:
        return f"square of x_{self.i} - x_{self.j}"

    def require(self, problem: Problem) -> None:
        if not (0 <= self.i < problem.num_variables and 0 <= self.j < problem.num_variables):
            raise InvalidProof("no such variables")


class SquareCandidates:
    def __init__(self, memory: Memory, limits: Limits, num_variables: int) -> None:
        self._memory, self._limits = memory, limits
        self._reasons = [SquareOfDifference(i, j) for i, j in combinations(range(num_variables), 2)]
        self.num_actions = len(self._reasons)

    def update(self) -> None:
        pass

    def mask(self) -> NDArray[np.bool_]:
        return np.array([self._is_valid(reason) for reason in self._reasons], np.bool_)

    def _is_valid(self, reason: SquareOfDifference) -> bool:
        if max(reason.i, reason.j) >= self._memory.ring.num_variables or self._limits.max_degree < 2:
            return False
        square = self._memory.conclusion(reason)
        return bool(square) and square not in self._memory and len(square) <= self._limits.max_terms

    def reason(self, action: int) -> Reason:
        return self._reasons[action]

    def action(self, reason: Reason) -> int | None:
        return self._reasons.index(reason) if isinstance(reason, SquareOfDifference) else None

    def derive(self, action: int) -> int:
        return self._memory.add(self._reasons[action])

    def expectations(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        values = np.zeros(self.num_actions)
        for action in np.flatnonzero(self.mask()):
            for monomial, coefficient in self._memory.conclusion(self._reasons[action]).terms.items():
                row = self._memory.row_of.get(monomial)
                values[action] += float(coefficient) * (0.0 if row is None else moments[row])
        return values

    def closed(self) -> NDArray[np.bool_]:
        known = self._memory.row_of.keys()
        return np.array(
            [valid and self._terms(a) <= known for a, valid in enumerate(self.mask())],
            np.bool_,
        )

    def most_violated(
        self, moments: NDArray[np.float64], below: float, tie: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        values = np.where(self.closed(), self.expectations(moments), np.inf)
        actions = np.flatnonzero((values < below) & (values <= values.min() + tie))
        return actions, values[actions]

    def extents(self, actions: NDArray[np.intp]) -> Extents:
        terms = np.array([len(self._terms(int(action))) for action in actions], np.int32)
        return Extents(terms, np.zeros_like(terms))

    def absent_shares(self, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        known = self._memory.row_of.keys()
        return np.array([len(terms - known) / len(terms) for terms in map(self._terms, actions.tolist())], np.float64)

    def features(self, actions: NDArray[np.intp], moments: NDArray[np.float64]) -> NDArray[np.float64]:
        features = np.zeros((len(actions), len(FEATURES)))
        features[:, [*FEATURES].index("closed")] = self.closed()[actions]
        features[:, [*FEATURES].index("absent")] = self.absent_shares(actions)
        return features

    def _terms(self, action: int) -> set[tuple[int, ...]]:
        return set(self._memory.conclusion(self._reasons[action]).terms)


class SquaresOfDifferences:
    def candidates(self, memory: Memory, limits: Limits, capacity: int, num_variables: int) -> Candidates:
        return SquareCandidates(memory, limits, num_variables)


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
    assert state.reason(plain.num_actions + 1) == SquareOfDifference(0, 2)


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
    assert state.reason(0) == SquareOfDifference(0, 1)
    assert state.reason(3) == Times(0, 0, complement=False)
    assert state.action(Times(0, 0, complement=False)) == 3


def test_a_reason_of_no_rule_has_no_action() -> None:
    with pytest.raises(ValueError, match="no rule"):
        ProofState(distances()).action(SquareOfDifference(0, 1))


def test_the_further_rule_proves_at_once_what_products_do_not() -> None:
    state = ProofState(distances(), max_steps=40, rules=RULES)
    squares = [state.action(SquareOfDifference(i, j)) for i, j in pairwise(range(3))]
    for action in squares:
        state.apply(action)
    assert state.bound == pytest.approx(0.0, abs=1e-9)
    assert not state.action_mask()[squares].any()
    proof = certify(state)
    assert proof.bound == 0
    with pytest.raises(InvalidProof, match="line 0: expected"):  # the checker trusts only the rules it knows
        proof.verify()
    assert set(proof.reasons) == {SquareOfDifference(0, 1), SquareOfDifference(1, 2)}


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
    assert found <= {Times, SquareOfDifference}
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
    assert valid == [SquareOfDifference(i, j) for i, j in combinations(range(3), 2)]


def test_conclusions_of_the_further_rule_are_in_normal_form() -> None:
    state = ProofState(make_problem("complete:n=3"), max_steps=5, rules=(*DEFAULT_RULES, SquaresOfDifferences()))
    action = state.action(SquareOfDifference(0, 1))
    assert exact_terms(state.conclusion(action)) == {(0,): Fraction(1), (1,): Fraction(1)}
    assert state.action_mask()[action]
    state.apply(action)
    assert not state.action_mask()[action]
