"""Generators of data: exact polynomial maps of latent points, clipped to a box so that they are globally Lipschitz."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.robustness.maps import (
    ClippedMap,
    FloatArray,
    components,
)


class PolynomialGenerator(ClippedMap):
    """Data ``g(clip(z))`` for latent points ``z``, with polynomials as the components of ``g``.

    The clip is the projection on ``[-clip, clip]^d``. It moves no two points apart, so what bounds the change of ``g``
    on this box bounds that of the generator everywhere, which no bound does for a polynomial of degree 2 or more. On
    the box, the generator is ``g``.

    Attributes:
        map: The polynomials, in the form in which they are held.
        clip: Half the width of the box, or ``None`` for no clip.
    """

    @property
    def latent(self) -> int:
        """Number of latent variables."""
        return self.num_inputs

    @property
    def num_outputs(self) -> int:
        """Dimension of the data."""
        return self.map.num_outputs

    @cached_property
    def components(self) -> tuple[Polynomial, ...]:
        """The components of ``g``, exactly: what the generator is on the box of the clip."""
        return components(self.map)

    def __call__(self, latents: Any) -> FloatArray:
        """The data of latent points of shape ``(points, latent)``, in floats, shape ``(points, outputs)``.

        Raises:
            BadInput: If the points are of another shape.
        """
        return self._values_at(latents)

    def exactly(self, latent: Any) -> tuple[Rational, ...]:
        """The exact data of one latent point.

        Raises:
            BadInput: If the point has another number of coordinates.
        """
        return self._exact_values_at(latent)
