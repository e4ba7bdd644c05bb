import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from polyproof_gym import BadInput
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.robustness.maps import Affine, SquareNetwork, components
from polyproof_gym.robustness.models.map_files import (
    network_from_json,
    network_to_json,
    polynomials_from_json,
    polynomials_to_json,
)

RING = Ring(("z1", "z2"))
Z1, Z2 = (Polynomial.variable(RING, i) for i in range(2))


@pytest.mark.parametrize("skip", [None, Affine([[2**80, 0, 1]], [0], 2)])
def test_networks_are_read_as_written(skip: Affine | None) -> None:
    network = SquareNetwork(("x1", "x2", "x3"), (Affine([[1, 2, 3]], [-4], 8), Affine([[5]], [6])), skip)
    again = network_from_json(json.loads(json.dumps(network_to_json(network))))
    assert components(again) == components(network)
    assert network_to_json(again) == network_to_json(network)


def test_polynomials_are_read_as_written() -> None:
    polynomials = [Z1 * Z2 * Fraction(1, 3) - 7, Z2 * Z2 * Z2, Polynomial(RING, {})]
    written = json.loads(json.dumps(polynomials_to_json(polynomials)))
    assert written["monomials"][0] == []
    assert components(polynomials_from_json(written)) == tuple(polynomials)


def _network(**changes: Any) -> dict[str, Any]:
    layer = {"weights": [[1]], "bias": [0], "denominator": 1}
    return {"layers": [layer], "skip": None, **changes}


def _polynomials(**changes: Any) -> dict[str, Any]:
    return {"variables": 2, "monomials": [[], [0, 1]], "coefficients": [[1, 2]], "denominator": 4, **changes}


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: network_from_json([]), "expected an object with 'layers'"),
        (lambda: network_from_json({"layers": []}), "at least one layer"),
        (lambda: network_from_json(_network(layers=[{"weights": [[1]], "bias": [0]}])), "with 'denominator'"),
        (lambda: network_from_json(_network(skip={"weights": [[1.5]], "bias": [0], "denominator": 1})), "as weights"),
        (lambda: polynomials_from_json(_polynomials(variables=1)), "as variable, got 1"),
        (lambda: polynomials_from_json(_polynomials(monomials=[[1, 0], [0, 1]])), "distinct monomials"),
        (lambda: polynomials_from_json(_polynomials(coefficients=[[1]])), "one coefficient of each"),
        (lambda: polynomials_from_json(_polynomials(coefficients=[[1, 0.5]])), "as coefficients, got 0.5"),
        (lambda: polynomials_from_json(_polynomials(denominator=0)), "as denominator, got 0"),
    ],
)
def test_files_that_say_something_else_are_refused(read: Callable[[], object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read()
