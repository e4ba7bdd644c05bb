from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

import polyproof_gym
from agents import make_agent
from polyproof_gym import Problem, Proof, ProofState, ResourceLimit, certify
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import make_problem, stability_number
from polyproof_gym.problems.stable_set import FAMILY, stable_set_from_edges
from polyproof_gym.proofs import Times, checker
from polyproof_gym.proofs.proof import differs
from tests.flat import prove
from tests.polyproof_gym.envs.helpers import (
    constrained_problem,
    exact_terms,
    mixed_problem,
    weighted_stable_set,
    without_incumbent,
)

AGENTS = ["dual-guided", "greedy:width=6", "random", "random-closed", "bfs", "static-sherali-adams:level=2"]


def maximised() -> Problem:
    return polyproof_gym.polynomial("x1*x2 - x1^2 + x2/3", box=[(-1, 2), (0, "3/2")], sense="max", name="maximised")


def with_equality() -> Problem:
    return polyproof_gym.polynomial("x1^2 - x2", box="unit", constraints=["x1 + x2 == 1"], name="equality")


def fractional_weights() -> Problem:
    edges = [(i, (i + 1) % 5) for i in range(5)] + [(i, 5) for i in range(5)]
    return stable_set_from_edges([f"x{i}" for i in range(6)], edges, ["1/3", "2/7", 1, "0.1", "5/6", "3/2"])


OWN: dict[str, Callable[[], Problem]] = {
    "constrained": constrained_problem,
    "mixed": mixed_problem,
    "weighted": weighted_stable_set,
    "fractional": fractional_weights,
    "maximised": maximised,
    "equality": with_equality,
    "no-incumbent": lambda: without_incumbent(make_problem("rd")),
}
SPECS = [
    *(f"random-stable-set:n={n},index={n}" for n in range(8, 16)),
    "random-stable-set:n=9,p_min=0.1,p_max=0.4,index=1",
    "random-stable-set:n=12,p_min=0.2,p_max=0.3,index=2",
    "cycle:n=5",
    "cycle:n=8",
    "cycle-complement:n=7",
    "path:n=5",
    "wheel:n=6",
    "complete:n=5",
    "complete-bipartite:a=2,b=3",
    "grid:rows=3,columns=3",
    "petersen",
    "octahedral",
    "icosahedral",
    "hamming:d=3,q=2",
    *("caprasse", "lv", "rd", "butcher", "magnetism", "schwefel", "motzkin", "robinson", "choi-lam"),
    "random-polynomial:n=2,degree=2,terms=4,index=1",
    "random-polynomial:n=3,degree=3,terms=8,index=2",
    "random-polynomial:n=4,degree=2,terms=6,index=3",
    "random-polynomial:n=3,degree=4,terms=10,index=4",
]


def problem_of(name: str) -> Problem:
    return OWN[name]() if name in OWN else make_problem(name)


def optimum(problem: Problem) -> Rational | None:
    """The exact best value, where it can be had."""
    if problem.family != FAMILY:
        return None
    denominator = math.lcm(*(Fraction(c).denominator for c in problem.objective.terms.values()))
    objective = problem.objective * denominator
    scaled = Problem(
        name=problem.name,
        family=FAMILY,
        sense="max",
        objective=objective,
        axioms=problem.axioms,
        variables=problem.variables,
        box=problem.box,
    )
    return Fraction(stability_number(scaled), denominator)


def assert_valid(proof: Proof) -> None:
    """The bound passes no known value, and the combination proves it in independent arithmetic."""
    proof.verify()
    problem, sign = proof.problem, proof.problem.sign
    assert isinstance(proof.bound, Fraction)
    best = optimum(problem)
    for value in (best, problem.incumbent):
        if value is not None:
            assert sign * proof.bound <= sign * value
    if problem.optimum is not None:  # rounded to the digits of its source
        assert sign * proof.bound <= sign * problem.optimum + Fraction(1, 10**8)
    assert sign * proof.bound >= sign * problem.trivial_bound
    remainder = {m: sign * c for m, c in exact_terms(problem.objective).items()}
    for number, multiplier in proof.multipliers.items():
        assert multiplier > 0
        for monomial, c in exact_terms(proof.lines[number]).items():
            remainder[monomial] = remainder.get(monomial, Fraction(0)) - multiplier * c
    proved = remainder.pop((), Fraction(0)) + sum(c for c in remainder.values() if c < 0)
    assert sign * proof.bound == proved


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("name", [*OWN, *SPECS])
def test_the_exact_bound_is_valid_and_as_good_as_the_floats(name: str, agent: str) -> None:
    problem = problem_of(name)
    state = ProofState(problem, max_steps=25)
    rng = np.random.default_rng(0)
    chooser = make_agent(agent)
    for _ in range(25):
        if not chooser.advance(state, rng):
            break
    proof = certify(state)
    assert_valid(proof)
    scale = max(1.0, *(abs(float(c)) for c in problem.objective.terms.values()))
    assert float(proof.bound) == pytest.approx(state.bound, abs=1e-6 * scale)


