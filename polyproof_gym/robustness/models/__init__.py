"""Trained classifiers and generators that come with the package, as files of whole numbers, with held-out points.

``classifiers/NAME.json`` is a network of squares. ``generators/DATA-KIND-LATENT.json`` is a generator of such data,
with latent points of data that nothing was trained on. Both say how they were made, and are made again by
``python -m experiments.robustness.training``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from polyproof_gym.arguments import as_whole, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Rational, rational
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.generator import PolynomialGenerator
from polyproof_gym.robustness.models.map_files import network_from_json, polynomials_from_json
from polyproof_gym.specs import unknown

FOLDER = Path(__file__).parent

CLASSIFIERS, GENERATORS = "classifiers", "generators"
"""The folders of the files."""

KINDS = ("linear", "quadratic")
"""The kinds of generators."""


@dataclass(frozen=True, eq=False)
class Model:
    """A classifier and a generator of the same data.

    Attributes:
        name: What :func:`load_model` finds the classifier by.
        classifier: The classifier of data.
        generator: The generator of data from latent points.
        latents: Exact latent points of held-out data, inside the generator's clip.
        labels: The true classes of these data, which the classifier's need not be.
        training: How both were made and what they reach, under ``"classifier"`` and ``"generator"``.
    """

    name: str
    classifier: PolynomialClassifier
    generator: PolynomialGenerator
    latents: tuple[tuple[Rational, ...], ...]
    labels: tuple[int, ...]
    training: Mapping[str, Mapping[str, Any]]

    @cached_property
    def latent_classifier(self) -> PolynomialClassifier:
        """The classifier of latent points by what the generator makes of them."""
        return self.classifier.compose(self.generator)

    @property
    def accuracy(self) -> float:
        """Share of the test data that the classifier gets right."""
        return float(self.training["classifier"]["test_accuracy"])


def model_names() -> list[str]:
    """The names of the classifiers, in alphabetical order."""
    return sorted(path.stem for path in (FOLDER / CLASSIFIERS).glob("*.json"))


def latent_sizes(name: str, generator: str = "linear") -> list[int]:
    """The numbers of latent variables that there are generators of a kind with, for a classifier's data."""
    paths = (FOLDER / GENERATORS).glob(f"{name.partition('-')[0]}-{generator}-*.json")
    return sorted(int(path.stem.rpartition("-")[2]) for path in paths)


def load_model(name: str, latent: int = 8, generator: str = "linear") -> Model:
    """A classifier that comes with the package, with a generator of its data.

    Args:
        name: One of :func:`model_names`, such as ``"digits-quadratic"``.
        latent: Number of latent variables, one of :func:`latent_sizes`.
        generator: ``"linear"`` or ``"quadratic"``.

    Raises:
        BadInput: If there is no such file.
    """
    if name not in model_names():
        raise unknown("model", name, model_names())
    if generator not in KINDS:
        raise unknown("generator", generator, KINDS)
    sizes, size = latent_sizes(name, generator), as_whole(latent)
    if size is None or size not in sizes:
        raise BadInput(f"expected latent as one of {', '.join(map(str, sizes))} for {name}, got {shown(latent)}")
    return _load(name, size, generator)


@cache
def _load(name: str, latent: int, generator: str) -> Model:
    made = _read(CLASSIFIERS, name)
    source = _read(GENERATORS, f"{name.partition('-')[0]}-{generator}-{latent}")
    points = source["held_out"]
    return Model(
        name=name,
        classifier=PolynomialClassifier(network_from_json(made["network"])),
        generator=PolynomialGenerator(polynomials_from_json(source["components"]), source["clip"]),
        latents=tuple(
            tuple(rational(Fraction(number, points["denominator"])) for number in point) for point in points["latents"]
        ),
        labels=tuple(points["labels"]),
        training={"classifier": made["training"], "generator": source["training"]},
    )


def _read(folder: str, name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / folder / f"{name}.json").read_text(encoding="utf-8"))
    return data
