"""What is examined: a classifier of data, and the generator that makes them of normally distributed latent points."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from experiments.robustness.callables import ArrayFunction, as_classifier, as_generator
from experiments.robustness.linear import Labels
from experiments.robustness.moduli import modulus_of
from polyproof_gym import BadInput
from polyproof_gym.arguments import one_of, shown, whole
from polyproof_gym.polynomials import Rational
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.generator import PolynomialGenerator
from polyproof_gym.robustness.maps import FloatArray
from polyproof_gym.robustness.models import KINDS, load_model
from polyproof_gym.robustness.modulus import Modulus
from polyproof_gym.specs import Spec

Point = tuple[Rational, ...]
"""Exact coordinates."""

PLACES = 20
"""Binary places to which random latent points are rounded."""

MAX_LATENT = 10_000
"""Most latent variables."""

FINGERPRINT_POINTS = 200
"""Latent points by whose classes subjects of one name are told apart."""

OWN_MODULE = "own_model"
"""What stands before the names of modules of others, so that these are not taken for those of a package."""

CLOSE = 1e-6
"""Two scores that are closer, relative to their size, are compared exactly where that is possible."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A classifier with the generator of its data.

    Attributes:
        name: What reports call it.
        latent: Number of latent variables.
        classes: Number of classes.
        scores: The classifier's scores of what the generator makes of latent points.
        modulus: How far the generator moves the data when a latent point moves.
        polynomial: The same scores as exact polynomials; ``None`` where they are none, and nothing can be certified.
        held_out: Latent points of held-out data, if there are any.
    """

    name: str
    latent: int
    classes: int
    scores: ArrayFunction
    modulus: Modulus
    polynomial: PolynomialClassifier | None = None
    held_out: tuple[Point, ...] = ()

    def labels(self, latents: FloatArray) -> Labels:
        """The classes of latent points, shape ``(points,)``; where two scores are close, exactly if possible."""
        scores = self.scores(latents)
        labels: Labels = scores.argmax(axis=1)
        if self.polynomial is not None:
            second, first = np.partition(scores, -2, axis=1)[:, -2:].T
            for row in np.flatnonzero(first - second <= CLOSE * (1 + np.abs(first))):
                labels[row] = self.polynomial.label([Fraction(x) for x in latents[row].tolist()])
        return labels

    def fingerprint(self) -> str:
        """What tells it from others of its name: whether it is polynomial, and a hash of the classes of some points."""
        latents = np.random.default_rng(0).normal(size=(FINGERPRINT_POINTS, self.latent))
        digest = hashlib.sha256(self.labels(latents).astype("<i8").tobytes()).hexdigest()
        return f"{'function' if self.polynomial is None else 'polynomial'} {digest[:12]}"


def shipped(spec: str) -> Subject:
    """A classifier and a generator that come with the package: ``digits-quadratic:latent=8,generator=linear``.

    Raises:
        BadInput: If there is none.
    """
    parsed = Spec.of(spec)
    model = load_model(parsed.name, **parsed.values({"latent": int, "generator": str}))
    return _polynomial(spec, model.latent_classifier, model.generator, tuple(model.latents))


def trained(spec: str) -> Subject:
    """The same, trained anew, which takes seconds: the number of latent variables is free then.

    Raises:
        BadInput: If there is none, or scikit-learn is missing.
    """
    from experiments.robustness.training.main import SOURCES, fit_generator, load_data, train_classifier

    parsed = Spec.of(spec)
    source_name, _, kind = parsed.name.partition("-")
    source = SOURCES[one_of(source_name, "the data of a model", SOURCES)]
    hidden = source.hidden[one_of(kind, f"the model of {source_name}", source.hidden)]
    settings = {"latent": 8, "generator": KINDS[0], **parsed.values({"latent": int, "generator": str})}
    data = load_data(source)
    latent = whole(settings["latent"], "latent", 1, data.train.shape[1])
    fitted = fit_generator(data.train, latent, one_of(settings["generator"], "generator", KINDS))
    composed = PolynomialClassifier(train_classifier(data, hidden)).compose(fitted.generator)
    held_out = tuple(tuple(map(Fraction, code)) for code in fitted.encode(data.test).tolist())
    return _polynomial(f"{spec} (trained)", composed, fitted.generator, held_out)


def _polynomial(
    name: str, composed: PolynomialClassifier, generator: PolynomialGenerator, held_out: tuple[Point, ...] = ()
) -> Subject:
    return Subject(
        name=name,
        latent=composed.num_inputs,
        classes=composed.num_classes,
        scores=composed.scores_at,
        modulus=modulus_of(generator, composed.num_inputs),
        polynomial=composed,
        held_out=held_out,
    )


def own(name: str, classifier: Any, generator: Any, latent: int, seed: int = 0) -> Subject:
    """A classifier and a generator of others.

    Args:
        name: What reports call them.
        classifier: See :func:`~experiments.robustness.callables.as_classifier`; or a polynomial one.
        generator: See :func:`~experiments.robustness.callables.as_generator`; or a polynomial one.
        latent: Number of latent variables.
        seed: Seed of the samples that a modulus is estimated from where none is certified.

    Raises:
        BadInput: If these cannot be used, or do not fit together.
    """
    latent = whole(latent, "latent", 1, MAX_LATENT)
    if isinstance(classifier, PolynomialClassifier) and isinstance(generator, PolynomialGenerator):
        composed = classifier.compose(generator)
        if composed.num_inputs != latent:
            raise BadInput(f"expected a generator of {latent} latent variables, got one of {composed.num_inputs}")
        return _polynomial(name, composed, generator)
    classify = as_classifier(classifier.scores_at if isinstance(classifier, PolynomialClassifier) else classifier)
    generate = as_generator(generator)
    classes = classify(generate(np.zeros((2, latent)))).shape[1]
    if classes < 2:
        raise BadInput(f"the classifier: expected scores of at least 2 classes, got {classes}")
    modulus = modulus_of(generator, latent, seed)
    return Subject(name, latent, classes, lambda latents: classify(generate(latents)), modulus)


def from_file(text: str, seed: int = 0) -> Subject:
    """What a function in a Python file gives: a classifier, a generator and the number of latent variables.

    Args:
        text: The file and the name of the function, with a colon between.
        seed: See :func:`own`.

    Raises:
        BadInput: If there is no such function, it cannot be called, or gives something else.
    """
    place, _, name = text.rpartition(":")
    path = Path(place)
    if not name:
        raise BadInput(f"{text}: expected FILE.py:FUNCTION")
    if not path.is_file():
        raise BadInput(f"{path}: there is no such file")
    module_spec = importlib.util.spec_from_file_location(f"{OWN_MODULE}.{path.stem}", path)
    assert module_spec is not None
    assert module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    folder = str(path.parent.resolve())
    if folder not in sys.path:
        sys.path.append(folder)  # for modules beside it
    sys.modules[module_spec.name] = module  # where dataclasses look themselves up; no longer, as others do not find it
    try:
        module_spec.loader.exec_module(module)
        function = getattr(module, name, None)
        if not callable(function):
            raise BadInput(f"{path}: expected a function {name}")
        made = function()
    except BadInput:
        raise
    except Exception as error:  # whatever the code of others raises
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise BadInput(f"{text}: cannot be used ({reason})") from error
    finally:
        del sys.modules[module_spec.name]
    if not isinstance(made, Sequence) or len(made) != 3:
        raise BadInput(f"{text}: expected (classifier, generator, latent), got {shown(made)}")
    classifier, generator, latent = made
    return own(text, classifier, generator, latent, seed)


def make_subject(text: str, is_trained: bool = False, seed: int = 0) -> Subject:
    """The subject of a spec string, or of ``FILE.py:FUNCTION``.

    Args:
        text: The spec string, or the file and the function.
        is_trained: Whether the model is trained anew.
        seed: See :func:`own`.

    Raises:
        BadInput: If there is none.
    """
    if ".py:" not in text:
        return trained(text) if is_trained else shipped(text)
    if is_trained:
        raise BadInput(f"{text}: expected a model that comes with the package, to train it")
    return from_file(text, seed)


def normal_point(latent: int, seed: int, index: int) -> Point:
    """A point of the normal distribution, rounded to binary places; others of the same seed have nothing in common."""
    coordinates = np.random.default_rng([seed, index]).normal(size=latent)
    return tuple(Fraction(round(x * 2**PLACES), 2**PLACES) for x in coordinates.tolist())
