from __future__ import annotations

import itertools
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.ndimage import distance_transform_edt
from scipy.special import ndtr, ndtri

from polyproof_gym import BadInput
from polyproof_gym.robustness import LATENT, ClassProbabilities, Modulus, RobustnessLimit, Status, linear_modulus

Floats = NDArray[np.float64]

SAMPLES = 20_000
DISTANCES = np.linspace(0, 4, 41)

PROBABILITIES = (
    st.lists(st.integers(0, 100), min_size=1, max_size=6)
    .filter(any)
    .map(lambda parts: [Fraction(part, sum(parts)) for part in parts])
)


def known(*probabilities: object) -> RobustnessLimit:
    return RobustnessLimit(ClassProbabilities.known(probabilities))


def uniform(classes: int) -> RobustnessLimit:
    return known(*[Fraction(1, classes)] * classes)


def lipschitz(constant: Fraction | int | str) -> Modulus:
    return Modulus(Fraction(constant), Status.CERTIFIED, "given")


@settings(deadline=None)
@given(probabilities=PROBABILITIES, t=st.floats(0, 10))
def test_it_is_the_exact_sum(probabilities: list[Fraction], t: float) -> None:
    limit = RobustnessLimit(ClassProbabilities.known(probabilities))
    floats = np.array([float(p) for p in probabilities if 0 < p < 1])
    beyond = ndtr(ndtri(floats) - t).sum() if floats.size else 1.0
    assert limit.fraction_beyond(t) == pytest.approx(beyond, rel=1e-9, abs=1e-300)
    assert limit.fraction_within(t) == pytest.approx(1 - beyond, abs=1e-9)
    assert limit.fraction_within(t) + limit.fraction_beyond(t) <= 1 + 1e-15


@pytest.mark.parametrize("offset", [0.0, 0.7, 2.0])
@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_half_spaces_attain_it(offset: float, scale: float) -> None:
    rng = np.random.default_rng(0)  # of 42 comparisons at three standard errors one fails for a seed in ten
    direction = np.array([3.0, 0, 4, 0, 0]) / 5
    heights = rng.standard_normal((SAMPLES, 5)) @ direction
    share = float(ndtr(-offset))
    # The generator is linear, scale times an isometry into more dimensions, and the classifier a half-space.
    isometry = np.linalg.qr(rng.standard_normal((8, 5)))[0]
    modulus = linear_modulus((scale * isometry).tolist())
    limit = known(share, 1 - Fraction(repr(share)))
    radii = np.abs(heights - offset)
    for t in (0.1, 0.5, 1.0):
        bound = limit.fraction_within(t)
        error = math.sqrt(bound * (1 - bound) / SAMPLES)
        assert abs((radii <= t).mean() - bound) <= 3 * error
        image_bound = limit.through(modulus).fraction_within(scale * t)
        assert image_bound <= bound
        assert abs((scale * radii <= scale * t).mean() - image_bound) <= 3 * error
    mean_error = radii.std() / math.sqrt(SAMPLES)
    assert abs(radii.mean() - limit.expected()) <= 3 * mean_error
    for share in (0.1, 0.5, 0.9):
        error = math.sqrt(share * (1 - share) / SAMPLES)
        assert abs((radii <= limit.quantile(share)).mean() - share) <= 3 * error


GRID = 401
HALF_WIDTH = 5.0
AXIS = np.linspace(-HALF_WIDTH, HALF_WIDTH, GRID)
STEP = AXIS[1] - AXIS[0]
CELLS = ndtr(AXIS + STEP / 2) - ndtr(AXIS - STEP / 2)
MASS = np.outer(CELLS, CELLS) / CELLS.sum() ** 2


def polynomial_labels(rng: np.random.Generator) -> NDArray[np.int64]:
    """The labels that a random classifier gives on the grid: the largest of some random polynomials."""
    classes, degree = int(rng.integers(2, 6)), int(rng.integers(1, 6))
    x, y = AXIS[:, None] / 2, AXIS[None, :] / 2
    scores = []
    for _ in range(classes):
        score = np.zeros((GRID, GRID))
        for i, j in itertools.product(range(degree + 1), repeat=2):
            if i + j <= degree:
                score = score + rng.standard_normal() * x**i * y**j
        scores.append(score)
    return np.array(np.argmax(scores, axis=0), np.int64)


