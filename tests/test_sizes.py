"""What a reader admits is usable, or refused with the limit before the work is done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from polyproof_gym import BadInput, ProofState, make_problem, polynomial
from polyproof_gym.envs import PolyProofEnv

GIGABYTE = 2**30

MEASURED = """
import resource, sys
import gymnasium as gym, polyproof_gym
from agents import prove
{code}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""

STEPS = """
env = gym.make("PolyProof-v0", problem={problem})
env.reset(seed=0)
for _ in range(3):
    env.step(int(env.unwrapped.action_masks().argmax()))
env.unwrapped.proof()
"""


def peak_of(code: str) -> int:
    """The most memory in bytes that a process of its own takes for some code."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED.format(code=code)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.fixture(scope="module")
def complete_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All edges on 2000 vertices, as a file."""
    path = tmp_path_factory.mktemp("large") / "complete.col"
    with path.open("w", encoding="utf-8") as file:
        file.write("p edge 2000 1999000\n")
        for u in range(1, 2001):
            file.writelines(f"e {u} {v}\n" for v in range(u + 1, 2001))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("spec", ["cycle:n=2000", "complete:n=2000", "kneser:n=63,k=2", "hamming:d=3,q=12"])
def test_large_graphs_are_proved_about_and_stepped_in(spec: str) -> None:
    assert peak_of(f"prove({spec!r}, max_steps=3)") < GIGABYTE
    assert peak_of(STEPS.format(problem=repr(spec))) < GIGABYTE


@pytest.mark.slow
def test_large_files_are_proved_about(complete_file: Path) -> None:
    assert peak_of(f"prove(polyproof_gym.load_problem({str(complete_file)!r}), max_steps=3)") < GIGABYTE


@pytest.mark.parametrize(
    "spec", ["cycle:n=2000", "complete:n=2000", "complete-bipartite:a=1000,b=1000", "kneser:n=63,k=2", "paley:q=1997"]
)
def test_the_largest_graphs_are_made(spec: str) -> None:
    problem = make_problem(spec)
    assert 1900 < problem.num_variables <= 2000
    assert problem.incumbent is not None


def test_problems_with_too_many_monomials_are_refused_with_the_limit() -> None:
    rng = np.random.default_rng(0)
    n = 30
    terms: dict[tuple[int, ...], int] = {}
    while len(terms) < 60_000:
        variables = rng.choice(n, 7, replace=False)
        terms[tuple(int(i in variables) for i in range(n))] = 1
    problem = polynomial(terms, box="unit", variables=[f"x{i + 1}" for i in range(n)])
    ProofState(problem, max_steps=3)
    with pytest.raises(BadInput, match="at most 40000 monomials in 500 variables"):
        ProofState(problem, max_steps=3, num_variables=500)


def test_by_default_inequalities_are_as_long_as_an_observation_has_room_for() -> None:
    long = " + ".join(f"x{i + 1}*x{j + 1}" for i in range(90) for j in range(90))
    env = PolyProofEnv(polynomial(long, box="unit"), max_steps=3000)
    assert env.observation_space["inequality_monomials"].shape[0] <= 5_000_000  # type: ignore[index]
    env.reset(seed=0)
    assert env.state.limits.max_terms == 5_000_000 // (180 + 3000)
    with pytest.raises(BadInput, match="at most 5000000 terms in an observation, see max_steps and max_terms"):
        PolyProofEnv("petersen", max_steps=10**6)
    with pytest.raises(BadInput, match="at most 5000000 terms in an observation, see max_steps and max_terms"):
        PolyProofEnv("petersen", max_terms=10**8)
    with pytest.raises(BadInput, match="variables in the monomials of an observation, see max_degree"):
        PolyProofEnv("petersen", max_degree=10_000)
