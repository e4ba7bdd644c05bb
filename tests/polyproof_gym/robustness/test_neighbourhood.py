from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import BadInput, Problem
from polyproof_gym.polynomials import Rational, parse_polynomial
from polyproof_gym.problems.robust_margin import NORMS, Norm, robust_margin
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.neighbourhood import Neighbourhoods, moved_variables

POINT: tuple[Rational, ...] = (Fraction(1, 3), -2)
METRIC = [[2, 1], [1, 5]]


def _problem(around: Neighbourhoods, text: str, radius: Fraction) -> Problem:
    images = around.coordinates(("x", "y"), radius)
    margin = parse_polynomial(text, moved_variables(("x", "y"), (0, 0))[0].ring).substitute(images)
    return around.problem("test", margin, ("x", "y"), radius)


@pytest.mark.parametrize("norm", NORMS)
def test_problem_is_the_one_of_the_family(norm: Norm) -> None:
    zero, margin = (parse_polynomial(text, moved_variables("xy", (0, 0))[0].ring) for text in ("0", "x*y + x + 9"))
    classifier = PolynomialClassifier([margin, zero])
    of_family = robust_margin(classifier, POINT, 1, "0.7", norm)
    problem = _problem(Neighbourhoods(POINT, norm), "x*y + x + 9", Fraction(7, 10))
    assert problem.objective == of_family.objective
    assert (problem.axioms, problem.box, problem.family) == (of_family.axioms, of_family.box, of_family.family)


def test_feasible_point_is_the_middle() -> None:
    problem = _problem(Neighbourhoods(POINT, "2", METRIC), "x + y", Fraction(1, 2))
    assert problem.feasible_point is not None
    assert problem.to_own_coordinates(problem.feasible_point) == POINT
    assert all(axiom.evaluate(problem.feasible_point) >= 0 for axiom in problem.axioms)


def test_ellipsoid_is_that_of_the_metric_and_within_its_box() -> None:
    radius = Fraction(3, 4)
    around = Neighbourhoods(POINT, "2", METRIC)
    problem = _problem(around, "x + y", radius)
    (constraint,) = (problem.in_own_coordinates(problem.axioms[k]) for k in problem.constraints)
    rng = np.random.default_rng(0)
    for way in rng.normal(size=(100, 2)):
        point = [Fraction(float(x)) + start for x, start in zip(way, POINT, strict=True)]
        length = way @ np.array(METRIC) @ way
        assert (constraint.evaluate(point) >= 0) == (length <= float(radius) ** 2)
        edge = way / np.sqrt(length) * float(radius)
        assert all(abs(x) <= (high - low) / 2 for x, (low, high) in zip(edge, around.box(radius), strict=True))
    exact = np.sqrt(np.diag(np.linalg.inv(np.array(METRIC, float))))
    np.testing.assert_allclose([float(width) for width in around.widths], exact, rtol=1e-5)


@pytest.mark.parametrize(
    ("norm", "metric", "message"),
    [
        ("inf", METRIC, r"^expected no metric beside the norm inf$"),
        ("2", [[1, 2], [0, 1]], r"^expected a symmetric matrix as metric$"),
        ("2", [[1, 2], [2, 1]], r"^expected a positive definite matrix as metric"),
        ("2", [[1, 1], [1, 1]], r"^expected a positive definite matrix as metric"),
        ("2", [[1, 0]], r"^expected a metric with 2 rows of 2 numbers$"),
        ("2", [[1, "x"], [0, 1]], r"^expected a finite number as an entry of the metric"),
    ],
)
def test_bad_metric_is_told(norm: Norm, metric: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Neighbourhoods(POINT, norm, metric)
