from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import BadInput, Problem, make_problem
from polyproof_gym.polynomials import Polynomial, Rational, Ring
from polyproof_gym.problems import RandomRobustMargin, make_source, robust_margin, robust_margins
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.models import load_model

RING = Ring(("z1", "z2"))
Z1, Z2 = (Polynomial.variable(RING, i) for i in range(2))


def _classifier(clip: object = None) -> PolynomialClassifier:
    """At the origin of class 0, with class 2 second."""
    return PolynomialClassifier([Z1 * Z1 - Z2 + 2, Z1 - 1, Z2 * Z2 * 3 + Z1 * Z2 + Fraction(1, 2)], clip)


def _axiom_beside_the_box(problem: Problem) -> Polynomial:
    (constraint,) = problem.constraints
    return problem.in_own_coordinates(problem.axioms[constraint])


def test_objective_is_the_margin_and_the_box_is_the_neighbourhood() -> None:
    problem = robust_margin(_classifier(), ["0.25", "-0.5"], 2, "0.1")
    assert problem.in_own_coordinates(problem.objective) == _classifier().margin(0, 2)
    assert problem.box == ((Fraction(15, 100), Fraction(35, 100)), (Fraction(-6, 10), Fraction(-4, 10)))
    assert (problem.sense, problem.family, problem.variables) == ("min", "robust-margin", ("z1", "z2"))
    assert not problem.constraints


def test_a_ball_is_an_axiom_beside_the_box_around_it() -> None:
    point: list[Rational] = [Fraction(1, 4), Fraction(-1, 2)]
    problem = robust_margin(_classifier(), point, 2, "0.1", "2")
    assert problem.box == robust_margin(_classifier(), point, 2, "0.1").box
    square = (Z1 - point[0]) * (Z1 - point[0]) + (Z2 - point[1]) * (Z2 - point[1])
    assert _axiom_beside_the_box(problem).primitive() == (Fraction(1, 100) - square).primitive()
    assert problem.feasible_point is not None
    x, y = problem.to_own_coordinates(problem.feasible_point)
    assert (x - point[0]) ** 2 + (y - point[1]) ** 2 <= Fraction(1, 100)


def test_the_default_rival_is_the_one_with_the_second_score() -> None:
    assert robust_margin(_classifier(), [0, 0]).objective == robust_margin(_classifier(), [0, 0], 2).objective
    own, other = robust_margin(_classifier(), [0, 2]), robust_margin(_classifier(), [0, 2], 0)
    assert own.objective == other.objective  # of class 2, with class 0 second


@pytest.mark.parametrize("norm", ["inf", "2"])
def test_all_rivals_at_once_are_the_same_problems(norm: str) -> None:
    together = robust_margins(_classifier(3), [0, 0], "0.5", norm)
    assert sorted(together) == [1, 2]
    for rival, problem in together.items():
        alone = robust_margin(_classifier(3), [0, 0], rival, "0.5", norm)
        assert (problem.objective, problem.axioms, problem.box) == (alone.objective, alone.axioms, alone.box)


def test_the_box_ends_at_the_clip() -> None:
    problem = robust_margin(_classifier("0.5"), ["0.25", "-0.45"], 2, "0.3")
    assert problem.box == ((Fraction(-5, 100), Fraction(1, 2)), (Fraction(-1, 2), Fraction(-15, 100)))
    outside = robust_margin(_classifier("0.5"), [9, "-0.45"], 2, "0.3")
    assert outside.box[0] == (Fraction(1, 5), Fraction(1, 2))


def test_a_nonnegative_minimum_means_that_the_class_stays() -> None:
    """On a grid of the neighbourhood, for all rivals of a point of which the bounds by signs decide."""
    model = load_model("iris-quadratic", 2)
    classifier = model.latent_classifier
    kept = 0
    for latent in model.latents[:20]:
        problems = robust_margins(classifier, latent, "0.05")
        if min(problem.trivial_bound for problem in problems.values()) < 0:
            continue
        kept += 1
        steps = np.linspace(-0.05, 0.05, 7)
        grid = np.array([[float(latent[0]) + a, float(latent[1]) + b] for a in steps for b in steps])
        assert set(classifier.labels_at(grid).tolist()) == {classifier.label(latent)}
    assert kept >= 5


