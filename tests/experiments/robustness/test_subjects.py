from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from experiments.robustness.subjects import MAX_LATENT, from_file, make_subject, normal_point, own, trained
from polyproof_gym import BadInput
from polyproof_gym.robustness import Status
from polyproof_gym.robustness.models import load_model

OWN = """
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

@dataclass
class Thresholds:
    at: float

    def __call__(self, data):
        return data[:, 0] - self.at

def thresholds():
    from beside import AT

    return Thresholds(AT), lambda latents: latents, 3

def halves():
    return lambda data: data[:, 0], lambda latents: 2 * latents, 3

def wrong():
    return 1, 2

def failing():
    raise RuntimeError("nothing is here\\nat all")

number = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return path


def test_a_model_that_comes_with_the_package() -> None:
    subject = make_subject("iris-quadratic:latent=2,generator=quadratic")
    model = load_model("iris-quadratic", 2, "quadratic")
    assert (subject.latent, subject.classes, subject.held_out) == (2, 3, model.latents)
    assert subject.modulus.status is Status.CERTIFIED
    latents = np.random.default_rng(0).normal(size=(20, 2))
    assert np.allclose(subject.scores(latents), model.classifier.scores_at(model.generator(latents)))


def test_a_model_is_trained_with_another_number_of_latent_variables() -> None:
    pytest.importorskip("sklearn")
    subject = trained("iris-linear:latent=1")
    assert (subject.latent, subject.classes) == (1, 3)
    assert subject.polynomial is not None
    assert all(len(point) == 1 for point in subject.held_out)
    with pytest.raises(BadInput, match="latent"):
        trained("iris-linear:latent=5")
    with pytest.raises(BadInput, match="cubic"):
        trained("iris-cubic")


def test_ties_are_decided_exactly() -> None:
    subject = make_subject("iris-linear:latent=2")
    polynomial = subject.polynomial
    assert polynomial is not None
    latents = np.random.default_rng(0).normal(size=(200, 2))
    assert subject.labels(latents).tolist() == [polynomial.label([Fraction(x) for x in z]) for z in latents.tolist()]


def test_what_a_function_in_a_file_gives(file: Path) -> None:
    subject = from_file(f"{file}:halves")
    assert (subject.latent, subject.classes, subject.polynomial) == (3, 2, None)
    assert subject.modulus.status is Status.ESTIMATED
    assert subject.labels(np.array([[1.0, 0, 0], [-1, 0, 0]])).tolist() == [1, 0]


def test_files_may_define_classes_and_use_modules_beside_them(file: Path) -> None:
    (file.parent / "beside.py").write_text("AT = 1.5")
    subject = from_file(f"{file}:thresholds")
    assert subject.labels(np.array([[1.6, 0, 0], [1.4, 0, 0]])).tolist() == [1, 0]


def test_subjects_of_one_name_are_told_apart() -> None:
    first, second = (own("test", lambda data, i=i: data[:, i], lambda latents: latents, 2) for i in (0, 1))
    assert first.fingerprint() == first.fingerprint() != second.fingerprint()
    model = load_model("iris-linear", 2)
    exact = own("test", model.classifier, model.generator, 2)
    floats = own("test", model.classifier, model.generator.__call__, 2)
    assert exact.fingerprint().split() == ["polynomial", floats.fingerprint().split()[1]]
    assert floats.fingerprint().startswith("function ")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wrong", r"expected \(classifier, generator, latent\), got"),
        ("failing", r"cannot be used \(RuntimeError: nothing is here\)$"),
        ("number", "expected a function number"),
        ("missing", "expected a function missing"),
    ],
)
def test_functions_that_cannot_be_used(name: str, message: str, file: Path) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        from_file(f"{file}:{name}")
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file"):
        make_subject(f"{tmp_path}/none.py:halves")
    (tmp_path / "broken.py").write_text("def")
    with pytest.raises(BadInput, match=r"expected FILE\.py:FUNCTION"):
        make_subject(f"{tmp_path}/none.py:")
    with pytest.raises(BadInput, match="SyntaxError"):
        make_subject(f"{tmp_path}/broken.py:halves")
    with pytest.raises(BadInput, match="expected a model that comes with the package"):
        make_subject(f"{tmp_path}/broken.py:halves", is_trained=True)


def test_parts_that_do_not_fit_together() -> None:
    with pytest.raises(BadInput, match="points of shape"):
        own("test", lambda data: data @ np.ones((2, 2)), lambda latents: latents, 3)
    with pytest.raises(BadInput, match="at least 2 classes"):
        own("test", lambda data: np.ones((len(data), 0)), lambda latents: latents, 3)
    model = load_model("iris-linear", 2)
    with pytest.raises(BadInput, match="expected a generator of 3 latent variables, got one of 2"):
        own("test", model.classifier, model.generator, 3)
    with pytest.raises(BadInput, match=f"{MAX_LATENT}"):
        own("test", lambda data: data, lambda latents: latents, MAX_LATENT + 1)


def test_polynomials_of_ones_own_can_be_certified() -> None:
    model = load_model("iris-linear", 2)
    subject = own("test", model.classifier, model.generator, 2)
    assert subject.polynomial is not None
    mixed = own("test", model.classifier, model.generator.__call__, 2)
    assert mixed.polynomial is None
    latents = np.random.default_rng(0).normal(size=(10, 2))
    assert np.allclose(mixed.scores(latents), subject.scores(latents))


def test_random_points_are_exact_and_known_by_their_number() -> None:
    assert normal_point(4, 0, 7) == normal_point(4, 0, 7) != normal_point(4, 0, 8)
    points = np.array([[float(x) for x in normal_point(3, 1, index)] for index in range(2000)])
    assert abs(points.mean()) < 0.05
    assert points.std() == pytest.approx(1, abs=0.05)
