from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agents.certified_radius import CertifiedRadius, Probe, certified_radius
from polyproof_gym import BadInput, InvalidProof, Problem, load_proof, stopping
from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.problems.robust_margin import NORMS, Norm
from polyproof_gym.proofs import Proof, Square
from polyproof_gym.robustness.attacks import projected_gradient, relaxation_minimisers
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.generator import PolynomialGenerator
from polyproof_gym.robustness.maps import clipped
from polyproof_gym.robustness.models import load_model

RING = Ring(("x", "y"))
WIDTH = Fraction(1, 1024)


def _classifier(*scores: str, clip: Any = None, ring: Ring = RING) -> PolynomialClassifier:
    return PolynomialClassifier([parse_polynomial(score, ring) for score in scores], clip)


def _require_valid(found: CertifiedRadius, classifier: PolynomialClassifier) -> None:
    """What must be true of every answer with a positive radius, by the proofs alone."""
    found.verify(classifier)
    assert set(found.proofs) == {*range(classifier.num_classes)} - {found.label}
    for proof in found.proofs.values():
        problem = proof.problem
        assert proof.bound > 0
        for (low, high), coordinate, width in zip(problem.box, found.point, _widths(found), strict=True):
            x = clipped(coordinate, classifier.clip)
            assert low <= clipped(x - found.radius * Fraction(width), classifier.clip)
            assert clipped(x + found.radius * Fraction(width), classifier.clip) <= high
        assert len(problem.constraints) == (found.norm == "2")


def _widths(found: CertifiedRadius) -> list[float]:
    if found.metric is None:
        return [1] * len(found.point)
    matrix = np.array([[float(entry) for entry in row] for row in found.metric])
    return [float(width) * (1 - 1e-9) for width in np.sqrt(np.diag(np.linalg.inv(matrix)))]


def _written(found: CertifiedRadius) -> tuple[Any, ...]:
    """All that is found, but for the time that it took."""
    files = [proof.to_file() for proof in found.proofs.values()]
    return found.radius, found.ceiling, found.label, found.point, found.rounds, files


LINEAR = _classifier("3*x + 4*y + 1", "0", "-x")


NEAR_BOTH = ["-1/3", "1/2"]
"""Where the margins of LINEAR are 2 and 5/3, with the slopes (3, 4) and (4, 4)."""


@pytest.mark.parametrize(("norm", "exact"), [("inf", 5 / 24), ("2", 5 / 12 / 2**0.5)])
def test_linear_scores_are_certified_up_to_the_tolerance(norm: Norm, exact: float) -> None:
    found = certified_radius(LINEAR, NEAR_BOTH, norm=norm)
    assert exact * (1 - WIDTH) <= found.radius < exact
    assert exact <= found.ceiling * (1 + WIDTH)
    assert found.label == 0
    assert found.is_complete
    _require_valid(found, LINEAR)


@pytest.mark.parametrize(
    ("norm", "exact"),
    [("inf", (2 - 0.25**2) ** 0.5 / 2 - 0.125), ("2", 0.75)],
)
def test_disc_is_certified_up_to_the_tolerance(norm: Norm, exact: float) -> None:
    # On the diagonal, (1/4 + r)^2 + r^2 = 1.
    classifier = _classifier("1 - x^2 - y^2", "0")
    found = certified_radius(classifier, ["1/4", 0], norm=norm)
    assert exact * (1 - 2e-3) <= found.radius < exact
    _require_valid(found, classifier)


def test_points_are_whatever_stands_for_an_array() -> None:
    tensor = torch.tensor([0.1, 0.25])
    for point in (tensor, [*tensor], tensor.numpy()):
        found = certified_radius(LINEAR, point, rounds=1)
        assert found.point == (Fraction(1, 10), Fraction(1, 4))  # what the numbers of 32 bits print as
    for wrong in (torch.zeros(1, 2), torch.tensor(0.1), torch.zeros(2, dtype=torch.bool)):
        with pytest.raises(BadInput, match="expected a "):
            certified_radius(LINEAR, wrong)


def test_margin_with_a_saddle_on_a_ball() -> None:
    classifier = _classifier("1/2 + x*y", "0")
    found = certified_radius(classifier, [0, 0], norm="2")
    assert 1 - WIDTH <= found.radius < 1
    _require_valid(found, classifier)


