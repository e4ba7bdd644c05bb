from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import BadInput
from polyproof_gym.robustness import (
    ClassProbabilities,
    Modulus,
    PairProbabilities,
    RobustnessLimit,
    Status,
    TransferLimit,
)
from polyproof_gym.robustness.class_probabilities import clopper_pearson

SAMPLES = 20_000


def two_half_spaces(angle: float) -> tuple[list[list[float]], np.ndarray]:
    """The joint probabilities of two half-spaces at an angle, and the distances to where both labels differ."""
    z = np.random.default_rng(4).standard_normal((SAMPLES, 2))
    one, other = z[:, 0], z @ np.array([math.cos(angle), math.sin(angle)])
    agree = one * other > 0
    distances = np.full(SAMPLES, np.inf)
    # Of a point at which both are positive: the wedge where both are negative has these sides and this corner.
    a, b, cosine = np.abs(one), np.abs(other), math.cos(angle)
    to_one = np.where(b - a * cosine <= 0, a, np.inf)
    to_other = np.where(a - b * cosine <= 0, b, np.inf)
    nearest = np.minimum(np.minimum(to_one, to_other), np.linalg.norm(z, axis=1))
    distances[agree] = nearest[agree]
    wedge = angle / (2 * math.pi)
    return [[0.5 - wedge, wedge], [wedge, 0.5 - wedge]], distances


@pytest.mark.parametrize("angle", [0.0, 0.05, 0.3, 1.0, 2.0])
def test_half_spaces_are_misled_together_as_often_as_it_says(angle: float) -> None:
    table, distances = two_half_spaces(angle)
    limit = TransferLimit(PairProbabilities.known(table))
    for t in (0.1, 0.5, 1.0, 2.0):
        bound = limit.fraction_within(t)
        share = (distances <= t).mean()
        assert share >= bound - 3 * math.sqrt(0.25 / SAMPLES)
        if not angle:  # one half-space twice: attained
            assert share <= bound + 3 * math.sqrt(0.25 / SAMPLES)