@pytest.mark.parametrize("block", range(10))
def test_no_random_classifier_in_the_plane_is_more_robust(block: int) -> None:
    for number in range(20 * block, 20 * block + 20):
        labels = polynomial_labels(np.random.default_rng(number))
        classes = np.unique(labels)
        masses = [float(MASS[labels == label].sum()) for label in classes]
        limit = RobustnessLimit(ClassProbabilities.estimated([mass / sum(masses) for mass in masses]))
        radii = np.full(labels.shape, np.inf)
        for label in classes if len(classes) > 1 else ():
            inside = labels == label
            radii[inside] = STEP * distance_transform_edt(inside)[inside]
        for t in (0.1, 0.25, 0.5, 1.0, 2.0):
            # Distances on the grid are up to a step too large, and the masses of cells near borders go either way.
            assert MASS[radii <= t + 2 * STEP].sum() >= limit.fraction_within(t) - 2e-3


def test_a_sample_of_labels_bounds_the_limit_as_often_as_stated() -> None:
    rng = np.random.default_rng(2)
    probabilities = [0.5, 0.3, 0.15, 0.05]
    truth = known("0.5", "0.3", "0.15", "0.05")
    exact = truth.fraction_beyond(DISTANCES)
    mean = truth.expected()
    right = 0
    for counts in rng.multinomial(500, probabilities, size=200).tolist():
        limit = RobustnessLimit(ClassProbabilities.from_counts(counts, 0.9))
        assert limit.confidence == Fraction(9, 10)
        is_above = (limit.fraction_beyond(DISTANCES) >= exact - 1e-12).all()
        right += bool(is_above) and limit.expected() >= mean
    assert right / 200 >= 0.9 - 3 * math.sqrt(0.09 / 200)


def test_more_samples_come_nearer() -> None:
    exact = uniform(10).fraction_beyond(0.5)
    gaps = [
        RobustnessLimit(ClassProbabilities.from_counts([count] * 10)).fraction_beyond(0.5) - exact
        for count in (10, 100, 1000, 10_000)
    ]
    assert gaps == sorted(gaps, reverse=True)
    assert 0 < gaps[-1] < 1e-4


@settings(deadline=None)
@given(probabilities=PROBABILITIES)
def test_it_falls_with_the_distance(probabilities: list[Fraction]) -> None:
    beyond = RobustnessLimit(ClassProbabilities.known(probabilities)).fraction_beyond(DISTANCES)
    assert beyond[0] == 1
    assert (np.diff(beyond) <= 1e-15).all()


@settings(deadline=None)
@given(counts=st.lists(st.integers(0, 1000), min_size=1, max_size=5).filter(any))
def test_it_falls_with_the_distance_for_counts_too(counts: list[int]) -> None:
    beyond = RobustnessLimit(ClassProbabilities.from_counts(counts)).fraction_beyond(DISTANCES)
    assert beyond[0] == 1
    assert (np.diff(beyond) <= 1e-13).all()


@settings(deadline=None)
@given(constants=st.lists(st.fractions(0, 10), min_size=2, max_size=2).map(sorted), distance=st.floats(0, 5))
def test_smoother_generators_leave_less(constants: list[Fraction], distance: float) -> None:
    limit = uniform(4)
    smooth, rough = (limit.through(lipschitz(constant)) for constant in constants)
    assert smooth.fraction_beyond(distance) <= rough.fraction_beyond(distance)
    assert smooth.expected() <= rough.expected()
    assert smooth.quantile(0.5) <= rough.quantile(0.5)


def test_more_classes_leave_less() -> None:
    limits = [uniform(classes) for classes in (1, 2, 3, 5, 10, 100)]
    for t in (0.1, 0.5, 2.0):
        beyond = [limit.fraction_beyond(t) for limit in limits]
        assert beyond == sorted(beyond, reverse=True)
    means = [limit.expected() for limit in limits]
    assert means == sorted(means, reverse=True)


@settings(deadline=None)
@given(probabilities=PROBABILITIES, split=st.fractions(0, 1), t=st.floats(0, 3))
def test_splitting_a_class_leaves_less(probabilities: list[Fraction], split: Fraction, t: float) -> None:
    first, *rest = probabilities
    parted = RobustnessLimit(ClassProbabilities.known([first * split, first * (1 - split), *rest]))
    whole = RobustnessLimit(ClassProbabilities.known(probabilities))
    assert parted.fraction_beyond(t) <= whole.fraction_beyond(t) + 1e-12


def test_one_class_has_no_limit() -> None:
    for limit in (known(1), known(1, 0, 0), RobustnessLimit(ClassProbabilities.from_counts([100]))):
        assert limit.fraction_within(3) == 0
        assert limit.fraction_beyond(3) == 1
        assert limit.expected() == math.inf
        assert limit.quantile(0.5) == math.inf
        assert limit.to_json([1])["expected"] is None


