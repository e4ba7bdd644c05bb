"""Trains the classifiers and generators that come with the package: ``python -m experiments.robustness.training``.

Each is fitted in floats, with one thread, and rounded to whole numbers over a power of two; what it reaches is measured
after that. The same versions on the same machine write the same files bit by bit; other libraries of linear algebra may
change last digits before the rounding, and by that a number here and there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from experiments.cli.parsing import Parser
from experiments.options import plain_parser
from experiments.outputs import make_folder, require_folder
from experiments.robustness.linear import Labels
from polyproof_gym import BadInput
from polyproof_gym.arguments import one_of
from polyproof_gym.polynomials import Monomial, Polynomial, Ring, rational
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.generator import PolynomialGenerator
from polyproof_gym.robustness.maps import Affine, FloatArray, SquareNetwork
from polyproof_gym.robustness.models import CLASSIFIERS, FOLDER, GENERATORS, KINDS
from polyproof_gym.robustness.models.map_files import network_to_json, polynomials_to_json
from polyproof_gym.whole_file import write_whole

COMMAND = "python -m experiments.robustness.training"

SEED = 0
"""Of the split into training and test data and of the first weights."""

TEST_SHARE = 0.3

WEIGHT_DENOMINATOR = 2**10
COMPONENT_DENOMINATOR = 2**10
LATENT_DENOMINATOR = 2**8

CLIP = 3

RIDGE = 20.0
"""Weight of the squares of the quadratic generator's coefficients of degree 2."""

MOST_POINTS = 200
"""Held-out points that a generator's file has at most."""

EPOCHS, BATCH, RATE = 200, 32, 0.02
"""Times that every datum is seen, data per step, and the first length of steps, which falls to 0 in a line."""

MEMORY = (0.9, 0.999)
"""How much of the mean gradient and of the mean square is kept from one step to the next."""


@dataclass(frozen=True)
class Source:
    """A data set of scikit-learn and what is trained on it.

    Attributes:
        loader: The name of the function that loads it.
        latents: Numbers of latent variables of the generators.
        hidden: Hidden units of the classifiers, layer by layer, by their names.
        scale: What the features are divided by, or ``None`` for their mean and deviation to be made 0 and 1.
    """

    loader: str
    latents: tuple[int, ...]
    hidden: dict[str, tuple[int, ...]]
    scale: float | None = None


SOURCES = {
    "digits": Source("load_digits", (4, 6, 8, 20), {"linear": (), "quadratic": (16,), "quartic": (12, 8)}, scale=16.0),
    "wine": Source("load_wine", (4, 8), {"linear": (), "quadratic": (8,)}),
    "cancer": Source("load_breast_cancer", (4, 8), {"linear": (), "quadratic": (8,)}),
    "iris": Source("load_iris", (2, 3), {"linear": (), "quadratic": (6,)}),
}

LINEAR_DECAY, DECAY = 3e-4, 3e-3
"""Weight of the squares of a classifier's weights, without hidden units and with; chosen for all data by
cross-validation on the training data of digits."""


def decay_of(hidden: Sequence[int]) -> float:
    """The weight of the squares of the weights of a classifier with such hidden units."""
    return DECAY if hidden else LINEAR_DECAY


@dataclass(frozen=True)
class Data:
    """Features and classes, those for training and those for tests, and how the features were scaled."""

    train: FloatArray
    train_labels: Labels
    test: FloatArray
    test_labels: Labels
    scaling: dict[str, Any]


def load_data(source: Source) -> Data:
    """The data of a source, split at random with every class in both parts alike.

    Raises:
        BadInput: If scikit-learn is not installed.
    """
    try:
        from sklearn import datasets
        from sklearn.model_selection import train_test_split
    except ImportError:
        raise BadInput("scikit-learn is not installed; expected: pip install 'polyproof-gym[robustness]'") from None
    features, labels = getattr(datasets, source.loader)(return_X_y=True)
    train, test, train_labels, test_labels = train_test_split(
        features, labels, test_size=TEST_SHARE, random_state=SEED, stratify=labels
    )
    if source.scale is not None:
        offset, scale = np.zeros(train.shape[1]), np.full(train.shape[1], source.scale)
        scaling: dict[str, Any] = {"scale": source.scale}
    else:
        # As rounded numbers, so that the record is what was done.
        offset, scale = train.mean(axis=0).round(4), train.std(axis=0).round(4)
        scaling = {"offset": offset.tolist(), "scale": scale.tolist()}
    return Data((train - offset) / scale, train_labels, (test - offset) / scale, test_labels, scaling)


# Classifiers ----------------------------------------------------------------------------------------------------------


