from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import polyproof_gym
from polyproof_gym import BadInput, InvalidProof, Problem, ProofState, certify
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Axiom, Limits, Reason, Times
from tests.polyproof_gym.envs.helpers import constrained_problem, linprog_bound, mixed_problem


def advance(state: ProofState, steps: int, seed: int = 0) -> ProofState:
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))
    return state


def test_it_starts_from_the_axioms() -> None:
    problem = constrained_problem()
    state = ProofState(problem, max_steps=7)
    assert [state.memory[j] for j in range(len(state.memory))] == list(problem.axioms)
    assert state.memory.reasons == [Axiom(k, axiom) for k, axiom in enumerate(problem.axioms)]
    assert state.steps == 0
    assert state.num_actions == (len(problem.axioms) + 7) * 3 * 2
    assert state.lp.counts.cold_solves == 0


def test_applying_an_action_adds_its_conclusion() -> None:
    state = ProofState(make_problem("petersen"))
    action = state.action(Times(1, 4, complement=True))
    conclusion = state.conclusion(action)
    assert state.action_mask()[action]
    number = state.apply(action)
    assert number == 20
    assert state.memory[number] == conclusion
    assert state.memory.reasons[number] == Times(1, 4, complement=True)
    assert state.steps == 1
    assert not state.action_mask()[action]
    assert (state.lp.num_rows, state.lp.num_columns) == (len(state.memory.monomials), 21)


def test_the_size_of_the_lp_follows_the_memory() -> None:
    state = ProofState(make_problem("caprasse"))
    for step in range(1, 6):
        advance(state, 1, seed=step)
        assert state.steps == step
        assert (state.lp.num_rows, state.lp.num_columns) == (len(state.memory.monomials), len(state.memory))
        assert len(state.multipliers) == len(state.memory)


def test_actions_that_are_not_valid_are_refused_and_change_nothing() -> None:
    state = advance(ProofState(make_problem("cycle:n=5"), max_steps=9), 2)
    mask = state.action_mask().copy()
    for action in np.flatnonzero(~mask)[::7].tolist():
        with pytest.raises(ValueError, match="not valid"):
            state.apply(action)
        with pytest.raises(ValueError, match="not valid"):
            state.value_of(action)
    np.testing.assert_array_equal(state.action_mask(), mask)
    assert state.steps == 2


def test_actions_that_do_not_exist_are_refused() -> None:
    state = ProofState(make_problem("cycle:n=5"), max_steps=3)
    for action in (state.num_actions, state.num_actions + 100, 10**12):
        with pytest.raises(IndexError):
            state.apply(action)
        with pytest.raises(IndexError):
            state.reason(action)
    with pytest.raises(IndexError):
        state.reason(-1)
    assert state.steps == 0


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.uint64])
def test_actions_may_be_whole_numbers_of_any_type(kind: type[np.integer[Any]]) -> None:
    state = ProofState(make_problem("petersen"))
    action = state.action(Times(5, 7, complement=True))
    reason = state.memory.reasons[state.apply(kind(action))]  # type: ignore[arg-type]
    assert isinstance(reason, Times)
    assert (type(reason.parent), type(reason.variable), type(reason.complement)) == (int, int, bool)
    assert state.action(reason) == action


@pytest.mark.parametrize("action", [1.0, np.float64(3.0), "3", None])
def test_actions_that_are_no_whole_numbers_are_refused(action: Any) -> None:
    state = ProofState(make_problem("petersen"))
    with pytest.raises(TypeError, match="interpreted as an integer"):
        state.apply(action)
    assert state.steps == 0


def test_a_negative_action_is_refused() -> None:
    state = advance(ProofState(make_problem("cycle:n=5"), max_steps=3), 3)
    for action in range(-state.num_actions, 0):
        with pytest.raises((IndexError, ValueError)):
            state.apply(action)
    assert state.steps == 3


def test_deriving_what_no_action_stands_for() -> None:
    state = ProofState(make_problem("caprasse"), max_steps=2, limits=Limits(4, 64))
    number = 0
    for _ in range(4):
        number = state.derive(Times(number, 0, complement=False))
    assert state.memory[number].degree == 5
    assert state.steps == 4
    assert state.derive(Times(0, 0, complement=False)) == len(state.problem.axioms)
    assert state.steps == 4


