from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import comb
from pathlib import Path

import numpy as np
import pytest

import polyproof_gym
from agents import make_agent, prove
from polyproof_gym import BadInput, Problem, ProofState, load_problem
from polyproof_gym.problems import make_problem
from tests.polyproof_gym.envs.helpers import Terms, exact_terms, multiply

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the folder shared/data beside the repository is absent")


def closure(problem: Problem | str, level: int) -> ProofState:
    """The state with all products of a level."""
    state = ProofState(make_problem(problem) if isinstance(problem, str) else problem, max_steps=1)
    make_agent(f"static-sherali-adams:level={level}").advance(state, np.random.default_rng(0))
    return state


TABLE: dict[str, dict[int, float]] = {
    "cycle:n=5": {2: 2.5, 3: 2, 4: 2},
    "cycle:n=7": {2: 3.5, 3: 3, 4: 3},
    "cycle:n=9": {2: 4.5, 3: 4, 4: 4},
    "cycle-complement:n=7": {2: 3.5, 3: 7 / 3, 4: 2},
    "wheel:n=6": {2: 3, 3: 2.2, 4: 2},
    "complete:n=6": {2: 3, 3: 2, 4: 1.5},
    "petersen": {2: 5, 3: 4, 4: 4},
    "mycielski:k=4": {2: 5.5, 3: 5, 4: 5},
    "paley:q=13": {2: 6.5, 3: 13 / 3, 4: 39 / 11},
    "paley:q=17": {2: 8.5, 3: 17 / 3, 4: 51 / 11},
    "kneser:n=6,k=2": {2: 7.5, 3: 5, 4: 5},
    "frucht": {2: 6, 3: 5},
    "heawood": {2: 7, 3: 7},
    "mycielski:k=5": {2: 11.5, 3: 11},
    "dodecahedral": {2: 10, 3: 8},
    "karate": {2: 20.5},
}
CASES = [(spec, level, bound) for spec, bounds in TABLE.items() for level, bound in bounds.items()]


@pytest.mark.parametrize(("spec", "level", "bound"), CASES)
def test_the_reference_table(spec: str, level: int, bound: float) -> None:
    state = closure(spec, level)
    assert state.bound == pytest.approx(bound, abs=1e-6)
    assert state.lp.counts.cold_solves == 0


@pytest.mark.slow
def test_karate_at_level_three() -> None:
    assert closure("karate", 3).bound == pytest.approx(20, abs=1e-6)


@pytest.mark.parametrize(
    ("spec", "level", "count"),
    [
        ("petersen", 2, 135),
        ("petersen", 3, 390),
        ("mycielski:k=5", 3, 7272),
        ("paley:q=17", 4, 3604),
        ("dodecahedral", 3, 6180),
        ("karate", 3, 35356),
    ],
)
def test_the_number_of_new_products_of_a_level(spec: str, level: int, count: int) -> None:
    """The reference counts with them the products of fewer factors that no further factor changes or splits.

    In the Paley graph of order 17 these are the 68 stable sets of three vertices, which are maximal; in the other
    graphs there are none.
    """
    larger, smaller = closure(spec, level), closure(spec, level - 1)
    expected, final = count_products(larger.problem, level)
    assert len(larger.memory) - len(smaller.memory) == expected
    assert expected + final == count


def count_products(problem: Problem, level: int) -> tuple[int, int]:
    """Products of ``x_v`` over a stable set and ``1 - x_v`` over vertices not adjacent to it, ``level`` factors in all.

    Also the number of those with fewer factors where no vertex is left to multiply by.
    """
    ring = problem.ring
    exact = final = 0
    stable: list[tuple[tuple[int, ...], frozenset[int]]] = [((), frozenset(range(ring.num_variables)))]
    while stable:
        chosen, free = stable.pop()
        exact += comb(len(free), level - len(chosen))
        final += bool(chosen) and len(chosen) + len(free) < level
        if len(chosen) < level:
            stable += [
                ((*chosen, v), free - ring.exclusive_with(v) - {v}) for v in free if not chosen or v > chosen[-1]
            ]
    return exact, final


def test_the_number_of_products_of_free_variables() -> None:
    assert len(closure("heart", 4).memory) - len(closure("heart", 3).memory) == comb(19, 4) == 3876


@pytest.mark.parametrize("n", [2, 3, 5, 8])
@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_complete_graphs(n: int, level: int) -> None:
    proof = prove(f"complete:n={n}", agent=f"static-sherali-adams:level={level}")
    assert proof.bound == max(Fraction(n, level), 1)


@pytest.mark.parametrize("spec", ["petersen", "caprasse", "rd"])
def test_the_first_level_is_the_axioms(spec: str) -> None:
    problem = make_problem(spec)
    state = closure(problem, 1)
    assert state.steps == 0
    assert state.bound == pytest.approx(float(problem.trivial_bound))


