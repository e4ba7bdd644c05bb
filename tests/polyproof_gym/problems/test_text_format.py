from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym import BadInput, Problem, load_problem, make_problem, polynomial, problem_from_text, stable_set
from polyproof_gym.problems import REGISTRY, relabelled

BUDGET = """
# The largest product under a budget.
Max: x*y
subject to
  budget: x + 2y <= 4   # a label is for people
bounds
  x >= 0
  0 <= y
"""


def same(a: Problem, b: Problem) -> bool:
    """Whether two problems ask the same, with all numbers and orders alike."""
    alike = ("sense", "objective", "axioms", "variables", "box", "integer")
    numbers = all(getattr(a, name) == getattr(b, name) for name in alike) and a.ring == b.ring
    return numbers and a.implied.keys() == b.implied.keys() and a.implied_axioms.keys() == b.implied_axioms.keys()


def refusal(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        problem_from_text(text)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_text_is_the_problem_that_it_says() -> None:
    expected = polynomial("x*y", box={"x": (0, None), "y": (0, None)}, constraints=["x + 2*y <= 4"], sense="max")
    assert same(problem_from_text(BUDGET), expected)
    assert problem_from_text(BUDGET).box == ((0, 4), (0, 2))


def test_all_sections_at_once() -> None:
    problem = problem_from_text(
        "problem a small test\n\nminimise\n  x^2 +\n  y - b\n  + c\n"
        "s.t.\n-1 <= x - y <= 1\nx*y = 1/4\nbounds:\n-2 <= x <= 2\ny in_box: 0 <= y <= 1e1\n".replace(
            "y in_box", "in_box"
        )
        + "boolean b\n  c\nexclusive b c\nvariables y x c b\nEND\n"
    )
    assert problem.name == "a small test"
    assert problem.variables == ("y", "x", "c", "b")
    assert problem.box == ((0, 10), (-2, 2), (0, 1), (0, 1))
    assert problem.ring.exclusive == {(2, 3)}
    assert len(problem.axioms) == 2 * 4 + 4


@pytest.mark.parametrize("entry", REGISTRY.values(), ids=lambda entry: entry.name)
def test_every_named_problem_can_be_written_and_read(entry: Any) -> None:
    problem = make_problem(entry.example)
    again = problem_from_text(problem.to_text())
    assert same(again, problem)
    assert again.name == problem.name
    assert again.family == problem.family or not problem.ring.exclusive


def test_relabelled_problems_keep_the_order_of_their_variables() -> None:
    problem = polynomial("x1*x2 - x10", box={"x1": (0, 2), "x2": None, "x10": (1, 3)}, constraints=["1/2 <= x2 <= x1"])
    other = relabelled(problem, np.random.default_rng(3))
    again = problem_from_text(other.to_text())
    assert (again.variables, again.box, set(again.implied)) == (other.variables, other.box, set(other.implied))
    assert set(again.axioms) == set(other.axioms)
    assert again.objective == other.objective


numbers = st.fractions(-99, 99, max_denominator=30)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    names = draw(
        st.lists(st.from_regex(r"[a-df-z][A-Za-z0-9_]{0,3}", fullmatch=True), min_size=1, max_size=4, unique=True)
    )
    words = {"min", "max", "st", "end", "s"}
    names = [name for name in names if name.lower() not in words] or ["x"]
    boolean = draw(st.lists(st.sampled_from(names), unique=True))
    integer = [name for name in names if name not in boolean and draw(st.booleans())]

    def text() -> str:
        parts = draw(st.lists(st.tuples(numbers, st.lists(st.sampled_from(names), max_size=3)), min_size=1, max_size=4))
        return " + ".join("*".join([f"({c})", *factors]) for c, factors in parts)

    box: dict[str, Any] = {}
    constraints = []
    for name in names:
        if name in boolean:
            continue
        low, high = sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True)))
        kept = draw(st.sampled_from(("both", "low", "high", "none")))
        box[name] = (low if kept in ("both", "low") else None, high if kept in ("both", "high") else None)
        constraints += [] if kept == "both" else [f"{low} <= {name} <= {high}"]
    constraints += [
        f"{text()} {draw(st.sampled_from(('<=', '>=', '=')))} {draw(numbers)}" for _ in range(draw(st.integers(0, 2)))
    ]
    try:
        return polynomial(
            text(),
            box=box or None,
            constraints=constraints,
            boolean=boolean,
            integer=integer,
            variables=names,
            sense=draw(st.sampled_from(("min", "max"))),
        )
    except BadInput:  # a constraint without variables that no point satisfies, or an interval without whole numbers
        return polynomial(names[0], box="unit")


