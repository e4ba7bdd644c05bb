"""What commands load: nothing that they do not need, since that is what most of their time would go to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agents import prove
from tests.experiments.conftest import ROOT

HEAVY = {"gymnasium", "matplotlib", "networkx", "numba", "scipy", "stable_baselines3", "sympy", "torch", "tqdm"}


def loaded_by(*arguments: str) -> set[str]:
    """The packages that are loaded when a command is done."""
    code = (
        f"import sys; from experiments.cli import main; status = main({list(arguments)!r})\n"
        "print(*(name.partition('.')[0] for name in sys.modules), file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_verifying_loads_the_checker_alone(tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    prove("petersen").save(file)
    loaded = loaded_by("verify", str(file))
    assert "polyproof_gym" in loaded
    assert not loaded & {"agents", "flint", "highspy", "llvmlite", "multiprocessing", "numpy", "threadpoolctl", *HEAVY}


@pytest.mark.parametrize(
    "problem", ["petersen", "icosahedral", "cycle:n=7", "random-stable-set:n=8", "caprasse --agent dual-guided"]
)
def test_proving_loads_what_proofs_need(problem: str) -> None:
    assert not loaded_by("prove", *problem.split(), "--steps", "10", "--quiet") & HEAVY
