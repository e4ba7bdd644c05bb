from __future__ import annotations

import re

import pytest

from agents.planning.branching import Exclusions
from polyproof_gym import BadInput, make_problem, polynomial, problem_from_text


def test_a_graph_is_read_from_a_problem() -> None:
    exclusions = Exclusions.of(make_problem("path:n=4"), "test")
    assert exclusions.neighbours == (0b0010, 0b0101, 0b1010, 0b0100)
    assert exclusions.weights == (1, 1, 1, 1)
    assert exclusions.vertices == 0b1111


def test_fractions_become_whole_and_only_positive_weights_count() -> None:
    problem = problem_from_text("min 3*b - 1/2*a - 2/3*c + 5\nboolean\na b c\nexclusive\na c")
    exclusions = Exclusions.of(problem, "test")
    assert exclusions.scale == 6
    assert exclusions.weights == (3, -18, 4)
    assert exclusions.vertices == 0b101
    assert exclusions.weight([0, 2]) == 7


@pytest.mark.parametrize(
    "problem",
    [
        make_problem("caprasse"),
        polynomial("x + y", box=[(0, 1)] * 2),
        problem_from_text("max a*b\nboolean\na b"),
        problem_from_text("max a + b\nboolean\na b\nst\n2*a + b <= 2"),
    ],
)
def test_other_problems_are_refused_in_one_line(problem: object) -> None:
    message = "expected Boolean variables, no constraints .* as in a stable set problem"
    with pytest.raises(BadInput, match=message) as caught:
        Exclusions.of(problem, "test")  # type: ignore[arg-type]
    assert re.fullmatch(r"test: .*", str(caught.value))
