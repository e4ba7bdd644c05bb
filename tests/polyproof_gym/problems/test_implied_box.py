from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import prove
from polyproof_gym import BadInput, Problem, Proof, load_proof, polynomial, problem_from_text
from polyproof_gym.problems.relabelling import relabelled
from polyproof_gym.proofs import checker


def box_of(problem: Problem) -> dict[str, tuple[Any, Any]]:
    return dict(zip(problem.variables, problem.box, strict=True))


@pytest.mark.parametrize(
    ("constraints", "box", "expected"),
    [
        (["x >= -3", "x <= 3"], None, {"x": (-3, 3)}),
        (["-3 <= x <= 3"], None, {"x": (-3, 3)}),
        (["x + 2*y <= 5"], {"x": (0, None), "y": (0, None)}, {"x": (0, 5), "y": (0, Fraction(5, 2))}),
        (["x + y <= 1", "x - y >= 1/3", "y >= 0"], None, {"x": (Fraction(1, 3), 1), "y": (0, Fraction(1, 3))}),
        (["3*x <= 1", "x >= -0.1", "x <= 20"], {"x": None}, {"x": (Fraction(-1, 10), Fraction(1, 3))}),
        (["x + y = 1"], {"x": (0, float("inf")), "y": (0, None)}, {"x": (0, 1), "y": (0, 1)}),
        (["y = 2*x - 1"], {"x": (0, 4)}, {"x": (0, 4), "y": (-1, 7)}),
    ],
)
def test_missing_ends_are_those_that_the_constraints_imply(
    constraints: list[str], box: Any, expected: dict[str, Any]
) -> None:
    problem = polynomial(" + ".join(expected), box=box, constraints=constraints)
    assert box_of(problem) == expected
    given = box_of(polynomial(" + ".join(expected), box=expected, constraints=constraints))
    assert given == expected


def test_only_ends_that_were_not_given_are_called_implied() -> None:
    problem = polynomial("x*y", box={"x": (0, None), "y": (0, 1)}, constraints=["x + y <= 3"])
    assert set(problem.implied) == {(0, "upper")}
    assert "\n  # implied: x <= 3\n" in problem.to_text()
    assert "bounds\n  x >= 0\n  0 <= y <= 1\n" in problem.to_text()
    assert not polynomial("x", box={"x": (0, 1)}, constraints=["x <= 1/2"]).implied


@pytest.mark.parametrize(
    ("objective", "box", "constraints", "words"),
    [
        ("x^2", None, [], ("x has no lower and no upper bound", "box=")),
        ("-x - y", {"x": (0, 10)}, ["y <= 5"], ("y has no lower bound",)),
        ("x + y", None, ["x + y <= 1", "x >= 0"], ("y has no lower bound",)),
        ("x", {"x": (0, None)}, [], ("x has no upper bound",)),
        ("x", {"x": (0, None)}, ["x^2 <= 1"], ("x has no upper bound",)),
        ("x", {"x": (None, 1)}, ["x*y <= 1", "0 <= y <= 1"], ("y",)),
    ],
)
def test_what_is_not_bounded_is_named_with_the_side(
    objective: str, box: Any, constraints: list[str], words: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput) as caught:
        polynomial(objective, box=box, constraints=constraints)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_a_point_becomes_an_interval_and_the_proof_still_knows_where() -> None:
    problem = polynomial("x*y", constraints=["x = 1/3", "0 <= y <= 2"], sense="max")
    assert box_of(problem)["x"] == (Fraction(1, 3), Fraction(4, 3))
    proof = prove(problem)
    proof.verify()
    assert proof.bound == Fraction(2, 3)


def test_constraints_that_contradict_each_other_imply_any_interval() -> None:
    problem = polynomial("x + y", constraints=["x >= 3/4", "x <= 1/4", "y <= x"], box={"y": (None, 7)})
    assert box_of(problem) == {"x": (0, 1), "y": (6, 7)}
    assert problem.feasible_point is None