@pytest.mark.parametrize("angle", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("t", [0.1, 0.5, 1.0, 2.0, 3.0])
def test_it_is_stronger_than_the_simplified_forms(angle: float, t: float) -> None:
    table, _ = two_half_spaces(angle)
    disagreement = angle / math.pi
    within = TransferLimit(PairProbabilities.known(table)).fraction_within(t)
    assert within >= 1 - math.sqrt(math.pi / 2) * math.exp(-t * t / 2) - 2 * disagreement
    both = RobustnessLimit(ClassProbabilities.known(["0.5", "0.5"])).fraction_within(t)
    assert within <= both + 1e-12


def test_one_classifier_twice_is_the_limit_of_one() -> None:
    table = np.diag(["1/2", "1/3", "1/6"]).tolist()
    table = [[entry or 0 for entry in row] for row in table]
    twice = TransferLimit(PairProbabilities.known(table))
    once = RobustnessLimit(ClassProbabilities.known(["1/2", "1/3", "1/6"]))
    for t in (0.0, 0.2, 1.0, 4.0):
        assert twice.fraction_within(t) == pytest.approx(once.fraction_within(t), abs=1e-12)
    assert twice.quantile(0.5) == pytest.approx(once.quantile(0.5))
    modulus = Modulus(Fraction(2), Status.EXACT, "given")
    assert twice.through(modulus).fraction_within(1) == pytest.approx(once.through(modulus).fraction_within(1))


def test_counts_bound_it_as_often_as_stated() -> None:
    rng = np.random.default_rng(5)
    table = np.array([[0.4, 0.05, 0.0], [0.05, 0.3, 0.0], [0.0, 0.02, 0.18]])
    exact = TransferLimit(PairProbabilities.known(table.tolist())).fraction_within([0.3, 1, 2])
    right = 0
    for counts in rng.multinomial(400, table.ravel(), size=200):
        limit = TransferLimit(PairProbabilities.from_counts(counts.reshape(3, 3).tolist(), 0.9))
        right += bool((limit.fraction_within([0.3, 1, 2]) <= exact + 1e-12).all())
    assert right / 200 >= 0.9 - 3 * math.sqrt(0.09 / 200)


def test_counts_share_the_error_out_among_all_bounds() -> None:
    counted = PairProbabilities.from_counts([[40, 10], [5, 45]], "0.9")
    error = Fraction(1, 10) / 4
    assert counted.agreeing == tuple(clopper_pearson(count, 100, error)[0] for count in (40, 45))
    assert counted.either == tuple(clopper_pearson(count, 100, error)[1] for count in (55, 60))
    assert counted.confidence == Fraction(9, 10)


def test_classifiers_that_never_agree() -> None:
    limit = TransferLimit(PairProbabilities.known([[0, "0.5"], ["0.5", 0]]))
    assert limit.fraction_within(5) == 0
    assert limit.quantile(0.1) == math.inf


def test_it_is_described() -> None:
    limit = TransferLimit(PairProbabilities.from_counts([[40, 10], [5, 45]]))
    assert limit.legend() == "limit of the latent robustness of either of two classifiers (certified, confidence 0.99)"
    content = limit.to_json([1])
    assert len(content["probabilities"]["agreeing"]) == 2
    assert content["fraction_within"] == [limit.fraction_within(1)]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, 0]], "expected a square table"),
        ([], "expected a square table"),
        ([[0.5, 0.2], [0.1, 0.1]], "expected probabilities that add up to 1"),
        ([[math.nan, 1], [0, 0]], "expected a finite number as probability"),
        (5, "expected a list of rows"),
        ([1, 2], "expected a list of entries of a row"),
    ],
)
def test_what_is_no_table_is_refused(table: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        PairProbabilities.known(table)


def test_tables_without_samples_are_refused() -> None:
    with pytest.raises(BadInput, match="expected counts of at least one sample"):
        PairProbabilities.from_counts([[0, 0], [0, 0]])
    with pytest.raises(BadInput, match="expected a whole number"):
        PairProbabilities.from_counts([[0.5, 0], [0, 1]])
    with pytest.raises(BadInput, match="expected an object of class PairProbabilities"):
        TransferLimit(ClassProbabilities.known([1]))  # type: ignore[arg-type]


def test_rounding_is_added_up_where_entries_are() -> None:
    missing = Fraction(1, 10**10)
    table = [[Fraction(1, 4)] * 2, [Fraction(1, 4), Fraction(1, 4) - missing]]
    pairs = PairProbabilities.known(table)
    assert pairs.agreeing == (Fraction(1, 4) - missing, Fraction(1, 4) - 2 * missing)
    assert pairs.either == (Fraction(3, 4) + 3 * missing, Fraction(3, 4) + 2 * missing)


@pytest.mark.parametrize(("agreeing", "either"), [(["2"], ["2"]), (["1/2"], ["1/4"]), (["2/3", "2/3"], ["1", "1"])])
def test_what_cannot_be_probabilities_is_refused(agreeing: list[str], either: list[str]) -> None:
    with pytest.raises(BadInput, match="expected probabilities, for each label"):
        PairProbabilities(tuple(map(Fraction, agreeing)), tuple(map(Fraction, either)), Status.EXACT)


@pytest.mark.parametrize(
    ("agreeing", "either", "confidence", "message"),
    [
        ([Fraction(1, 2)], [Fraction(1, 2)] * 2, Fraction(1), "as many labels in both, got 1 and 2"),
        ([Fraction(1, 2)], [Fraction(1, 2)], Fraction(7), "up to 1 as confidence, got Fraction"),
        ([Fraction(1, 2)], [Fraction(1, 2)], 0.99, "up to 1 as confidence, got 0.99"),
    ],
)
def test_what_are_no_bounds_takes_one_line(
    agreeing: list[Fraction], either: list[Fraction], confidence: Fraction, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        PairProbabilities(tuple(agreeing), tuple(either), Status.CERTIFIED, confidence)
