from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import BadInput
from polyproof_gym.robustness.models import FOLDER, KINDS, latent_sizes, load_model, model_names

EVERY = [(name, latent, kind) for name in model_names() for kind in KINDS for latent in latent_sizes(name, kind)]
every_model = pytest.mark.parametrize(("name", "latent", "kind"), EVERY)


def test_the_models_of_the_documentation_are_there() -> None:
    assert {"digits-linear", "digits-quadratic", "digits-quartic"} <= {*model_names()}
    assert len({name.partition("-")[0] for name in model_names()}) >= 3
    for kind in KINDS:
        assert latent_sizes("digits-quartic", kind) == [4, 6, 8, 20]


@every_model
def test_held_out_points_are_classified_as_the_record_says(name: str, latent: int, kind: str) -> None:
    """Some of the test data are shipped, so the share is close to the recorded one and need not be equal."""
    model = load_model(name, latent, kind)
    assert model.generator.latent == latent
    assert len(model.latents) == len(model.labels)
    points = np.array(model.latents, float)
    assert np.abs(points).max() <= float(model.generator.clip or 0)
    share = (model.latent_classifier.labels_at(points) == np.array(model.labels)).mean()
    recorded = model.training["classifier"]["accuracy_on_reconstructions"][f"{kind}-{latent}"]
    assert share == pytest.approx(recorded, abs=0.05)


@pytest.mark.parametrize("name", model_names())
def test_models_are_accurate_and_have_a_record(name: str) -> None:
    model = load_model(name, latent_sizes(name)[0])
    assert model.accuracy >= 0.94
    assert {"command", "seed", "data", "split", "train_accuracy", "weight_decay"} <= model.training["classifier"].keys()
    assert {"command", "seed", "data", "split", "reconstruction_error"} <= model.training["generator"].keys()


def test_digits_have_enough_held_out_points_of_every_class() -> None:
    labels = load_model("digits-linear").labels
    assert len(labels) >= 150
    assert min(labels.count(digit) for digit in range(10)) >= 5


@pytest.mark.parametrize(("name", "degree"), [("digits-linear", 1), ("digits-quadratic", 2), ("digits-quartic", 4)])
def test_degrees(name: str, degree: int) -> None:
    assert load_model(name, 4).latent_classifier.degree == degree
    assert load_model(name, 4, "quadratic").latent_classifier.degree == 2 * degree
    assert max(score.degree for score in load_model(name, 4).latent_classifier.scores) == degree


def test_exact_and_float_scores_agree() -> None:
    for kind in KINDS:
        model = load_model("digits-quartic", 6, kind)
        floats = model.latent_classifier.scores_at(np.array(model.latents[:3], float))
        for latent, scores in zip(model.latents, floats, strict=False):
            exact = model.latent_classifier.exact_scores(latent)
            np.testing.assert_allclose(scores, np.array(exact, float), rtol=1e-9)
            assert exact == model.classifier.exact_scores(model.generator.exactly(latent))


def test_numbers_are_whole_over_powers_of_two() -> None:
    model = load_model("digits-quadratic", 4)
    numbers = [Fraction(c) for p in model.generator.components for c in p.terms.values()]
    numbers += [Fraction(c) for latent in model.latents for c in latent]
    assert all(number.denominator & (number.denominator - 1) == 0 for number in numbers)


def test_files_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*.json")) < 500_000


def test_a_model_is_loaded_once() -> None:
    assert load_model("iris-linear", 2) is load_model("iris-linear", 2)


@pytest.mark.parametrize(
    ("load", "message"),
    [
        (lambda: load_model("digits-quadratc"), "unknown model 'digits-quadratc', did you mean 'digits-quadratic'?"),
        (lambda: load_model("nothing at all"), "expected one of cancer-linear"),
        (lambda: load_model("../x"), "unknown model '../x'"),
        (lambda: load_model("digits-linear", 5), "expected latent as one of 4, 6, 8, 20 for digits-linear, got 5"),
        (lambda: load_model("digits-linear", 4, "cubic"), "unknown generator 'cubic'"),
    ],
)
def test_what_is_not_there_is_named(load: Callable[[], object], message: str) -> None:
    with pytest.raises(BadInput) as error:
        load()
    assert message in str(error.value)
    assert "\n" not in str(error.value)
