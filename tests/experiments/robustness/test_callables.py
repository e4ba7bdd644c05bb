from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from experiments.robustness.callables import as_classifier, as_generator
from polyproof_gym import BadInput

POINTS = np.random.default_rng(0).normal(size=(5, 3))


def test_functions_are_taken_as_they_are() -> None:
    assert np.array_equal(as_classifier(lambda points: points[:, :2])(POINTS), POINTS[:, :2])
    assert np.array_equal(as_generator(lambda points: (2 * points).tolist())(POINTS), 2 * POINTS)


def test_one_score_is_that_of_the_second_of_two_classes() -> None:
    for arranged in (POINTS[:, 0], POINTS[:, :1]):
        scores = as_classifier(lambda points, arranged=arranged: arranged)(POINTS)
        assert np.array_equal(scores.argmax(axis=1), POINTS[:, 0] > 0)


def test_torch_modules_are_used_without_dropout_and_gradients() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Dropout(0.5))
    scores = as_classifier(module)(POINTS)
    assert np.array_equal(scores, as_classifier(module)(POINTS))
    expected = module[0](torch.as_tensor(POINTS, dtype=torch.float32)).detach().numpy()
    assert np.allclose(scores, expected)


def test_estimators_of_scikit_learn() -> None:
    linear_model, decomposition = (pytest.importorskip(f"sklearn.{name}") for name in ("linear_model", "decomposition"))
    points = np.random.default_rng(1).normal(size=(60, 3))
    for labels in (points[:, 0] > 0, points.argmax(axis=1)):
        classifier = linear_model.LogisticRegression().fit(points, labels)
        places = as_classifier(classifier)(points).argmax(axis=1)
        assert np.array_equal(classifier.classes_[places], classifier.predict(points))
    components = decomposition.PCA(2, whiten=True).fit(points)
    latents = np.random.default_rng(2).normal(size=(4, 2))
    assert np.array_equal(as_generator(components)(latents), components.inverse_transform(latents))


def test_labels_are_no_scores() -> None:
    with pytest.raises(BadInput, match=r"the classifier: .* \(expected scores, got whole numbers, as labels are\)"):
        as_classifier(lambda points: points.argmax(axis=1))(POINTS)
    assert as_classifier(lambda points: points[:, 0] > 0)(POINTS).shape == (5, 2)


def test_estimators_have_one_score_for_each_class() -> None:
    svm = pytest.importorskip("sklearn.svm")
    points = np.random.default_rng(1).normal(size=(60, 4))
    pairs = svm.SVC(decision_function_shape="ovo").fit(points, points.argmax(axis=1))
    with pytest.raises(BadInput, match="expected one score for each of 4 classes, got 6"):
        as_classifier(pairs)(points)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("a name", "expected a function, a torch module or a scikit-learn estimator as generator"),
        (lambda points: points[:2], r"the generator: expected 5 rows for as many points, got shape \(2, 3\)"),
        (lambda points: points[:, 0], "the generator: expected 5 rows"),
        (lambda points: points / 0.0 * 0.0, "the generator: expected finite numbers"),
        (lambda points: points @ np.ones((2, 2)), r"the generator: points of shape \(5, 3\) cannot be used"),
        (lambda points: "text", "the generator: points of shape"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning", "ignore:divide by zero:RuntimeWarning")
def test_what_cannot_be_used(given: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        as_generator(given)(POINTS)
