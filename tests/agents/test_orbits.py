"""The static hierarchy up to symmetry: the bound of the full one, from fewer columns, and proofs that expand it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import polyproof_gym
from agents import make_agent, prove
from agents.baselines import OrbitsAgent
from polyproof_gym import BadInput, Problem, Proof, ProofState, stopping
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Renamed
from polyproof_gym.proofs.renaming import without_renamings

pytest.importorskip("igraph", reason="symmetries are found by the extra 'symmetry'")


def flat(problem: Any, agent: str) -> Proof:
    proof = prove(problem, agent=agent, max_steps=1)
    assert isinstance(proof, Proof)
    return proof


def symmetric_box(objective: str, **options: Any) -> Problem:
    return polyproof_gym.polynomial(objective, box={name: (-1, 2) for name in "xyz"}, **options)


BOXES = {
    "cyclic": lambda: symmetric_box("x^2*y + y^2*z + z^2*x - x*y*z"),
    "symmetric": lambda: symmetric_box("x*y + y*z + z*x - x - y - z"),
    "constrained": lambda: symmetric_box("x*y + y*z + z*x", constraints=["x + y + z >= 1", "x*y*z <= 2"], sense="max"),
    "moved constraints": lambda: symmetric_box("x*y*z", constraints=["x + y <= 1", "y + z <= 1", "z + x <= 1"]),
}


@pytest.mark.parametrize(
    ("spec", "level"),
    [
        ("cycle:n=5", 3),
        ("cycle:n=7", 3),
        ("cycle:n=9", 3),
        ("complete:n=6", 4),
        ("petersen", 2),
        ("petersen", 3),
        ("octahedral", 4),
        ("hamming:d=3,q=2", 4),
        ("frucht", 2),
        ("cycle-complement:n=7", 4),
        ("random-stable-set:n=8,index=0", 3),
        ("motzkin", 6),
        *((name, level) for name in BOXES for level in (3, 4)),
    ],
)
def test_the_bound_is_that_of_the_full_system(spec: str, level: int) -> None:
    problem = BOXES[spec]() if spec in BOXES else make_problem(spec)
    proof, full = (flat(problem, f"{agent}:level={level}") for agent in ("orbits", "static-sherali-adams"))
    assert float(proof.bound) == pytest.approx(float(full.bound), abs=1e-6)
    proof.verify()
    expanded = without_renamings(proof)
    expanded.verify()
    assert expanded.bound == proof.bound


@pytest.mark.parametrize(
    ("spec", "bound", "columns", "least"),
    [
        ("petersen", "4", 1070, 20),
        ("paley:q=17", "51/11", 5338, 100),
        ("kneser:n=6,k=2", "5", 4225, 100),
    ],
)
def test_level_four_with_a_fraction_of_the_columns(spec: str, bound: str, columns: int, least: int) -> None:
    """The full system has as many columns as there are products up to equality."""
    proof = flat(spec, "orbits:level=4")
    assert proof.search is not None
    findings = proof.search.findings
    assert str(proof.bound) == bound
    assert findings["products"] == columns
    assert columns >= least * findings["orbit columns"]
    assert findings["orbit rows"] < findings["orbit columns"]
    assert any(isinstance(reason, Renamed) for reason in proof.reasons)
    proof.verify()


@pytest.mark.slow
def test_systems_that_would_be_large() -> None:
    assert str(flat("paley:q=37", "orbits:level=4").bound) == "37/4"
    assert str(flat("kneser:n=7,k=2", "orbits:level=5").bound) == "6"


def test_products_are_as_many_as_in_the_full_system() -> None:
    for spec, level in (("cycle:n=7", 3), ("octahedral", 4), ("petersen", 3)):
        state = ProofState(make_problem(spec), max_steps=1)
        make_agent(f"static-sherali-adams:level={level}").advance(state, np.random.default_rng(0))
        search = flat(spec, f"orbits:level={level}").search
        assert search is not None
        assert search.findings["products"] == len(state.memory)


def test_members_of_an_orbit_get_equal_shares() -> None:
    proof = flat("petersen", "orbits:level=4")
    shares: dict[frozenset[tuple[tuple[int, ...], object]], object] = {}
    for line, value in proof.multipliers.items():
        for permutation in proof.problem.symmetries.generators:
            image = proof.lines[line].renamed(permutation)
            key = frozenset(image.terms.items())
            shares[key] = value
    for line, value in proof.multipliers.items():
        assert shares[frozenset(proof.lines[line].terms.items())] == value


def test_it_works_once_and_says_what_it_found() -> None:
    agent, rng = OrbitsAgent(level=3), np.random.default_rng(0)
    state = ProofState(make_problem("cycle:n=7"), max_steps=1)
    assert agent.findings(state) == {}
    assert agent.advance(state, rng) > 0
    assert agent.advance(state, rng) == 0
    assert agent.findings(state).keys() == {"orbit columns", "orbit rows", "products"}


def test_a_problem_without_points_ends_in_a_contradiction_or_not_at_all() -> None:
    problem = polyproof_gym.polynomial(
        "x + y", box="unit", constraints=["x + y >= 3/2", "x*y <= 1/8", "x*y >= 1/2"], sense="max"
    )
    proof = flat(problem, "orbits:level=2")
    proof.verify()
    assert proof.status == "infeasible"


def test_symmetries_of_the_set_alone_do_not_count() -> None:
    """Renaming x to y would change the objective, so there is nothing to rename."""
    problem = polyproof_gym.polynomial("x + 2*y - 3*x*y", box="unit")
    proof = flat(problem, "orbits:level=2")
    assert not any(isinstance(reason, Renamed) for reason in proof.reasons)
    assert proof.bound == flat(problem, "static-sherali-adams:level=2").bound


@pytest.mark.parametrize(
    ("spec", "level", "limit"),
    [("petersen", 101, 20_000_000), ("complete:n=60", 6, 20_000_000), ("frucht", 7, 400_000)],
)
def test_too_many_products_are_refused(spec: str, level: int, limit: int) -> None:
    """Without symmetries, as in the Frucht graph, the limit is that of the full system."""
    with pytest.raises(BadInput, match=f"expected at most {limit} products"):
        prove(spec, agent=f"orbits:level={level}")


def test_a_stop_leaves_what_can_be_proved_so_far() -> None:
    with stopping.time_limit(0.1):
        proof = flat("paley:q=37", "orbits:level=4")
    proof.verify()
    assert 37 / 4 <= proof.bound <= 37


def test_the_level_is_checked() -> None:
    assert make_agent("orbits:level=3").name == "orbits:level=3"
    with pytest.raises(BadInput, match="level of orbits"):
        make_agent("orbits:level=0")


def test_without_the_package_it_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "igraph", None)
    with pytest.raises(BadInput, match=r"symmetries need the package igraph: pip install 'polyproof-gym\[symmetry\]'"):
        prove("cycle:n=5", agent="orbits")
