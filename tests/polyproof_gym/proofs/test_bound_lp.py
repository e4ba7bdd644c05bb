from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import highspy
import numpy as np
import pytest

import polyproof_gym
from agents import make_agent
from polyproof_gym import Problem, ProofState, certify
from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.problems import make_problem
from polyproof_gym.problems.problem import unit_box_axioms
from polyproof_gym.proofs import Axiom, BoundLP, LPSolution, LPStatus, Memory, Times, bound_lp
from polyproof_gym.proofs.remainder_lp import RemainderLP
from polyproof_gym.solver import Solver
from tests.polyproof_gym.envs.helpers import (
    constrained_problem,
    exact_terms,
    linprog_bound,
    mixed_problem,
    weighted_stable_set,
    without_incumbent,
)

STEP_AGENTS = ["dual-guided", "greedy:width=8", "random", "random-closed", "bfs"]


def episode(state: ProofState, agent: str, steps: int, seed: int = 0) -> Iterator[int]:
    """Let an agent work; yields after every step."""
    rng = np.random.default_rng(seed)
    chooser = make_agent(agent)
    for step in range(steps):
        if not chooser.advance(state, rng):
            return
        yield step


def size(state: ProofState) -> float:
    """The size of the objective's numbers, to which float errors are relative."""
    return max(1.0, *(abs(float(c)) for c in state.problem.objective.terms.values()))


def assert_equals_cold_solution(state: ProofState) -> None:
    cold = linprog_bound(state)
    if state.has_lp_bound:
        assert state.solution.bound == pytest.approx(cold, rel=1e-7, abs=1e-7 * size(state))
    else:
        assert cold == -math.inf


def assert_optimal(state: ProofState) -> None:
    """Primal and dual feasibility and equal values, by the exact polynomials and not by the LP's own matrix."""
    solution, memory = state.solution, state.memory
    assert solution.status is (LPStatus.OPTIMAL if state.has_lp_bound else LPStatus.INFEASIBLE)
    assert len(solution.multipliers) == len(memory)
    assert len(solution.moments) == len(memory.monomials)
    moments = dict(zip(memory.monomials, solution.moments.tolist(), strict=True))
    assert moments[()] == pytest.approx(1.0 if state.has_lp_bound else 0.0, abs=1e-7)
    for j in range(len(memory)):
        terms = exact_terms(memory[j])
        largest = max(map(abs, terms.values()))
        assert sum(float(c / largest) * moments[m] for m, c in terms.items()) >= -1e-7
    assert (solution.multipliers >= 0).all()
    if state.has_lp_bound:
        objective = exact_terms(state.problem.minimised)
        dual = sum(float(c) * moments[m] for m, c in objective.items())
        assert dual == pytest.approx(solution.bound, rel=1e-6, abs=1e-6 * size(state))
        missing = dict.fromkeys(moments, 0.0)
        for monomial, c in objective.items():
            missing[monomial] += float(c)
        missing[()] -= solution.bound
        for j, multiplier in enumerate(state.multipliers.tolist()):
            for monomial, c in exact_terms(memory[j]).items():
                missing[monomial] -= multiplier * float(c)
        assert max(map(abs, missing.values())) <= 1e-6 * size(state)


def assert_same(one: LPSolution, other: LPSolution) -> None:
    """Equal down to the last bit."""
    assert one.status is other.status
    assert one.bound == other.bound
    np.testing.assert_array_equal(one.multipliers, other.multipliers)
    np.testing.assert_array_equal(one.moments, other.moments)


SMALL: dict[str, Callable[[], Problem]] = {
    "petersen": lambda: make_problem("petersen"),
    "cycle": lambda: make_problem("cycle:n=7"),
    "random-graph": lambda: make_problem("random-stable-set:n=10,index=2"),
    "weighted": weighted_stable_set,
    "caprasse": lambda: make_problem("caprasse"),
    "motzkin": lambda: make_problem("motzkin"),
    "rd": lambda: make_problem("rd"),
    "random-polynomial": lambda: make_problem("random-polynomial:n=3,degree=3,terms=8"),
    "constrained": constrained_problem,
    "mixed": mixed_problem,
    "no-incumbent": lambda: without_incumbent(make_problem("butcher")),
}


