from __future__ import annotations

import pytest

from experiments.benchmark.mip import largest_stable_set
from polyproof_gym import make_problem
from polyproof_gym.problems import stability_number


@pytest.mark.parametrize("spec", ["petersen", "cycle:n=9", "paley:q=13", "random-stable-set:n=25,index=3"])
def test_the_exact_answer(spec: str) -> None:
    problem = make_problem(spec)
    value, rows, columns = largest_stable_set(problem.num_variables, sorted(problem.ring.exclusive))
    assert value == pytest.approx(stability_number(problem))
    assert (rows, columns) == (len(problem.ring.exclusive), problem.num_variables)


def test_without_edges_all_vertices_are_stable() -> None:
    assert largest_stable_set(3, []) == (3.0, 0, 3)


def test_the_time_limit_ends_it() -> None:
    problem = make_problem("random-stable-set:n=200,p_min=0.5,p_max=0.5,index=0")
    with pytest.raises(TimeoutError):
        largest_stable_set(200, sorted(problem.ring.exclusive), time_limit=0.0)