class Trainee:
    """The weights of a network of squares with a skip layer, as one vector in floats."""

    def __init__(self, sizes: Sequence[int], decay: float) -> None:
        """A network with the given numbers of inputs, hidden units and outputs."""
        self._decay = decay
        self._shapes = list(pairwise(sizes))
        if len(self._shapes) > 1:  # the skip layer, whose bias would be one too many
            self._shapes.append((sizes[0], sizes[-1]))
        self.has_skip = len(self._shapes) > 1

    def first_weights(self, rng: np.random.Generator) -> FloatArray:
        """Small random weights, and biases 0."""
        weights = [rng.normal(scale=0.5 / np.sqrt(a), size=(a, b)) for a, b in self._shapes]
        return self._vector([(matrix, np.zeros(matrix.shape[1])) for matrix in weights])

    def layers(self, vector: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
        """The weights and the bias of every layer, the skip layer last."""
        layers, start = [], 0
        for a, b in self._shapes:
            matrix = vector[start : start + a * b].reshape(a, b)
            layers.append((matrix, vector[start + a * b : start + a * b + b]))
            start += a * b + b
        return layers

    def _vector(self, layers: Sequence[tuple[FloatArray, FloatArray]]) -> FloatArray:
        return np.concatenate([part.ravel() for layer in layers for part in layer])

    def gradient(self, vector: FloatArray, points: FloatArray, labels: Labels) -> FloatArray:
        """The gradient of the mean cross-entropy plus ``decay / 2`` times the squares of all weights."""
        layers = self.layers(vector)
        chain, skip = (layers[:-1], layers[-1]) if self.has_skip else (layers, None)
        inputs, outputs = [points], points @ chain[0][0] + chain[0][1]
        before = [outputs]
        for matrix, bias in chain[1:]:
            inputs.append(outputs**2)
            outputs = inputs[-1] @ matrix + bias
            before.append(outputs)
        scores = outputs + (points @ skip[0] if skip else 0)
        scores = scores - scores.max(axis=1, keepdims=True)
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        slope = shares
        slope[np.arange(len(points)), labels] -= 1
        slope /= len(points)
        skip_slope = (points.T @ slope, np.zeros(slope.shape[1]))
        slopes: list[tuple[FloatArray, FloatArray]] = []
        for number in reversed(range(len(chain))):
            slopes.append((inputs[number].T @ slope, slope.sum(axis=0)))
            if number:
                slope = slope @ chain[number][0].T * 2 * before[number - 1]
        slopes.reverse()
        return self._vector([*slopes, skip_slope] if skip else slopes) + self._decay * vector


def train_classifier(data: Data, hidden: Sequence[int]) -> SquareNetwork:
    """A network of squares with the given hidden units, fitted by Adam (Kingma and Ba, 2015) and rounded."""
    rng = np.random.default_rng(SEED)
    count, classes = len(data.train), len(np.unique(data.train_labels))
    trainee = Trainee([data.train.shape[1], *hidden, classes], decay_of(hidden))
    vector = trainee.first_weights(rng)
    mean, square = np.zeros_like(vector), np.zeros_like(vector)
    batches = -(-count // BATCH)
    steps = EPOCHS * batches
    parts = (part for _ in range(EPOCHS) for part in np.array_split(rng.permutation(count), batches))
    for step, part in enumerate(parts, 1):
        gradient = trainee.gradient(vector, data.train[part], data.train_labels[part])
        mean = MEMORY[0] * mean + (1 - MEMORY[0]) * gradient
        square = MEMORY[1] * square + (1 - MEMORY[1]) * gradient**2
        direction = mean / (1 - MEMORY[0] ** step) / (np.sqrt(square / (1 - MEMORY[1] ** step)) + 1e-8)
        vector = vector - RATE * (1 - step / steps) * direction
    layers = [Affine.rounded(weights.T, bias, WEIGHT_DENOMINATOR) for weights, bias in trainee.layers(vector)]
    variables = tuple(f"x{i + 1}" for i in range(data.train.shape[1]))
    if not hidden:
        return SquareNetwork(variables, (layers[0],))
    return SquareNetwork(variables, tuple(layers[:-1]), layers[-1])


def _rounded(numbers: FloatArray, denominator: int) -> list[Any]:
    """The nearest whole numbers to multiples."""
    rounded: list[Any] = np.rint(numbers * denominator).astype(np.int64).tolist()
    return rounded


def accuracy(classifier: PolynomialClassifier, points: FloatArray, labels: Labels) -> float:
    """The share of points whose class is the label."""
    return round(float((classifier.labels_at(points) == labels).mean()), 4)


# Generators -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fitted:
    """A generator and the way back: the latent points of data, by ``(x - mean) @ encoder``."""

    generator: PolynomialGenerator
    mean: FloatArray
    encoder: FloatArray

    def encode(self, points: FloatArray) -> FloatArray:
        """Latent points of data, inside the clip, rounded."""
        codes: FloatArray = np.clip((points - self.mean) @ self.encoder, -CLIP, CLIP)
        return np.rint(codes * LATENT_DENOMINATOR) / LATENT_DENOMINATOR


def fit_generator(points: FloatArray, latent: int, kind: str) -> Fitted:
    """Probabilistic principal components, or polynomials of degree 2 in their codes, fitted by ridge regression.

    The codes are posterior means (Tipping and Bishop, 1999); for the polynomials they are scaled to deviation 1.
    """
    mean = points.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(points.T))
    values, vectors = values[::-1], vectors[:, ::-1]
    # The sign of an eigenvector is arbitrary: the entry that is largest in size is positive.
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
    noise = values[latent:].mean() if latent < len(values) else 0.0
    loadings = vectors[:, :latent] * np.sqrt(np.maximum(values[:latent] - noise, 0))
    encoder = loadings @ np.linalg.inv(loadings.T @ loadings + noise * np.eye(latent))
    monomials: list[Monomial] = [(), *((i,) for i in range(latent))]
    if kind == "linear":
        return Fitted(_generator(monomials, np.vstack([mean, loadings.T])), mean, encoder)
    codes = (points - mean) @ encoder
    encoder = encoder / codes.std(axis=0)
    codes = (points - mean) @ encoder
    monomials += combinations_with_replacement(range(latent), 2)
    powers = np.stack([codes[:, list(monomial)].prod(axis=1) for monomial in monomials], axis=1)
    penalty = np.diag([RIDGE if len(monomial) == 2 else 0.0 for monomial in monomials])
    coefficients = np.linalg.solve(powers.T @ powers + penalty, powers.T @ points)
    return Fitted(_generator(monomials, coefficients), mean, encoder)


def _generator(monomials: Sequence[Monomial], coefficients: FloatArray) -> PolynomialGenerator:
    """The generator with rounded coefficients, shape ``(monomials, outputs)``."""
    ring = Ring([f"z{i + 1}" for i in range(max(map(max, filter(None, monomials))) + 1)])
    components = [
        Polynomial(
            ring,
            {
                monomial: rational(Fraction(number, COMPONENT_DENOMINATOR))
                for monomial, number in zip(monomials, column, strict=True)
            },
        )
        for column in _rounded(coefficients.T, COMPONENT_DENOMINATOR)
    ]
    return PolynomialGenerator(components, CLIP)


def reconstruction_error(fitted: Fitted, data: Data) -> float:
    """Squared distance of test data to what their latent points give, over that to the mean."""
    lost = ((fitted.generator(fitted.encode(data.test)) - data.test) ** 2).sum()
    return round(float(lost / ((data.test - fitted.mean) ** 2).sum()), 4)


# Files ----------------------------------------------------------------------------------------------------------------


def files_of(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The files of one source: paths and contents.

    Raises:
        BadInput: If scikit-learn is not installed.
    """
    source = SOURCES[name]
    data = load_data(source)
    split = f"{len(data.train)} for training, {len(data.test)} for tests, stratified, random_state={SEED}"
    record = {"command": f"{COMMAND} {name}", "seed": SEED, "data": f"sklearn.datasets.{source.loader}", "split": split}
    generators = {
        f"{kind}-{latent}": fit_generator(data.train, latent, kind) for kind in KINDS for latent in source.latents
    }
    for key, fitted in generators.items():
        latents = fitted.encode(data.test)[:MOST_POINTS]
        yield (
            f"{GENERATORS}/{name}-{key}.json",
            {
                "training": {**record, "reconstruction_error": reconstruction_error(fitted, data)},
                "clip": CLIP,
                "components": polynomials_to_json(fitted.generator.components),
                "held_out": {
                    "denominator": LATENT_DENOMINATOR,
                    "latents": _rounded(latents, LATENT_DENOMINATOR),
                    "labels": data.test_labels[:MOST_POINTS].tolist(),
                },
            },
        )
    for kind, hidden in source.hidden.items():
        network = train_classifier(data, hidden)
        classifier = PolynomialClassifier(network)
        reached = {
            "train_accuracy": accuracy(classifier, data.train, data.train_labels),
            "test_accuracy": accuracy(classifier, data.test, data.test_labels),
            "accuracy_on_reconstructions": {
                key: accuracy(classifier, fitted.generator(fitted.encode(data.test)), data.test_labels)
                for key, fitted in generators.items()
            },
        }
        settings = {"hidden": list(hidden), "weight_decay": decay_of(hidden), "features": data.scaling}
        yield (
            f"{CLASSIFIERS}/{name}-{kind}.json",
            {"training": {**record, **settings, **reached}, "network": network_to_json(network)},
        )


def make_parser() -> Parser:
    """The command line."""
    parser = plain_parser("robustness.training", __doc__)
    parser.add_argument("sources", nargs="*", metavar="DATA", help=f"of {', '.join(SOURCES)} (default: all)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder (default: the package's own)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is asked for, write the files and say what they reach; the exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    try:
        names = [one_of(name, "DATA", SOURCES) for name in options.sources or SOURCES]
        require_folder(options.out)
        with threadpool_limits(1):  # sums in another order have other last digits
            for name in names:
                for path, content in files_of(name):
                    make_folder((options.out / path).parent)
                    write_whole(options.out / path, json.dumps(content, separators=(",", ":")) + "\n")
                    print(path, _reached(content["training"]))
    except BadInput as error:
        parser.error(str(error))
    return 0


def _reached(training: dict[str, Any]) -> str:
    keys = ("train_accuracy", "test_accuracy", "accuracy_on_reconstructions", "reconstruction_error")
    return json.dumps({key: training[key] for key in keys if key in training})
