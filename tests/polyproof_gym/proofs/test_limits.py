from __future__ import annotations

import pytest

from agents import prove
from polyproof_gym import BadInput, ProofState, make_problem
from polyproof_gym.proofs import Limits, default_limits, make_rules


@pytest.mark.parametrize(
    ("spec", "degree", "terms"),
    [("petersen", 3, 64), ("caprasse", 5, 64), ("schwefel", 5, 64), ("random-stable-set:n=70", 3, 71), ("rd", 3, 64)],
)
def test_default_limits(spec: str, degree: int, terms: int) -> None:
    assert default_limits(make_problem(spec).shape) == Limits(degree, terms)


@pytest.mark.parametrize(
    ("spec", "terms"),
    [("magnetism", 64), ("heart", 495), ("butcher", 210), ("random-stable-set:n=70", 500), ("motzkin", 64)],
)
def test_squares_may_be_longer(spec: str, terms: int) -> None:
    shape = make_problem(spec).shape
    limits = default_limits(shape, rules=make_rules("products,squares"))
    assert limits == Limits(default_limits(shape).max_degree, terms)
    assert ProofState(make_problem(spec), max_steps=5, rules="squares").limits == limits
    search = prove(spec, max_steps=5, rules="squares").search
    assert search is not None
    assert search.limits == limits
    assert default_limits(shape, max_terms=80, rules=make_rules("squares")).max_terms == 80


def test_given_limits_are_kept() -> None:
    shape = make_problem("caprasse").shape
    assert default_limits(shape, max_degree=9).max_degree == 9
    assert default_limits(shape, max_terms=5).max_terms == 5
    assert default_limits(shape, 4, 2) == Limits(4, 2)


@pytest.mark.parametrize(("max_degree", "max_terms"), [(3, None), (None, 1), (0, 0)])
def test_limits_below_the_problem_are_refused(max_degree: int | None, max_terms: int | None) -> None:
    with pytest.raises(BadInput, match="limits of at least degree 4 and 2 terms"):
        default_limits(make_problem("caprasse").shape, max_degree, max_terms)