@pytest.mark.parametrize("spec", ["cycle:n=6", "random-stable-set:n=7,p_min=0.2,p_max=0.5", "rd", "butcher"])
def test_levels_contain_one_another(spec: str) -> None:
    states = [closure(spec, level) for level in (1, 2, 3)]
    for smaller, larger in pairwise(states):
        assert {smaller.memory[j] for j in range(len(smaller.memory))} <= {
            larger.memory[j] for j in range(len(larger.memory))
        }
        sign = smaller.problem.sign
        assert sign * larger.bound >= sign * smaller.bound - 1e-9


def all_products(problem: Problem, level: int) -> set[tuple[tuple[tuple[int, ...], Fraction], ...]]:
    """All products of up to ``level`` axioms with at most one that is no bound of a variable, multiplied out."""

    def frozen(terms: Terms) -> tuple[tuple[tuple[int, ...], Fraction], ...]:
        return tuple(sorted(terms.items()))

    current = {frozen(exact_terms(axiom)) for axiom in problem.axioms}
    found = set(current)
    for _ in range(level - 1):
        current = {
            frozen(product)
            for terms in current
            for i in range(problem.num_variables)
            for complement in (False, True)
            if (product := multiply(dict(terms), problem.ring, i, complement))
        }
        found |= current
    return found


@pytest.mark.parametrize(
    ("problem", "level"),
    [
        (make_problem("cycle:n=5"), 3),
        (make_problem("complete:n=4"), 4),
        (make_problem("random-stable-set:n=6,p_min=0.2,p_max=0.5"), 3),
        (make_problem("rd"), 3),
        (polyproof_gym.polynomial("x1*x2 - x1", box="unit", boolean=["x1"]), 3),
        (polyproof_gym.polynomial("x1*x2 - x1", box="unit", constraints=["x1 + x2 <= 3/2"]), 3),
        (polyproof_gym.polynomial("x1*x2 - x3", box="unit", constraints=["x1*x3 >= 1/4", "x1 + x2 + x3 == 1"]), 2),
    ],
)
def test_the_products_are_all_of_the_level_and_no_others(problem: Problem, level: int) -> None:
    memory = closure(problem, level).memory
    derived = {tuple(sorted(exact_terms(memory[j]).items())) for j in range(len(memory))}
    assert derived == all_products(problem, level)


def test_a_further_axiom_takes_part_in_products() -> None:
    text = "-x1*x2"
    free = polyproof_gym.polynomial(text, box="unit")
    bounded = polyproof_gym.polynomial(text, box="unit", constraints=["x1 + x2 <= 1"])
    agent = "static-sherali-adams:level=2"
    assert prove(free, agent=agent).bound == -1
    proof = prove(bounded, agent=agent)
    assert Fraction(-1, 2) <= proof.bound <= Fraction(-1, 4)
    further = proof.problem.axioms[4]
    state = closure(bounded, 2)
    assert all(further.times_variable(i) in state.memory for i in range(2))
    assert all(further.times_complement(i) in state.memory for i in range(2))


def test_it_derives_everything_in_one_move_whatever_the_budget() -> None:
    proof = prove("petersen", agent="static-sherali-adams:level=2", max_steps=1)
    assert proof.search is not None
    assert proof.search.steps == 135
    assert len(proof.search.bounds) == 2


def test_a_second_move_has_nothing_to_derive() -> None:
    state = closure("petersen", 2)
    assert make_agent("static-sherali-adams:level=2").advance(state, np.random.default_rng(0)) == 0


def test_without_steps_it_derives_nothing() -> None:
    proof = prove("petersen", agent="static-sherali-adams:level=2", max_steps=0)
    assert proof.bound == 10


def test_level_zero_is_refused() -> None:
    with pytest.raises(BadInput, match="whole number of at least 1 as level"):
        make_agent("static-sherali-adams:level=0")


@pytest.mark.parametrize(("spec", "level"), [("karate", 5), ("petersen", 30), ("heart", 9), ("cycle:n=5", 999999999)])
def test_levels_with_too_many_products_are_refused(spec: str, level: int) -> None:
    with pytest.raises(BadInput, match=r"expected at most \d+ products"):
        prove(spec, agent=f"static-sherali-adams:level={level}")


@needs_data
@pytest.mark.parametrize(
    ("name", "level", "bound"),
    [
        ("spar020-100-1.in", 2, 1066),
        ("spar020-100-3.in", 2, 1168.5),
        pytest.param("spar020-100-1.in", 3, 706.5, marks=pytest.mark.slow),
        pytest.param("spar020-100-3.in", 3, 772, marks=pytest.mark.slow),
    ],
)
def test_quadratics_on_the_unit_box(name: str, level: int, bound: float) -> None:
    assert closure(load_problem(DATA / "boxqp" / name), level).bound == pytest.approx(bound, abs=1e-6)