def test_a_proof_on_an_implied_box_is_checked() -> None:
    proof = prove(polynomial("x^2 + x", constraints=["x >= -3", "x <= 3"]))
    assert checker.check(proof.to_json()) == proof.bound
    assert -6 < proof.bound <= Fraction(-1, 4)


@pytest.mark.parametrize(
    ("objective", "sense", "box", "constraints", "best"),
    [
        ("x", "max", {"x": (None, 3)}, ["x >= 3"], 3),
        ("-x", "min", {"x": (None, 3)}, ["x >= 3"], -3),
        ("x", "min", {"x": (3, None)}, ["x <= 3"], 3),
        ("x", "max", {"x": (3, None)}, ["x <= 3"], 3),
        ("x*y", "max", {"x": (None, 0), "y": (None, 0)}, ["x + y >= 0"], 0),
    ],
)
def test_an_end_that_was_given_stays_where_only_one_point_is_left(
    objective: str, sense: Any, box: dict[str, Any], constraints: list[str], best: int
) -> None:
    problem = polynomial(objective, box=box, constraints=constraints, sense=sense)
    for (low, high), ends in zip(problem.box, box.values(), strict=True):
        assert ends[0] in (None, low)
        assert ends[1] in (None, high)
    proof = prove(problem)
    proof.verify()
    assert problem.incumbent == best
    assert proof.bound == best


def test_small_coefficients_contradict_each_other_as_large_ones_do() -> None:
    problem = polynomial("x", constraints=["1e-9*x <= 3e-9", "1e-9*x >= 4e-9"])
    assert prove(problem).status == "infeasible"


def test_products_that_vanish_count_before_bounds_are_implied() -> None:
    problem = polynomial("x", {"x": (0, None)}, "max", constraints=["y*z = 0", "x + y*z <= 2"], boolean="y z")
    assert box_of(problem)["x"] == (0, 2)
    again = problem_from_text(problem.to_text())
    assert (again.box, again.axioms) == (problem.box, problem.axioms)


def test_more_variables_than_can_be_asked_about_are_refused() -> None:
    names = [f"x{i}" for i in range(201)]
    with pytest.raises(BadInput, match="more than 200"):
        polynomial("x0", box={name: (0, None) for name in names}, constraints=[" + ".join(names) + " <= 1"])


def implied_in(content: Any) -> list[Any]:
    return list(content["problem"]["implied"])


CORNER: dict[str, Any] = {"box": {"x": (0, None), "y": (0, None)}, "constraints": ["x + 2*y <= 3"]}


def test_a_file_says_how_ends_are_implied(tmp_path: Path) -> None:
    proof = prove(polynomial("x*y - x", **CORNER))
    content = proof.to_json()
    assert content["version"] == 2
    assert implied_in(content) == [[1, [[2, "1"], [4, "1"]]], [3, [[0, "1"], [4, "1"]]]]
    proof.save(tmp_path / "proof.json")
    again = load_proof(tmp_path / "proof.json")
    assert again.problem.implied == proof.problem.implied
    assert again.to_json() == content


@pytest.mark.parametrize(
    "implied",
    [
        [[1, [[4, "1"]]]],  # not that end
        [[1, [[2, "1"], [4, "1/2"]]]],
        [[1, [[2, "-1"], [4, "1"]]]],
        [[1, [[1, "1"]]]],  # itself
        [[1, [[3, "1"], [4, "1"]]], [3, [[1, "1"], [4, "1"]]]],  # each other
        [[1, [[2, "1"], [4, "1"]]], [1, [[2, "1"], [4, "1"]]]],
        [[4, [[1, "1"]]]],
        [[0, []]],
        [[9, [[2, "1"]]]],
        [[1, [[9, "1"]]]],
        [[True, [[2, "1"], [4, "1"]]]],
        [[1]],
        None,
    ],
)
def test_ends_that_are_not_implied_are_rejected(implied: Any) -> None:
    content = Proof(polynomial("x*y", **CORNER), (), {}).to_json()
    assert checker.check(content) == 0
    content["problem"]["implied"] = implied
    with pytest.raises(checker.Rejected):
        checker.check(content)


