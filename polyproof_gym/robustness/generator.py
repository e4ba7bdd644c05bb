"""Generators of data: exact polynomial maps of latent points, clipped to a box so that they are globally Lipschitz."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from polyproof_gym.polynomials import Polynomial, Rational
from polyproof_gym.robustness.maps import (
    FloatArray,
    PolynomialMap,
    as_map,
    clipped,
    clipped_floats,
    components,
    exact_point,
    exact_values,
    float_points,
    read_clip,
)


class PolynomialGenerator:
    """Data ``g(clip(z))`` for latent points ``z``, with polynomials as the components of ``g``.

    The clip is the projection on ``[-clip, clip]^d``. It moves no two points apart, so what bounds the change of ``g``
    on this box bounds that of the generator everywhere, which no bound does for a polynomial of degree 2 or more. On
    the box, the generator is ``g``.

    Attributes:
        map: The polynomials, in the form in which they are held.
        clip: Half the width of the box, or ``None`` for no clip.
    """

    def __init__(self, components: PolynomialMap | Sequence[Polynomial], clip: Any = None) -> None:
        """Take over the components, in the latent variables.

        Args:
            components: The polynomials, or a map of :mod:`~polyproof_gym.robustness.maps`.
            clip: A positive number, exact where it is a decimal, or ``None``.

        Raises:
            BadInput: If these are something else.
        """
        self.map: PolynomialMap = as_map(components)
        self.clip: Rational | None = read_clip(clip)

    @property
    def latent(self) -> int:
        """Number of latent variables."""
        return len(self.map.variables)

    @property
    def num_outputs(self) -> int:
        """Dimension of the data."""
        return self.map.num_outputs

    @property
    def degree(self) -> int:
        """A limit on the degree of the components."""
        return self.map.degree

    @cached_property
    def components(self) -> tuple[Polynomial, ...]:
        """The components of ``g``, exactly: what the generator is on the box of the clip."""
        return components(self.map)

    def __call__(self, latents: Any) -> FloatArray:
        """The data of latent points of shape ``(points, latent)``, in floats, shape ``(points, outputs)``.

        Raises:
            BadInput: If the points are of another shape.
        """
        return self.map.values(clipped_floats(float_points(latents, self.latent), self.clip))

    def exactly(self, latent: Any) -> tuple[Rational, ...]:
        """The exact data of one latent point.

        Raises:
            BadInput: If the point has another number of coordinates.
        """
        point = exact_point(latent, self.latent)
        return exact_values(self.map, [clipped(coordinate, self.clip) for coordinate in point])
