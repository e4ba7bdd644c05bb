"""Sets without points: what is proved of them, and that nothing is ever proved of others."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import polyproof_gym
from agents import Search
from polyproof_gym import Problem, Proof, ProofState
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import shrink
from tests.flat import load_flat, prove
from tests.polyproof_gym.envs.helpers import without_incumbent

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "infeasible.json"
needs_cases = pytest.mark.skipif(not CASES.is_file(), reason="shared/cases beside the repository is absent")

MAX_STEPS = 400

SENSES: st.SearchStrategy[Any] = st.sampled_from(["min", "max"])


def pigeonhole(pigeons: int, holes: int) -> Problem:
    """Every pigeon is in a hole, and no two are in one."""
    name = {(i, j): f"x{i * holes + j}" for i in range(pigeons) for j in range(holes)}
    somewhere = (" + ".join(name[i, j] for j in range(holes)) + " >= 1" for i in range(pigeons))
    apart = (f"{name[i, j]} + {name[k, j]} <= 1" for j in range(holes) for i, k in combinations(range(pigeons), 2))
    names = [*name.values()]
    return polyproof_gym.polynomial("x0", variables=names, boolean=names, constraints=[*somewhere, *apart])


def exclusive_pigeonhole(pigeons: int, holes: int) -> Problem:
    """The same with the rewriting rule that the product of two pigeons in one hole is 0."""
    rows = [[f"x{i * holes + j}" for j in range(holes)] for i in range(pigeons)]
    return polyproof_gym.polynomial(
        "x0*x1 - x2",
        boolean=[name for row in rows for name in row],
        constraints=[f"{' + '.join(row)} >= 1" for row in rows],
        exclusive=list(zip(*rows, strict=True)),
    )


def booleans(names: str, *constraints: str, objective: str = "a") -> Problem:
    return polyproof_gym.polynomial(objective, constraints=constraints, variables=[*names], boolean=[*names])


def boxed(objective: str, box: dict[str, Any], *constraints: str, sense: Any = "min") -> Problem:
    return polyproof_gym.polynomial(objective, box=box, sense=sense, constraints=constraints)


EMPTY = {
    "linear": boxed("x*y", {"x": (0, 1), "y": (0, 1)}, "x + y >= 3/2", "x - y >= 3/5"),
    "linear, to be maximised": boxed("x*y", {"x": (0, 1), "y": (0, 1)}, "x + y >= 3/2", "x - y >= 3/5", sense="max"),
    "a sum against its bounds": boxed("y^3*x - x", {"x": (-3, 4), "y": (0, 2)}, "x + 2*y >= 9"),
    "bounds against a constraint": boxed("x", {"x": (0, 1)}, "x >= 2"),
    "two intervals": boxed("x^2", {"x": (-5, 5)}, "x <= 1", "x >= 101/100"),
    "a negative square": boxed("x", {"x": (-1, 1)}, "x^2 == -1"),
    "a negative fourth power": boxed("x^3", {"x": (-1, 1)}, "x^4 + 1 <= 1/2", sense="max"),
    "concentric circles": boxed("x*y", {"x": (-2, 2), "y": (-2, 2)}, "x^2 + y^2 == 1", "x^2 + y^2 == 2"),
    "discs that do not meet": boxed("x", {"x": (-2, 2), "y": (-2, 2)}, "x^2 + y^2 <= 1", "(x-2)^2 + (y-2)^2 <= 1"),
    "a hyperbola and a line": boxed("x + y", {"x": (0, 3), "y": (0, 3)}, "x*y >= 2", "x + y <= 2"),
    "a square root": boxed("7*x - 3", {"x": (0, 3)}, "x^2 == 2", "x <= 1"),
    "a half-integral sum": booleans("abc", "a + b + c == 3/2"),
    "a half-integral sum of four": booleans("abcd", "a + b + c + d == 5/2", objective="a*b*c - d"),
    "an odd cycle": booleans("abcde", "a + b == 1", "b + c == 1", "c + d == 1", "d + e == 1", "e + a == 1"),
    "implications": booleans("abcd", "a <= b", "b <= c", "c <= d", "a >= 1", "d <= 0"),
    "clauses": booleans(
        "abc", *(" + ".join(literals) + " >= 1" for literals in product(("a", "(1-a)"), ("b", "(1-b)"), ("c", "(1-c)")))
    ),
    "pigeons": pigeonhole(3, 2),
    "more pigeons": pigeonhole(4, 3),
    "pigeons that exclude each other": exclusive_pigeonhole(6, 5),
    "a constant objective": boxed("3 + 0*x", {"x": (0, 1)}, "x >= 2"),
}


def assert_proves_emptiness(proof: Proof, tmp_path: Path) -> None:
    """The exact certificate, through the checker and a file, and ``-1`` as a combination of the lines by hand."""
    assert proof.status == "infeasible"
    proof.verify()
    contradiction = proof.contradiction
    assert contradiction is not None
    assert contradiction.status == "infeasible"
    assert all(value > 0 for value in contradiction.multipliers.values())
    combination = sum(
        (value * contradiction.lines[j] for j, value in contradiction.multipliers.items()), 0 * proof.lines[0]
    )
    assert -(-combination).lower_bound_on_unit_box() <= -1
    proof.save(tmp_path / "proof.json")
    again = load_flat(tmp_path / "proof.json")
    assert (again.reasons, again.multipliers) == (proof.reasons, proof.multipliers)
    assert again.status == "infeasible"


@pytest.mark.parametrize("kind", EMPTY)
def test_sets_without_points_are_proved_to_have_none(kind: str, tmp_path: Path) -> None:
    proof = prove(EMPTY[kind], max_steps=MAX_STEPS)
    assert_proves_emptiness(proof, tmp_path)
    assert proof.search is not None
    assert proof.search.stopped == "goal"
    assert proof.search.steps <= MAX_STEPS
    assert (proof.gap, proof.problem.incumbent) == (None, None)


@pytest.mark.parametrize("kind", EMPTY)
def test_targets_do_not_matter_where_no_point_is(kind: str, tmp_path: Path) -> None:
    problem = EMPTY[kind]
    impossible = problem.worst_value + problem.sign
    proof = prove(problem, target=impossible, max_steps=MAX_STEPS)
    assert_proves_emptiness(proof, tmp_path)
    assert proof.target == impossible


@pytest.mark.parametrize("agent", ["greedy", "estimate-guided", "neighbourhood-search:rounds=4", "planner:level=3"])
@pytest.mark.parametrize("kind", ["a negative square", "an odd cycle", "linear", "pigeons"])
def test_other_agents(kind: str, agent: str, tmp_path: Path) -> None:
    assert_proves_emptiness(prove(EMPTY[kind], agent, max_steps=100), tmp_path)


QUESTIONS = {
    "parity": polyproof_gym.polynomial(
        "0", {"x": (0, 9), "y": (0, 9)}, integer=["x", "y"], constraints=["2*x+4*y == 7"]
    ),
    "no sum of two squares": polyproof_gym.polynomial(
        "0", {"x": (0, 9), "y": (0, 9)}, integer=["x", "y"], constraints=["x^2 + y^2 == 3"]
    ),
    "a negative sum of squares": boxed("0", {"x": (-2, 3), "y": (-1, 2)}, "x^2 + y^2 <= -1/10"),
    "no cube": polyproof_gym.polynomial(
        "0", {"x": (0, 2), "z": (0, 3)}, integer=["x"], constraints=["x^3 == 2", "x*z >= 1"]
    ),
}


@pytest.mark.parametrize("agent", ["auto", "cases"])
@pytest.mark.parametrize("kind", QUESTIONS)
def test_whether_there_is_a_point_at_all_is_a_question_of_its_own(kind: str, agent: str) -> None:
    """With the objective 0 it takes whatever a proof with another objective may take, and ends once it is settled."""
    search = Search(QUESTIONS[kind], agent, seconds=60)
    proof = search.run()
    proof.verify()
    assert (proof.status, proof.bound > 0) == ("infeasible", True)
    assert proof.search is not None
    assert proof.search.stopped == "goal"


@pytest.mark.parametrize("agent", ["auto", "cases"])
def test_a_point_answers_the_question_whether_there_is_one(agent: str) -> None:
    problem = polyproof_gym.polynomial(
        "0", {"x": (0, 9), "y": (0, 9)}, integer=["x", "y"], constraints=["x^2 + y^2 == 5"]
    )
    proof = Search(problem, agent).run()
    assert proof.status == "optimal"
    assert proof.bound == 0


@pytest.mark.parametrize("kind", EMPTY)
@pytest.mark.parametrize("agent", ["random", "bfs", "static-sherali-adams:level=2", "random-closed"])
def test_agents_that_may_find_nothing_say_nothing_wrong(kind: str, agent: str) -> None:
    proof = prove(EMPTY[kind], agent, max_steps=20)
    proof.verify()
    assert proof.status in ("infeasible", "bounded")


@pytest.mark.parametrize("kind", ["an odd cycle", "discs that do not meet", "more pigeons"])
def test_the_shorter_proof_is_one_of_emptiness_too(kind: str, tmp_path: Path) -> None:
    proof = prove(EMPTY[kind], max_steps=MAX_STEPS)
    shorter = shrink(proof, seconds=4)
    assert_proves_emptiness(shorter, tmp_path)
    assert shorter.num_derivations <= proof.num_derivations


def test_rounding_leaves_a_proof_of_emptiness_as_it_is(tmp_path: Path) -> None:
    proof = prove(EMPTY["a half-integral sum"], rounded=True)
    assert_proves_emptiness(proof, tmp_path)
    assert not proof.rounded
    rounded = proof.rounding()
    rounded.verify()
    assert rounded.status == "infeasible"


@needs_cases
def test_the_collected_cases(tmp_path: Path) -> None:
    proved = 0
    for case in json.loads(CASES.read_text()):
        if "pigeons" in case:
            problem = pigeonhole(case["pigeons"], case["holes"])
        else:
            problem = polyproof_gym.polynomial(
                case["objective"], case.get("box"), boolean=case.get("boolean", []), constraints=case["constraints"]
            )
        proof = prove(problem, max_steps=MAX_STEPS)
        proof.verify()
        assert proof.status in ("infeasible", "bounded")
        proved += proof.status == "infeasible"
    assert proved >= 7


def test_a_higher_degree_proves_more() -> None:
    problem = boxed("x + y", {"x": (-1, 1), "y": (-1, 1)}, "x^2 + y^2 <= -1/10")
    low = prove(problem, max_steps=400, max_degree=3)
    assert low.status == "bounded"
    assert low.search is not None
    assert (low.search.stopped, low.search.limited_by) == ("limits", ("max_degree",))
    assert prove(problem, max_steps=800, max_degree=12).status == "infeasible"


# Steps --------------------------------------------------------------------------------------------------------------


def test_half_of_the_steps_go_to_the_question_whether_there_is_a_point() -> None:
    """The objective is told apart from 0 only by the steps after that."""
    objectives = ("x*y - z", "3*x*y + z")
    searches = []
    for objective in objectives:
        problem = polyproof_gym.polynomial(
            objective, box="unit", variables=["x", "y", "z"], constraints=["x*y + z >= 1/2"]
        )
        search = Search(without_incumbent(problem), "dual-guided", max_steps=20)
        proof = search.run()
        assert proof.status == "bounded"
        assert search.state.steps == 20
        searches.append(search)
    first, second = (search.state.memory.reasons[7:] for search in searches)
    assert first[:10] == second[:10]
    assert first[10:] != second[10:]


def test_the_degree_is_raised_only_where_no_limit_is_given() -> None:
    problem = EMPTY["a negative fourth power"]
    raised = Search(problem, "dual-guided", max_steps=200)
    assert raised.run().status == "infeasible"
    assert raised.state.limits.max_degree > 5
    kept = Search(problem, "dual-guided", max_steps=200, max_degree=5)
    assert kept.run().status == "bounded"
    assert kept.state.limits.max_degree == 5


def test_what_is_derived_for_emptiness_counts_as_steps() -> None:
    seen: list[int] = []
    search = Search(EMPTY["an odd cycle"], "dual-guided", max_steps=100)

    def on_step(state: ProofState) -> None:
        assert state.problem is EMPTY["an odd cycle"]
        seen.append(state.steps)

    proof = search.run(on_step)
    assert proof.search is not None
    assert seen == list(range(1, proof.search.steps + 1))
    assert len(proof.search.bounds) == proof.search.steps + 1
    assert proof.num_derivations <= proof.search.steps


def test_the_search_can_be_interrupted_while_it_looks_for_a_contradiction() -> None:
    proof = prove(EMPTY["more pigeons"], on_step=lambda state: state.steps < 3)
    assert proof.search is not None
    assert (proof.search.steps, proof.search.stopped) == (3, "interrupted")
    proof.verify()


def test_without_constraints_there_is_always_a_point() -> None:
    problem = without_incumbent(make_problem("cycle:n=5"))
    assert not problem.may_be_empty
    assert prove(problem, max_steps=40).bound == 2


# Soundness ----------------------------------------------------------------------------------------------------------


@st.composite
def sets_with_a_point(draw: st.DrawFn) -> tuple[Problem, Fraction]:
    """Constraints that hold at some point by construction, often barely; and the objective's value there."""
    n = draw(st.integers(1, 3))
    names = [f"x{i}" for i in range(n)]
    boolean = draw(st.sets(st.sampled_from(names)))
    unit = st.fractions(min_value=0, max_value=1, max_denominator=6)
    point = [Fraction(draw(st.integers(0, 1))) if name in boolean else draw(unit) for name in names]
    monomials = [[], *([i] for i in range(n)), *([i, j] for i in range(n) for j in range(i, n))]

    def expression(coefficients: Iterable[int]) -> tuple[str, Fraction]:
        text, value = "0", Fraction(0)
        for coefficient, monomial in zip(coefficients, monomials, strict=True):
            text += f" + ({coefficient})*" + "*".join(["1", *(names[i] for i in monomial)])
            value += coefficient * math.prod(point[i] for i in monomial)
        return text, value

    several = st.lists(st.integers(-3, 3), min_size=len(monomials), max_size=len(monomials))
    objective, at_point = expression(draw(several))
    constraints = []
    for coefficients in draw(st.lists(several, min_size=1, max_size=3)):
        text, value = expression(coefficients)
        slack = draw(st.sampled_from([Fraction(0), Fraction(0), Fraction(1, 50)]))
        constraints.append(f"{text} {draw(st.sampled_from(['>=', '=='])) if not slack else '>='} {value - slack}")
    sense = draw(SENSES)
    problem = polyproof_gym.polynomial(
        objective, "unit", sense, variables=names, boolean=sorted(boolean), constraints=constraints
    )
    return without_incumbent(problem), at_point


