import math
from fractions import Fraction

import numpy as np
import pytest

from polyproof_gym import polynomial
from polyproof_gym.proofs import load_proof
from polyproof_gym.proofs.squares.s_lemma import Quadratic, ellipsoid_proof, minimum_on_ball


def _random(rng: np.random.Generator, size: int, kind: int) -> Quadratic:
    form = rng.normal(size=(size, size))
    form = {0: form + form.T, 1: form @ form.T, 2: -np.eye(size), 3: np.zeros((size, size))}[kind % 4]
    slope = rng.normal(size=size) * (0 if kind == 4 else 1)
    return Quadratic(rng.normal(), slope, form)


def _value(quadratic: Quadratic, point: np.ndarray) -> float:
    return float(quadratic.constant + quadratic.slope @ point + point @ quadratic.form @ point)


@pytest.mark.parametrize("size", [1, 2, 5, 12])
@pytest.mark.parametrize("kind", range(5))
def test_minimum_on_ball_is_taken_at_its_point_and_passed_by_no_other(size: int, kind: int) -> None:
    rng = np.random.default_rng(10 * size + kind)
    quadratic, radius = _random(rng, size, kind), float(rng.uniform(0.1, 3))
    found = minimum_on_ball(quadratic, radius)
    assert np.linalg.norm(found.point) <= radius * (1 + 1e-9)
    assert _value(quadratic, found.point) == pytest.approx(found.value, abs=1e-6 * (1 + abs(found.value)))
    ways = rng.normal(size=(200, size))
    for way in ways / np.linalg.norm(ways, axis=1)[:, None] * radius:
        assert _value(quadratic, way) >= found.value - 1e-9
        assert _value(quadratic, way / 3) >= found.value - 1e-9


@pytest.mark.parametrize(
    ("objective", "constraint", "least"),
    [
        ("x + y", "x^2 + y^2 <= 1", -math.sqrt(2)),
        ("x*y", "x^2 + y^2 <= 1", -0.5),  # indefinite, with two minimisers
        ("-x^2 - y^2", "x^2 + y^2 <= 1", -1),  # all points of the circle are
        ("(x - 1/4)^2 + y^2 + 1/3", "x^2 + y^2 <= 1", 1 / 3),  # the minimum lies inside
        ("2*x", "x^2 + 4*y^2 <= 1", -2),
        ("x - y", "2*x^2 + 2*x*y + 2*y^2 + y <= 1", None),
        ("3", "x^2 + y^2 <= 1", 3),
    ],
)
def test_proof_meets_the_minimum_on_the_ellipsoid(objective: str, constraint: str, least: float | None) -> None:
    problem = polynomial(objective, box={"x": (-2, 2), "y": (-2, 2)}, constraints=constraint)
    proof = ellipsoid_proof(problem, problem.constraints[0])
    assert proof is not None
    proof.verify()
    assert proof.bound == pytest.approx(problem.incumbent if least is None else least, abs=1e-6)
    assert proof.num_derivations <= 2  # one square for each variable


def test_proof_can_be_saved_and_read_again(tmp_path: object) -> None:
    problem = polynomial("x*y - x", box=[(-1, 1)] * 2, constraints="x^2 + y^2 <= 1/2")
    proof = ellipsoid_proof(problem, problem.constraints[0], target=Fraction(-3, 2))
    assert proof is not None
    assert proof.status == "proved"
    proof.save(f"{tmp_path}/proof.json")
    assert load_proof(f"{tmp_path}/proof.json").bound == proof.bound


@pytest.mark.parametrize(
    ("objective", "constraint"),
    [
        ("x^3", "x^2 + y^2 <= 1"),
        ("x", "x^2 - y^2 <= 1"),  # no ellipsoid
        ("x", "x^2 <= 1/4"),
        ("x", "x + y <= 1"),
        ("x", "x^2 + y^2 <= -1"),  # of no points
    ],
)
def test_there_is_no_proof_of_other_problems(objective: str, constraint: str) -> None:
    problem = polynomial(objective, box={"x": (-1, 1), "y": (-1, 1)}, constraints=constraint)
    assert ellipsoid_proof(problem, problem.constraints[0]) is None
