from __future__ import annotations

import pytest

from agents.uncertainty import best_split, least_certain
from polyproof_gym import ProofState, polynomial
from polyproof_gym.problems import Problem


def quadratic() -> Problem:
    return polynomial("x^2 - x + y + 100*t", box=[(0, 1)] * 3, variables="t x y")


def test_what_enters_linearly_is_certain() -> None:
    state = ProofState(quadratic(), rules=["products", "splits"])
    found = least_certain(state, range(3))
    assert found is not None
    variable, mean = found
    assert variable == 1
    assert 0 <= mean <= 1
    linear = least_certain(state, [2])
    assert linear is not None
    assert linear == pytest.approx((2, 0), abs=1e-6)
    assert least_certain(state, []) is None


def test_the_split_of_the_least_certain_variable() -> None:
    state = ProofState(quadratic(), rules=["products", "splits"])
    assert best_split(state) == state.split_action(1)
    state.forbid_splits()
    assert best_split(state) is None
    assert best_split(ProofState(quadratic())) is None


def test_integer_variables_count_where_they_enter_linearly() -> None:
    problem = polynomial("a + b", box=[(0, 9), (0, 9)], integer="b", constraints=["2*a + 3*b >= 5"], variables="a b")
    found = least_certain(ProofState(problem), range(2))
    assert found is not None
    assert found[0] == 1