@pytest.mark.parametrize(
    ("spec", "level", "bound"),
    [
        ("caprasse", 4, "-181/48"),
        ("caprasse", 5, "-271/80"),
        ("lv", 3, "-356/15"),
        ("lv", 4, "-104/5"),
        ("butcher", 3, "-2159/1500"),
        ("magnetism", 2, "-13"),
        ("magnetism", 3, "-14/3"),
        ("schwefel", 4, "-22018"),
        ("paley:q=13", 4, "39/11"),
        ("cycle:n=7", 2, "7/2"),
        ("cycle-complement:n=7", 3, "7/3"),
        ("wheel:n=6", 3, "11/5"),
        ("petersen", 3, "4"),
    ],
)
def test_known_bounds_are_found_as_fractions(spec: str, level: int, bound: str) -> None:
    proof = prove(spec, agent=f"static-sherali-adams:level={level}")
    assert proof.bound == Fraction(bound)
    assert_valid(proof)


def test_heart_at_level_four() -> None:
    proof = prove("heart", agent="static-sherali-adams:level=4")
    assert float(proof.bound) == pytest.approx(-1.91617, abs=1e-5)
    assert_valid(proof)


class Tampered(ProofState):
    """A proof whose multipliers are not those of the LP's solution."""

    tamper: ClassVar[Callable[[NDArray[np.float64]], NDArray[np.float64]]]

    @property
    def multipliers(self) -> NDArray[np.float64]:
        return type(self).tamper(super().multipliers)