@pytest.mark.parametrize("agent", STEP_AGENTS)
@pytest.mark.parametrize("name", SMALL)
def test_every_step_is_optimal_and_equals_a_cold_solution(name: str, agent: str) -> None:
    state = ProofState(SMALL[name]())
    assert_equals_cold_solution(state)
    assert_optimal(state)
    last = state.solution.bound
    for _ in episode(state, agent, 24):
        assert_equals_cold_solution(state)
        assert_optimal(state)
        assert state.solution.bound >= last
        last = state.solution.bound


@pytest.mark.parametrize("agent", ["dual-guided", "random", "random-closed"])
@pytest.mark.parametrize("index", range(3))
def test_long_episodes_on_graphs_of_25_vertices(index: int, agent: str) -> None:
    state = ProofState(make_problem(f"random-stable-set:n=25,index={index}"))
    last = state.bound
    for step in episode(state, agent, 100, seed=index):
        assert state.bound <= last
        last = state.bound
        if step % 20 == 19:
            assert_equals_cold_solution(state)
            assert_optimal(state)


def test_many_inequalities_added_before_one_solution() -> None:
    state = ProofState(make_problem("petersen"), max_steps=200)
    rng = np.random.default_rng(3)
    for batch in (1, 7, 40, 0, 60):
        for _ in range(batch):
            state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))
        assert_equals_cold_solution(state)
        assert_optimal(state)


@pytest.mark.parametrize("name", ["caprasse", "motzkin", "schwefel", "heart"])
def test_without_a_bound_the_trivial_one_stands(name: str) -> None:
    problem = make_problem(name)
    state = ProofState(problem)
    assert state.solution.status is LPStatus.INFEASIBLE
    assert state.solution.bound == -math.inf
    assert not state.has_lp_bound
    assert state.bound == float(problem.trivial_bound)


def test_in_the_other_sense_too() -> None:
    problem = polyproof_gym.polynomial("x1*x2^2 - x1 + 3", box="unit", sense="max")
    state = ProofState(problem)
    assert state.solution.bound == -math.inf
    assert state.bound == 4.0
    assert certify(state).bound == 4


@pytest.mark.parametrize(("name", "level"), [("caprasse", 4), ("lv", 3), ("motzkin", 6), ("schwefel", 4)])
def test_enough_products_make_it_feasible(name: str, level: int) -> None:
    state = ProofState(make_problem(name))
    assert not state.has_lp_bound
    make_agent(f"static-sherali-adams:level={level}").advance(state, np.random.default_rng(0))
    assert state.solution.status is LPStatus.OPTIMAL
    assert state.has_lp_bound
    assert_equals_cold_solution(state)
    assert_optimal(state)


def test_from_infeasible_to_feasible_step_by_step() -> None:
    state = ProofState(make_problem("lv"))
    statuses: list[LPStatus] = [state.solution.status]
    for _ in episode(state, "dual-guided", 100):
        statuses.append(state.solution.status)
    turn = statuses.index(LPStatus.OPTIMAL)
    assert turn > 0
    assert set(statuses[:turn]) == {LPStatus.INFEASIBLE}
    assert set(statuses[turn:]) == {LPStatus.OPTIMAL}


@pytest.mark.parametrize("exponent", [3, 9, 12, 15])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_large_constant_neither_hides_the_rest_nor_causes_doubt(exponent: int, sign: int) -> None:
    constant = sign * 10**exponent
    plain = ProofState(polyproof_gym.polynomial("x*y - x - y", box="unit"))
    moved = ProofState(polyproof_gym.polynomial(f"x*y - x - y + {constant}", box="unit"))
    for _ in episode(moved, "dual-guided", 10):
        plain.derive(moved.memory.reasons[-1])
        assert moved.bound - constant == pytest.approx(plain.bound, abs=4 * math.ulp(constant) + 1e-9)
    assert moved.steps > 0
    assert certify(moved).bound == constant - 1
    assert moved.solved_afresh().bound == moved.bound
    assert moved.lp.counts.cold_solves == 0
    assert moved.solution.status is LPStatus.OPTIMAL


