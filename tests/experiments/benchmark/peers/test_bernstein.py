from __future__ import annotations

import math

import pytest

from experiments.benchmark.peers.bernstein import subdivided
from polyproof_gym import make_problem, polynomial


@pytest.mark.parametrize(("spec", "minimum"), [("motzkin", 0), ("robinson", 0), ("caprasse", -3.180096), ("lv", -20.8)])
def test_bounds_are_below_the_minimum_and_reach_the_goal(spec: str, minimum: float) -> None:
    found = subdivided(make_problem(spec), minimum - 1e-3, 60.0)
    assert found.bound is not None
    assert minimum - 1e-3 <= found.bound <= minimum + 1e-5
    assert found.leaves >= 1


def test_boxes_without_feasible_points_are_left_out() -> None:
    constrained = polynomial("x*y", box=[(0, 1)] * 2, sense="max", constraints=["x + y <= 1"], variables="x y")
    found = subdivided(constrained, -0.26, 60.0)
    assert found.bound is not None
    assert -0.26 <= found.bound <= -0.25
    empty = polynomial("x*y", box=[(0, 1)] * 2, constraints=["x + y >= 3"], variables="x y")
    assert subdivided(empty, 1.0, 60.0).bound == math.inf


def test_the_time_ends_it_with_the_bound_so_far() -> None:
    whole = subdivided(make_problem("heart"), 1.0, 0.0)
    assert whole.leaves == 1
    assert whole.bound is not None
    assert whole.bound < -1.7434


def test_too_many_coefficients_are_not_begun() -> None:
    names = [f"x{i}" for i in range(22)]
    problem = polynomial("*".join(names), box=dict.fromkeys(names, (0, 1)))
    assert subdivided(problem, 0.0, 60.0).bound is None