def noisy(scale: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    def tamper(multipliers: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(multipliers + scale * np.random.default_rng(0).normal(size=len(multipliers)))

    return tamper


TAMPERINGS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "tiny-noise": noisy(1e-9),
    "noise": noisy(1e-4),
    "much-noise": noisy(1.0),
    "everything-in-the-support": lambda m: m + 1e-3,
    "halved": lambda m: m / 2,
    "huge": lambda m: m * 1e30,
    "tiny": lambda m: m * 1e-30,
    "negative": lambda m: -m - 1,
    "nothing": np.zeros_like,
    "reversed": lambda m: m[::-1],
    "one-missing": lambda m: np.where(np.arange(len(m)) == m.argmax(), 0.0, m),
    "nan": lambda m: np.where(np.arange(len(m)) == 0, np.nan, m),
    "infinite": lambda m: np.where(np.arange(len(m)) == 0, np.inf, m),
}


def tampered_state(spec: str, tampering: str, monkeypatch: pytest.MonkeyPatch, steps: int = 40) -> ProofState:
    monkeypatch.setattr(Tampered, "tamper", staticmethod(TAMPERINGS[tampering]), raising=False)
    state = Tampered(problem_of(spec), max_steps=steps)
    rng = np.random.default_rng(0)
    for _ in range(steps):
        make_agent("dual-guided").advance(state, rng)
    return state


@pytest.mark.parametrize("tampering", TAMPERINGS)
@pytest.mark.parametrize(
    "spec",
    ["petersen", "random-stable-set:n=12", "fractional", "rd", "caprasse", "butcher", "constrained", "maximised"],
)
def test_wrong_multipliers_cost_something_but_never_validity(
    spec: str, tampering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_valid(certify(tampered_state(spec, tampering, monkeypatch)))


@pytest.mark.parametrize("spec", ["petersen", "random-stable-set:n=12", "rd", "maximised"])
@pytest.mark.parametrize(("tampering", "loss"), [("tiny-noise", 1e-6), ("noise", 0.1)])
def test_rounding_a_little_noise_costs_little(
    spec: str, tampering: str, loss: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polyproof_gym.proofs.certificate.MAX_EXACT_COLUMNS", 0)
    state = tampered_state(spec, tampering, monkeypatch)
    assert state.has_lp_bound
    proof = certify(state)
    scale = max(1.0, *(abs(float(c)) for c in state.problem.objective.terms.values()))
    assert float(proof.bound) == pytest.approx(state.bound, abs=loss * scale)


@pytest.mark.parametrize("tampering", TAMPERINGS)
@pytest.mark.parametrize("spec", ["petersen", "random-stable-set:n=12", "caprasse", "butcher", "maximised"])
def test_the_basis_gives_the_exact_bound_whatever_the_floats(
    spec: str, tampering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tampered_state(spec, tampering, monkeypatch)
    proof = certify(state)
    assert float(proof.bound) == pytest.approx(state.bound, abs=1e-9)
    assert proof.loss == pytest.approx(0.0, abs=1e-9)
    assert state.mismatches == 0


@pytest.mark.parametrize("spec", ["petersen", "caprasse", "butcher"])
def test_nothing_at_all_proves_the_trivial_bound(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polyproof_gym.proofs.certificate.solve_exactly", lambda *_: None)
    state = tampered_state(spec, "nothing", monkeypatch)
    proof = certify(state)
    assert proof.bound == proof.problem.trivial_bound
    assert proof.reasons == ()
    assert proof.multipliers == {}
    assert proof.promised == state.bound
    assert proof.loss == pytest.approx(abs(state.bound - float(proof.bound)))
    assert state.mismatches == 1


@pytest.mark.parametrize("wrong", [-0.25, 0.25])
@pytest.mark.parametrize("spec", ["petersen", "caprasse"])
def test_where_the_solver_was_wrong_the_exact_bound_is_reported_and_counted(spec: str, wrong: float) -> None:
    state = ProofState(make_problem(spec), max_steps=30)
    rng = np.random.default_rng(0)
    for _ in range(30):
        make_agent("dual-guided").advance(state, rng)
    right = certify(state).bound
    state.lp._last = state.solution._replace(bound=state.solution.bound + wrong)
    proof = certify(state)
    assert_valid(proof)
    assert proof.bound == right
    assert state.mismatches == 1
    assert proof.loss == pytest.approx(wrong)
    assert proof.differs_from_lp


@pytest.mark.parametrize(
    ("exact", "promised", "expected"),
    [
        (Fraction(5, 2), 2.5, False),
        (Fraction(5, 2), 2.500_004, True),
        (Fraction(5, 2), 2.499_996, True),
        (Fraction(5, 2), 2.500_001, False),
        (Fraction(10**9), 1e9 + 900, False),
        (Fraction(10**9), 1e9 + 1100, True),
        (0, 1.1e-6, True),
        (0, -0.9e-6, False),
        (0, math.inf, True),
        (0, -math.inf, True),
        (0, math.nan, True),
    ],
)
def test_differences_above_a_millionth_are_told(exact: Rational, promised: float, expected: bool) -> None:
    assert differs(exact, promised) == expected


@pytest.mark.parametrize("claimed", [math.inf, -2.4, -2.500_01, -2.6])
def test_no_bound_of_the_lp_that_is_not_exact_goes_unreported(claimed: float) -> None:
    state = ProofState(make_problem("cycle:n=5"), max_steps=10, rules=())
    for i in range(5):
        state.derive(Times(2 * i + 1, (i + 1) % 5, complement=True))
    assert certify(state).bound == Fraction(5, 2)
    assert state.mismatches == 0
    state.lp._last = state.solution._replace(bound=claimed)
    proof = certify(state)
    assert proof.bound == Fraction(5, 2)
    assert state.mismatches == 1
    assert proof.differs_from_lp


def test_a_search_goes_on_after_certifying_as_without() -> None:
    one, other = (ProofState(make_problem("random-stable-set:n=15,index=4"), max_steps=40) for _ in range(2))
    rng = np.random.default_rng(0), np.random.default_rng(0)
    for _ in range(40):
        make_agent("dual-guided").advance(one, rng[0])
        make_agent("dual-guided").advance(other, rng[1])
        certify(one)
        np.testing.assert_array_equal(one.solution.multipliers, other.solution.multipliers)
    assert one.bound == other.bound


def test_supports_too_large_to_solve_exactly_are_rounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polyproof_gym.proofs.certificate.MAX_EXACT_COLUMNS", 0)
    for spec in ("petersen", "random-stable-set:n=12", "rd", "butcher"):
        state = ProofState(make_problem(spec), max_steps=60)
        rng = np.random.default_rng(0)
        for _ in range(60):
            make_agent("dual-guided").advance(state, rng)
        proof = certify(state)
        assert_valid(proof)
        assert float(proof.bound) == pytest.approx(state.bound, abs=1e-6)


def test_only_what_the_bound_needs_is_in_the_proof() -> None:
    state = ProofState(make_problem("petersen"), max_steps=100)
    rng = np.random.default_rng(0)
    for _ in range(60):
        make_agent("random-closed").advance(state, rng)
    proof = certify(state)
    needed = set(proof.multipliers)
    for number in reversed(range(len(proof.reasons))):
        if number in needed:
            needed.update(proof.reasons[number].parents)
    assert needed == set(range(len(proof.reasons)))
    assert len(proof.reasons) < len(state.memory)


def test_certifying_leaves_the_state_as_it_was() -> None:
    state = ProofState(make_problem("rd"), max_steps=30)
    rng = np.random.default_rng(0)
    for _ in range(20):
        make_agent("dual-guided").advance(state, rng)
    before, memory = state.solution, len(state.memory)
    assert certify(state) == certify(state)
    assert state.solution is before
    assert len(state.memory) == memory


def test_target_and_search_record_are_passed_on() -> None:
    state = ProofState(make_problem("cycle:n=5"))
    proof = certify(state, target=Fraction(5, 2))
    assert proof.target == Fraction(5, 2)
    assert proof.search is None


@pytest.mark.parametrize("size", [10**9, 10**12, 10**14, 10**16])
def test_constraints_with_large_coefficients_are_not_rounded_away(size: int) -> None:
    problem = polyproof_gym.polynomial("x", box="unit", constraints=[f"3*{size}*x <= {size} + y"], sense="max")
    proof = prove(problem, max_steps=20)
    proof.verify()
    assert float(proof.bound) == pytest.approx(1 / 3, abs=1e-6)


# Limits of the checker ------------------------------------------------------------------------------------------------


def worked_on(problem: Problem, steps: int) -> ProofState:
    state = ProofState(problem, max_steps=steps)
    rng = np.random.default_rng(0)
    for _ in range(steps):
        make_agent("dual-guided").advance(state, rng)
    return state


def work_of(proof: Proof) -> int:
    """The least work within which the proof is checked."""
    low, high = 0, checker.MAX_WORK
    while high - low > 1:
        middle = (low + high) // 2
        try:
            proof.to_file(middle)
        except ResourceLimit:
            low = middle
        else:
            high = middle
    return high


def test_where_the_exact_proof_is_beyond_the_limits_a_rounded_one_is_found() -> None:
    """The exact multipliers are differences of weights with 60 digits, and the rounded ones are short."""
    weights = [Fraction(10**60 + 7**i, 10**60 - 11 * i) for i in range(12, 21)]
    edges = [(i, (i + 1) % 9) for i in range(9)]
    state = worked_on(stable_set_from_edges([f"x{i}" for i in range(9)], edges, weights), 40)
    exact = certify(state)
    work = work_of(exact)
    assert certify(state, max_work=work) == exact
    rounded = certify(state, max_work=work - 1)
    assert rounded.multipliers != exact.multipliers
    assert work_of(rounded) < work
    rounded.verify()
    assert rounded.bound != rounded.problem.trivial_bound
    assert float(rounded.bound) == pytest.approx(float(exact.bound), rel=1e-3)


@pytest.mark.parametrize("spec", ["petersen", "caprasse"])
def test_where_all_proofs_are_beyond_the_limits_it_is_said(spec: str) -> None:
    state = worked_on(make_problem(spec), 30)
    least = work_of(Proof(state.problem, (), {}))
    with pytest.raises(ResourceLimit, match=rf"^{spec}: what was found takes a proof that is too large [^\n]*$"):
        certify(state, max_work=least)


def test_the_trivial_bound_needs_no_more_than_the_problem() -> None:
    state = ProofState(make_problem("schwefel"), max_steps=3)
    proof = certify(state, max_work=work_of(Proof(state.problem, (), {})))
    assert proof.bound == state.problem.trivial_bound