@pytest.mark.parametrize("constant", [10**20 + 8192, 10**20 + 8193, 3 * 10**25 + 1])
def test_the_rounding_of_a_constant_beyond_all_else_causes_no_doubt(constant: int) -> None:
    state = ProofState(polyproof_gym.polynomial(f"x*y - x - y + {constant}", box="unit"))
    for _ in episode(state, "bfs", 10):
        assert state.bound == pytest.approx(float(constant))
    assert state.lp.counts.cold_solves == 0
    assert certify(state).bound == constant - 1


def test_a_constant_objective() -> None:
    problem = polyproof_gym.polynomial("0*x + 5/2", box="unit", variables=["x"])
    state = ProofState(problem)
    assert state.bound == pytest.approx(2.5)
    assert certify(state).bound == problem.incumbent


def contradictory(objective: str = "x*y - 2*x + y") -> Problem:
    """Axioms that no point satisfies: ``x >= 1/2`` and ``x <= 1/4``."""
    ring = Ring(["x", "y"])
    x = Polynomial.variable(ring, 0)
    return Problem(
        name="contradictory",
        family="box-polynomial",
        sense="min",
        objective=parse_polynomial(objective, ring),
        axioms=(*unit_box_axioms(ring), 2 * x - 1, 1 - 4 * x),
        variables=ring.variables,
        box=((0, 1),) * 2,
    )


@pytest.mark.parametrize("objective", ["x - y", "x*y - 2*x + y", "x^2*y - x*y"])
def test_contradictory_axioms_never_give_a_wrong_optimum(objective: str) -> None:
    """Every bound holds over an empty set, so there is no best one; no solution may claim to be it."""
    problem = contradictory(objective)
    state = ProofState(problem, max_steps=15)
    for _ in episode(state, "random", 15):
        solution = state.solution
        assert not (solution.status is LPStatus.OPTIMAL and math.isfinite(solution.bound))
        assert state.bound >= float(problem.trivial_bound)
        assert np.isfinite(solution.multipliers).all()
        assert np.isfinite(solution.moments).all()
    certify(state).verify()


@pytest.mark.parametrize("agent", ["dual-guided", "greedy", "random-closed", "bfs"])
def test_agents_survive_contradictory_axioms(agent: str) -> None:
    state = ProofState(contradictory(), max_steps=12)
    assert list(episode(state, agent, 12))
    certify(state).verify()


# Copies --------------------------------------------------------------------------------------------------------------


def through_pickle(state: ProofState) -> ProofState:
    twin = pickle.loads(pickle.dumps(state))
    assert isinstance(twin, ProofState)
    return twin


