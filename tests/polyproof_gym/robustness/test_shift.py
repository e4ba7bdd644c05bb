from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import ndtr

from polyproof_gym import BadInput
from polyproof_gym.robustness import (
    ClassProbabilities,
    Modulus,
    PairProbabilities,
    RobustnessLimit,
    ShiftedLimit,
    Status,
    TransferLimit,
    WassersteinDistance,
)

SAMPLES = 20_000
IDENTITY = Modulus(Fraction(1), Status.EXACT, "identity")
HALVES = RobustnessLimit(ClassProbabilities.known(["0.5", "0.5"]), IDENTITY)


def distance(bound: object, order: str = "1", status: Status = Status.CERTIFIED) -> WassersteinDistance:
    return WassersteinDistance(bound, order, status)  # type: ignore[arg-type]


@pytest.mark.parametrize("moved", [0.0, 0.05, 0.3])
def test_data_moved_a_little_are_within_the_limit(moved: float) -> None:
    z = np.random.default_rng(6).standard_normal((SAMPLES, 3))
    # All points go away from the border by the same length: nothing is further in either order.
    heights = z[:, 0] + moved * np.sign(z[:, 0])
    radii = np.abs(heights)
    for order in ("1", "inf"):
        limit = ShiftedLimit(HALVES, distance(moved, order))
        for t in (0.1, 0.31, 0.5, 1.0, 3.0):
            assert (radii <= t).mean() >= limit.fraction_within(t) - 3 * math.sqrt(0.25 / SAMPLES)
        assert radii.mean() <= limit.expected() + 3 * radii.std() / math.sqrt(SAMPLES)
    if moved:  # of order infinity it is attained
        limit = ShiftedLimit(HALVES, distance(moved, "inf"))
        assert (radii <= 0.5).mean() <= limit.fraction_within(0.5) + 3 * math.sqrt(0.25 / SAMPLES)


@pytest.mark.parametrize("away", [1.0, 3.0])
def test_few_data_moved_far_are_within_the_limit(away: float) -> None:
    rng = np.random.default_rng(7)
    z = rng.standard_normal((SAMPLES, 2))
    share = 0.1
    is_moved = np.abs(z[:, 0]) < 0.1255  # a tenth, those nearest to the border
    heights = np.where(is_moved, z[:, 0] + away * np.sign(z[:, 0]), z[:, 0])
    radii = np.abs(heights)
    limit = ShiftedLimit(HALVES, distance(Fraction(away) * Fraction(share), "1"))
    for t in (0.2, 0.5, 1.0, 2.0):
        assert (radii <= t).mean() >= limit.fraction_within(t) - 3 * math.sqrt(0.25 / SAMPLES)
    assert radii.mean() <= limit.expected() + 3 * radii.std() / math.sqrt(SAMPLES)


def test_unconstrained_robustness_changes_by_no_more_than_the_point_moves() -> None:
    # The lemma behind it, for a classifier with three labels on a line.
    borders = np.array([-0.4, 0.9])
    points = np.random.default_rng(8).uniform(-3, 3, (2, 5000))
    radii = np.abs(points[:, :, None] - borders).min(axis=2)
    assert (np.abs(radii[0] - radii[1]) <= np.abs(points[0] - points[1]) + 1e-12).all()


def test_no_distance_changes_nothing() -> None:
    for order in ("1", "inf"):
        limit = ShiftedLimit(HALVES, distance(0, order))
        for t in (0.0, 0.3, 2.0):
            assert limit.fraction_within(t) == HALVES.fraction_within(t)
        assert limit.expected() == pytest.approx(HALVES.expected())


def test_it_gets_weaker_with_the_distance() -> None:
    for order in ("1", "inf"):
        beyond = [
            ShiftedLimit(HALVES, distance(bound, order)).fraction_beyond(1) for bound in ("0.01", "0.1", "0.5", 2)
        ]
        assert beyond == sorted(beyond)
        assert beyond[-1] == 1
    assert ShiftedLimit(HALVES, distance("0.1", "inf")).fraction_within(1) > ShiftedLimit(
        HALVES, distance("0.1", "1")
    ).fraction_within(1)


def test_quantiles_and_falling() -> None:
    limit = ShiftedLimit(HALVES, distance("0.01", "1"))
    beyond = limit.fraction_beyond(np.linspace(0, 4, 81))
    assert (np.diff(beyond) <= 1e-12).all()
    median = limit.quantile(0.5)
    assert limit.fraction_within(median) >= 0.5
    assert limit.fraction_within(0.99 * median) < 0.5
    exact = ShiftedLimit(HALVES, distance("0.25", "inf")).quantile(0.5)
    assert exact == pytest.approx(HALVES.quantile(0.5) + 0.25)


def test_samples_estimate_the_distance() -> None:
    rng = np.random.default_rng(9)
    points = rng.standard_normal((200, 3))
    moved = points + np.array([0.3, 0, 0.4])
    found = WassersteinDistance.sampled(points, rng.permutation(moved))
    assert float(found.bound) == pytest.approx(0.5, abs=1e-9)
    assert float(WassersteinDistance.sampled(points, moved, "inf").bound) <= 0.4 + 1e-9
    assert found.status is Status.ESTIMATED


def test_norms_must_agree() -> None:
    modulus = Modulus(Fraction(1), Status.EXACT, "given", norm="inf")
    with pytest.raises(BadInput, match="expected a distance in the norm inf of the limit, got 2"):
        ShiftedLimit(HALVES.through(modulus), distance(1))
    limit = ShiftedLimit(HALVES.through(modulus), WassersteinDistance(Fraction(1, 10), "1", Status.EXACT, "inf"))
    assert "maximum norm" in limit.legend()


def test_what_does_not_move_is_refused() -> None:
    transfer = TransferLimit(PairProbabilities.known([[1]]))
    with pytest.raises(BadInput, match="expected an object of class RobustnessLimit"):
        ShiftedLimit(transfer, distance(1))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="expected an object of class WassersteinDistance"):
        ShiftedLimit(HALVES, 0.1)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="expected a limit in distances between images"):
        ShiftedLimit(RobustnessLimit(HALVES.probabilities), distance(1))
    for bound in (-1, math.nan, "far"):
        with pytest.raises(BadInput, match="as bound"):
            distance(bound)
    with pytest.raises(BadInput, match="expected one of '1', 'inf' as order"):
        distance(1, "2")
    for samples in ([1.0, 2.0], [[math.nan]], [["a"]], [[0.0]] * 3):
        with pytest.raises(BadInput, match="expected"):
            WassersteinDistance.sampled(samples, [[0.0], [1.0]])


def test_it_is_described() -> None:
    content = ShiftedLimit(HALVES, distance("0.01")).to_json([0.5])
    assert content["distance"]["exact_bound"] == "1/100"
    assert content["expected"] == pytest.approx(float(2 * ndtr(0) * math.sqrt(2 / math.pi)) + 0.01)
    assert content["limit"]["quantity"] == "the robustness of any classifier in the Euclidean norm"