def test_the_margin_of_a_composed_network_is_its_scores_difference_at_points_of_the_box() -> None:
    model = load_model("digits-quartic", 4, "quadratic")
    classifier = model.latent_classifier
    problem = robust_margin(classifier, model.latents[0], 3 if model.labels[0] != 3 else 4, "0.2")
    rng = np.random.default_rng(0)
    for _ in range(3):
        unit = [Fraction(int(k), 16) for k in rng.integers(17, size=4)]
        scores = classifier.exact_scores(problem.to_own_coordinates(unit))
        own = classifier.label(model.latents[0])
        assert problem.objective.evaluate(unit) == scores[own] - scores[3 if model.labels[0] != 3 else 4]


def test_held_out_problems_are_those_of_the_models_points() -> None:
    model = load_model("digits-quadratic", 8)
    problem = make_problem("robust-margin:latent=8,index=3,radius=0.3,norm=inf")
    for (low, high), coordinate in zip(problem.box, model.latents[3], strict=True):
        assert low == max(-3, coordinate - Fraction(3, 10))
        assert high == min(3, coordinate + Fraction(3, 10))
    assert problem.name.endswith(",index=3")


@pytest.mark.parametrize("radius", ["0.3", "1e-30", "1e-5", "0.12345678901234567", "12.5", "1000000", "1e9", "2/7"])
def test_the_radius_of_a_name_is_the_radius(radius: str) -> None:
    generator = RandomRobustMargin(latent=4, radius=radius)
    assert generator.radius == Fraction(radius)
    assert make_source(generator.name) == generator


@pytest.mark.parametrize("radius", ["1e400", "1e-400", 10**10])
def test_a_radius_beyond_any_use_is_refused(radius: str | int) -> None:
    with pytest.raises(BadInput, match="expected a number from 1e-30 to 1e9 as radius"):
        RandomRobustMargin(latent=4, radius=radius)


def test_a_given_rival_is_the_rival_of_every_problem_drawn() -> None:
    generator = RandomRobustMargin(latent=4, rival=7)
    assert (
        generator.name == "robust-margin:model=digits-quadratic,latent=4,generator=linear,rival=7,radius=0.3,norm=inf"
    )
    classifier, rng = load_model("digits-quadratic", 4).latent_classifier, np.random.default_rng(0)
    for _ in range(20):
        problem = generator.sample(rng)
        margins = [classifier.margin(label, 7) for label in range(10) if label != 7]
        assert problem.in_own_coordinates(problem.objective) in margins


def test_training_points_are_standard_normal() -> None:
    generator, rng = RandomRobustMargin("iris-linear", 3, radius=1), np.random.default_rng(0)
    boxes = np.array([generator.sample(rng).box for _ in range(300)], float)
    centers = boxes[np.abs(boxes).max(axis=(1, 2)) < 3].mean(axis=2)
    assert np.abs(centers.mean(axis=0)).max() < 0.2
    assert np.abs(centers.std(axis=0) - 0.87).max() < 0.12  # that of a normal number between -2 and 2 is 0.88


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: robust_margin(_classifier(), [0, 0], 0), "expected a rival other than the label 0"),
        (lambda: robust_margin(_classifier(), [0, 0], 3), "expected a whole number from 0 to 2 as rival, got 3"),
        (lambda: robust_margin(_classifier(), [0, 0, 0]), "expected a point with 2 coordinates, got 3"),
        (lambda: robust_margin(_classifier(), [0, "a"]), "expected a finite number as coordinate 2, got 'a'"),
        (lambda: robust_margin(_classifier(), [0, 0], radius=0), "expected a positive number as radius, got 0"),
        (lambda: robust_margin(_classifier(), [0, 0], norm="1"), "expected one of 'inf', '2' as norm, got '1'"),
        (
            lambda: robust_margin(_classifier(), [0, 0], label=1),
            "expected a point that the classifier takes for its class 1, got one it takes for 0",
        ),
        (lambda: robust_margins(_classifier(), [0, 0], label=3), "expected a whole number from 0 to 2 as label"),
        (lambda: RandomRobustMargin(rival=True), "as rival, got True"),
        (
            lambda: RandomRobustMargin(latent=4, rival=_own_class(0)).held_out(0),
            "expected a rival other than the label",
        ),
    ],
)
def test_what_cannot_be_used_is_named_in_one_line(make: Callable[[], object], message: str) -> None:
    with pytest.raises(BadInput) as error:
        make()
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def _own_class(index: int) -> int:
    model = load_model("digits-quadratic", 4)
    return model.latent_classifier.label(model.latents[index])