COPIES: dict[str, Callable[[ProofState], ProofState]] = {
    "pickle": through_pickle,
    "deepcopy": copy.deepcopy,
    "clone": ProofState.clone,
}


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("agent", ["random", "random-closed", "dual-guided"])
@pytest.mark.parametrize("name", ["petersen", "random-graph", "caprasse", "rd", "constrained"])
@pytest.mark.parametrize("steps", [0, 5, 17])
def test_copies_go_on_with_the_same_solutions(name: str, agent: str, copied: str, steps: int) -> None:
    state = ProofState(SMALL[name]())
    for _ in episode(state, agent, steps):
        assert len(state.solution.multipliers) == len(state.memory)
    twin = COPIES[copied](state)
    assert_same(twin.solution, state.solution)
    rng = np.random.default_rng(1)
    for _ in range(12):
        action = int(rng.choice(np.flatnonzero(state.action_mask())))
        np.testing.assert_array_equal(twin.action_mask(), state.action_mask())
        state.apply(action)
        twin.apply(action)
        assert_same(twin.solution, state.solution)
        np.testing.assert_array_equal(twin.expectations(), state.expectations())


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("with_remainder", [False, True])
def test_a_copy_leaves_the_original_as_it_is(with_remainder: bool, copied: str) -> None:
    """It goes on with its own solver, which a copy cannot have."""
    state = ProofState(make_problem("caprasse"))
    if with_remainder:
        state.absorb_remainders()
    for _ in episode(state, "random", 5):
        assert len(state.solution.multipliers) == len(state.memory)
    assert len(state.solution.multipliers) == len(state.memory)
    (lp,) = (value for value in vars(state).values() if isinstance(value, BoundLP))
    before = dict(vars(lp))
    twin = COPIES[copied](state)
    assert_same(twin.solution, state.solution)
    assert vars(lp).keys() == before.keys()
    assert all(value is before[name] for name, value in vars(lp).items())


@pytest.mark.parametrize("copied", COPIES)
def test_copies_made_before_what_is_new_was_solved(copied: str) -> None:
    state = ProofState(make_problem("petersen"))
    rng = np.random.default_rng(5)
    for solve in (False, True, True, False, True):
        for _ in range(6):
            state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))
        twin = COPIES[copied](state)
        assert_same(twin.solution, state.solution)
        if not solve:
            state = twin
    assert_equals_cold_solution(state)


def test_a_copy_of_a_copy_and_its_original_are_independent() -> None:
    state = ProofState(make_problem("cycle:n=5"))
    for _ in episode(state, "dual-guided", 3):
        pass
    before = state.solution
    twin = state.clone().clone()
    for _ in episode(twin, "dual-guided", 10):
        pass
    assert twin.bound < state.bound
    assert_same(state.solution, before)
    assert_equals_cold_solution(state)
    assert_equals_cold_solution(twin)


# Look-ahead ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agent", ["random", "random-closed", "dual-guided"])
@pytest.mark.parametrize("name", ["petersen", "random-graph", "weighted", "rd", "constrained", "random-polynomial"])
def test_the_value_of_an_action_is_the_bound_after_taking_it(name: str, agent: str) -> None:
    state = ProofState(SMALL[name]())
    rng = np.random.default_rng(2)
    for _ in episode(state, agent, 15):
        closed = np.flatnonzero(state.closed())
        before = state.solution
        for action in rng.choice(closed, min(5, len(closed)), replace=False).tolist():
            value = state.value_of(action)
            twin = state.clone()
            twin.apply(action)
            if state.has_lp_bound:
                assert value == pytest.approx(twin.solution.bound, rel=1e-7, abs=1e-7 * size(state))
                assert value == pytest.approx(linprog_bound(twin), rel=1e-7, abs=1e-7 * size(state))
            else:
                assert value <= 1e-9
                assert (value > -1e-9) == twin.has_lp_bound
        assert_same(state.solution, before)
        assert_equals_cold_solution(state)
        assert_optimal(state)


def test_looking_ahead_does_not_change_the_bounds_that_follow() -> None:
    state, undisturbed = (ProofState(make_problem("random-stable-set:n=12")) for _ in range(2))
    for _ in episode(state, "random-closed", 30):
        undisturbed.derive(state.memory.reasons[-1])
        for action in np.flatnonzero(state.closed())[:4].tolist():
            state.value_of(action)
        assert state.bound == pytest.approx(undisturbed.bound, abs=1e-9)


def test_the_value_of_an_action_with_a_new_monomial_is_refused() -> None:
    state = ProofState(make_problem("caprasse"))
    action = int(np.flatnonzero(state.action_mask() & ~state.closed())[0])
    with pytest.raises(ValueError, match="new monomial"):
        state.value_of(action)


# Faults of the solver ------------------------------------------------------------------------------------------------