@settings(max_examples=150, deadline=None)
@given(problems())
def test_writing_and_reading_is_exact(problem: Problem) -> None:
    assert same(problem_from_text(problem.to_text()), problem)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "objective"),
        ("# nothing\n\n", 2, "objective"),
        ("x + y", 1, "objective"),
        ("min", 1, "objective"),
        ("min x\nst\n x < 1\nbounds\n0 <= x <= 2", 3, ""),
        ("min x\n\nsubject to\n\n x + + * 2 <= 1\n", 5, "column"),
        ("min x\nbounds\n 0 <= x <= 2\n x >= 1", 4, "second"),
        ("min x\nbounds\n 2 <= x <= 0", 3, "low < high"),
        ("min x\nbounds\n x + y <= 2", 3, "bounds of a variable"),
        ("min x\nbounds\n x^2 <= 2", 3, "bounds of a variable"),
        ("min x\nboolean x x", 2, "twice"),
        ("min x\nboolean x 3", 2, "3"),
        ("min x\ninteger x x", 2, "twice"),
        ("min x + y\ninteger x\nboolean y x", 3, "'x' as boolean and integer"),
        ("min x\ninteger 3", 2, "3"),
        ("min x\nend\nboolean x", 3, "end"),
        ("min bounds + x", 1, "bounds"),
        ("min exp(x)\nbounds\n0 <= x <= 1", 1, "function"),
        ("min x\nst\nx +", 3, "column"),
        ("min x + 3\nx\nbounds\n-1 <= x <= 1", 2, "operator"),
        ("min x^2\n(y + 1)\nbounds\n0 <= x <= 1\n0 <= y <= 1", 2, "operator"),
        ("max x + y\nboolean x y\nexclusive\n x\n y", 4, "at least two"),
        ("min integer\nbounds\n0 <= integer <= 1", 1, "integer"),
    ],
)
def test_errors_name_the_line(text: str, line: int, words: str) -> None:
    message = refusal(text)
    assert message.startswith(f"line {line}:")
    assert words in message


def test_lists_go_on_after_a_comma() -> None:
    problem = problem_from_text("max x + y + z\nboolean x y z\nexclusive x, y,\n z\n")
    assert len(problem.ring.exclusive) == 3


def test_comments_end_with_the_line_alone() -> None:
    assert problem_from_text("max x # note\u2028y\nbounds\n 0<=x<=2\n").variables == ("x",)


def test_a_list_of_all_variables_is_one_also_for_stable_sets() -> None:
    with pytest.raises(BadInput, match="'z' is not one of the declared"):
        problem_from_text("max x + y + z\nvariables x y\nboolean x y z\nexclusive x y\n")


def test_many_lines_take_no_longer_than_their_length() -> None:
    many = "\n".join(["min x", *["+ x"] * 20_000, "bounds", "0 <= x <= 1"])
    assert str(problem_from_text(many).objective) == "20001*x"
    assert str(problem_from_text("min x +\n" * 1 + "x +\n" * 20_000 + "x\nbounds\n0 <= x <= 1").objective) == "20002*x"


def test_a_variable_without_bounds_in_a_text_is_named() -> None:
    assert "y has no upper bound" in refusal("min x*y\nbounds\n 0 <= x <= 1\n y >= 0\n")


def test_files_name_the_file_and_the_line(tmp_path: Path) -> None:
    path = tmp_path / "budget.poly"
    path.write_text(BUDGET)
    assert load_problem(path).name == "budget.poly"
    path.write_text("min x\nsubject to\n x >= \n")
    with pytest.raises(BadInput, match=rf"{path.name}:3: "):
        load_problem(path)


def test_stable_set_problems_keep_their_family() -> None:
    networkx = pytest.importorskip("networkx")
    graph = networkx.cycle_graph(5)
    networkx.set_node_attributes(graph, {0: Fraction(1, 3), 1: 0}, "weight")
    problem = stable_set(graph)
    again = problem_from_text(problem.to_text())
    assert same(again, problem)
    assert (again.family, again.feasible_point) == (problem.family, problem.feasible_point)


def test_names_that_a_text_cannot_hold_are_refused() -> None:
    problem = polynomial("bounds + x", box={"bounds": (0, 1), "x": (0, 1)})
    with pytest.raises(BadInput, match="'bounds'"):
        problem.to_text()
