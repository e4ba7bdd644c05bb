"""Any value is of use or refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from polyproof_gym import BadInput
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.robustness import (
    ClassProbabilities,
    Factors,
    InsufficientStatus,
    Modulus,
    PairProbabilities,
    ProjectedClassifier,
    RobustnessLimit,
    ShiftedLimit,
    Status,
    TransferLimit,
    WassersteinDistance,
    derivative_problem,
    linear_modulus,
    network_modulus,
    polynomial_modulus,
    quadratic_modulus,
    require,
    sampled_modulus,
    simplified_forms,
)
from tests.values import VALUES

LONGEST_MESSAGE = 1000

HALVES = ClassProbabilities.known(["0.5", "0.5"])
LIMIT = RobustnessLimit(HALVES)
MODULUS = Modulus(Fraction(1), Status.EXACT, "given")
SQUARE = Polynomial.variable(Ring(["z"]), 0) ** 2

ENTRIES: dict[str, Callable[[Any], Any]] = {
    "known": ClassProbabilities.known,
    "estimated": ClassProbabilities.estimated,
    "counts": ClassProbabilities.from_counts,
    "confidence": lambda value: ClassProbabilities.from_counts([1, 2], value),
    "pairs": PairProbabilities.known,
    "counted pairs": PairProbabilities.from_counts,
    "limit probabilities": RobustnessLimit,
    "limit modulus": LIMIT.through,
    "transfer": TransferLimit,
    "within": LIMIT.fraction_within,
    "beyond": LIMIT.fraction_beyond,
    "quantile": LIMIT.quantile,
    "limit to_json": LIMIT.to_json,
    "limit require": LIMIT.require,
    "require": lambda value: require(LIMIT, value),
    "constant": lambda value: str(Modulus(value, Status.EXACT, "given")),
    "status": lambda value: Modulus(Fraction(1), value, "given"),
    "source": lambda value: Modulus(Fraction(1), Status.EXACT, value),
    "modulus norm": lambda value: Modulus(Fraction(1), Status.EXACT, "given", norm=value),
    "restricted": lambda value: str(MODULUS.restricted(value, 1)),
    "reach": lambda value: str(MODULUS.restricted(0, value)),
    "restricted status": lambda value: MODULUS.restricted(0, 1, value),
    "factors": lambda value: network_modulus([Factors(value)]),
    "unclipped": lambda value: MODULUS.unclipped(value, 2, "1/2"),
    "unclipped dimension": lambda value: MODULUS.unclipped(3, value, 1),
    "unclipped reach": lambda value: MODULUS.unclipped(3, 2, value),
    "then": MODULUS.then,
    "linear": linear_modulus,
    "linear norm": lambda value: linear_modulus([[1]], value),
    "quadratic linear": lambda value: quadratic_modulus(value, [[[1]]], 1),
    "quadratic": lambda value: quadratic_modulus([[1]], value, 1),
    "quadratic box": lambda value: quadratic_modulus([[1]], [[[1]]], value),
    "network": network_modulus,
    "layer": lambda value: network_modulus([value]),
    "components": lambda value: derivative_problem(value, 1),
    "polynomial box": lambda value: derivative_problem([SQUARE], value),
    "polynomial proof": lambda value: polynomial_modulus([SQUARE], 1, value),
    "sampled dimension": lambda value: sampled_modulus(lambda points: points, value, pairs=2),
    "sampled pairs": lambda value: sampled_modulus(lambda points: points, 1, pairs=value),
    "sampled distance": lambda value: sampled_modulus(lambda points: points, 1, pairs=2, distance=value),
    "sampled seed": lambda value: sampled_modulus(lambda points: points, 1, pairs=2, seed=value),
    "sampled values": lambda value: sampled_modulus(lambda _: value, 1, pairs=2),
    "distance bound": lambda value: WassersteinDistance(value, "1", Status.EXACT),
    "distance order": lambda value: WassersteinDistance(Fraction(1), value, Status.EXACT),
    "distance samples": lambda value: WassersteinDistance.sampled(value, [[0.0]]),
    "shifted": lambda value: ShiftedLimit(LIMIT.through(MODULUS), value),
    "shifted limit": lambda value: ShiftedLimit(value, WassersteinDistance(Fraction(1), "1", Status.EXACT)),
    "projected": lambda value: ProjectedClassifier(value, len, len),  # type: ignore[arg-type]
    "slack": lambda value: ProjectedClassifier(len, len, len, value),  # type: ignore[arg-type]
    "simplified classes": lambda value: simplified_forms(value, 1),
    "simplified distance": lambda value: simplified_forms(3, value),
}


@pytest.mark.parametrize("name", ENTRIES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=VALUES)
def test_any_value_is_of_use_or_refused_in_one_line(name: str, value: Any) -> None:
    try:
        ENTRIES[name](value)
    except (BadInput, InsufficientStatus) as error:
        message = str(error)
        assert message
        assert "\n" not in message
        assert len(message) < LONGEST_MESSAGE
