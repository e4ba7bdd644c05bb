from __future__ import annotations

import sys
import time
from fractions import Fraction
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from agents import Search, make_agent, prove
from agents.planning import auto
from agents.planning.auto import AutoAgent
from agents.planning.orbit_levels import OrbitLevels
from polyproof_gym import BadInput, Problem, Proof, ProofState, ProofTree, make_problem, polynomial, stopping
from polyproof_gym.proofs import Renamed


@pytest.mark.parametrize(
    ("problem", "optimum"),
    [
        ("petersen", 4),
        ("cycle:n=9", 4),
        ("random-stable-set:n=30,index=7000", None),
        ("motzkin", 0),
        ("magnetism", Fraction(-1, 4)),
        ("random-polynomial:n=5,degree=2,terms=8,boolean=1,index=7000", None),
    ],
)
def test_the_default_agent_proves_optima(problem: str, optimum: Fraction | None) -> None:
    proof = prove(problem)
    proof.verify()
    assert proof.search is not None
    assert (proof.search.agent, proof.search.stopped) == ("auto", "goal")
    assert proof.status == "optimal"
    assert optimum is None or proof.bound == optimum


def test_stable_sets_are_proved_by_cases_without_squares() -> None:
    proof = prove("random-stable-set:n=60,index=7000")
    proof.verify()
    assert isinstance(proof, ProofTree)
    assert proof.status == "optimal"


def test_whole_values_are_rounded() -> None:
    problem = polynomial("a + b + c + d + e", sense="max", boolean="a b c d e", constraints=["2*(a+b+c+d+e) <= 7"])
    proof = prove(problem)
    proof.verify()
    assert proof.bound == 3
    assert proof.rounded


def test_the_best_proof_counts_whatever_it_was_found_by() -> None:
    """Products alone leave a gap here, which the state's bound shows."""
    search = Search("motzkin", "auto")
    proof = search.run()
    assert proof.bound == 0 == search.bound
    assert search.state.bound < -0.1


def test_an_empty_set_is_proved_to_be_one() -> None:
    problem = polynomial("x + y", box=[(0, 1)] * 2, constraints=["x*y >= 1/2", "x + y <= 1"], variables="x y")
    proof = prove(problem)
    proof.verify()
    assert proof.status == "infeasible"


def test_a_target_ends_the_search() -> None:
    proof = prove("motzkin", target="-1/1000")
    assert proof.status == "proved"


def test_it_tells_what_it_is_doing() -> None:
    agent, state, rng = AutoAgent(), ProofState(make_problem("motzkin"), max_steps=3), np.random.default_rng(0)
    told = []
    while agent.advance(state, rng):
        told.append(agent.activity(state))
    assert list(dict.fromkeys(told)) == ["products", "squares"]
    proof = agent.best_proof(state)
    assert proof is not None
    assert proof.bound == 0


def symmetric_sum(size: int, degree: int) -> Problem:
    """The sum of all products of so many of the variables, from -1 to 1."""
    names = [f"x{i}" for i in range(size)]
    return polynomial(" + ".join("*".join(some) for some in combinations(names, degree)), box=[(-1, 1)] * size)


def told_by_auto(problem: Problem, seconds: int | None = None) -> tuple[Proof | ProofTree | None, list[str]]:
    """The proof that is found beside the state, and what is told on the way."""
    agent, state, rng = AutoAgent(seconds), ProofState(problem, max_steps=3), np.random.default_rng(0)
    told = []
    while agent.advance(state, rng):
        told.append(agent.activity(state))
    return agent.best_proof(state), [*dict.fromkeys(told)]


def test_orbits_are_tried_where_there_are_many_symmetries() -> None:
    pytest.importorskip("igraph", reason="symmetries are found by the extra 'symmetry'")
    proof, told = told_by_auto(symmetric_sum(8, 3))
    assert told == ["products", "orbits of products at level 3"]
    assert proof is not None
    assert proof.status == "optimal"
    assert any(isinstance(reason, Renamed) for reason in proof.all_reasons())
    proof.verify()


def test_loading_what_counts_symmetries_takes_no_time_of_orbits(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("igraph", reason="symmetries are found by the extra 'symmetry'")
    late, fits = [0.0], OrbitLevels.fits

    def slow(levels: OrbitLevels, seconds: float) -> bool:
        late[0] = 200.0
        return fits(levels, seconds)

    monkeypatch.setattr(OrbitLevels, "fits", slow)
    monkeypatch.setattr(auto, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + late[0]))
    monkeypatch.setattr(auto, "ORBIT_SECONDS", 100.0)
    proof, told = told_by_auto(symmetric_sum(8, 3), seconds=1000)
    assert told == ["products", "orbits of products at level 3"]
    assert proof is not None
    assert proof.status == "optimal"


def test_without_the_package_orbits_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "igraph", None)
    proof, told = told_by_auto(symmetric_sum(5, 3))
    assert told[:2] == ["products", "squares"]
    assert proof is not None


def test_few_symmetries_are_left_alone() -> None:
    _, told = told_by_auto(polynomial("x^4 + y^4 - x*y + z^4 - z", box={name: (-1, 1) for name in "xyz"}))
    assert not any("orbits" in activity for activity in told)


def test_the_time_is_limited_and_the_bound_so_far_counts() -> None:
    proof = prove("heart", seconds=0)
    proof.verify()
    assert proof.search is not None
    assert proof.search.stopped == "seconds"
    assert proof.bound == proof.problem.trivial_bound


def test_a_stop_at_any_move_leaves_the_best_exact_bound_so_far() -> None:
    for moves in range(1, 6):
        states: list[ProofState] = []

        def goes_on(state: ProofState, states: list[ProofState] = states, moves: int = moves) -> bool:
            states.append(state)
            return len(states) < moves

        proof = prove("motzkin", on_step=goes_on, max_steps=2)
        proof.verify()
        assert proof.search is not None
        assert proof.search.stopped in ("interrupted", "goal")
    with stopping.time_limit(0.0):
        proof = prove("motzkin")
    proof.verify()


@pytest.mark.parametrize("settings", ["seconds=0", "seconds=-1", "steps=3"])
def test_other_settings_are_refused(settings: str) -> None:
    with pytest.raises(BadInput):
        make_agent(f"auto:{settings}")


def test_seconds_must_be_a_number() -> None:
    with pytest.raises(BadInput, match="seconds"):
        prove("petersen", seconds=-1)
    with pytest.raises(BadInput, match="seconds"):
        prove("petersen", seconds="soon")  # type: ignore[arg-type]
