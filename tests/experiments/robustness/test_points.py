from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from experiments.robustness.points import PointFile, PointResult, PointSettings
from experiments.robustness.subjects import make_subject, own
from polyproof_gym import BadInput, load_proof

RESULT = PointResult(3, 1, "1/4", "1/2", None, 2, 5, 0.25, 0.125, 2000)
SUBJECT = make_subject("iris-quadratic:latent=2")


def file(norm: Any = "2", source: str = "normal", certificates: Path | None = None) -> PointFile:
    return PointFile(None, {}, False, SUBJECT, PointSettings(norm, source, 0), certificates)


def test_a_result_is_read_as_it_was_written() -> None:
    assert PointResult.from_json(json.loads(RESULT.to_json())) == RESULT
    assert RESULT.exact == (Fraction(1, 4), Fraction(1, 2), None)


@pytest.mark.parametrize(
    "change",
    [
        {"task": "3"},
        {"label": None},
        {"certified": 0.25},
        {"certified": "-1"},
        {"certified": "a quarter"},
        {"attack": "1/0"},
        {"seconds": "long"},
        {"bytes": 0.5},
        {"unknown": 1},
    ],
    ids=str,
)
def test_results_that_are_none(change: dict[str, Any]) -> None:
    content = {**json.loads(RESULT.to_json()), **change}
    with pytest.raises((TypeError, ValueError, ArithmeticError)):
        PointResult.from_json(content)


@pytest.mark.parametrize("norm", ["2", "inf"])
@pytest.mark.parametrize("source", ["normal", "data"])
def test_a_point_is_certified_up_to_what_an_attack_finds(norm: str, source: str, tmp_path: Path) -> None:
    made = file(norm, source, tmp_path / "proofs").examiner(2)
    found = made.result
    certified, attack, weak = found.exact
    assert certified is not None
    assert attack is not None
    assert weak is not None
    assert 0.9 * attack < certified <= attack <= weak
    assert found.rivals == 2
    assert found.bytes == sum(len(text) for text in made.files.values())
    rivals = {0, 1, 2} - {found.label}
    assert sorted(made.files) == [f"point-2/rival-{rival}.json" for rival in sorted(rivals)]
    for number, text in enumerate(made.files.values()):
        path = tmp_path / f"{number}.json"
        path.write_text(text)
        proof = load_proof(path)
        proof.verify()
        assert proof.bound > 0


def test_points_of_data_are_as_many_as_there_are() -> None:
    many = file(source="data")
    assert many.examiner.point(0) == SUBJECT.held_out[0]
    with pytest.raises(BadInput, match=f"expected at most {len(SUBJECT.held_out)} points"):
        many.examiner.point(len(SUBJECT.held_out))
    assert file().examiner.point(10**9) == file().examiner.point(10**9)


def test_points_of_the_border_are_those_of_data_moved_there() -> None:
    point, moved = (file(source=source).examiner.point(5) for source in ("data", "border"))
    assert moved == (3, Fraction(-23, 8), *point[2:])
    found = file("inf", "border").examiner(5).result
    certified, attack, _ = found.exact
    assert certified is not None
    assert attack is not None
    assert 0.9 * attack < certified <= attack
    halves = replace(SUBJECT, polynomial=None)
    with pytest.raises(BadInput, match="expected a generator with a clip, for points at its border"):
        PointFile(None, {}, False, halves, PointSettings("2", "border", 0)).examiner.point(5)


def test_without_squares_and_with_a_wide_bracket_less_is_certified() -> None:
    radii = []
    for settings in (
        PointSettings("2", "data", 0),
        PointSettings("2", "data", 0, squares=False),
        PointSettings("2", "data", 0, tolerance="1/4"),
    ):
        result = PointFile(None, {}, False, SUBJECT, settings).examiner(0).result
        radii.append(result.exact[0] or 0)
    assert radii[1] < radii[0]
    assert radii[2] < radii[0]


def test_nothing_is_certified_of_what_is_no_polynomial() -> None:
    halves = own("halves", lambda data: data[:, 0], lambda latents: 2 * latents, 2)
    found = PointFile(None, {}, False, halves, PointSettings("2", "normal", 0)).examiner(1).result
    certified, attack, weak = found.exact
    assert (certified, found.rivals) == (None, 0)
    point = PointFile(None, {}, False, halves, PointSettings("2", "normal", 0)).examiner.point(1)
    assert attack is not None
    assert float(attack) == pytest.approx(abs(float(point[0])), rel=1e-3)
    assert weak is not None
    assert weak >= attack


def test_points_beyond_the_clip_are_clipped() -> None:
    points = [file().examiner.point(index) for index in range(1000)]
    assert max(abs(float(x)) for point in points for x in point) == 3
