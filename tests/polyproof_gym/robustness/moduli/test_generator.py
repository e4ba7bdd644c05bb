from __future__ import annotations

import numpy as np
import pytest

from polyproof_gym import BadInput, Proof
from polyproof_gym.polynomials import Ring, parse_polynomial
from polyproof_gym.robustness import (
    ClassProbabilities,
    PolynomialGenerator,
    RobustnessLimit,
    Status,
    derivative_problem,
    generator_modulus,
    linear_modulus,
    load_model,
    quadratic_modulus,
    sampled_modulus,
)
from polyproof_gym.robustness.modulus import Norm

RING = Ring(["a", "b"])


def generator(*components: str, clip: object = None) -> PolynomialGenerator:
    return PolynomialGenerator([parse_polynomial(text, RING) for text in components], clip)


@pytest.mark.parametrize("norm", ["2", "inf"])
@pytest.mark.parametrize("clip", [None, 3])
def test_linear_ones_need_no_clip(norm: Norm, clip: object) -> None:
    modulus = generator_modulus(generator("2*a + b/3 + 5", "b - a", "7", clip=clip), norm)
    assert modulus == linear_modulus([[2, "1/3"], [-1, 1], [0, 0]], norm)
    assert modulus.status is Status.EXACT


@pytest.mark.parametrize("norm", ["2", "inf"])
def test_quadratic_ones_are_bounded_on_their_box(norm: Norm) -> None:
    made = generator("a^2 - 3*a*b + b/2", "a - b^2", clip="3/2")
    modulus = generator_modulus(made, norm)
    assert modulus == quadratic_modulus([[0, "1/2"], [1, 0]], [[[1, -3], [0, 0]], [[0, 0], [0, -1]]], "3/2", norm)
    assert sampled_modulus(made, 2, norm=norm).constant <= modulus.constant


def test_others_are_bounded_by_a_proof() -> None:
    made = generator("a^3 + b", "a*b^2", clip=1)
    with pytest.raises(BadInput, match="expected a proof about the derivative of a generator of degree 3"):
        generator_modulus(made)
    proof = Proof(derivative_problem(made.components, 1), (), {})
    for norm in ("2", "inf"):
        modulus = generator_modulus(made, norm, proof)
        assert modulus.status is Status.CERTIFIED
        assert modulus.norm == norm
        assert sampled_modulus(made, 2).constant <= modulus.constant


@pytest.mark.parametrize("component", ["a^2", "a^3"])
def test_others_than_linear_ones_need_a_clip(component: str) -> None:
    with pytest.raises(BadInput, match="expected a generator with a clip"):
        generator_modulus(generator(component))


def test_other_objects_are_refused() -> None:
    with pytest.raises(BadInput, match="expected an object of class PolynomialGenerator as generator"):
        generator_modulus([[1, 2]])  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["linear", "quadratic"])
@pytest.mark.parametrize("norm", ["2", "inf"])
def test_shipped_generators_change_no_faster(kind: str, norm: Norm) -> None:
    model = load_model("digits-quadratic", latent=6, generator=kind)
    modulus = generator_modulus(model.generator, norm)
    assert modulus.status <= Status.CERTIFIED
    estimate = sampled_modulus(model.generator, 6, norm=norm)
    assert 0.2 * modulus.constant <= estimate.constant <= modulus.constant


def test_a_shipped_classifier_changes_its_label_as_often_as_the_limit_says() -> None:
    model = load_model("digits-linear", latent=8)
    weights = model.latent_classifier
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((4000, 8))
    latents = latents[(np.abs(latents) < 3).all(axis=1)]  # inside the clip, where the scores are linear
    scores = weights.scores_at(latents)
    slopes = (weights.scores_at(np.eye(8)) - weights.scores_at(np.zeros((1, 8)))).T
    labels = scores.argmax(axis=1)
    margins = scores[np.arange(len(scores)), labels][:, None] - scores
    distances = np.linalg.norm(slopes[labels][:, None] - slopes, axis=2)
    distances[np.arange(len(scores)), labels] = np.inf
    margins[np.arange(len(scores)), labels] = 0
    radii = np.where(np.isfinite(distances), margins / np.maximum(distances, 1e-12), np.inf).min(axis=1)
    limit = RobustnessLimit(ClassProbabilities.from_counts(np.bincount(labels, minlength=10)))
    for t in (0.1, 0.3, 0.5, 1.0):
        beyond = limit.fraction_beyond(t)
        assert (radii > t).mean() <= beyond + 3 * np.sqrt(beyond * (1 - beyond) / len(radii))
    assert radii.mean() <= limit.expected()
