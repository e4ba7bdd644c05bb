from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from agents import prove
from agents.planning.few_points import FewPointsSearch, has_few_points
from polyproof_gym import Problem, load_proof, make_problem, polynomial
from polyproof_gym.problems.stable_set import stability_number


def random_problem(seed: int) -> Problem:
    """A polynomial of three whole numbers and a bit, with up to two constraints."""
    rng = random.Random(seed)
    names = ["a", "b", "c", "d"]

    def text(terms: int) -> str:
        parts = [f"{rng.randint(-9, 9)}*" + "*".join(rng.choices(names, k=rng.randint(1, 4))) for _ in range(terms)]
        return " + ".join(parts)

    lows = [rng.randint(-3, 2) for _ in range(3)]
    return polynomial(
        text(5),
        box={name: (low, low + rng.randint(1, 4)) for name, low in zip(names, lows, strict=False)},
        integer=names[:3],
        boolean=["d"],
        variables=names,
        sense=rng.choice(["min", "max"]),
        constraints=[f"{text(3)} >= {rng.randint(-20, 20)}" for _ in range(rng.randint(0, 2))],
    )


def values(problem: Problem) -> list[Any]:
    """The values at all points that satisfy the axioms."""
    steps = [range(int(high - low) + 1) for low, high in problem.box]
    points = (
        [Fraction(k, len(numbers) - 1) for k, numbers in zip(point, steps, strict=True)] for point in product(*steps)
    )
    return [
        problem.objective.evaluate(point)
        for point in points
        if all(axiom.evaluate(point) >= 0 for axiom in problem.axioms)
    ]


@pytest.mark.parametrize("knows_a_point", [True, False])
@pytest.mark.parametrize("seed", range(30))
def test_the_optimum_or_emptiness_is_proved(seed: int, knows_a_point: bool) -> None:
    problem = random_problem(seed)
    if not knows_a_point:
        problem = replace(problem, feasible_point=None)
    search = FewPointsSearch(problem)
    while search.step():
        pass
    tree, known = search.tree(), values(problem)
    optimum = problem.sign * min((problem.sign * value for value in known), default=0)
    if known:
        assert search.problem.incumbent == optimum
    tree.verify()
    assert tree.num_leaves <= search.num_leaves
    assert tree.rounding_if_better().status == ("optimal" if known else "infeasible")
    assert not known or tree.rounding_if_better().bound == optimum


def test_what_is_proved_before_the_end_holds_as_well() -> None:
    problem = polynomial(
        "a^3*b - 5*b^2*c + c^3 - a",
        box={name: (-6, 6) for name in "abc"},
        integer="a b c",
        constraints=["a^2 + b^2 + c^2 <= 12"],
    )
    search = FewPointsSearch(problem)
    bounds = []
    while search.step():
        tree = search.tree()
        if search.num_leaves % 10 == 0:
            tree.verify()
            bounds.append(tree.bound)
    assert bounds == sorted(bounds)
    assert len(set(bounds)) > 3
    tree = search.tree()
    assert tree.bound == min(values(problem)) == -50


def test_exclusions_are_kept() -> None:
    problem = make_problem("random-stable-set:n=10,index=3")
    search = FewPointsSearch(problem)
    while search.step():
        pass
    tree = search.tree()
    tree.verify()
    assert tree.bound == stability_number(problem)


@pytest.mark.parametrize(
    ("box", "integer", "are_few"),
    [
        ({"a": (0, 70), "b": (0, 69)}, "a b", True),
        ({"a": (0, 70), "b": (0, 70)}, "a b", False),
        ({"a": (0, 1), "b": (0, 1)}, "a", False),
    ],
)
def test_which_problems_have_few_points(box: Any, integer: str, are_few: bool) -> None:
    assert has_few_points(polynomial("a*b - a", box=box, integer=integer)) == are_few


def test_the_default_agent_begins_with_them(tmp_path: Any) -> None:
    """Squares would take seconds here."""
    problem = polynomial(
        "a*b - 3*c + b^2",
        box={"a": (0, 13), "b": (0, 11), "c": (0, 9)},
        integer="a b c",
        constraints=["a + 2*b + 3*c >= 17", "a + 2*b + 3*c <= 17"],
    )
    proof = prove(problem)
    assert proof.status == "optimal"
    assert proof.bound == min(values(problem))
    assert {type(reason).__name__ for reason in proof.all_reasons()} <= {"Axiom"}
    proof.save(tmp_path / "proof.json")
    assert load_proof(tmp_path / "proof.json").bound == proof.bound


def test_a_point_is_found_where_none_is_known() -> None:
    problem = polynomial(
        "a + 2*b + 3*c",
        box={name: (0, 11) for name in "abc"},
        integer="a b c",
        constraints=["a*b*c >= 210", "a*b*c <= 210"],
    )
    search = FewPointsSearch(replace(problem, feasible_point=None))
    while search.step():
        pass
    tree = search.tree()
    assert tree.status == "optimal"
    assert tree.bound == min(values(problem))
