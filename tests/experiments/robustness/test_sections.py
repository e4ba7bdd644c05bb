from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.robustness import (
    approximate,
    attacks,
    dimension,
    generators,
    interior,
    limits,
    many_classes,
    margins,
    projected,
    provers,
    transfer,
)
from experiments.robustness.linear import LinearScores
from experiments.robustness.picture import PANELS
from experiments.robustness.sections import SECTIONS
from experiments.sections import Section
from polyproof_gym import BadInput

NEEDED = {"approximate": "sklearn", "network": "sklearn", "attacks": "foolbox"}
"""Modules of extras, by the sections that need them."""


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_section_runs_and_has_a_table_and_a_panel(section: Section, tmp_path: Path) -> None:
    if section.name in NEEDED:
        pytest.importorskip(NEEDED[section.name])
    result = section.run(0, True, folder=tmp_path)
    read = json.loads(json.dumps(result, allow_nan=False))
    heading, rule, *lines = section.table(read).splitlines()
    assert len(lines) == len(result["rows"])
    assert {line.count("|") for line in (rule, *lines)} == {heading.count("|")}
    assert section.name in PANELS


def test_no_classifier_is_more_robust_than_the_limit() -> None:
    for row in dimension.measure(latents=(2, 16), samples=4000).rows:
        assert row.robustness <= row.limit
        assert row.limit == pytest.approx(row.smoothness * row.limit / row.smoothness)
    rows = many_classes.measure(classes=(2, 3, 10), latent=4, samples=4000).rows
    assert all(row.robustness <= row.own_limit for row in rows)


def test_the_limit_falls_beside_the_size_of_the_data_and_with_the_classes() -> None:
    rows = dimension.measure(latents=(2, 16, 64), smoothness=(1.0, 2.0), samples=2000).rows
    for slope in (1.0, 2.0):
        shares = [row.relative_limit for row in rows if row.smoothness == slope]
        assert shares == sorted(shares, reverse=True)
    assert [row.limit for row in rows[1::2]] == pytest.approx([2 * row.limit for row in rows[::2]], rel=1e-6)
    limits = [row.limit for row in many_classes.measure(classes=(2, 5, 50), latent=2, samples=1000).rows]
    assert limits == sorted(limits, reverse=True)


def test_both_classifiers_are_misled_at_least_as_often_as_the_limit_says() -> None:
    result = transfer.measure(
        angles=(0.3, 1.0), distances=(0.5, 1.5), points=20_000, latent=4, samples=20_000, attacked=100, restarts=1
    )
    for row in result.rows:
        count = result.points if row.pair.startswith("half-spaces") else result.attacked
        error = (row.limit * (1 - row.limit) / count) ** 0.5
        assert row.found >= row.limit - 4 * error
    assert {row.status for row in result.rows} == {"exact", "certified"}


def test_the_wedge_of_two_half_spaces_is_as_far_as_random_search_finds() -> None:
    """At right angles the nearest point that misleads both is the origin."""
    rng = np.random.default_rng(0)
    (row,) = transfer._half_spaces(np.pi / 2, [1.0], 50_000, rng)
    assert row.agreement == pytest.approx(0.5, abs=0.01)
    assert row.found == pytest.approx(0.5 * (1 - np.exp(-0.5)), abs=0.01)


def test_projection_loses_nothing_on_an_affine_space_and_at_most_half_on_a_curve() -> None:
    *affine, curve = projected.measure(samples=300, latents=(4, 8), spacing=0.02).rows
    for row in affine:
        assert row.projected == pytest.approx(row.within)
        assert row.least_ratio == pytest.approx(1)
        assert row.unconstrained is not None
        assert row.unconstrained <= row.within
    assert 0.5 <= curve.least_ratio <= curve.projected / curve.within + 0.5
    assert curve.projected <= curve.within


def test_distances_within_the_data_are_those_of_changes_of_the_latent_point() -> None:
    rng = np.random.default_rng(3)
    scores, matrix, shift = LinearScores.random(rng, 3, 5), rng.normal(size=(5, 2)), rng.normal(size=5)
    points = rng.normal(size=(1, 2))
    row = projected.on_affine_space("test", scores, matrix, shift, points)
    grid = np.stack(np.meshgrid(*[np.linspace(-4, 4, 801)] * 2), axis=-1).reshape(-1, 2)
    images, image = grid @ matrix.T + shift, points @ matrix.T + shift
    other = scores.labels(images) != scores.labels(image)
    found = np.linalg.norm(images[other] - image, axis=1).min()
    assert row.within <= found <= row.within + 0.02 * np.linalg.norm(matrix)


