from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from polyproof_gym import BadInput, stopping
from polyproof_gym.polynomials import Ring, parse_polynomial
from polyproof_gym.problems.robust_margin import NORMS, Norm
from polyproof_gym.robustness.attacks import (
    Adversary,
    confirmed_adversaries,
    nearest_changes,
    projected_gradient,
    random_directions,
    relaxation_minimisers,
)
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.float_scores import CallableScores

RING = Ring(("x", "y"))
Attack = Callable[..., list[Adversary | None]]
ATTACKS: list[Attack] = [projected_gradient, random_directions]


def _classifier(*scores: str, clip: Any = None) -> PolynomialClassifier:
    return PolynomialClassifier([parse_polynomial(score, RING) for score in scores], clip)


LINEAR = _classifier("3*x + 4*y + 1", "0", "-x")
DISC = _classifier("1 - x^2 - y^2", "0")
CURVED = _classifier("x*y + 2*x - y^2", "1/2 - x", "y*x^2 - y + 1/10")
POINTS = np.random.default_rng(0).normal(size=(25, 2)).round(3)


def _linear_distance(point: Any, norm: Norm) -> float:
    """The exact distance to another label, for scores of the affine functions in LINEAR."""
    slopes, constants = np.array([[3.0, 4.0], [0.0, 0.0], [-1.0, 0.0]]), np.array([1.0, 0.0, 0.0])
    scores = slopes @ point + constants
    label = int(scores.argmax())
    away = []
    for rival in range(3):
        if rival != label:
            slope = slopes[label] - slopes[rival]
            away.append((scores[label] - scores[rival]) / np.linalg.norm(slope, 1 if norm == "inf" else 2))
    return float(min(away))


@pytest.mark.parametrize("norm", NORMS)
def test_projected_gradients_find_the_nearest_point_for_linear_scores(norm: Norm) -> None:
    for point, found in zip(POINTS, projected_gradient(LINEAR, POINTS, norm=norm), strict=True):
        assert found is not None
        assert float(found.distance) == pytest.approx(_linear_distance(point, norm), rel=2e-3)
        assert float(found.distance) >= _linear_distance(point, norm) * (1 - 1e-9)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_found_has_another_label_at_that_distance(attack: Attack, norm: Norm) -> None:
    for point, found in zip(POINTS, attack(CURVED, POINTS, norm=norm), strict=True):
        if found is not None:
            exact = [Fraction(str(x)) for x in point]
            ways = [x - start for x, start in zip(found.point, exact, strict=True)]
            assert CURVED.label(found.point) == found.label != CURVED.label(exact)
            if norm == "inf":
                assert found.distance == max(map(abs, ways))
            else:
                assert found.distance**2 >= sum(x * x for x in ways)
                assert float(found.distance) == pytest.approx(float(np.linalg.norm([float(x) for x in ways])))


@pytest.mark.parametrize("norm", NORMS)
def test_projected_gradients_are_stronger_than_random_directions(norm: Norm) -> None:
    strong, weak = (attack(CURVED, POINTS, norm=norm) for attack in (projected_gradient, random_directions))
    pairs = [(a.distance, b.distance) for a, b in zip(strong, weak, strict=True) if a and b]
    assert len(pairs) > 20
    assert all(a <= b * Fraction(1001, 1000) for a, b in pairs)
    assert sum(a for a, _ in pairs) < Fraction(99, 100) * sum(b for _, b in pairs)


def test_disc_is_left_at_its_border() -> None:
    (found,) = projected_gradient(DISC, [[0.25, 0]], norm="2")
    assert found is not None
    assert float(found.distance) == pytest.approx(0.75, rel=1e-3)
    (found,) = projected_gradient(DISC, [[0, 0]], norm="inf")
    assert found is not None
    assert float(found.distance) == pytest.approx(0.5**0.5, rel=1e-3)


def test_minimiser_of_the_relaxation_is_the_nearest_point_where_that_is_exact() -> None:
    for point, found in zip(POINTS, relaxation_minimisers(LINEAR, POINTS), strict=True):
        assert found is not None
        assert float(found.distance) == pytest.approx(_linear_distance(point, "inf"), rel=1e-3)


def test_starts_are_used() -> None:
    starts = np.array([[[0.8, 0.0]]])
    found = nearest_changes(
        CallableScores(lambda points: np.stack([1 - points[:, 0] ** 2, np.full(len(points), 0.5)], 1), 2),
        [[0.0, 0.0]],
        restarts=0,
        steps=1,
        starts=starts,
    )
    np.testing.assert_allclose(found, [[0.5**0.5, 0.0]], atol=1e-6)


