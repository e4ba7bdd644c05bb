from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import BadInput
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.robustness.generator import PolynomialGenerator

RING = Ring(("z1", "z2"))
Z1, Z2 = (Polynomial.variable(RING, i) for i in range(2))


def test_generator_is_its_components_on_the_box_and_constant_along_the_clip() -> None:
    generator = PolynomialGenerator([Z1 * Z1 + Z2, Z1 * Fraction(1, 3), Z2], clip=2)
    assert generator.components == (Z1 * Z1 + Z2, Z1 * Fraction(1, 3), Z2)
    assert (generator.latent, generator.num_outputs, generator.degree) == (2, 3, 2)
    assert generator.exactly(["0.1", -1]) == (Fraction(1, 100) - 1, Fraction(1, 30), -1)
    assert generator.exactly([5, "-7.5"]) == generator.exactly([2, -2]) == (2, Fraction(2, 3), -2)
    latents = np.array([[0.1, -1.0], [5.0, -7.5]])
    exact = [[float(value) for value in generator.exactly(latent)] for latent in latents]
    np.testing.assert_allclose(generator(latents), exact)


def test_without_clip_it_is_its_components_everywhere() -> None:
    generator = PolynomialGenerator([Z1 * Z1 + Z2])
    assert generator.clip is None
    assert generator.exactly([10, 1]) == (101,)
    assert generator([[10, 1]]).tolist() == [[101.0]]


@pytest.mark.parametrize("clip", [0, -1, "wide", float("nan"), True])
def test_clip_is_a_positive_number(clip: object) -> None:
    with pytest.raises(BadInput, match="as clip"):
        PolynomialGenerator([Z1], clip)


@pytest.mark.parametrize("latents", [[1.0, 2.0], [[1.0]], "z", [[1.0, 2.0, 3.0]]])
def test_points_of_another_shape_are_refused(latents: object) -> None:
    with pytest.raises(BadInput, match=r"expected points of shape \(points, 2\)"):
        PolynomialGenerator([Z1])(latents)


def test_a_latent_point_of_another_size_is_refused() -> None:
    with pytest.raises(BadInput, match="expected a point with 2 coordinates, got 3"):
        PolynomialGenerator([Z1]).exactly([1, 2, 3])