def test_robustness_on_the_data_is_at_most_that_on_generated_ones_and_the_distance() -> None:
    pytest.importorskip("sklearn")
    result = approximate.measure(latents=(4, 20), samples=2000, images=200)
    for row in result.rows:
        assert row.robustness <= row.generated + row.distance
        assert row.robustness <= row.limit
    assert [row.status for row in result.rows] == ["estimated", "estimated", "certified"]
    assert result.rows[-1].distance == pytest.approx(0.2)


def test_a_network_has_two_limits_of_two_kinds(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    (network,) = (section for section in SECTIONS if section.name == "network")
    rows: Any = network.run(0, True, folder=tmp_path)["rows"]
    assert [row["status"] for row in rows] == ["certified", "estimated"]
    assert rows[1]["constant"] < rows[0]["constant"]
    assert (tmp_path / "digits-vae.pt").exists()


def test_provers_are_given_what_the_attack_leaves_room_for() -> None:
    agents = (("static-sherali-adams:level=DEGREE", 1), ("random", 1))
    static, random = provers.measure(margins=(("wine-quadratic", 4, "linear"),), agents=agents, points=3).rows
    assert static.agent == "static-sherali-adams:level=2"
    assert static.proved == 1
    assert static.steps is not None
    assert static.seconds > 0
    assert random.proved < 1


def test_no_pair_is_further_apart_than_a_proved_modulus_says() -> None:
    rows = generators.measure(latents=(4, 6), pairs=500).rows
    assert [(row.generator, row.latent) for row in rows[::2]] == [
        ("linear", 4),
        ("linear", 6),
        ("quadratic", 4),
        ("quadratic", 6),
    ]
    for euclidean, maximum in zip(rows[::2], rows[1::2], strict=True):
        assert (euclidean.norm, maximum.norm) == ("Euclidean", "maximum")
        assert 0 < maximum.modulus < euclidean.modulus
    assert all(0.3 * row.modulus < row.sampled <= row.modulus for row in rows)
    assert {row.status for row in rows} == {"exact", "certified"}


def test_margins_are_lost_or_proved_by_signs_or_open() -> None:
    near, far = "robust-margin:radius=0.05", "robust-margin:radius=0.3"
    drawn, held_out, _, _ = rows = margins.measure(families=((near, 20), (far, 20))).rows
    assert (drawn.problem, drawn.source, drawn.points) == (near, "drawn", 20)
    assert held_out.source == "held out"
    assert all(row.lost + row.by_signs + row.open == pytest.approx(1) for row in rows)
    for small, large in zip(rows[:2], rows[2:], strict=True):
        assert small.lost <= large.lost
        assert small.by_signs > large.by_signs
    with pytest.raises(BadInput, match="expected a family of margins, without index"):
        margins.measure(families=(("robust-margin:index=1", 1),))


def test_squares_go_on_where_the_least_value_is_inside() -> None:
    (row,) = interior.measure(margins=("1/10 + x^2 - x^3",)).rows
    assert row.largest == pytest.approx(1.08495, abs=1e-5)
    assert row.without_squares < row.with_squares <= row.largest
    assert row.with_squares == pytest.approx(row.largest, rel=1e-3)


def test_attacks_are_compared_point_by_point() -> None:
    pytest.importorskip("foolbox")
    result = attacks.measure(models=(("iris-quadratic", 2, "linear"),), points=5)
    assert [row.attack for row in result.rows] == ["LinfDeepFool", "LInfFMN", "L2DeepFool", "DDN", "L2FMN"]
    for row in result.rows:
        assert row.found <= result.points
        if row.found:
            assert row.least is not None
            assert row.mean is not None
            assert row.most is not None
            assert row.least <= row.mean <= row.most <= 1.05
    with pytest.raises(BadInput, match="expected at most 45 points, got 1000"):
        attacks.measure(models=(("iris-quadratic", 2, "linear"),), points=1000)


def test_limits_fall_with_the_labels_and_are_rounded_up() -> None:
    result = limits.measure(labels=(2, 10), distances=(0.1, 1.0))
    two, ten = result.rows
    assert two.mean == pytest.approx((2 / np.pi) ** 0.5)
    assert all(
        more > less
        for more, less in zip((*two.beyond, two.median, two.mean), (*ten.beyond, ten.median, ten.mean), strict=True)
    )
    assert limits.table(asdict(result)).splitlines()[2] == "| 2 | 0.921 | 0.318 | 0.675 | 0.798 |"
