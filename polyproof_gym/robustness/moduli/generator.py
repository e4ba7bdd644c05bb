"""The modulus of a polynomial generator, by its degree."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from polyproof_gym.arguments import instance_of
from polyproof_gym.errors import BadInput
from polyproof_gym.proofs import Claim
from polyproof_gym.robustness.generator import PolynomialGenerator
from polyproof_gym.robustness.moduli.linear import linear_modulus
from polyproof_gym.robustness.moduli.matrices import Exact
from polyproof_gym.robustness.moduli.polynomial import polynomial_modulus
from polyproof_gym.robustness.moduli.quadratic import quadratic_modulus
from polyproof_gym.robustness.modulus import Modulus, Norm


def generator_modulus(generator: PolynomialGenerator, norm: Norm = "2", proof: Claim | None = None) -> Modulus:
    """The modulus of a polynomial generator: of a linear one, a quadratic one, or any one from a proof.

    Args:
        generator: The generator, clipped to a box unless it is linear.
        norm: The norm of images; the largest entry is no larger than the Euclidean norm, of which proofs are.
        proof: A proof about :func:`~polyproof_gym.robustness.moduli.polynomial.derivative_problem` of the generator's
            components and clip. It is needed from degree 3 on.

    Raises:
        BadInput: If something cannot be used, or a proof or a clip is needed and missing.
        InvalidProof: If the proof does not hold.
        ResourceLimit: If the proof is too large for the checker.
    """
    generator = instance_of(generator, PolynomialGenerator, "generator")
    components = generator.components
    degree = max(component.degree for component in components)
    if proof is None and degree <= 1:
        return linear_modulus(_coefficients(generator)[0], norm)
    if generator.clip is None:
        raise BadInput(
            f"expected a generator with a clip, as one of degree {degree} has no modulus that holds everywhere"
        )
    if proof is not None:
        return polynomial_modulus(components, generator.clip, proof, norm)
    if degree > 2:
        raise BadInput(f"expected a proof about the derivative of a generator of degree {degree}")
    return quadratic_modulus(*_coefficients(generator), generator.clip, norm)


def _coefficients(generator: PolynomialGenerator) -> tuple[Exact, Exact]:
    """The linear and the quadratic part, shapes ``(outputs, latent)`` and ``(outputs, latent, latent)``."""
    shape = generator.num_outputs, generator.latent
    linear, quadratic = np.full(shape, Fraction(0), object), np.full((*shape, generator.latent), Fraction(0), object)
    for k, component in enumerate(generator.components):
        for monomial, coefficient in component.terms.items():
            if len(monomial) == 1:
                linear[k, monomial[0]] = coefficient
            elif len(monomial) == 2:
                quadratic[(k, *monomial)] = coefficient
    return linear, quadratic
