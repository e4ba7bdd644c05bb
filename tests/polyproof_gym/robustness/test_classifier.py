from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import BadInput
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.robustness.classifier import PolynomialClassifier
from polyproof_gym.robustness.generator import PolynomialGenerator
from polyproof_gym.robustness.maps import Affine, SquareNetwork

RING = Ring(("x1", "x2"))
X1, X2 = (Polynomial.variable(RING, i) for i in range(2))
LATENT = Ring(("z1", "z2", "z3"))
Z1, Z2, Z3 = (Polynomial.variable(LATENT, i) for i in range(3))


def _classifier() -> PolynomialClassifier:
    return PolynomialClassifier([X1 * X1, X2 + Fraction(1, 10), X1 * X2 - 1])


def test_label_is_the_class_with_the_largest_exact_score() -> None:
    classifier = _classifier()
    assert classifier.exact_scores(["0.5", "0.15"]) == (Fraction(1, 4), Fraction(1, 4), Fraction(-37, 40))
    assert classifier.label(["0.5", "0.15"]) == 0  # the first in a tie
    assert classifier.label(["0.5", "0.1501"]) == 1
    assert classifier.label([2, 4]) == 2
    assert classifier.labels_at(np.array([[0.5, 0.1], [0.5, 0.2], [2.0, 4.0]])).tolist() == [0, 1, 2]


def test_margin_is_the_difference_of_two_scores() -> None:
    classifier = _classifier()
    assert classifier.margin(0, 1) == X1 * X1 - X2 - Fraction(1, 10)
    assert classifier.margin(1, 0) == -classifier.margin(0, 1)
    assert (classifier.num_inputs, classifier.num_classes, classifier.degree) == (2, 3, 2)


def test_composition_is_the_classifier_of_what_the_generator_makes() -> None:
    generator = PolynomialGenerator([Z1 * Z2 - Z3 * Fraction(1, 7), Z3 + 2], clip=3)
    composed = _classifier().compose(generator)
    x1, x2 = generator.components
    assert composed.scores == (x1 * x1, x2 + Fraction(1, 10), x1 * x2 - 1)
    assert (composed.clip, composed.degree, composed.num_inputs) == (3, 4, 3)
    latents = np.random.default_rng(0).normal(scale=3, size=(50, 3))
    np.testing.assert_allclose(composed.scores_at(latents), _classifier().scores_at(generator(latents)))
    for latent in latents[:5]:
        assert composed.exact_scores(latent) == _classifier().exact_scores(generator.exactly(latent))


def test_composition_of_networks_is_the_one_of_their_polynomials() -> None:
    network = SquareNetwork(
        ("x1", "x2"), (Affine([[1, -2], [3, 5]], [1, 0], 4), Affine([[1, 2], [-1, 1]], [0, 3], 8)), None
    )
    generator = PolynomialGenerator(SquareNetwork(("z1",), (Affine([[2], [3]], [1, 1], 2),)))
    as_network = PolynomialClassifier(network)
    as_polynomials = PolynomialClassifier(as_network.scores)
    assert as_network.compose(generator).scores == as_polynomials.compose(generator).scores


def test_expanded_substitutes_into_all_scores() -> None:
    images = (Z1 + 1, Z2 * Fraction(1, 2))
    assert _classifier().expanded(images) == tuple(score.substitute(images) for score in _classifier().scores)
    with pytest.raises(BadInput, match="expected 2 polynomials, got 3"):
        _classifier().expanded((Z1, Z2, Z3))


@pytest.mark.parametrize(
    ("label", "rival", "message"),
    [(0, 0, "rival other than the label 0"), (3, 0, "from 0 to 2 as label"), (0, -1, "from 0 to 2 as rival")],
)
def test_margin_is_of_two_classes(label: int, rival: int, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        _classifier().margin(label, rival)


def test_at_least_two_classes() -> None:
    with pytest.raises(BadInput, match="at least 2 classes, got 1"):
        PolynomialClassifier([X1])


def test_a_clipped_classifier_is_not_composed() -> None:
    generator = PolynomialGenerator([Z1, Z2], clip=3)
    composed = PolynomialClassifier([X1, X2]).compose(generator)
    with pytest.raises(BadInput, match="without clip"):
        composed.compose(PolynomialGenerator([Z1, Z2, Z3]))


def test_sizes_must_fit() -> None:
    with pytest.raises(BadInput, match="expected a map with 2 outputs"):
        _classifier().compose(PolynomialGenerator([Z1, Z2, Z3]))