REAL_SOLVER: Any = Solver


@dataclass
class Faults:
    """What goes wrong with the solutions read from now on: the first ``count`` of them are garbage."""

    kind: str = "nan"
    count: int = 0
    read: int = field(default=0)


class FaultySolver:
    """The real solver, but for some of its answers."""

    faults = Faults()

    def __init__(self, options: dict[str, Any]) -> None:
        self._highs = REAL_SOLVER(options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._highs, name)

    def getModelStatus(self) -> Any:
        faults = type(self).faults
        if not faults.count:
            return self._highs.getModelStatus()
        if faults.kind in STATUSES:
            faults.count -= 1
            return STATUSES[faults.kind]
        return highspy.HighsModelStatus.kOptimal

    def getSolution(self) -> Any:
        solution, faults = self._highs.getSolution(), type(self).faults
        if not faults.count or faults.kind in STATUSES:
            return solution
        faults.count -= 1
        columns, duals = list(solution.col_value), list(solution.row_dual)
        if faults.kind == "nan":
            columns = [math.nan] * len(columns)
        elif faults.kind == "nan-moments":
            duals[-1] = math.nan
        elif faults.kind == "infinite":
            columns[0] = -math.inf
        elif faults.kind == "too-good":
            columns[0] += 1.0
        elif faults.kind == "too-bad":
            columns[0] -= 1.0
        elif faults.kind == "better-than-possible":  # the same wrong value in the primal and in the dual solution
            columns[0] += 100.0
            duals = [100.0 * dual for dual in duals]
        elif faults.kind == "moments":
            duals = [2.0 * dual + 0.5 for dual in duals]
        return SimpleNamespace(col_value=columns, row_dual=duals)


STATUSES = {
    "iteration-limit": highspy.HighsModelStatus.kIterationLimit,
    "unbounded": highspy.HighsModelStatus.kUnbounded,
    "infeasible": highspy.HighsModelStatus.kInfeasible,
    "error": highspy.HighsModelStatus.kSolveError,
}
KINDS = ["nan", "nan-moments", "infinite", "too-good", "too-bad", "better-than-possible", "moments", *STATUSES]


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    monkeypatch.setattr(FaultySolver, "faults", Faults())
    monkeypatch.setattr(bound_lp, "Solver", FaultySolver)
    return FaultySolver.faults