def test_functions_of_the_caller_can_be_attacked() -> None:
    def scores(points: np.ndarray) -> np.ndarray:
        return np.stack([np.exp(-(points**2).sum(axis=1)), np.full(len(points), 0.5)], axis=1)

    found = nearest_changes(CallableScores(scores, 3), np.zeros((2, 3)), norm="2")
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), np.sqrt(np.log(2)), rtol=1e-3)


@pytest.mark.parametrize("attack", [projected_gradient, random_directions, relaxation_minimisers])
def test_nothing_is_found_where_there_is_nothing(attack: Attack) -> None:
    constant = _classifier("1", "0")
    assert attack(constant, POINTS) == [None] * len(POINTS)
    assert attack(DISC, [[0, 0]], most=0.5) == [None]
    assert attack(DISC, np.empty((0, 2))) == []


def test_what_is_found_keeps_to_the_clip() -> None:
    (found,) = projected_gradient(_classifier("1 - x", "0", clip="1/2"), [[0, 0]])
    assert found is None
    (found,) = projected_gradient(_classifier("1/4 - x", "0", clip="1/2"), [[0, 0]])
    assert found is not None
    assert float(found.distance) == pytest.approx(0.25)


def test_scores_beyond_the_clip_are_those_of_the_clip() -> None:
    """On most rays from 0 the first score is overtaken by x outside the clip, where it is not, before y is 1/2."""
    classifier = _classifier("0", "x - 3/2", "y - 1/2", clip=1)
    found = random_directions(classifier, np.zeros((200, 2)), norm="2", directions=1)
    ways = np.random.default_rng(0).normal(size=(200, 2))
    reaches = 4 * ways[:, 1] / np.linalg.norm(ways, axis=1) > 0.5
    assert [adversary is not None for adversary in found] == reaches.tolist()
    assert {adversary.label for adversary in found if adversary} == {2}


@pytest.mark.parametrize("attack", ATTACKS)
def test_same_seed_finds_the_same(attack: Attack) -> None:
    first, second, other = (attack(CURVED, POINTS[:5], seed=seed) for seed in (1, 1, 2))
    assert first == second
    assert attack is projected_gradient or first != other


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_stop_ends_the_search_with_what_there_is(attack: Attack) -> None:
    with stopping.time_limit(-1):
        assert attack(CURVED, POINTS[:2]) == [None, None]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"norm": "1"}, r"^expected one of 'inf', '2' as norm, got '1'$"),
        ({"most": -1}, r"^expected a finite number of at least 0 as most"),
        ({"seed": -1}, r"^expected a whole number of at least 0"),
    ],
)
def test_bad_options_are_told(attack: Attack, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        attack(DISC, [[0, 0]], **options)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("points", [[[0, 0, 0]], [[0, float("nan")]], "ab", 3, [[10**400, 0]]])
def test_bad_points_are_told(attack: Attack, points: Any) -> None:
    with pytest.raises(BadInput, match=r"^expected points"):
        attack(DISC, points)


@pytest.mark.parametrize("attack", ATTACKS)
def test_only_polynomial_classifiers_are_attacked(attack: Attack) -> None:
    with pytest.raises(BadInput, match=r"^expected an object of class PolynomialClassifier as classifier"):
        attack("digits", [[0, 0]])


@pytest.mark.parametrize("starts", ["x", 3, [[0, 0]], [[[0, 0, 0]]], [[[0, 10**400]]]])
def test_bad_starts_are_told(starts: Any) -> None:
    with pytest.raises(BadInput, match=r"^expected starts of shape \(starts, 1, 2\)"):
        projected_gradient(DISC, [[0, 0]], starts=starts)


def test_what_others_find_is_confirmed_exactly() -> None:
    ends = [[0.9, 0.5], [float("nan"), 0.0], [0.1, 0.1]]
    found = confirmed_adversaries(DISC, [[0, 0]] * 3, ends, norm="2")
    assert found[1:] == [None, None]  # the label is the same at the last one
    assert found[0] is not None
    assert found[0].distance ** 2 >= Fraction(106, 100)
    assert confirmed_adversaries(DISC, [[0, 0]], [[0.9, 0.5]], norm="2", most=1) == [None]
    with pytest.raises(BadInput, match=r"^expected as many points found as attacked, 2, got 1$"):
        confirmed_adversaries(DISC, [[0, 0]] * 2, [[1, 1]])
