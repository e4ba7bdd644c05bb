from __future__ import annotations

import numpy as np
import pytest

from experiments.robustness.linear import LinearScores


@pytest.mark.parametrize(("classes", "inputs"), [(2, 3), (5, 2), (10, 6)])
def test_within_the_distance_the_class_is_the_same_and_just_beyond_it_is_not(classes: int, inputs: int) -> None:
    rng = np.random.default_rng(classes)
    scores = LinearScores.random(rng, classes, inputs)
    points = rng.normal(size=(50, inputs))
    labels, distances = scores.labels(points), scores.distances(points)
    ways = rng.normal(size=(400, 50, inputs))
    ways /= np.linalg.norm(ways, axis=2, keepdims=True)
    for way in ways:
        assert np.array_equal(scores.labels(points + 0.999 * distances[:, None] * way), labels)
    # The nearest point of another class is in the direction in which some margin falls fastest.
    slopes = scores.weights[None] - scores.weights[labels][:, None]
    lengths = np.linalg.norm(slopes, axis=2, keepdims=True)
    steps = np.divide(slopes, lengths, out=np.zeros_like(slopes), where=lengths > 0) * 1.001 * distances[:, None, None]
    ends = points[:, None] + steps
    changed = [(scores.labels(end) != label).any() for end, label in zip(ends, labels, strict=True)]
    assert all(changed)


def test_classes_with_equal_weights_are_no_rivals_of_each_other() -> None:
    scores = LinearScores(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]), np.array([1.0, 0.0, 0.0]))
    assert scores.distances(np.array([[2.0, 5.0]])).tolist() == [3.0]
    alone = LinearScores(np.zeros((2, 2)), np.array([1.0, 0.0]))
    assert np.isinf(alone.distances(np.zeros((1, 2)))).all()


def test_linear_scores_are_recovered_and_composed() -> None:
    rng = np.random.default_rng(0)
    scores = LinearScores.random(rng, 4, 3)
    again = LinearScores.of(scores, 3)
    assert np.allclose(again.weights, scores.weights)
    assert np.allclose(again.bias, scores.bias)
    matrix, shift, latents = rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=(7, 2))
    assert np.allclose(scores.after(matrix, shift)(latents), scores(latents @ matrix.T + shift))