def step_that_needs_the_solver(state: ProofState) -> None:
    """Take violated closed actions, so that the last solution cannot stay optimal."""
    violated = np.flatnonzero(state.closed() & (state.expectations() < -1e-6))
    assert len(violated)
    state.apply(int(violated[0]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_doubted_solution_is_found_again_from_scratch(faults: Faults, kind: str) -> None:
    state = ProofState(make_problem("random-stable-set:n=10"))
    assert state.lp.counts.cold_solves == 0
    assert state.has_lp_bound
    for number in range(1, 5):
        step_that_needs_the_solver(state)
        faults.kind, faults.count = kind, 1
        assert_equals_cold_solution(state)
        assert_optimal(state)
        assert state.lp.counts.cold_solves == number
        assert faults.count == 0


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_believable_solution_the_last_bound_stands_and_the_next_good_one_recovers(
    faults: Faults, kind: str
) -> None:
    state = ProofState(make_problem("random-stable-set:n=10"))
    bound = state.solution.bound
    step_that_needs_the_solver(state)
    faults.kind, faults.count = kind, 3  # from the last basis, and twice from scratch
    solution = state.solution
    assert solution.status is LPStatus.FAILED
    assert state.lp.counts.failures == 1
    assert state.lp.counts.limits == (3 if kind == "iteration-limit" else 0)
    assert solution.bound == bound
    assert len(solution.multipliers) == len(state.memory)
    assert len(solution.moments) == len(state.memory.monomials)
    assert state.lp.counts.cold_solves == 1
    proof = certify(state)
    proof.verify()
    assert float(proof.bound) == pytest.approx(state.bound, abs=1e-6)
    state.apply(int(np.flatnonzero(state.closed())[0]))
    assert_equals_cold_solution(state)
    assert_optimal(state)
    assert state.solution.bound >= bound


@pytest.mark.parametrize("kind", ["nan", "nan-moments", "iteration-limit", "error"])
@pytest.mark.parametrize("spec", ["butcher", "caprasse", "rd"])
def test_a_solver_that_always_fails_leaves_a_valid_bound(faults: Faults, kind: str, spec: str) -> None:
    faults.kind, faults.count = kind, 10**9
    problem = make_problem(spec)
    state = ProofState(problem)
    assert state.solution.status is LPStatus.FAILED
    for _ in episode(state, "random", 8):
        assert state.solution.status is LPStatus.FAILED
        assert state.bound == float(problem.trivial_bound)
        assert np.isfinite(state.expectations()).all()
    certify(state).verify()
    faults.count = 0
    state.apply(int(np.flatnonzero(state.action_mask())[0]))
    assert_equals_cold_solution(state)
    assert_optimal(state)


def _weighted_box() -> Problem:
    """``3x - 2y + 7`` over a box with other inequalities, of which ``1 - 2x`` is the tightest on ``x``."""
    ring = Ring(["x", "y"])
    axioms = [*unit_box_axioms(ring), *(parse_polynomial(text, ring) for text in ("1 - 2*x", "3 - 2*x", "3 - x - y"))]
    objective = parse_polynomial("3*x - 2*y + 7", ring)
    return Problem("box", "box", "max", objective, tuple(axioms), ring.variables, ((0, 1),) * 2)


@pytest.mark.parametrize(
    ("problem", "bound"),
    [(make_problem("petersen"), 10), (weighted_stable_set(), None), (_weighted_box(), 8.5)],
    ids=["petersen", "weighted", "box"],
)
def test_a_sum_on_a_box_is_bounded_without_the_solver(faults: Faults, problem: Problem, bound: float | None) -> None:
    faults.kind, faults.count = "error", 10**9
    state = ProofState(problem)
    assert_optimal(state)
    assert_equals_cold_solution(state)
    assert state.bound == (float(problem.trivial_bound) if bound is None else bound)
    faults.count = 0
    for _ in episode(state, "dual-guided", 5):
        assert_optimal(state)
        assert_equals_cold_solution(state)


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_look_ahead_gives_the_present_value(faults: Faults, kind: str) -> None:
    state = ProofState(make_problem("random-stable-set:n=10"))
    for _ in episode(state, "random-closed", 8):
        pass
    before = state.solution
    action = int(np.flatnonzero(state.closed())[0])
    faults.kind, faults.count = kind, 1
    assert state.value_of(action) == before.bound
    faults.count = 0
    assert_same(state.solution, before)
    step = state.clone()
    step.apply(action)
    assert_equals_cold_solution(step)


@pytest.mark.parametrize("kind", KINDS)
def test_faults_while_no_bound_is_known(faults: Faults, kind: str) -> None:
    state = ProofState(make_problem("lv"))
    rng = np.random.default_rng(0)
    chooser = make_agent("dual-guided")
    for step in range(40):
        faults.kind, faults.count = kind, int(step % 7 == 3)
        chooser.advance(state, rng)
        assert state.solution.status in (LPStatus.INFEASIBLE, LPStatus.OPTIMAL)
        if step % 5 == 0:
            faults.count = 0
            assert_equals_cold_solution(state)


# On its own ----------------------------------------------------------------------------------------------------------


def test_the_lp_follows_a_memory_of_any_inequalities() -> None:
    problem = constrained_problem()
    state = ProofState(problem)
    memory = Memory(problem.ring, problem.minimised)
    objective = np.array([float(problem.minimised.terms.get(m, 0)) for m in memory.monomials])
    lp = BoundLP(memory, objective)
    assert lp.solve().status is LPStatus.INFEASIBLE
    for reason in state.memory.reasons:
        memory.add(reason)
    assert lp.solve().bound == pytest.approx(state.solution.bound) or not state.has_lp_bound
    assert lp.num_columns == len(memory)
    assert lp.num_rows == len(memory.monomials)


@pytest.mark.parametrize("exponent", [3, 7, 13, 20, 400])
def test_a_tiny_coefficient_of_a_new_monomial_gives_no_huge_moment(exponent: int) -> None:
    ring = Ring(["x", "y"])
    x, y = (Polynomial.variable(ring, i) for i in range(2))
    memory = Memory(ring, x)
    for index, axiom in enumerate((x, 1 - x)):
        memory.add(Axiom(index, axiom))
    lp = BoundLP(memory, np.array([0.0, 1.0]))
    assert lp.solve().bound == 0.0
    memory.add(Axiom(2, 10**exponent * x - 10 ** (exponent - 1) + y))
    solution = lp.solve()
    # Terms that are too small for the solver count as none, and then x >= 1/10.
    assert solution.bound == pytest.approx(0.1 if exponent > 12 else 0.0)
    assert np.abs(solution.moments).max() <= 1e7
    assert_same(solution, lp.afresh().solve())


def test_nothing_is_solved_again_without_news() -> None:
    state = ProofState(make_problem("petersen"))
    assert state.solution is state.solution


# Contradictions ------------------------------------------------------------------------------------------------------


def empty_problem() -> Problem:
    """A negative square: products show that there is none."""
    return polyproof_gym.polynomial("3*x - 7", box=[(-1, 1)], constraints=["x^2 == -1"])


def test_a_contradiction_is_a_status_of_its_own() -> None:
    problem = empty_problem()
    state = ProofState(problem, max_steps=40)
    statuses = [solution.status for solution in (state.solution for _ in episode(state, "dual-guided", 20))]
    turn = statuses.index(LPStatus.CONTRADICTORY)
    assert set(statuses[:turn]) == {LPStatus.OPTIMAL}
    assert set(statuses[turn:]) == {LPStatus.CONTRADICTORY}
    assert state.lp.counts.cold_solves == 0
    assert state.bound > problem.worst_value
    assert state.has_lp_bound
    assert np.isfinite(state.solution.multipliers).all()
    assert np.isfinite(state.solution.moments).all()
    assert (len(state.solution.multipliers), len(state.solution.moments)) == (state.lp.num_columns, state.lp.num_rows)
    combination = sum(
        (Fraction(float(value)) * state.memory[j] for j, value in enumerate(state.multipliers)), 0 * problem.objective
    )
    assert (problem.minimised - combination).lower_bound_on_unit_box() > problem.worst_value


def test_a_contradiction_is_seen_where_remainders_are_left() -> None:
    """What is left then has large coefficients, none of which is negative, so that nothing is lost."""
    problem = polyproof_gym.polynomial("x^4 - 3*x^3 + x", box=[(-9, -6)], constraints=["-1 >= 0"])
    state = ProofState(problem, rules=["products", "squares"])
    assert isinstance(state.lp, RemainderLP)
    assert state.solution.status is LPStatus.CONTRADICTORY
    assert state.lp.counts.cold_solves == 0


def test_copies_of_contradictions_are_contradictions() -> None:
    state = ProofState(polyproof_gym.polynomial("x", box="unit", constraints=["x >= 2"]))
    assert state.solution.status is LPStatus.CONTRADICTORY
    for twin in (state.clone(), pickle.loads(pickle.dumps(state)), state.solved_afresh()):
        assert twin.solution.status is LPStatus.CONTRADICTORY
        assert twin.bound == state.bound
        twin.apply(int(np.flatnonzero(twin.action_mask())[0]))
        assert twin.solution.status is LPStatus.CONTRADICTORY
        assert twin.lp.basic_inequalities()
        certify(twin).verify()


def test_look_ahead_sees_a_contradiction_and_leaves_it() -> None:
    problem = polyproof_gym.polynomial("x", box=[(0, 3)], constraints=["x^2 == 2", "x <= 1"])
    state = ProofState(problem, max_steps=10)
    before = state.solution
    closed = np.flatnonzero(state.closed())
    values = {action: state.value_of(int(action)) for action in closed.tolist()}
    best = max(values, key=lambda action: values[action])
    assert values[best] > problem.worst_value
    assert min(values.values()) == pytest.approx(before.bound)
    assert state.solution is before
    state.apply(best)
    assert state.solution.status is LPStatus.CONTRADICTORY
    assert state.bound == values[best]
    assert state.value_of(int(np.flatnonzero(state.closed())[0])) == state.bound


def test_where_a_point_is_known_no_contradiction_is_believed() -> None:
    """Here the point is a lie: the solver, which is right, is not believed."""
    problem = replace(
        polyproof_gym.polynomial("x", box="unit", constraints=["x >= 2"]), feasible_point=(Fraction(1, 2),)
    )
    state = ProofState(problem)
    assert state.solution.status is LPStatus.FAILED
    assert state.bound == 0


@pytest.mark.parametrize("kind", ["iteration-limit", "error", "infeasible"])
def test_a_contradiction_is_found_from_scratch_too(faults: Faults, kind: str) -> None:
    state = ProofState(polyproof_gym.polynomial("x", box="unit", constraints=["x >= 2"]))
    faults.kind, faults.count = kind, 1
    assert state.solution.status is LPStatus.CONTRADICTORY
    assert state.lp.counts.cold_solves == 1


# Solutions found elsewhere --------------------------------------------------------------------------------------------


def solved_and_fresh(level: int = 3) -> tuple[LPSolution, BoundLP]:
    """The solution of an LP, and another one over the same memory of which nothing is solved yet."""
    state = ProofState(make_problem("cycle:n=7"), max_steps=1)
    make_agent(f"static-sherali-adams:level={level}").advance(state, np.random.default_rng(0))
    return state.solution, state.lp.afresh()


def test_an_optimal_solution_is_taken_over_without_a_run_of_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    solution, lp = solved_and_fresh()
    assert lp.adopt(solution.multipliers, solution.moments)
    monkeypatch.setattr(lp, "_solve_phase", None)
    assert lp.solve().bound == pytest.approx(solution.bound)
    assert lp.solve().status is LPStatus.OPTIMAL


def test_the_solver_goes_on_after_an_adopted_solution() -> None:
    state = ProofState(make_problem("cycle:n=5"), max_steps=50)
    for i in range(5):
        state.derive(Times(2 * i + 1, (i + 1) % 5, complement=True))
    solution, lp = state.solution, state.lp.afresh()
    assert solution.bound == pytest.approx(-5 / 2)
    assert lp.adopt(solution.multipliers, solution.moments)
    make_agent("static-sherali-adams:level=3").advance(state, np.random.default_rng(0))
    assert lp.solve().bound == pytest.approx(-2)
    assert lp.basic_inequalities()


@pytest.mark.parametrize("change", ["bound", "negative", "moment", "one", "combination"])
def test_what_is_not_optimal_is_left(change: str) -> None:
    solution, lp = solved_and_fresh()
    multipliers, moments = solution.multipliers.copy(), solution.moments.copy()
    used = int(multipliers.argmax())
    if change == "bound":  # a valid combination that proves less, and moments that do not show that it is the best
        weaker, _ = solved_and_fresh(level=2)
        multipliers = np.zeros(lp.num_columns)
        multipliers[: len(weaker.multipliers)] = weaker.multipliers
    elif change == "negative":
        multipliers[used] *= -1
    elif change == "moment":
        moments[1] += 0.1
    elif change == "one":
        moments = moments * 2
    else:
        multipliers[used] *= 1.001
    assert not lp.adopt(multipliers, moments)
    assert lp.solve().bound == pytest.approx(solution.bound)