def test_actions_are_numbered_for_all_axioms_and_steps() -> None:
    state = ProofState(make_problem("path:n=5"), max_steps=1)
    state.apply(state.action(Times(1, 4, complement=True)))
    assert state.num_actions == 11 * 5 * 2
    assert state.action_mask()[-10:].any()


def test_an_action_beyond_the_steps_is_refused_and_changes_nothing() -> None:
    state = advance(ProofState(make_problem("petersen"), max_steps=3), 3)
    mask = state.action_mask().copy()
    with pytest.raises(ValueError, match="no room for more than 23 inequalities"):
        state.apply(int(np.flatnonzero(mask)[0]))
    assert state.steps == 3
    np.testing.assert_array_equal(state.action_mask(), mask)


def test_too_many_products_are_refused() -> None:
    with pytest.raises(BadInput, match="expected at most"):
        ProofState(make_problem("petersen"), max_steps=10**8)
    with pytest.raises(BadInput, match="expected at most"):
        ProofState(make_problem("petersen"), capacity=10**9, num_variables=10)


@pytest.mark.parametrize("arguments", [{"num_variables": 9}, {"num_variables": 0}, {"capacity": 19}, {"capacity": 0}])
def test_actions_for_less_than_the_axioms_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="at least 20 inequalities and 10 variables"):
        ProofState(make_problem("petersen"), **arguments)  # type: ignore[arg-type]
    assert ProofState(make_problem("petersen"), capacity=20, num_variables=10).num_actions == 400


def test_capacity_and_width_can_be_larger_than_the_problem_needs() -> None:
    problem = mixed_problem()
    wide = ProofState(problem, capacity=30, num_variables=8)
    plain = ProofState(problem, max_steps=24)
    assert wide.num_actions == 30 * 8 * 2
    rng = np.random.default_rng(0)
    for _ in range(15):
        reasons = {plain.reason(int(a)) for a in np.flatnonzero(plain.action_mask())}
        assert {wide.reason(int(a)) for a in np.flatnonzero(wide.action_mask())} == reasons
        closed = {plain.reason(int(a)) for a in np.flatnonzero(plain.closed())}
        assert {wide.reason(int(a)) for a in np.flatnonzero(wide.closed())} == closed
        action = int(rng.choice(np.flatnonzero(plain.action_mask())))
        wide.apply(wide.action(plain.reason(action)))
        plain.apply(action)
        assert wide.bound == pytest.approx(plain.bound)


# Limits --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", [Limits(2, 3), Limits(2, 64), Limits(5, 4)])
def test_no_action_leads_beyond_the_limits(limits: Limits) -> None:
    state = ProofState(polyproof_gym.polynomial("x1*x2 - x2 + x3^2", box="unit"), max_steps=60, limits=limits)
    rng = np.random.default_rng(0)
    for _ in range(60):
        valid = np.flatnonzero(state.action_mask())
        if not len(valid):
            break
        state.apply(int(rng.choice(valid)))
    assert state.steps > 10
    assert max(state.memory[j].degree for j in range(len(state.memory))) == limits.max_degree
    assert max(len(state.memory[j]) for j in range(len(state.memory))) <= limits.max_terms


@pytest.mark.parametrize(
    "reason",
    [
        Times(-1, 0, complement=False),
        Times(20, 0, complement=False),
        Times(0, -1, complement=False),
        Times(0, 10, complement=True),
        Axiom(0, 2 * make_problem("petersen").axioms[0] - 1),
        Axiom(99, make_problem("petersen").axioms[0]),
    ],
)
def test_reasons_that_do_not_hold_here_are_refused(reason: Reason) -> None:
    state = ProofState(make_problem("petersen"))
    with pytest.raises(InvalidProof, match=r"no such line|no variable|not an axiom"):
        state.derive(reason)
    assert state.steps == 0


# Bounds --------------------------------------------------------------------------------------------------------------


def test_the_bound_is_in_the_sense_of_the_problem() -> None:
    upper = ProofState(make_problem("cycle:n=5"))
    assert upper.bound == pytest.approx(5.0)
    assert upper.solution.bound == pytest.approx(-5.0)
    lower = ProofState(polyproof_gym.polynomial("x1 - 2*x2 + 1/2", box="unit"))
    assert lower.bound == lower.solution.bound == pytest.approx(-1.5)