def test_classes_that_never_occur_change_nothing() -> None:
    for t in (0.0, 0.3, 2.0):
        assert known("0.5", 0, "0.5", 0).fraction_beyond(t) == known("0.5", "0.5").fraction_beyond(t)


def test_no_distance() -> None:
    assert uniform(10).fraction_within(0) == 0
    assert uniform(10).fraction_beyond(0.0) == 1
    assert uniform(10).quantile(0) == 0


@pytest.mark.parametrize("classes", [2, 3, 10, 50])
def test_the_mean_is_the_integral_of_what_is_beyond(classes: int) -> None:
    limit = uniform(classes)
    integral = quad(limit.fraction_beyond, 0, 12, limit=200)[0]
    assert limit.expected() == pytest.approx(integral, rel=1e-7)
    assert limit.through(lipschitz("3/2")).expected() == pytest.approx(1.5 * integral, rel=1e-7)


def test_the_mean_of_two_equal_classes() -> None:
    assert uniform(2).expected() == pytest.approx(math.sqrt(2 / math.pi), rel=1e-12)
    assert uniform(10).expected() == pytest.approx(0.4734, abs=1e-4)


@settings(deadline=None)
@given(probabilities=PROBABILITIES, share=st.floats(0, 1), constant=st.fractions(Fraction(1, 1000), 1000))
def test_quantiles_have_the_share_within_and_are_hardly_larger_than_needed(
    probabilities: list[Fraction], share: float, constant: Fraction
) -> None:
    limit = RobustnessLimit(ClassProbabilities.known(probabilities), lipschitz(constant))
    distance = limit.quantile(share)
    if math.isfinite(distance):
        assert limit.fraction_within(distance) >= share - 1e-15
        assert distance == 0 or limit.fraction_within(distance * (1 - 1e-8)) < share + 1e-12
    else:
        assert share == 1 or max(probabilities) == 1


def test_arrays_give_arrays() -> None:
    distances = np.array([[0.1, 0.2, 0.3], [1, 2, 3]])
    for name in ("fraction_within", "fraction_beyond"):
        share = getattr(uniform(3), name)
        found = share(distances)
        assert found.shape == distances.shape
        assert found.tolist() == [[share(one) for one in row] for row in distances.tolist()]
        assert share([1, 2]).tolist() == [share(1), share(2)]
        assert share(np.array([])).shape == (0,)
        assert isinstance(share(np.float32(0.5)), float)


@pytest.mark.parametrize(
    "distance", [-1, -1e-300, math.nan, math.inf, [0.5, -1], [math.nan], "1", None, True, [[1], 2]]
)
def test_what_is_no_distance_is_refused(distance: object) -> None:
    for ask in (uniform(3).fraction_within, uniform(3).fraction_beyond):
        with pytest.raises(BadInput, match="distance") as raised:
            ask(distance)  # type: ignore[call-overload]
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan, "half", None])
def test_what_is_no_share_is_refused(share: object) -> None:
    with pytest.raises(BadInput, match="expected a finite number from 0 to 1 as share"):
        uniform(3).quantile(share)


def test_other_objects_are_refused() -> None:
    with pytest.raises(BadInput, match="expected an object of class ClassProbabilities as probabilities"):
        RobustnessLimit([0.5, 0.5])  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="expected an object of class Modulus as modulus"):
        uniform(2).through(2.0)  # type: ignore[arg-type]


def test_a_constant_generator_leaves_nothing() -> None:
    limit = uniform(2).through(lipschitz(0))
    assert limit.fraction_beyond(0) == 0
    assert limit.fraction_within(1) == pytest.approx(1)
    assert limit.expected() == 0
    assert limit.quantile(1) == 0


def test_it_is_described() -> None:
    limit = uniform(10).through(lipschitz(2))
    assert limit.legend() == "limit of the robustness of any classifier in the Euclidean norm (certified)"
    assert uniform(10).legend() == "limit of the latent robustness of any classifier (exact)"
    counted = RobustnessLimit(ClassProbabilities.from_counts([50, 50], "0.95"))
    assert counted.legend() == "limit of the latent robustness of any classifier (certified, confidence 0.95)"
    content = counted.to_json([0.5, 1])
    assert content["confidence"] == 0.95
    assert content["distances"] == [0.5, 1.0]
    assert content["fraction_beyond"] == counted.fraction_beyond([0.5, 1]).tolist()
    assert content["fraction_within"] == counted.fraction_within([0.5, 1]).tolist()
    assert content["modulus"]["constant"] == 1.0


def test_it_can_be_copied() -> None:
    limit = pickle.loads(pickle.dumps(uniform(3)))
    assert limit == uniform(3)
    assert limit.modulus == LATENT
    assert limit.legend() == uniform(3).legend()
