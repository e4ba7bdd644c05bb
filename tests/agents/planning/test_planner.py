from __future__ import annotations

import numpy as np
import pytest

from agents import make_agent, prove
from polyproof_gym import BadInput, Problem, ProofState, make_problem
from polyproof_gym.problems.stable_set import stable_set_from_edges


def relabelled(problem: Problem, seed: int) -> Problem:
    """The same graph with its vertices in another order, under a name that says nothing."""
    image = np.random.default_rng(seed).permutation(problem.num_variables).tolist()
    edges = [(image[i], image[j]) for i, j in sorted(problem.ring.exclusive)]
    return stable_set_from_edges([f"x{i}" for i in range(problem.num_variables)], edges)


@pytest.mark.parametrize(
    ("spec", "optimum", "steps"),
    [
        ("cycle:n=5", 2, 6),
        ("cycle:n=7", 3, 10),
        ("cycle:n=9", 4, 14),
        ("cycle:n=11", 5, 18),
        ("petersen", 4, 12),
    ],
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_odd_cycles_are_proved_in_few_steps_whatever_they_are_called(
    spec: str, optimum: int, steps: int, seed: int
) -> None:
    """The shortest proofs known; ``dual-guided`` takes 9 steps for C5, 18 for C7, and never proves C9."""
    proof = prove(relabelled(make_problem(spec), seed), "planner", max_steps=steps)
    assert proof.bound == optimum
    proof.verify()


def test_it_goes_on_from_what_is_known() -> None:
    state, agent, rng = (
        ProofState(make_problem("cycle:n=5"), max_steps=40),
        make_agent("planner"),
        np.random.default_rng(3),
    )
    for _ in range(15):
        make_agent("random").advance(state, rng)
    while agent.advance(state, rng):
        pass
    assert state.bound == pytest.approx(2)


def test_a_box_is_planned_as_well() -> None:
    assert prove("rd", "planner:level=4", max_steps=200).bound == prove("rd", "static-sherali-adams:level=4").bound


def test_problems_that_are_too_large_are_refused() -> None:
    with pytest.raises(BadInput, match="products"):
        prove("random-stable-set:n=50,index=0", "planner:level=5")
