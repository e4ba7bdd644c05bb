"""Results that are known from elsewhere, with the protocol and the graphs of the paper."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from polyproof_gym import Proof, load_problem
from polyproof_gym.problems import RandomStableSet, make_problem, stability_number
from tests.flat import prove

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the folder shared/data beside the repository is absent")

NUM_GRAPHS = 30
STEPS = 100
ALPHA = {
    "farm": 10,
    "ibm32": 13,
    "karate": 20,
    "MANN-a9": 3,
    "hamming6-2": 2,
    "sloane_1dc_64": 10,
    "insecta-ant-colony1-day38": 6,
}


@cache
def protocol_bounds(n: int, agent: str) -> list[float]:
    """The bounds on the held-out graphs after 100 steps."""
    generator = RandomStableSet(n, n, 0.5, 1.0)
    return [float(prove(generator.held_out(i), agent=agent, max_steps=STEPS).bound) for i in range(NUM_GRAPHS)]


@cache
def stability_numbers(n: int) -> list[float]:
    generator = RandomStableSet(n, n, 0.5, 1.0)
    return [float(stability_number(generator.held_out(i))) for i in range(NUM_GRAPHS)]


@pytest.mark.parametrize(("n", "mean"), [(25, 4.45), (50, 7.9)])
def test_dual_guided_on_the_protocol(n: int, mean: float) -> None:
    assert np.mean(protocol_bounds(n, "dual-guided")) <= mean


@pytest.mark.parametrize(("n", "margin"), [(25, 0.05), (50, 0.4)])
def test_estimates_are_a_better_guide_than_the_vertex(n: int, margin: float) -> None:
    assert np.mean(protocol_bounds(n, "estimate-guided")) <= np.mean(protocol_bounds(n, "dual-guided")) - margin


@pytest.mark.parametrize(("n", "margin"), [(25, 0.0), (50, 0.15)])
def test_learned_scores_are_better_than_before_training_where_steps_are_scarce(n: int, margin: float) -> None:
    assert np.mean(protocol_bounds(n, "learned")) <= np.mean(protocol_bounds(n, "untrained")) - margin


@pytest.mark.parametrize("n", [25, 50])
def test_random_choice_is_much_worse(n: int) -> None:
    assert np.mean(protocol_bounds(n, "random")) >= 1.5 * np.mean(protocol_bounds(n, "dual-guided"))


@pytest.mark.parametrize(
    ("n", "agent"),
    [
        *(
            (25, agent)
            for agent in ("dual-guided", "estimate-guided", "random", "random-closed", "bfs", "clique-cover")
        ),
        *((50, agent) for agent in ("dual-guided", "estimate-guided", "random", "clique-cover")),
    ],
)
def test_no_bound_is_below_the_stability_number(n: int, agent: str) -> None:
    bounds, alphas = protocol_bounds(n, agent), stability_numbers(n)
    assert all(bound >= alpha for bound, alpha in zip(bounds, alphas, strict=True))


def test_the_graphs_are_those_of_the_protocol() -> None:
    assert np.mean(stability_numbers(25)) == pytest.approx(3.93, abs=0.35)
    assert np.mean(protocol_bounds(25, "clique-cover")) == pytest.approx(5.23, abs=0.5)


@pytest.mark.parametrize(("n", "alpha"), [(5, 2), (7, 3)])
def test_odd_cycles(n: int, alpha: int) -> None:
    proof = prove(f"cycle:n={n}", agent="dual-guided", max_steps=60)
    proof.verify()
    assert proof.bound == alpha


@pytest.mark.parametrize(
    ("spec", "bound", "steps"),
    [("butcher", "-2159/1500", 200), ("rd", "-917817267/25000000", 200), ("lv", "-104/5", 400)],
)
def test_minima_on_boxes_are_reached_exactly(spec: str, bound: str, steps: int) -> None:
    proof = prove(spec, agent="dual-guided", max_steps=steps)
    proof.verify()
    assert proof.bound == Fraction(bound)
    assert proof.gap == 0


def test_an_interior_minimum_is_undecided() -> None:
    proof = prove("magnetism", agent="dual-guided", target="-1/4", max_steps=100)
    proof.verify()
    assert proof.status == "undecided"
    assert proof.bound < Fraction(-1, 4)


@cache
def file_proof(name: str) -> Proof:
    return prove(load_problem(DATA / "stable_set" / f"{name}.gph"), agent="dual-guided", max_steps=200)


@needs_data
@pytest.mark.parametrize("name", ALPHA)
def test_graphs_from_files(name: str) -> None:
    proof = file_proof(name)
    proof.verify()
    assert proof.bound >= ALPHA[name]
    incumbent = proof.problem.incumbent
    assert incumbent is not None
    assert incumbent <= ALPHA[name]


@needs_data
def test_all_files_are_covered() -> None:
    assert {path.stem for path in (DATA / "stable_set").glob("*.gph")} == set(ALPHA)


@needs_data
def test_the_karate_club_is_solved() -> None:
    assert float(file_proof("karate").bound) == pytest.approx(20, abs=1e-6)


def test_the_karate_club_by_name_is_the_same_problem() -> None:
    assert prove(make_problem("karate"), agent="dual-guided", max_steps=200).bound == 20
