from __future__ import annotations

import math

import numpy as np
import pytest

from polyproof_gym import Problem, make_problem
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.proofs.exports.reductions import corrections_of
from tests.polyproof_gym.envs.helpers import mixed_problem


def some_factor(problem: Problem, rng: np.random.Generator) -> Polynomial:
    variables = [*range(problem.num_variables)]
    terms: dict[tuple[int, ...], int] = {
        (): 1,
        **{(int(i),): int(rng.integers(-3, 4)) for i in rng.choice(variables, 2, replace=False)},
    }
    return Polynomial.of(problem.ring, terms.items())


@pytest.mark.parametrize("spec", ["cycle:n=5", "complete:n=4", "mixed"])
def test_a_product_less_its_corrections_is_the_normal_form(spec: str) -> None:
    problem = mixed_problem() if spec == "mixed" else make_problem(spec)
    rng = np.random.default_rng(0)
    free = Ring(problem.ring.variables)
    for _ in range(20):
        factors = [some_factor(problem, rng) for _ in range(3)]
        product = math.prod((Polynomial(free, dict(p.terms)) for p in factors), start=Polynomial.constant(free, 1))
        for (i, j), quotient in corrections_of(problem, factors).items():
            x, y = Polynomial.variable(free, i), Polynomial.variable(free, j)
            product -= quotient * (x * y if i != j else x * x - x)
        normal = math.prod(factors, start=Polynomial.constant(problem.ring, 1))
        assert dict(product.terms) == dict(normal.terms)


def test_without_rules_nothing_is_corrected() -> None:
    problem = make_problem("caprasse")
    x = Polynomial.variable(problem.ring, 0)
    assert corrections_of(problem, [x, x]) == {}