def test_the_lp_bound_counts_only_where_it_beats_the_trivial_one() -> None:
    for spec in ("rd", "lv", "butcher", "random-polynomial:n=3,degree=3,terms=8"):
        problem = make_problem(spec)
        state = ProofState(problem)
        rng = np.random.default_rng(0)
        for _ in range(30):
            state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))
            assert state.bound == pytest.approx(max(linprog_bound(state), float(problem.trivial_bound)), rel=1e-7)


@pytest.mark.parametrize(
    ("problem", "reached", "missed"),
    [
        (make_problem("cycle:n=5"), [5, 5.5, 100, 5 - 1e-10], [4.99, 2, -5]),
        (polyproof_gym.polynomial("x1 - 2*x2 + 1/2", box="unit"), [-1.5, -2, -100, -1.5 + 1e-10], [-1.4, 0, 1.5]),
    ],
)
def test_targets_are_reached_from_the_right_side(
    problem: polyproof_gym.Problem, reached: list[float], missed: list[float]
) -> None:
    state = ProofState(problem)
    assert [state.is_reached(target) for target in reached] == [True] * len(reached)
    assert [state.is_reached(target) for target in missed] == [False] * len(missed)


def test_the_tolerance_of_a_target_is_relative_to_its_size() -> None:
    state = ProofState(polyproof_gym.polynomial("10^6*x1 - 10^6", box="unit"))
    assert state.bound == pytest.approx(-(10**6))
    assert state.is_reached(-(10**6) + 1e-4)
    assert not state.is_reached(-(10**6) + 1e-4, tolerance=0.0)
    assert not state.is_reached(-(10**6) + 1)


def test_multipliers_are_for_the_inequalities_as_they_stand() -> None:
    state = ProofState(polyproof_gym.polynomial("3*x - 7", box="unit", constraints=["5*x >= 2"]))
    assert state.bound == pytest.approx(3 * 0.4 - 7)
    combination: dict[tuple[int, ...], float] = {(): -float(state.bound)}
    for j, multiplier in enumerate(state.multipliers.tolist()):
        for monomial, c in state.memory[j].terms.items():
            combination[monomial] = combination.get(monomial, 0.0) - multiplier * float(c)
    assert combination == pytest.approx({(): 7.0, (0,): -3.0})


def test_expectations_of_closed_actions_are_those_of_the_conclusions() -> None:
    state = advance(ProofState(make_problem("random-stable-set:n=8")), 12)
    moments = dict(zip(state.memory.monomials, state.solution.moments.tolist(), strict=True))
    expectations, closed = state.expectations(), np.flatnonzero(state.closed())
    assert len(closed)
    for action in closed.tolist():
        reason = state.reason(action)
        assert isinstance(reason, Times)
        size = max(abs(Fraction(c)) for c in state.memory[reason.parent].terms.values())
        exact = sum(float(Fraction(c) / size) * moments[m] for m, c in state.conclusion(action).terms.items())
        assert expectations[action] == pytest.approx(exact, abs=1e-9)
    assert not expectations[~state.action_mask()].any()


def test_only_violated_closed_actions_improve_the_bound_at_once() -> None:
    state = advance(ProofState(make_problem("wheel:n=6")), 6)
    expectations = state.expectations()
    for action in np.flatnonzero(state.action_mask()).tolist():
        twin = state.clone()
        twin.apply(action)
        if twin.bound < state.bound - 1e-7:
            assert state.closed()[action]
            assert expectations[action] < 0


# Copies --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ["petersen", "caprasse"])
def test_a_clone_is_independent(spec: str) -> None:
    state = advance(ProofState(make_problem(spec)), 5)
    mask, bound, monomials = state.action_mask().copy(), state.bound, list(state.memory.monomials)
    twin = state.clone()
    assert twin.problem is state.problem
    advance(twin, 10, seed=1)
    assert twin.steps == 15
    assert state.steps == 5
    assert state.bound == bound
    assert state.memory.monomials == monomials
    np.testing.assert_array_equal(state.action_mask(), mask)
    advance(state, 10, seed=1)
    assert [twin.memory[j] for j in range(len(twin.memory))] == [state.memory[j] for j in range(len(state.memory))]
    assert twin.bound == state.bound
    np.testing.assert_array_equal(twin.action_mask(), state.action_mask())


