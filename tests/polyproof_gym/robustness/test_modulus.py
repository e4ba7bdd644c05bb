from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from polyproof_gym import BadInput
from polyproof_gym.robustness import (
    ClassProbabilities,
    Modulus,
    RobustnessLimit,
    ShiftedLimit,
    Status,
    WassersteinDistance,
)
from polyproof_gym.robustness.modulus import UNIFORM_FACTOR

EXACT = Modulus(Fraction(3, 7), Status.EXACT, "given")


@settings(deadline=None)
@given(constant=st.fractions(Fraction(1, 10**6), 10**6), distance=st.floats(0, 1e6))
def test_distances_are_rounded_outwards(constant: Fraction, distance: float) -> None:
    modulus = Modulus(constant, Status.EXACT, "given")
    assert modulus(distance) >= constant * Fraction(distance)
    assert modulus(distance) == pytest.approx(float(constant) * distance)
    latent = modulus.inverse(distance)
    assert constant * Fraction(latent) <= distance
    assert latent == pytest.approx(distance / float(constant))


def test_a_reach_ends_it() -> None:
    modulus = EXACT.restricted("0.25", 2)
    assert modulus.exceptional == Fraction(1, 4)
    assert modulus.reach == 2
    assert modulus(2) == pytest.approx(6 / 7)
    assert modulus(2.1) == math.inf
    assert modulus.inverse(1e9) == 2
    assert modulus.inverse(3 / 7) == pytest.approx(1)
    further = modulus.restricted("0.9", 3)
    assert further.exceptional == 1
    assert further.reach == 2
    assert further.status is EXACT.status
    assert EXACT.restricted("0.25", 2, Status.ESTIMATED).status is Status.ESTIMATED
    assert EXACT.restricted(0, 1, Status.ESTIMATED).restricted(0, 1, Status.CERTIFIED).status is Status.ESTIMATED


def test_the_uniform_prior_is_smoother() -> None:
    with ctx.workprec(300):
        assert arb(UNIFORM_FACTOR.numerator) / UNIFORM_FACTOR.denominator >= (2 / arb.pi()).sqrt()
    assert float(UNIFORM_FACTOR) == pytest.approx(math.sqrt(2 / math.pi), rel=1e-15)
    modulus = EXACT.restricted(0, 1).of_uniform_prior()
    assert modulus.constant == EXACT.constant * UNIFORM_FACTOR
    assert modulus.status is Status.CERTIFIED
    assert modulus.reach == 1 / UNIFORM_FACTOR
    z = np.random.default_rng(0).standard_normal((2, 10_000, 3))
    u = 2 * ndtr(z) - 1
    ratios = np.linalg.norm(u[0] - u[1], axis=1) / np.linalg.norm(z[0] - z[1], axis=1)
    assert ratios.max() <= float(UNIFORM_FACTOR)


def test_maps_one_after_the_other() -> None:
    following = Modulus(Fraction(7), Status.EXACT, "another", norm="inf")
    both = EXACT.then(following)
    assert both.constant == 3
    assert both.norm == "inf"
    assert both.status is Status.CERTIFIED
    with pytest.raises(BadInput, match="expected a modulus in the Euclidean norm"):
        following.then(EXACT)
    with pytest.raises(BadInput, match="expected a modulus that holds everywhere"):
        EXACT.then(EXACT.restricted(0, 1))


def test_without_the_clip_it_holds_inside_the_box() -> None:
    modulus = EXACT.unclipped(3, 8, 1)
    outside = 1 - (1 - 2 * ndtr(-2.0)) ** 8
    assert outside <= modulus.exceptional <= 1.3 * outside
    assert modulus.reach == 1
    with pytest.raises(BadInput, match="expected a reach below the half width"):
        EXACT.unclipped(1, 8, 1)


def test_what_is_exceptional_is_taken_off() -> None:
    limit = RobustnessLimit(ClassProbabilities.known(["0.5", "0.5"]))
    local = limit.through(EXACT.restricted("0.01", 1))
    inner, at_reach = 0.2, 3 / 7
    assert local.fraction_within(inner) == pytest.approx(limit.through(EXACT).fraction_within(inner) - 0.01)
    assert local.fraction_within(10) == pytest.approx(limit.through(EXACT).fraction_within(at_reach) - 0.01)
    assert local.fraction_beyond(0) == 1
    assert local.expected() == limit.through(EXACT.restricted(0, 1)).expected() == math.inf
    assert local.quantile(0.9) == math.inf
    assert local.quantile(0.5) == pytest.approx(limit.through(EXACT).quantile(0.51))
    assert "beyond a share of 0.01, up to the latent distance 1" in str(local)


def test_a_generator_without_a_global_modulus() -> None:
    # x = z + z^2 / 4 with the classifier x > 0.3: near the data distances grow by 1 + |z| / 2 at most.
    half_width = 3.0
    modulus = Modulus(1 + Fraction(half_width) / 2, Status.CERTIFIED, "given").unclipped(half_width, 1, 1)
    z = np.random.default_rng(3).standard_normal(20_000)
    x = z + z * z / 4
    border = -2 + math.sqrt(4 + 4 * 0.3)
    other_border = -2 - math.sqrt(4 + 4 * 0.3)
    share = float(ndtr(-border) + ndtr(other_border))
    limit = RobustnessLimit(ClassProbabilities.known([share, 1 - Fraction(repr(share))]), modulus)
    for distance in (0.1, 0.5, 1.0):
        bound = limit.fraction_within(distance)
        assert (np.abs(x - 0.3) <= distance).mean() >= bound - 3 * math.sqrt(0.25 / len(z))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"constant": -1}, "expected a number of at least 0 as constant"),
        ({"constant": math.nan}, "expected a finite number as constant"),
        ({"constant": None}, "expected a finite number as constant"),
        ({"exceptional": 2}, "expected a probability as exceptional"),
        ({"reach": -1}, "expected a number of at least 0 as reach"),
        ({"status": "exact"}, "expected an object of class Status as status"),
        ({"norm": "1"}, "expected one of '2', 'inf' as norm"),
        ({"source": None}, "expected text as source"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"constant": 1, "status": Status.EXACT, "source": "given"}
    with pytest.raises(BadInput, match=message):
        Modulus(**(given | changes))  # type: ignore[arg-type]


def test_json_has_no_numbers_beyond_floats() -> None:
    modulus = Modulus(Fraction(10**400), Status.EXACT, "given")
    limit = RobustnessLimit(ClassProbabilities.known([1, 0]), modulus)
    distance = WassersteinDistance(Fraction(10**400), "1", Status.EXACT)
    content = json.loads(json.dumps(ShiftedLimit(limit, distance).to_json([1]), allow_nan=False))
    assert content["limit"]["modulus"]["constant"] is content["distance"]["bound"] is None
    assert content["limit"]["modulus"]["exact_constant"] == str(10**400)
