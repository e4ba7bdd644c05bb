"""Exact polynomial maps from one space to another, in the forms in which classifiers and generators are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import exact, finite, has_methods, members, shown, whole
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import ONE, Monomial, Polynomial, Rational, Ring
from polyproof_gym.robustness.stack import IntegerMatrix, Stack, integer_matrix

FloatArray = NDArray[np.float64]

MAX_SIZE = 10_000
"""Most inputs and outputs of a map."""


class PolynomialMap(Protocol):
    """A map with exact polynomials as components."""

    @property
    def variables(self) -> tuple[str, ...]:
        """What the inputs are called."""
        ...

    @property
    def num_outputs(self) -> int:
        """Number of components."""
        ...

    @property
    def degree(self) -> int:
        """A limit on the degree of the components."""
        ...

    def expanded(self, inputs: Stack) -> Stack:
        """The components with polynomials in place of the inputs."""
        ...

    def values(self, points: FloatArray) -> FloatArray:
        """The components at points of shape ``(points, inputs)``, in floats, shape ``(points, outputs)``."""
        ...


def components(polynomial_map: PolynomialMap) -> tuple[Polynomial, ...]:
    """The components of a map as polynomials in its own variables."""
    ring = Ring(polynomial_map.variables)
    variables = [Polynomial.variable(ring, i) for i in range(ring.num_variables)]
    return polynomial_map.expanded(Stack.of(variables)).polynomials(ring)


def exact_values(polynomial_map: PolynomialMap, point: Sequence[Rational]) -> tuple[Rational, ...]:
    """The exact values of a map at a point."""
    ring = Ring(())
    constants = Stack.of([Polynomial.constant(ring, coordinate) for coordinate in point])
    return tuple(p.constant_term for p in polynomial_map.expanded(constants).polynomials(ring))


class Affine:
    """The map ``x -> (weights x + bias) / denominator``, given by whole numbers.

    Attributes:
        weights: Shape ``(outputs, inputs)``.
        bias: Shape ``(outputs, 1)``.
        denominator: Positive.
    """

    def __init__(self, weights: Sequence[Sequence[int]], bias: Sequence[int], denominator: int = 1) -> None:
        """Take over the numbers.

        Raises:
            BadInput: If these are not whole numbers, or of shapes that do not fit together.
        """
        rows = [whole_numbers(row, "weights") for row in members(weights, "rows of weights", MAX_SIZE)]
        column = whole_numbers(bias, "bias")
        if not rows or not rows[0] or len({*map(len, rows)}) > 1 or len(column) != len(rows):
            raise BadInput("expected rows of weights of one length, and one number of the bias for each")
        self.weights: IntegerMatrix = integer_matrix(rows)
        self.bias: IntegerMatrix = integer_matrix([[number] for number in column])
        self.denominator = whole(denominator, "denominator", 1)

    @classmethod
    def rounded(cls, weights: Any, bias: Any, denominator: int = 2**10) -> Affine:
        """The map whose numbers are the nearest to given floats, over a common denominator.

        What is proved of it holds for the rounded map, and not for the one that was rounded.

        Args:
            weights: Finite numbers of shape ``(outputs, inputs)``.
            bias: Finite numbers of shape ``(outputs,)``.
            denominator: Positive.

        Raises:
            BadInput: If these are something else.
        """
        denominator = whole(denominator, "denominator", 1)
        return cls(
            [_nearest(row, denominator, "weights") for row in members(weights, "rows of weights", MAX_SIZE)],
            _nearest(bias, denominator, "bias"),
            denominator,
        )

    @property
    def num_inputs(self) -> int:
        """Number of inputs."""
        return len(self.weights[0])

    @property
    def num_outputs(self) -> int:
        """Number of outputs."""
        return len(self.weights)

    @cached_property
    def floats(self) -> tuple[FloatArray, FloatArray]:
        """The weights, shape ``(inputs, outputs)``, and the bias, shape ``(outputs,)``, divided."""
        weights, bias = (
            np.array([[number / self.denominator for number in row] for row in numbers])
            for numbers in (self.weights, self.bias)
        )
        return np.ascontiguousarray(weights.T), bias[:, 0]

    def expanded(self, inputs: Stack) -> Stack:
        """The outputs with polynomials in place of the inputs."""
        return inputs.combined(self.weights, self.denominator) + Stack((ONE,), self.bias, self.denominator)

    def values(self, points: FloatArray) -> FloatArray:
        """The outputs in floats."""
        weights, bias = self.floats
        return points @ weights + bias


@dataclass(frozen=True, eq=False)
class SquareNetwork:
    """Affine maps with squares between them: ``B (A x + a)^2 + b + (C x + c)``, and so on.

    Attributes:
        variables: What the inputs are called.
        layers: The affine maps, the first one first.
        skip: An affine map of the inputs that is added to the last layer's outputs, or ``None``.
    """

    variables: tuple[str, ...]
    layers: tuple[Affine, ...]
    skip: Affine | None = None

    def __post_init__(self) -> None:
        """Check that the sizes fit together.

        Raises:
            BadInput: If they do not.
        """
        if not self.layers:
            raise BadInput("expected at least one layer")
        sizes = [len(self.variables), *(layer.num_outputs for layer in self.layers)]
        for number, (layer, size) in enumerate(zip(self.layers, sizes, strict=False), 1):
            if layer.num_inputs != size:
                raise BadInput(f"expected {size} inputs of layer {number}, got {layer.num_inputs}")
        if self.skip and (self.skip.num_inputs, self.skip.num_outputs) != (sizes[0], sizes[-1]):
            raise BadInput(f"expected a skip layer from {sizes[0]} inputs to {sizes[-1]} outputs")

    @property
    def num_outputs(self) -> int:
        """Number of outputs of the last layer."""
        return self.layers[-1].num_outputs

    @property
    def degree(self) -> int:
        """2 to the number of squares."""
        return int(2 ** (len(self.layers) - 1))

    def expanded(self, inputs: Stack) -> Stack:
        """The components with polynomials in place of the inputs."""
        outputs = self.layers[0].expanded(inputs)
        for layer in self.layers[1:]:
            outputs = layer.expanded(outputs.squares())
        return outputs + self.skip.expanded(inputs) if self.skip else outputs

    def values(self, points: FloatArray) -> FloatArray:
        """The components in floats."""
        outputs = self.layers[0].values(points)
        for layer in self.layers[1:]:
            outputs = layer.values(outputs**2)
        return outputs + self.skip.values(points) if self.skip else outputs


class ExplicitMap:
    """A map whose components are written out.

    Attributes:
        variables: What the inputs are called.
        degree: The largest degree of a component.
    """

    def __init__(self, polynomials: Sequence[Polynomial]) -> None:
        """Take over polynomials of one ring without rewriting rules.

        Raises:
            BadInput: If there are none, or they are something else.
        """
        polynomials = members(polynomials, "polynomials", MAX_SIZE)
        if not polynomials or not all(isinstance(p, Polynomial) and p.ring == polynomials[0].ring for p in polynomials):
            raise BadInput(f"expected polynomials of one ring as components, got {shown(polynomials)}")
        ring = polynomials[0].ring
        if not ring.is_free or not ring.num_variables:
            raise BadInput("expected components in variables without rewriting rules")
        self.variables: tuple[str, ...] = ring.variables
        self.degree: int = max(p.degree for p in polynomials)
        self._stack = Stack.of(polynomials)

    @property
    def num_outputs(self) -> int:
        """Number of components."""
        return len(self._stack.numerators)

    @cached_property
    def _levels(self) -> list[list[Monomial]]:
        """The monomials that occur and all their beginnings, by degree."""
        known = {monomial[:k] for monomial in self._stack.monomials for k in range(1, len(monomial) + 1)}
        return [sorted(m for m in known if len(m) == degree) for degree in range(1, self.degree + 1)]

    @cached_property
    def _weights(self) -> dict[Monomial, IntegerMatrix]:
        return dict(zip(self._stack.monomials, self._stack.numerators.T, strict=True))

    @cached_property
    def _coefficients(self) -> FloatArray:
        """The coefficients in floats, shape ``(monomials, outputs)``."""
        denominator = self._stack.denominator
        return np.array([[number / denominator for number in row] for row in self._stack.numerators]).T

    def expanded(self, inputs: Stack) -> Stack:
        """The components with polynomials in place of the inputs."""
        none = integer_matrix(np.zeros((self.num_outputs, 1), np.int64))
        constants = self._weights.get(ONE, none[:, 0]).reshape(-1, 1)
        total = Stack((ONE,), constants, self._stack.denominator)
        images: Stack | None = None
        places: dict[Monomial, int] = {}
        for monomials in self._levels:
            factors = inputs.rows([monomial[-1] for monomial in monomials])
            images = factors if images is None else images.rows([places[m[:-1]] for m in monomials]) * factors
            places = {monomial: row for row, monomial in enumerate(monomials)}
            weights = np.stack([self._weights.get(monomial, none[:, 0]) for monomial in monomials], axis=1)
            total = total + images.combined(weights, self._stack.denominator)
        return total

    def values(self, points: FloatArray) -> FloatArray:
        """The components in floats."""
        known: dict[Monomial, FloatArray] = {ONE: np.ones(len(points))}
        for monomials in self._levels:
            known.update({m: known[m[:-1]] * points[:, m[-1]] for m in monomials})
        powers = np.stack([known[monomial] for monomial in self._stack.monomials], axis=1)
        product: FloatArray = powers @ self._coefficients
        return product


@dataclass(frozen=True, eq=False)
class Composition:
    """One map after another.

    Attributes:
        outer: The map that comes last.
        inner: The map that comes first.
    """

    outer: PolynomialMap
    inner: PolynomialMap

    def __post_init__(self) -> None:
        """Check that the outputs of one are the inputs of the other.

        Raises:
            BadInput: If they are not.
        """
        inputs, outputs = len(self.outer.variables), self.inner.num_outputs
        if inputs != outputs:
            raise BadInput(f"expected a map with {inputs} outputs, for as many inputs, got one with {outputs}")

    @property
    def variables(self) -> tuple[str, ...]:
        """What the inputs are called."""
        return self.inner.variables

    @property
    def num_outputs(self) -> int:
        """Number of components."""
        return self.outer.num_outputs

    @property
    def degree(self) -> int:
        """The product of both degrees."""
        return self.outer.degree * self.inner.degree

    def expanded(self, inputs: Stack) -> Stack:
        """The components with polynomials in place of the inputs."""
        return self.outer.expanded(self.inner.expanded(inputs))

    def values(self, points: FloatArray) -> FloatArray:
        """The components in floats."""
        return self.outer.values(self.inner.values(points))


def as_map(given: Any) -> PolynomialMap:
    """A map, or polynomials that are its components.

    Raises:
        BadInput: If it is neither.
    """
    if has_methods(given, "expanded", "values"):
        return cast("PolynomialMap", given)
    return ExplicitMap(given)


def exact_point(point: Any, size: int) -> tuple[Rational, ...]:
    """The exact coordinates of a point.

    Raises:
        BadInput: If it is not a list of as many finite numbers.
    """
    coordinates = members(point, "coordinates", MAX_SIZE)
    if len(coordinates) != size:
        raise BadInput(f"expected a point with {size} coordinates, got {len(coordinates)}")
    return tuple(exact(coordinate, f"coordinate {i + 1}") for i, coordinate in enumerate(coordinates))


def float_points(points: Any, size: int) -> FloatArray:
    """Points in floats, shape ``(points, size)``.

    Raises:
        BadInput: If they are not a list of such points.
    """
    try:
        array = np.asarray(points, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"expected points of shape (points, {size}), got {shown(points)}") from None
    if array.ndim != 2 or array.shape[1] != size:
        raise BadInput(f"expected points of shape (points, {size}), got shape {array.shape}")
    return array


def read_clip(clip: Any) -> Rational | None:
    """Half the width of a box ``[-clip, clip]``, exactly, or ``None`` for no box.

    Raises:
        BadInput: If it is no positive number.
    """
    if clip is None:
        return None
    width = exact(clip, "clip")
    if width <= 0:
        raise BadInput(f"expected a positive number as clip, got {shown(clip)}")
    return width


def clipped(coordinate: Rational, clip: Rational | None) -> Rational:
    """The number of ``[-clip, clip]`` that is closest to a given one."""
    return coordinate if clip is None else max(-clip, min(clip, coordinate))


def clipped_floats(points: FloatArray, clip: Rational | None) -> FloatArray:
    """The points with all coordinates clipped."""
    return points if clip is None else np.clip(points, -float(clip), float(clip))


class ClippedMap:
    """A polynomial map of the projection of a point on ``[-clip, clip]^n``, or of the point itself.

    Attributes:
        map: The polynomials, in the form in which they are held.
        clip: Half the width of the box, or ``None`` for no clip.
    """

    def __init__(self, polynomials: PolynomialMap | Sequence[Polynomial], clip: Any = None) -> None:
        """Take over the polynomials.

        Args:
            polynomials: The components, or a map.
            clip: A positive number, exact where it is a decimal, or ``None``.

        Raises:
            BadInput: If these are something else.
        """
        self.map: PolynomialMap = as_map(polynomials)
        self.clip: Rational | None = read_clip(clip)

    @property
    def num_inputs(self) -> int:
        """Number of variables."""
        return len(self.map.variables)

    @property
    def degree(self) -> int:
        """A limit on the degree of the components."""
        return self.map.degree

    def _values_at(self, points: Any) -> FloatArray:
        """The values in floats, of points of shape ``(points, inputs)``: shape ``(points, outputs)``.

        Raises:
            BadInput: If the points are of another shape.
        """
        return self.map.values(clipped_floats(float_points(points, self.num_inputs), self.clip))

    def _exact_values_at(self, point: Any) -> tuple[Rational, ...]:
        """The exact values at one point, whose decimals mean what is written.

        Raises:
            BadInput: If the point has another number of coordinates.
        """
        coordinates = exact_point(point, self.num_inputs)
        return exact_values(self.map, [clipped(coordinate, self.clip) for coordinate in coordinates])


def whole_numbers(values: Any, what: str) -> list[int]:
    """A list of whole numbers, with messages about ``what``.

    Raises:
        BadInput: If it is something else, or a number is too long.
    """
    numbers = members(values, what, MAX_SIZE)
    return [whole(number, what, -(2**1000), 2**1000) for number in numbers]


def _nearest(numbers: Any, denominator: int, what: str) -> list[int]:
    """The whole numbers that are nearest to multiples of some floats."""
    return [round(Fraction(finite(number, what)) * denominator) for number in members(numbers, what, MAX_SIZE)]
