from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

from polyproof_gym import BadInput, polynomial

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"


def refusal(*arguments: Any, **keywords: Any) -> str:
    with pytest.raises(BadInput) as caught:
        polynomial(*arguments, **keywords)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("objective", "keywords", "names", "closest"),
    [
        ("x*yy - y", {"box": {"x": (0, 1), "y": (0, 1)}}, ["yy"], "y"),
        ("price*amuont", {"box": {"price": (0, 1), "amount": (0, 1)}}, ["amuont"], "amount"),
        ("x + Y", {"boolean": ["x", "y"]}, ["Y"], "y"),
        ("x1 + x2 + x3", {"variables": ["x1", "x2"], "box": "unit"}, ["x3"], "x1, x2"),
        ("x", {"box": {"x": (0, 1)}, "constraints": ["x + z <= 1"]}, ["z"], "x"),
        ("pi*x", {"box": {"x": (0, 1)}}, ["pi"], None),
        ("pi*x", {"box": "unit"}, ["pi"], None),
        ("e*x", {"box": "unit", "boolean": []}, ["e"], None),
        ("x", {"variables": ["x"], "box": {"x": (0, 1), "y": (0, 1)}}, ["y"], "x"),
        ("x", {"variables": ["x"], "box": "unit", "boolean": ["t"]}, ["t"], "x"),
        ("a + b", {"boolean": "ab", "box": {"a": (0, 1), "b": (0, 1)}}, ["ab"], "a*b"),
    ],
)
def test_a_name_that_is_not_declared_is_an_error(
    objective: str, keywords: dict[str, Any], names: list[str], closest: str | None
) -> None:
    message = refusal(objective, **keywords)
    assert all(name in message for name in names)
    if closest is not None:
        assert repr(closest) in message or message.endswith(f"of the declared variables {closest}")


@pytest.mark.parametrize("call", ["exp(x)", "cos(x)", "sqrt(x) - x", "x*log(x)", "f(x)", "max(x, y)", "x(x + 1)"])
def test_a_function_is_an_error(call: str) -> None:
    message = refusal(call, box={"x": (0, 1), "y": (0, 1)})
    assert "function" in message


def test_an_expression_without_intervals_is_an_error_that_says_how_to_give_them() -> None:
    message = refusal("x^2")
    assert "x has no lower and no upper bound" in message
    assert "box={'x': (0, 1)}" in message
    assert "--box x=0..1" in message
    assert polynomial("x^2", box="unit").box == ((0, 1),)


def test_what_is_declared_is_a_variable_even_if_it_does_not_occur() -> None:
    problem = polynomial("2*a", box={"a": (0, 1), "b": (2, 3)})
    assert problem.variables == ("a", "b")
    assert polynomial("2*a", variables=["b", "a"], box=[(2, 3), (0, 1)]).variables == ("b", "a")
    assert polynomial("x", boolean=["x", "y"]).variables == ("x", "y")


def test_constants_may_be_declared_as_variables() -> None:
    assert polynomial("a + e", box={"a": (0, 1), "e": (0, 1)}).variables == ("a", "e")
    assert polynomial("a + e", box=[(0, 1), (0, 1)]).variables == ("a", "e")
    assert polynomial("pi", variables=["pi"], box="unit").variables == ("pi",)


def test_the_forms_of_a_box_mean_the_same() -> None:
    x, y = sympy.symbols("x y")
    forms: list[Any] = [
        {"x": (-1, 2), "y": (0, 1)},
        {x: (-1, 2), y: (0, 1)},
        [(-1, 2), (0, 1)],
        np.array([[-1, 2], [0, 1]]),
        {"y": np.array([0.0, 1.0]), "x": ("-1", "2.0")},
        ([-1, 2], [0, 1]),
    ]
    problems = [polynomial(text, box=box) for box in forms for text in ("x - y", x - y)]
    assert {(p.box, p.variables, p.objective) for p in problems} == {
        (problems[0].box, ("x", "y"), problems[0].objective)
    }


@pytest.mark.parametrize(
    "box",
    [7, "units", b"unit", [(0, 1), 5], [(0, 1), (1, 0)], [(0, 1, 2), (0, 1)], [(0, 1)], {"x": (0, 1), 3: (0, 1)},
     {"x": "01", "y": (0, 1)}, {"x": (0, float("nan")), "y": (0, 1)}, {"x": (float("inf"), 1), "y": (0, 1)}],
)  # fmt: skip
def test_other_boxes_are_refused(box: Any) -> None:
    assert refusal("x + y", box=box)


def test_boolean_variables_need_no_interval() -> None:
    problem = polynomial("x - y", boolean=["x"], box={"y": (0, 3)})
    assert problem.box == ((0, 1), (0, 3))
    assert problem.ring.idempotent == {0}
    assert "boolean" in refusal("x", boolean=["x"], box={"x": (0, 2)})


def test_exclusive_variables_have_products_zero() -> None:
    problem = polynomial("x*y + 2*y*z + w", boolean=["x", "y", "z", "w"], exclusive=[["x", "y", "z"]], sense="max")
    assert problem.ring.exclusive == {(1, 2), (1, 3), (2, 3)}
    assert problem.objective.degree == 1
    assert "boolean" in refusal("x + y", box="unit", exclusive=[["x", "y"]])
    assert "at least two" in refusal("x + y", boolean="x y", exclusive=["x", "y"])


def test_orders_that_were_given_count() -> None:
    x, y = sympy.symbols("x y")
    assert polynomial({(2, 0): 1}, box={"y": (0, 1), "x": (0, 2)}, sense="max").incumbent == 1
    assert polynomial(sympy.Poly(x**2 + y, y, x), [(0, 1), (0, 5)], "max").incumbent == 26
    assert "interval" in refusal("x", box={"x": {0, 5}})


@pytest.mark.parametrize("end", [float("inf"), np.float64("inf"), "inf", "oo", sympy.oo, None])
def test_ends_that_are_none(end: Any) -> None:
    assert polynomial("x", box={"x": (0, end)}, constraints=["x <= 2"]).box == ((0, 2),)


@pytest.mark.parametrize("end", [float("inf"), np.float64("inf"), "inf", sympy.oo])
def test_a_lower_end_is_not_infinite_upwards(end: Any) -> None:
    assert refusal("x", box={"x": (end, 3)})


def test_a_large_number_is_no_infinity() -> None:
    assert polynomial("x", box={"x": (0, "1e999")}, constraints=["x <= 2"]).box == ((0, 10**999),)


def test_cases_that_were_misread() -> None:
    path = CASES / "misread.json"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    for case in json.loads(path.read_text()):
        keywords = {key: case[key] for key in ("box", "constraints", "sense") if key in case}
        if "error" in case["must"]:
            assert refusal(case["input"], **keywords)
        else:
            problem = polynomial(case["input"], **keywords)
            assert problem.box == ((-3, 3),)
            assert problem.incumbent == -1 / 4