def test_infinite_bounds_are_on_the_wrong_side() -> None:
    for sense, worst in (("min", -math.inf), ("max", math.inf)):
        problem = polyproof_gym.polynomial("x1^2*x2 - x1*x2^2", box="unit", sense=sense)  # type: ignore[arg-type]
        state = ProofState(problem)
        assert problem.sign * state.solution.bound == worst
        assert math.isfinite(state.bound)
        assert not state.is_reached(-worst)


def test_objectives_with_too_long_denominators_for_a_proof_file_are_refused() -> None:
    text = " + ".join(f"1/{10**900 + 2 * i + 1}*x{i}" for i in range(5))
    with pytest.raises(BadInput, match="common denominator"):
        ProofState(polyproof_gym.polynomial(text, box="unit"))


# Limits and emptiness ------------------------------------------------------------------------------------------------


def derived_all(state: ProofState) -> ProofState:
    while (valid := np.flatnonzero(state.action_mask())).size:
        state.apply(int(valid[0]))
    return state


@pytest.mark.parametrize(
    ("boolean", "limits", "excluded"),
    [
        ([], Limits(3, 64), ("max_degree",)),
        (["x"], Limits(4, 64), ("max_degree",)),
        (["x", "y"], Limits(3, 2), ("max_terms",)),
        ([], Limits(2, 2), ("max_degree", "max_terms")),
    ],
)
def test_which_limits_leave_something_out(boolean: list[str], limits: Limits, excluded: tuple[str, ...]) -> None:
    problem = polyproof_gym.polynomial("x*y", box="unit", boolean=boolean)
    state = derived_all(ProofState(problem, limits=limits, max_steps=300))
    assert state.limits_that_exclude() == excluded


def test_where_everything_is_known_no_limit_leaves_anything_out() -> None:
    state = derived_all(ProofState(polyproof_gym.polynomial("x*y", boolean=["x", "y"]), max_steps=100))
    assert state.steps_left > 0
    assert state.limits_that_exclude() == ()


def test_limits_that_leave_out_nothing_yet_are_not_named() -> None:
    assert ProofState(make_problem("petersen")).limits_that_exclude() == ()


def test_a_widened_proof_goes_on_with_what_is_known() -> None:
    state = derived_all(ProofState(polyproof_gym.polynomial("x^2 - x", box="unit"), max_steps=100))
    bound, steps = state.bound, state.steps
    wider = state.widened(Limits(5, 64))
    assert (wider.bound, wider.steps, wider.num_actions) == (bound, steps, state.num_actions)
    derived_all(wider)
    assert wider.steps > steps
    assert max(wider.memory[j].degree for j in range(len(wider.memory))) == 5
    assert wider.bound > bound
    certify(wider).verify()


def contradictory() -> Problem:
    return polyproof_gym.polynomial("x^3*y", box="unit", constraints=["x + y >= 3/2", "x <= y", "y <= 1/2 + x/5"])


def test_both_views_of_a_proof_know_what_either_derives() -> None:
    state = ProofState(
        polyproof_gym.polynomial("x*y - x^2", box="unit", constraints=["x^2 + y^2 <= -1/9"]), max_steps=50
    )
    emptiness = state.emptiness
    assert emptiness is state.emptiness
    assert emptiness.memory is state.memory
    assert not state.is_contradictory
    emptiness.apply(int(np.flatnonzero(emptiness.action_mask())[0]))
    state.apply(int(np.flatnonzero(state.action_mask())[0]))
    assert state.steps == emptiness.steps == 2
    np.testing.assert_array_equal(state.action_mask(), emptiness.action_mask())
    assert emptiness.bound == 0
    twin = state.clone()
    assert twin.emptiness.memory is twin.memory
    assert twin.emptiness.memory is not state.memory


def test_a_contradiction_is_found_even_where_the_objective_has_no_bound_yet() -> None:
    state = ProofState(contradictory(), max_steps=5)
    assert not state.has_lp_bound
    assert state.is_contradictory
    proof = certify(state)
    proof.verify()
    assert proof.status == "infeasible"


def test_known_points_leave_no_question() -> None:
    state = ProofState(polyproof_gym.polynomial("x", box="unit", constraints=["x >= 1/2"]))
    assert not state.is_contradictory
    assert certify(state).status == "optimal"
