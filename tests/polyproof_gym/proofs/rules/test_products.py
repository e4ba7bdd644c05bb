from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import polyproof_gym
from polyproof_gym import ProofState
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems import make_problem
from polyproof_gym.problems.problem import unit_box_axioms
from polyproof_gym.proofs import (
    Axiom,
    Block,
    Limits,
    Memory,
    Reason,
    Times,
    VariableProducts,
    View,
)
from tests.polyproof_gym.envs.helpers import Terms, constrained_problem, exact_terms, multiply
from tests.polyproof_gym.polynomials.strategies import polynomials, rings


def open_products(memory: Memory, limits: Limits, capacity: int, width: int) -> Block:
    candidates: Block = VariableProducts().open(View(memory, limits, capacity, width))
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


def action_of(candidates: Block, reason: Reason) -> int:
    action = candidates.action(reason)
    assert action is not None
    return action


def assert_agrees_with_multiplying_out(candidates: Block, memory: Memory, limits: Limits, seed: int) -> None:
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
    candidates: Block, expectations: NDArray[np.float64], closed: set[int], moments: NDArray[np.float64]
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
    untold = VariableProducts().open(View(state.memory, state.limits, 104, 12))
    rng = np.random.default_rng(0)
    for _ in range(60):  # grows beyond the room that tables start with
        state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))
    told.update()
    moments = rng.normal(size=len(state.memory.monomials))
    np.testing.assert_array_equal(untold.closed(), told.closed())
    np.testing.assert_array_equal(untold.expectations(moments), told.expectations(moments))
    other = VariableProducts().open(View(state.memory, state.limits, 104, 12))
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
    candidates = VariableProducts().open(View(memory, limits, len(axioms) + 2 * steps, width))
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
    candidates = VariableProducts().open(View(memory, limits, len(axioms) + 12, ring.num_variables))
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
