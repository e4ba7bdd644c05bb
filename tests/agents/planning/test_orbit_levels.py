from __future__ import annotations

import sys

import numpy as np
import pytest

from agents.planning.orbit_levels import OrbitLevels
from polyproof_gym import make_problem, polynomial, stopping
from polyproof_gym.proofs import Renamed

pytest.importorskip("igraph", reason="symmetries are found by the extra 'symmetry'")


def test_levels_rise_and_are_those_of_the_hierarchy() -> None:
    levels, rng, bounds = OrbitLevels(make_problem("petersen")), np.random.default_rng(0), []
    while levels.level < 5:
        assert levels.fits(100)
        proof = levels.proof(rng, 100)
        assert proof is not None
        assert any(isinstance(reason, Renamed) for reason in proof.reasons)
        proof.verify()
        bounds.append(proof.bound)
    assert bounds == [5, 4, 4]


def test_the_first_level_is_the_degree_of_the_objective() -> None:
    assert OrbitLevels(polynomial("x*y*z*t", box="unit")).level == 4
    assert OrbitLevels(make_problem("petersen")).level == 2


@pytest.mark.parametrize("spec", ["motzkin", "frucht", "cycle:n=7"])
def test_few_symmetries_are_not_enough(spec: str) -> None:
    assert not OrbitLevels(make_problem(spec)).fits(100)


def test_a_level_that_takes_too_long_does_not_fit() -> None:
    assert not OrbitLevels(make_problem("kneser:n=7,k=3")).fits(0.01)


def test_the_package_is_not_loaded_in_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = OrbitLevels(make_problem("petersen"))
    with stopping.time_limit(1):
        monkeypatch.delitem(sys.modules, "igraph", raising=False)
        assert not levels.fits(100)
        assert "igraph" not in sys.modules
        monkeypatch.undo()
        import igraph  # noqa: F401

        assert levels.fits(100)


def test_what_cannot_be_done_ends_the_levels() -> None:
    levels = OrbitLevels(make_problem("kneser:n=7,k=3"))
    levels.level = 50
    assert levels.proof(np.random.default_rng(0), 1) is None
    assert not levels.fits(1e9)


def test_what_is_not_found_in_time_stays_for_when_there_is_more() -> None:
    levels, rng = OrbitLevels(make_problem("petersen")), np.random.default_rng(0)
    assert levels.proof(rng, -1) is None
    assert not levels.fits(0)
    assert levels.fits(100)
    assert levels.level == 2
    proof = levels.proof(rng, 100)
    assert proof is not None
    assert proof.bound == 5


def test_that_no_point_satisfies_the_constraints_is_found_as_well() -> None:
    names = "abcde"
    problem = polynomial(
        "+".join(names),
        box="unit",
        constraints=[f"{x} + {y} >= 3/2" for x in names for y in names if x < y] + ["+".join(names) + " <= 2"],
        sense="max",
    )
    proof = OrbitLevels(problem).proof(np.random.default_rng(0), 10)
    assert proof is not None
    proof.verify()
    assert proof.status == "infeasible"