def test_balls_are_certified_without_squares_less_far() -> None:
    loaded = load_model("digits-quadratic", 4)
    for point in loaded.latents[:2]:
        exact, found = (
            certified_radius(loaded.latent_classifier, point, norm="2", squares=squares) for squares in (True, False)
        )
        found.verify(loaded.latent_classifier)
        assert 0.8 * exact.radius < found.radius < exact.radius
        for proof in found.proofs.values():
            assert not any(isinstance(reason, Square) for reason in proof.all_reasons())
            _require_axioms_of_the_ball(proof.problem, found)


def _require_axioms_of_the_ball(problem: Problem, found: CertifiedRadius) -> None:
    """All axioms that are not the bounds must hold on the ball, and one must be the ball."""
    rng = np.random.default_rng(0)
    axioms = [problem.in_own_coordinates(problem.axioms[k]) for k in problem.constraints]
    assert sum(axiom.degree == 2 for axiom in axioms) == 1
    centre = np.array([float(x) for x in found.point])
    for way in rng.normal(size=(50, len(centre))):
        edge = centre + way / np.linalg.norm(way) * float(found.radius) * (1 - 1e-6)
        assert all(axiom.evaluate([Fraction(x) for x in edge.tolist()]) >= 0 for axiom in axioms)


def test_directions_that_are_those_of_the_coordinates_are_no_trouble() -> None:
    for scores in (("1 - x", "0"), ("1 - x^2 - y^2/2", "0"), ("1 + x^2", "0")):
        found = certified_radius(_classifier(*scores), [0, 0], norm="2", squares=False, upper="3/2")
        assert 1 - 2 * WIDTH <= found.radius <= Fraction(3, 2)
        found.verify()


def test_squares_certify_margins_of_degree_four_on_balls() -> None:
    classifier = _classifier("1 - x^4 - x^2*y^2", "0")
    found = certified_radius(classifier, [0, 0], norm="2", tolerance="1/64")
    assert Fraction(31, 32) <= found.radius < 1
    _require_valid(found, classifier)


