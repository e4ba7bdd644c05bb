import numpy as np
import pytest

from polyproof_gym.polynomials import ONE, Polynomial, Ring
from polyproof_gym.proofs.squares import Block, Coordinates, roots_cutting, roots_of_gram

RING = Ring(("x", "y"))
COORDINATES = Coordinates(RING)
BLOCK = Block((), Polynomial.constant(RING, 1), (ONE, (0,), (1,)))


def test_the_roots_of_a_gram_matrix_are_its_eigenvectors() -> None:
    gram = 3 * np.outer([1, 1, 0], [1, 1, 0]) + 0.5 * np.outer([0, 0, 1], [0, 0, 1])
    (first, one), (second, other) = roots_of_gram(COORDINATES, BLOCK, gram)
    assert (first, second) == pytest.approx((6.0, 0.5))
    assert one == Polynomial.variable(RING, 0)  # 1 + t_x = 2 x, without the factor
    assert other in (2 * Polynomial.variable(RING, 1) - 1, 1 - 2 * Polynomial.variable(RING, 1))


def test_noise_has_no_roots() -> None:
    gram = np.diag([1.0, 1e-12, -1e-12])
    assert len([*roots_of_gram(COORDINATES, BLOCK, gram)]) == 1


def test_cuts_are_the_most_negative_eigenvectors() -> None:
    matrix = np.diag([1.0, -2.0, -1e-3])
    found = [*roots_cutting(COORDINATES, BLOCK, matrix, count=2, below=-1e-2)]
    assert [size for size, _ in found] == pytest.approx([-2.0])


def test_more_bits_come_nearer() -> None:
    vector = np.array([1.0, 2**-0.5, 3**-0.5])
    errors = []
    for bits in (4, 12):
        (_, root), *_ = roots_of_gram(COORDINATES, BLOCK, np.outer(vector, vector), bits)
        ratio = float(root.terms[(0,)]) / float(root.terms[(1,)])
        errors.append(abs(ratio - vector[1] / vector[2]))
    assert errors[1] < errors[0] < 0.1