def test_ends_may_be_implied_one_by_another() -> None:
    content = Proof(polynomial("x + y", box=[(0, 1), (0, 1)], constraints=["x >= y"]), (), {}).to_json()
    content["problem"]["implied"] = [[3, [[1, "1"], [4, "1"]]]]  # y <= 1 by x <= 1 and x >= y
    content["version"] = 2
    assert checker.check(content) == 0
    content["problem"]["implied"] += [[0, [[2, "1"], [4, "1"]]]]  # x >= 0 by y >= 0 and x >= y
    assert checker.check(content) == 0
    content["problem"]["implied"] += [[2, [[0, "1"]]]]  # and y >= 0 by x >= 0, in a circle
    with pytest.raises(checker.Rejected, match="known before"):
        checker.check(content)
    content["problem"]["implied"][1:] = [[2, [[0, "1"]]]]
    with pytest.raises(checker.Rejected, match="axiom 2"):
        checker.check(content)


def test_any_number_of_ends_implied_by_a_chain() -> None:
    names = [f"x{i}" for i in range(12)]
    chain = [f"{a} <= {b}" for a, b in pairwise(names)]
    problem = polynomial(" + ".join(names), box={"x11": (None, 2)}, constraints=[*chain, "x0 >= -1"])
    assert set(problem.box) == {(-1, 2)}
    content = prove(problem, max_steps=5).to_json()
    assert checker.check(content) == -12
    assert len(implied_in(content)) == 22


def test_other_axioms_that_files_call_implied_are_not_loaded(tmp_path: Path) -> None:
    problem = polynomial("x", box={"x": (0, 1)}, constraints=["2*x >= -1"])
    content = Proof(problem, (), {}).to_json()
    content["problem"]["implied"] = [[2, [[0, "2"]]]]
    content["version"] = 2
    assert checker.check(content) == 0
    (tmp_path / "proof.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BadInput, match="only axioms of the box can be implied"):
        load_proof(tmp_path / "proof.json")


def test_a_constraint_that_states_an_end_is_an_assumption() -> None:
    problem = polynomial("x*y", box={"y": (0, 1)}, constraints=["2*x >= -3", "x <= 3 - y"])
    assert problem.implied == {(0, "lower"): {}, (0, "upper"): {2: Fraction(2, 9), 4: Fraction(1, 9)}}
    assert implied_in(Proof(problem, (), {}).to_json()) == [[1, [[2, "2/9"], [4, "1/9"]]]]


def test_an_integer_variable_may_miss_its_end_by_less_than_a_step() -> None:
    problem = polynomial("a - b", box={"a": (1, None), "b": (0, 3)}, integer="a", constraints=["2*a + b <= 15"])
    assert problem.box == ((1, 7), (0, 3))
    content = Proof(problem, (), {}).to_json()
    assert checker.check(content) == -2
    content["problem"]["integer"] = []
    with pytest.raises(checker.Rejected, match="does not prove axiom 1"):
        checker.check(content)
    content["problem"]["integer"] = [0]
    content["problem"]["implied"][0][1] = [[2, "1/4"], [4, "6/13"]]
    with pytest.raises(checker.Rejected, match="does not prove axiom 1"):
        checker.check(content)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-3, 3)] * 3, st.integers(-4, 4)), max_size=5), st.randoms())
def test_whatever_constraints_imply_is_checked(rows: list[tuple[int, ...]], rng: Random) -> None:
    """Constraints at random, with a box around them that is stated by constraints as well."""
    names = ["x", "y", "z"]
    constraints = [f"{a}*x + {b}*y + {c}*z <= {d}" for a, b, c, d in rows if a or b or c]
    constraints += [f"{name} <= {rng.randint(1, 5)}" for name in names] + ["x + y + z >= -7"]
    integer = [name for name in names if rng.random() < 0.5]
    problem = polynomial("x*y - z", constraints=constraints, variables=names, integer=integer)
    proof = Proof(problem, (), {})
    proof.verify()
    relabelled_proof = Proof(relabelled(problem, np.random.default_rng(0)), (), {})
    relabelled_proof.verify()
    assert len(relabelled_proof.problem.implied_axioms) == len(problem.implied_axioms)