@pytest.mark.parametrize("model", ["digits-quadratic", "digits-linear"])
@pytest.mark.parametrize("norm", NORMS)
def test_certified_radii_are_near_those_of_attacks_and_never_above(model: str, norm: Norm) -> None:
    loaded = load_model(model, 4, "linear" if norm == "2" else "quadratic")
    classifier, points = loaded.latent_classifier, [loaded.latents[k] for k in range(3)]
    for point, attacked in zip(points, projected_gradient(classifier, points, norm=norm), strict=True):
        found = certified_radius(classifier, point, norm=norm)
        _require_valid(found, classifier)
        assert attacked is not None
        assert 0.9 * attacked.distance < found.radius < attacked.distance


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("seed", range(8))
def test_certified_radii_of_random_quadratics_are_below_what_attacks_find(norm: Norm, seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, num_classes = int(rng.integers(1, 4)), int(rng.integers(2, 5))
    ring = Ring([f"x{i}" for i in range(size)])
    monomials = [(), *((i,) for i in range(size)), *((i, j) for i in range(size) for j in range(i, size))]
    numbers = rng.integers(-20, 21, size=(num_classes, len(monomials))).tolist()
    classifier = PolynomialClassifier([Polynomial.of(ring, zip(monomials, row, strict=True)) for row in numbers])
    point = (rng.integers(-8, 9, size=size) / 8).tolist()
    found = certified_radius(classifier, point, norm=norm)
    (attacked,) = projected_gradient(classifier, [point], norm=norm)
    if found.radius:
        _require_valid(found, classifier)
    assert attacked is None or found.radius < attacked.distance
    if norm == "2" and attacked is not None:
        assert found.radius > Fraction(98, 100) * attacked.distance


def test_points_where_relaxations_fail_lie_outside() -> None:
    loaded = load_model("digits-quadratic", 4)
    points = loaded.latents[10:14]
    for point, attacked in zip(points, relaxation_minimisers(loaded.latent_classifier, points), strict=True):
        radius = certified_radius(loaded.latent_classifier, point).radius
        assert attacked is None or 0 < radius < attacked.distance


def test_bisection_does_not_depend_on_attacks(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _written(certified_radius(LINEAR, NEAR_BOTH))
    for name in ("projected_gradient", "random_directions", "relaxation_minimisers", "nearest_changes"):
        monkeypatch.delattr(f"polyproof_gym.robustness.attacks.{name}")
    assert _written(certified_radius(LINEAR, NEAR_BOTH)) == expected


@pytest.mark.parametrize("norm", NORMS)
def test_metric_measures_what_a_linear_generator_makes(norm: Norm) -> None:
    """With ``W'W`` the radius is that of the classifier of data, where ``W`` is invertible."""
    if norm == "inf":
        with pytest.raises(BadInput, match=r"^expected no metric beside the norm inf$"):
            certified_radius(LINEAR, [1, 1], norm=norm, metric=[[1, 0], [0, 1]])
        return
    u, v = (Polynomial.variable(Ring(("u", "v")), i) for i in range(2))
    generator = PolynomialGenerator([2 * u + v - 1, u - 3 * v])
    data = _classifier("1 - x^2 - y^2/2 + x*y/3", "x/2", "y - 1")
    latent = (Fraction(1, 2), Fraction(1, 7))
    of_data = certified_radius(data, generator.exactly(latent), norm="2")
    classifier = data.compose(generator)
    found = certified_radius(classifier, latent, norm="2", metric=[[5, -1], [-1, 10]])
    assert float(found.radius) == pytest.approx(float(of_data.radius), rel=2e-3)
    _require_valid(found, classifier)


def test_metric_of_euclid_is_no_metric() -> None:
    plain = certified_radius(LINEAR, [1, 1], norm="2")
    found = certified_radius(LINEAR, [1, 1], norm="2", metric=[[1, 0], [0, 1]])
    assert float(found.radius) == pytest.approx(float(plain.radius), rel=1e-3)


def test_metric_goes_with_a_clip() -> None:
    classifier = _classifier("2/3 - x", "0", clip=1)
    found = certified_radius(classifier, ["1/6", 3], norm="2", metric=[[4, 0], [0, 1]])
    assert 1 - WIDTH <= found.radius < 1  # up to 2/3, in units of 1/2
    _require_valid(found, classifier)


@pytest.mark.parametrize("norm", NORMS)
def test_more_classes_and_larger_scale_certify_less(norm: Norm) -> None:
    point = ["1/5", "2/5"]
    two = certified_radius(_classifier("1 + x - y^2/3", "x*y"), point, norm=norm)
    three = certified_radius(_classifier("1 + x - y^2/3", "x*y", "1 - x"), point, norm=norm)
    assert three.radius <= two.radius
    scaled = _classifier("1 + 2*x - 4*y^2/3", "4*x*y", "1 - 2*x")  # at half the coordinates
    assert float(certified_radius(scaled, ["1/10", "1/5"], norm=norm).radius) == pytest.approx(
        float(three.radius) / 2, rel=2e-3
    )


@pytest.mark.parametrize("norm", NORMS)
def test_constant_scores_are_certified_up_to_the_most(norm: Norm) -> None:
    classifier = _classifier("1", "0", "1/2")
    found = certified_radius(classifier, [0, 0], norm=norm, upper=3)
    assert found.radius == found.ceiling == 3
    _require_valid(found, classifier)


@pytest.mark.parametrize("norm", NORMS)
def test_radius_is_zero_in_a_tie_and_for_another_label(norm: Norm) -> None:
    for found in (
        certified_radius(_classifier("x", "y"), [1, 1], norm=norm),
        certified_radius(_classifier("x", "y"), [1, 0], norm=norm, label=1),
    ):
        assert (found.radius, found.proofs, found.rounds) == (0, {}, 0)
        found.verify()


@pytest.mark.parametrize(
    ("score", "exact"),
    [
        ("(x - 1/2)^2 + 1/100", 4),
        ("8 - 7*x + 9*x^2 - x^3", 4),
        ("5 + 4*x + 7*x^2 - 6*x^3", 1.79618),
        ("(x - 1/2)^2 + (y - x)^2 + 1/100", 4),
    ],
)
def test_minimum_inside_costs_products_something_and_squares_nothing(score: str, exact: float) -> None:
    classifier = _classifier(score, "0")
    by_products = certified_radius(classifier, [0, 0], squares=False)
    found = certified_radius(classifier, [0, 0])
    assert 0 < by_products.radius < 0.99 * exact
    assert exact * (1 - 2 * WIDTH) <= found.radius <= exact
    assert by_products.radius < found.ceiling
    assert not any(isinstance(reason, Square) for reason in by_products.proofs[1].all_reasons())
    _require_valid(found, classifier)


def test_squares_are_tried_once_where_products_reach_far_enough() -> None:
    seen: list[Probe] = []
    classifier = _classifier("1 - x^2 - y^2", "0", "-2")
    found = certified_radius(classifier, ["1/4", 0], on_probe=seen.append)
    failed = [probe for probe in seen if not probe.is_proved]
    assert [probe.radius > found.radius * Fraction(129, 128) * (1 - WIDTH) for probe in failed] == [True]
    assert found.ceiling < failed[0].radius


def test_agents_can_be_chosen() -> None:
    found = certified_radius(LINEAR, NEAR_BOTH, agent="dual-guided", max_steps=20, tolerance="1/16")
    assert Fraction(5, 24) * Fraction(14, 16) <= found.radius < Fraction(5, 24)
    _require_valid(found, LINEAR)


def test_many_variables_are_left_to_an_agent() -> None:
    ring = Ring([f"x{i}" for i in range(25)])
    score = Polynomial.of(ring, [((), 10), ((0, 1, 2), -1), ((3,), -1)])
    classifier = PolynomialClassifier([score, Polynomial(ring, {})])
    found = certified_radius(classifier, [0] * 25, upper=2, tolerance="1/2", max_steps=20)
    assert found.radius == 1
    _require_valid(found, classifier)


@pytest.mark.parametrize("norm", NORMS)
def test_points_outside_of_the_clip_are_those_that_they_are_projected_on(norm: Norm) -> None:
    classifier = _classifier("1/4 + x", "0", clip="1/2")
    found = certified_radius(classifier, [3, 0], norm=norm)
    assert Fraction(3, 4) * (1 - 2 * WIDTH) <= found.radius < Fraction(3, 4)
    _require_valid(found, classifier)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("score", ["1 - x^2 + y/2", "3/4 - x + x*y/3", "1 - (x - 1)^2 - y^4/2"])
def test_what_polynomials_are_outside_of_the_clip_does_not_matter(norm: Norm, score: str) -> None:
    """Up to the radius no point on a grid has another label, and it is near that of the nearest one that has."""
    classifier = _classifier(score, "0", clip=1)
    point = [Fraction(15, 16), Fraction(1, 2)]
    found = certified_radius(classifier, point, norm=norm, upper=3)
    _require_valid(found, classifier)
    steps = np.arange(-64, 65) / 32
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    distances = np.linalg.norm(grid - np.array(point, float), np.inf if norm == "inf" else 2, axis=1)
    nearest = min(distances[classifier.labels_at(grid) != found.label], default=3)
    assert nearest - 0.1 <= found.radius <= nearest
    unclipped = certified_radius(PolynomialClassifier(classifier.map), point, norm=norm, upper=3)
    assert unclipped.radius <= found.radius * (1 + 2 * WIDTH)


def test_rounds_are_told_and_limited() -> None:
    seen: list[Probe] = []
    found = certified_radius(LINEAR, NEAR_BOTH, agent="dual-guided", rounds=3, on_probe=seen.append)
    assert len(seen) == found.rounds
    assert not found.is_complete
    assert [probe.radius for probe in seen[:3]] == [4, 2, 1]
    assert found.radius == max((p.radius for p in seen if p.is_proved), default=0) == 0


def test_a_stop_leaves_what_is_proved() -> None:
    with stopping.time_limit(-1):
        found = certified_radius(LINEAR, NEAR_BOTH)
    assert (found.radius, found.is_complete) == (0, False)
    assert certified_radius(LINEAR, NEAR_BOTH, seconds=60).is_complete


def test_same_question_has_the_same_answer() -> None:
    assert _written(certified_radius(LINEAR, [0.1, 0.2])) == _written(certified_radius(LINEAR, ["1/10", "1/5"]))


def test_proofs_can_be_saved_and_read_again(tmp_path: Path) -> None:
    found = certified_radius(LINEAR, NEAR_BOTH, norm="2")
    files = found.save(tmp_path / "proofs")
    assert [file.name for file in files] == ["rival-1.json", "rival-2.json"]
    for file, proof in zip(files, found.proofs.values(), strict=True):
        assert load_proof(file).bound == proof.bound


def test_a_proof_of_less_is_not_accepted() -> None:
    found = certified_radius(_classifier("1 - x^2 - y^2", "0"), [0, 0])
    proof = found.proofs[1]
    found = CertifiedRadius(**{**found.__dict__, "proofs": {1: Proof(proof.problem, (), {})}})
    with pytest.raises(InvalidProof, match=r"^the margin over class 1 is not proved to be positive$"):
        found.verify()


def test_proofs_are_compared_with_a_classifier() -> None:
    found = certified_radius(LINEAR, NEAR_BOTH)
    found.verify(LINEAR)
    other = _classifier("3*x + 4*y + 1", "1/100", "-x")
    cases: list[tuple[PolynomialClassifier, dict[str, Any], str]] = [
        (other, {}, r"^the proof for the margin over class 1 is one of something else$"),
        (LINEAR, {"point": (0, Fraction(1, 2))}, r"class 1 is one of something else$"),
        (LINEAR, {"label": 2}, r"^there is no proof for the margin over class 0 up to the radius$"),
        (LINEAR, {"radius": Fraction(1)}, r"^there is no proof for the margin over class 1 up to the radius$"),
        (LINEAR, {"reach": dict.fromkeys((1, 2), 1)}, r"class 1 is one of something else$"),
        (LINEAR, {"proofs": {2: found.proofs[2]}}, r"^there is no proof for the margin over class 1"),
        (LINEAR, {"proofs": {1: found.proofs[2], 2: found.proofs[1]}}, r"class 1 is one of something else$"),
        (_classifier("3*x + 4*y + 1", "0", "-x", "-1"), {}, r"^there is no proof for the margin over class 3"),
    ]
    for classifier, changes, message in cases:
        with pytest.raises(InvalidProof, match=message):
            CertifiedRadius(**{**found.__dict__, **changes}).verify(classifier)
    ball = certified_radius(LINEAR, NEAR_BOTH, norm="2")
    with pytest.raises(InvalidProof, match=r"class 1 is one of something else$"):
        CertifiedRadius(**{**ball.__dict__, "norm": "inf"}).verify(LINEAR)
    with pytest.raises(BadInput, match=r"classifier"):
        found.verify(3)  # type: ignore[arg-type]


def test_inequalities_that_do_not_hold_on_the_ball_are_not_accepted() -> None:
    classifier = _classifier("1 - x^2 - x*y/3", "y/4")
    found = certified_radius(classifier, [0, 0], norm="2", squares=False)
    found.verify(classifier)
    proof = found.proofs[1]
    assert isinstance(proof, Proof)
    too_much = Polynomial.of(proof.problem.ring, [((0,), 1), ((), Fraction(-1, 4))])
    wrong = replace(proof, problem=replace(proof.problem, axioms=(*proof.problem.axioms, too_much.primitive())))
    with pytest.raises(InvalidProof, match=r"class 1 is one of something else$"):
        CertifiedRadius(**{**found.__dict__, "proofs": {1: wrong}}).verify(classifier)


@pytest.mark.parametrize(
    ("point", "options", "message"),
    [
        ([0], {}, r"^expected a point with 2 coordinates, got 1$"),
        ([0, float("nan")], {}, r"^expected a finite number as coordinate 2, got nan$"),
        ([0, 0], {"norm": "1"}, r"^expected one of 'inf', '2' as norm, got '1'$"),
        ([0, 0], {"label": 3}, r"^expected a whole number from 0 to 2 as label, got 3$"),
        ([0, 0], {"upper": 0}, r"^expected upper to be positive"),
        ([0, 0], {"tolerance": 1}, r"tolerance at least 1/4096 and less than 1$"),
        ([0, 0], {"tolerance": "1/5000"}, r"tolerance at least 1/4096 and less than 1$"),
        ([0, 0], {"rounds": 0}, r"^expected a whole number of at least 1 as rounds"),
        ([0, 0], {"squares": 1}, r"^expected True or False as squares, got 1$"),
        ([0, 0], {"norm": "2", "squares": False, "metric": [[1, 0], [0, 1]]}, r"^expected a classifier of degree 2"),
        ([1, 0], {"agent": "nobody"}, r"nobody"),
        (["1e400", 0], {}, r"^expected scores whose coefficients .* are up to 1e100$"),
        ([0, 0], {"upper": "1e400"}, r"^expected upper to be positive and up to 1e100"),
        ([0, 0], {"on_probe": 3}, r"^expected a function as on_probe, got 3$"),
        ([0, 0], {"norm": "2", "metric": [[1, 1], [1, f"1.{'0' * 20}1"]]}, r"^expected a metric that is positive def"),
        ([0, 0], {"norm": "2", "metric": [["1e400", 0], [0, 1]]}, r"^expected a metric that is positive definite"),
    ],
)
def test_bad_input_is_told(point: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        certified_radius(LINEAR, point, **options)


def test_one_class_is_told() -> None:
    with pytest.raises(BadInput, match=r"^expected the scores of at least 2 classes, got 1$"):
        certified_radius(_classifier("x"), [0, 0])
