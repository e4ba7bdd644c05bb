"""Polynomial maps as JSON: whole numbers over a common denominator, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from polyproof_gym.arguments import members, whole
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.robustness.maps import MAX_SIZE, Affine, ExplicitMap, SquareNetwork, whole_numbers
from polyproof_gym.robustness.stack import Stack, integer_matrix


def network_to_json(network: SquareNetwork) -> dict[str, Any]:
    """A network of squares as JSON, without the names of its inputs."""
    return {
        "layers": [_affine_to_json(layer) for layer in network.layers],
        "skip": _affine_to_json(network.skip) if network.skip else None,
    }


def network_from_json(data: Any) -> SquareNetwork:
    """The network that :func:`network_to_json` wrote, with inputs ``x1``, ``x2`` and so on.

    Raises:
        BadInput: If a part is missing, or no such map.
    """
    layers = tuple(_affine_from_json(layer) for layer in members(part(data, "layers"), "layers", MAX_SIZE))
    if not layers:
        raise BadInput("expected at least one layer")
    skip = part(data, "skip")
    variables = tuple(f"x{i + 1}" for i in range(layers[0].num_inputs))
    return SquareNetwork(variables, layers, None if skip is None else _affine_from_json(skip))


def polynomials_to_json(polynomials: Sequence[Polynomial]) -> dict[str, Any]:
    """Polynomials of one ring as JSON: monomials as lists of variables' numbers, and a row of coefficients for each."""
    stack = Stack.of(polynomials)
    order = sorted(range(len(stack.monomials)), key=lambda j: (len(stack.monomials[j]), stack.monomials[j]))
    return {
        "variables": polynomials[0].ring.num_variables,
        "monomials": [list(stack.monomials[j]) for j in order],
        "coefficients": stack.numerators[:, order].tolist(),
        "denominator": stack.denominator,
    }


def polynomials_from_json(data: Any) -> ExplicitMap:
    """The map whose components :func:`polynomials_to_json` wrote, in variables ``z1``, ``z2`` and so on.

    Raises:
        BadInput: If a part is missing, or no such numbers.
    """
    count = whole(part(data, "variables"), "variables", 1, MAX_SIZE)
    monomials = [
        tuple(sorted(whole(i, "variable", 0, count - 1) for i in members(monomial, "variables", MAX_SIZE)))
        for monomial in members(part(data, "monomials"), "monomials", MAX_SIZE)
    ]
    rows = [whole_numbers(row, "coefficients") for row in members(part(data, "coefficients"), "rows", MAX_SIZE)]
    if len(set(monomials)) < len(monomials) or any(len(row) != len(monomials) for row in rows):
        raise BadInput("expected distinct monomials, and one coefficient of each in every row")
    stack = Stack(tuple(monomials), integer_matrix(rows), whole(part(data, "denominator"), "denominator", 1))
    return ExplicitMap(stack.polynomials(Ring([f"z{i + 1}" for i in range(count)])))


def part(data: Any, key: str) -> Any:
    """A part of an object of JSON.

    Raises:
        BadInput: If it is missing.
    """
    if not isinstance(data, Mapping) or key not in data:
        raise BadInput(f"expected an object with {key!r}")
    return data[key]


def _affine_to_json(layer: Affine) -> dict[str, Any]:
    return {
        "weights": layer.weights.tolist(),
        "bias": layer.bias[:, 0].tolist(),
        "denominator": layer.denominator,
    }


def _affine_from_json(data: Any) -> Affine:
    return Affine(part(data, "weights"), part(data, "bias"), part(data, "denominator"))