@settings(max_examples=60, deadline=None)
@given(sets_with_a_point(), st.sampled_from(["dual-guided", "random"]))
def test_sets_with_points_are_never_said_to_have_none(made: tuple[Problem, Fraction], agent: str) -> None:
    problem, value = made
    proof = prove(problem, agent, max_steps=16)
    proof.verify()
    assert proof.status == "bounded"
    assert problem.sign * proof.bound <= problem.sign * value
    target = prove(problem, agent, max_steps=8, target=value + problem.sign)
    assert target.status == "undecided"


@st.composite
def empty_polytopes(draw: st.DrawFn) -> Problem:
    """Rows that some nonnegative combination turns into ``0 >= positive`` (Farkas), on a random box."""
    n = draw(st.integers(1, 4))
    count = draw(st.integers(1, 4))
    whole = st.integers(-4, 4)
    rows = [draw(st.lists(whole, min_size=n, max_size=n)) for _ in range(count)]
    weights = [draw(st.integers(1, 5)) for _ in range(count)]
    sides = [draw(st.integers(-5, 5)) for _ in range(count)]
    last = [-sum(w * row[i] for w, row in zip(weights, rows, strict=True)) for i in range(n)]
    missing = draw(st.fractions(min_value=Fraction(1, 100), max_value=3, max_denominator=100))
    side = missing - sum(w * s for w, s in zip(weights, sides, strict=True))
    names = [f"x{i}" for i in range(n)]
    constraints = [
        " + ".join(f"({c})*{name}" for c, name in zip(row, names, strict=True)) + f" >= {right}"
        for row, right in zip([*rows, last], [*sides, side], strict=True)
        if any(row)
    ]
    lows = [draw(st.integers(-6, 5)) for _ in names]
    box = {name: (low, low + draw(st.integers(1, 6))) for name, low in zip(names, lows, strict=True)}
    objective = " + ".join(f"({draw(whole)})*{name}" for name in names) + " + x0^3"
    sense = draw(SENSES)
    return polyproof_gym.polynomial(objective, box=box, sense=sense, constraints=constraints)


@settings(max_examples=60, deadline=None)
@given(empty_polytopes())
def test_empty_polytopes_are_proved_empty_without_a_step(problem: Problem) -> None:
    if len(problem.axioms) < 2 * problem.num_variables + 1 or problem.feasible_point is not None:
        return  # rows that are zero have been left out
    proof = prove(problem, max_steps=3)
    proof.verify()
    assert proof.status == "infeasible"
    assert proof.num_derivations == 0
