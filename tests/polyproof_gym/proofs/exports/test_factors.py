from __future__ import annotations

import math

import pytest

from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.proofs.exports.factors import FactoredLines, in_order, pulled_out
from tests.polyproof_gym.proofs.exports.examples import MAKERS, example

RING = Ring(["x", "y", "z", "t"], idempotent=[0, 1, 2])


def read(text: str) -> Polynomial:
    return parse_polynomial(text, RING)


@pytest.mark.parametrize(
    ("text", "factors"),
    [
        ("x*y - x*y*z", ["x", "y", "1 - z"]),
        ("1 - x - y + x*y", ["1 - x", "1 - y"]),
        ("x*y*z", ["x", "y", "z"]),
        ("x*t - 2*x*t^2", ["x", "t - 2*t^2"]),
        ("x - x*y - x*z", ["x", "1 - y - z"]),
        ("1 - x - y", ["1 - x - y"]),
        ("x*y - x - z", ["x*y - x - z"]),
        ("t^2", ["t^2"]),
        ("1 - x", ["1 - x"]),
        ("-x", ["-x"]),
        ("3", ["3"]),
    ],
)
def test_variables_and_what_is_left(text: str, factors: list[str]) -> None:
    assert pulled_out(read(text)) == {read(factor): 1 for factor in factors}


@pytest.mark.parametrize("name", MAKERS)
def test_the_product_is_what_the_line_states(name: str) -> None:
    proof = example(name)
    factored = FactoredLines(proof.problem.ring)
    factored.extend(proof.reasons, proof.lines)
    assert len(factored) == len(proof.lines)
    for j, line in enumerate(proof.lines):
        powers = (factor for factor, exponent in factored[j].items() for _ in range(exponent))
        assert math.prod(powers, start=Polynomial.constant(proof.problem.ring, 1)) == line


def test_lines_may_come_one_by_one() -> None:
    proof = example("petersen")
    whole, bit_by_bit = FactoredLines(proof.problem.ring), FactoredLines(proof.problem.ring)
    whole.extend(proof.reasons, proof.lines)
    for reason, line in zip(proof.reasons, proof.lines, strict=True):
        bit_by_bit.extend([reason], [line])
    assert [bit_by_bit[j] for j in range(len(whole))] == [whole[j] for j in range(len(whole))]


def test_the_order_of_factors() -> None:
    factors = {read(text): 1 for text in ("1 - z", "1 - y - z", "y", "1 - x", "x")}
    assert [str(factor) for factor, _ in in_order(factors)] == ["x", "y", "1 - y - z", "1 - x", "1 - z"]
