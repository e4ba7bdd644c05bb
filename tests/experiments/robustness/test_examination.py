from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from experiments.robustness import examine
from experiments.robustness.examination import (
    ATTACK,
    CERTIFIED,
    DISTANCES,
    WEAK,
    Examination,
    count_classes,
    errors,
    examination_of,
    limit_of,
    remarks,
    table,
)
from experiments.robustness.points import PointResult, PointSettings
from experiments.robustness.subjects import Subject, make_subject, own
from polyproof_gym import BadInput
from polyproof_gym.robustness.models import load_model

SUBJECT = make_subject("iris-quadratic:latent=2")
NORMAL = PointSettings("2", "normal", 0)
COUNTS = [5000, 5000, 0]
"""Of two classes, equally frequent."""


def examined(
    distances: Any, attack: float = 1.0, weak: float = 2.0, settings: PointSettings = NORMAL, subject: Subject = SUBJECT
) -> Examination:
    """The examination of points with certified radii, of which attacks find some multiples."""
    results = [
        PointResult(number, 0, str(float(d)), str(float(attack * d)), str(float(weak * d)), 2, 3, 0.5, 0.5, 900)
        for number, d in enumerate(distances)
    ]
    return examination_of(subject, settings, results, *limit_of(subject, COUNTS, 0.99))


HALF_SPACES = np.abs(np.random.default_rng(0).normal(size=300)).round(6)
"""Distances to the boundary of a half-space, which attain the limit."""


def test_a_weak_attack_is_flagged_and_a_strong_one_is_not() -> None:
    result = examined(HALF_SPACES)
    assert {found.name: found.is_above for found in result.found} == {CERTIFIED: False, ATTACK: False, WEAK: True}
    plain = json.loads(json.dumps(asdict(result), allow_nan=False))
    assert errors(plain) == []
    (flag,) = (line for line in remarks(plain) if "above the limit" in line)
    assert flag.startswith(f"{WEAK}: above the limit (")
    assert flag.endswith("it is too weak")


def test_what_must_not_be_is_named() -> None:
    result = asdict(examined(2 * HALF_SPACES[:100], attack=0.5))
    *points, limit = errors(result)
    assert len(points) == 100
    assert points[7] == "point 7 is certified beyond what an attack has found"
    assert limit == "more points are certified than any classifier can have"


def test_an_attack_that_finds_nothing_is_infinitely_far() -> None:
    results = [PointResult(0, 0, "1", None, None, 2, 3, 0.5, 0.5, 900)]
    result = examination_of(SUBJECT, NORMAL, results, *limit_of(SUBJECT, COUNTS, 0.99))
    assert [found.mean for found in result.found] == [1.0, None, None]
    assert (result.ratio, result.out_of_order) == (None, [])
    json.dumps(asdict(result), allow_nan=False)


def test_points_of_data_are_not_held_against_the_limit() -> None:
    result = examined(2 * HALF_SPACES, settings=replace(NORMAL, source="data"))
    assert not any(found.is_above for found in result.found)
    assert all(found.excess is None for found in result.found)


def test_the_limit_with_confidence_is_above_that_of_the_frequencies() -> None:
    limit = examined(HALF_SPACES).limit
    assert all(high >= low for high, low in zip(limit.beyond, limit.frequencies, strict=True))
    assert limit.beyond == sorted(limit.beyond, reverse=True)
    assert limit.expected == pytest.approx(math.sqrt(2 / math.pi), rel=0.05)


def test_every_heading_has_a_status() -> None:
    heading, _, *lines = table(asdict(examined(HALF_SPACES))).splitlines()
    assert len(lines) == len(DISTANCES)
    for column in heading.split("|")[2:-1]:
        assert any(status in column for status in ("exact", "certified)", "certified,", "estimated"))
    own_one = own("halves", lambda data: data[:, 0], lambda latents: 2 * latents, 2)
    estimated = asdict(examined(HALF_SPACES, subject=own_one))
    assert estimated["status"] == "estimated"
    assert "attack (estimated)" in table(estimated)
    assert "distance of data (estimated)" in table(estimated)
    assert CERTIFIED not in [found["name"] for found in estimated["found"]]


def test_the_classes_of_random_points_are_counted() -> None:
    halves = own("halves", lambda data: data[:, 0] - 1, lambda latents: latents, 2)
    counts = count_classes(halves, 25_000, 0)
    assert sum(counts) == 25_000
    assert counts[1] / 25_000 == pytest.approx(0.1587, abs=0.01)
    assert counts == count_classes(halves, 25_000, 0) != count_classes(halves, 25_000, 1)


def test_a_classifier_of_ones_own_is_examined() -> None:
    result = examine(lambda data: data[:, 0], lambda latents: 2 * latents, 2, points=5, samples=5000)
    attack, weak = result.found
    assert (attack.name, attack.status, attack.is_above) == (ATTACK, "estimated", False)
    assert (weak.name, weak.status) == (WEAK, "estimated")
    assert all(few <= many for few, many in zip(attack.beyond, weak.beyond, strict=True))
    assert (result.points, result.proofs, result.ratio, result.status) == (5, 0, None, "estimated")
    assert result.limit.images[-1] == pytest.approx(2 * result.distances[-1], rel=1e-6)
    with pytest.raises(BadInput, match="norm"):
        examine(lambda data: data[:, 0], lambda latents: latents, 2, norm="1")  # type: ignore[arg-type]


def test_polynomials_of_ones_own_are_certified() -> None:
    model = load_model("iris-linear", 2)
    result = examine(model.classifier, model.generator, 2, points=2, samples=2000, norm="inf")
    assert (result.status, result.proofs) == ("certified", 4)
    assert result.bytes is not None
    assert result.bytes > 100
    assert result.most_seconds >= result.seconds > 0
    assert result.ratio is not None
    assert 0.9 < result.ratio[1] <= 1


def test_without_points_there_is_the_limit_alone() -> None:
    result = examined([])
    assert (result.found, result.points, result.status) == ([], 0, "certified")
    assert len(table(asdict(result)).splitlines()) == len(DISTANCES) + 2
