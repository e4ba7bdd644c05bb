from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym import BadInput
from polyproof_gym.robustness import (
    ClassProbabilities,
    DistanceLimit,
    InsufficientStatus,
    Modulus,
    PairProbabilities,
    RobustnessLimit,
    ShiftedLimit,
    Status,
    TransferLimit,
    WassersteinDistance,
    require,
    sampled_modulus,
    worst,
)

PROBABILITIES = {
    Status.EXACT: ClassProbabilities.known([Fraction(1, 4)] * 4),
    Status.CERTIFIED: ClassProbabilities.from_counts([30, 40, 20, 10]),
    Status.ESTIMATED: ClassProbabilities.estimated([0.3, 0.4, 0.2, 0.1]),
}
PAIRS = {
    Status.EXACT: PairProbabilities.known([["0.45", "0.05"], ["0.05", "0.45"]]),
    Status.CERTIFIED: PairProbabilities.from_counts([[45, 5], [5, 45]]),
    Status.ESTIMATED: PairProbabilities.estimated([[0.45, 0.05], [0.05, 0.45]]),
}
STATUSES = st.sampled_from(Status)


def modulus_of(status: Status) -> Modulus:
    return Modulus(Fraction(2), status, "given")


COMBINATORS: dict[str, Callable[[Modulus, Modulus], Modulus]] = {
    "as it is": lambda modulus, _: modulus,
    "of a uniform prior": lambda modulus, _: modulus.of_uniform_prior(),
    "then": lambda modulus, other: modulus.then(other),
    "followed": lambda modulus, other: other.then(modulus),
    "restricted": lambda modulus, _: modulus.restricted("0.01", 1),
    "restricted by samples": lambda modulus, other: modulus.restricted("0.01", 1, other.status),
    "unclipped": lambda modulus, _: modulus.unclipped(4, 3, 1),
}


def check_status(limit: DistanceLimit, inputs: list[Status]) -> None:
    """The result says what the worst of its inputs is, wherever it says something."""
    content = limit.to_json([0, 1])
    json.dumps(content, allow_nan=False)
    is_estimated = Status.ESTIMATED in inputs
    assert (limit.status is Status.ESTIMATED) == is_estimated
    assert limit.status >= max(inputs)
    assert content["status"] == str(limit.status)
    for line in (limit.legend(), content["legend"], str(limit).partition(";")[0]):
        assert str(limit.status) in line
        assert sum(str(status) in line for status in Status) == 1
    if is_estimated:
        with pytest.raises(InsufficientStatus, match="expected a result that is certified, got one that is estimated"):
            limit.require(Status.CERTIFIED)
    else:
        assert limit.require(Status.CERTIFIED) is limit
    assert limit.require(Status.ESTIMATED) is limit


@settings(deadline=None)
@given(probabilities=STATUSES, modulus=STATUSES, other=STATUSES, combinator=st.sampled_from([*COMBINATORS]))
def test_no_estimated_input_yields_a_certified_limit(
    probabilities: Status, modulus: Status, other: Status, combinator: str
) -> None:
    made = COMBINATORS[combinator](modulus_of(modulus), modulus_of(other))
    inputs = [probabilities, modulus, *([other] if combinator in ("then", "followed", "restricted by samples") else [])]
    check_status(RobustnessLimit(PROBABILITIES[probabilities], made), inputs)
    check_status(TransferLimit(PAIRS[probabilities], made), inputs)
    check_status(RobustnessLimit(PROBABILITIES[probabilities]).through(made), inputs)


@settings(deadline=None)
@given(probabilities=STATUSES, modulus=STATUSES, distance=STATUSES, order=st.sampled_from(["1", "inf"]))
def test_no_estimated_input_yields_a_certified_shifted_limit(
    probabilities: Status, modulus: Status, distance: Status, order: str
) -> None:
    limit = RobustnessLimit(PROBABILITIES[probabilities], modulus_of(modulus))
    shift = WassersteinDistance(Fraction(1, 100), order, distance)  # type: ignore[arg-type]
    check_status(ShiftedLimit(limit, shift), [probabilities, modulus, distance])


@settings(deadline=None)
@given(statuses=st.lists(STATUSES))
def test_the_worst_status_is_the_last_in_order(statuses: list[Status]) -> None:
    order = [Status.EXACT, Status.CERTIFIED, Status.ESTIMATED]
    assert worst(*statuses) is order[max(map(order.index, statuses), default=0)]


def test_statuses_are_ordered() -> None:
    for one, other in itertools.combinations(Status, 2):
        assert one < other
        assert other > one
        assert one <= other
        assert not one >= other
        assert one <= one >= one


def test_what_is_sampled_is_estimated() -> None:
    assert sampled_modulus(lambda points: 2 * points, 3, pairs=10).status is Status.ESTIMATED
    assert WassersteinDistance.sampled([[0.0], [1.0]], [[0.5], [1.0]]).status is Status.ESTIMATED
    assert ClassProbabilities.estimated([0.5, 0.5]).status is Status.ESTIMATED


def test_the_message_names_what_is_to_blame() -> None:
    estimated = Modulus(Fraction(2), Status.ESTIMATED, "largest ratio among 10 random pairs")
    limit = RobustnessLimit(PROBABILITIES[Status.EXACT], estimated)
    shifted = ShiftedLimit(limit, WassersteinDistance(Fraction(1), "1", Status.CERTIFIED))
    with pytest.raises(InsufficientStatus, match=r"made from: modulus 2 .*10 random pairs") as raised:
        shifted.require(Status.CERTIFIED)
    assert "\n" not in str(raised.value)
    assert "Wasserstein" not in str(raised.value)
    assert "classes" not in str(raised.value)


def test_a_status_is_required_by_itself() -> None:
    with pytest.raises(BadInput, match="expected an object of class Status"):
        require(PROBABILITIES[Status.EXACT], "certified")  # type: ignore[arg-type]
