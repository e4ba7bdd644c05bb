from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.own_agents import clash, foreign_agents, other_distributions
from tests.experiments.conftest import ROOT, Result


@pytest.fixture
def other_package(tmp_path: Path) -> Path:
    """A folder into which another distribution has installed a package of the same name."""
    package, information = tmp_path / "agents", tmp_path / "other_agents-1.2.dist-info"
    package.mkdir()
    information.mkdir()
    (package / "__init__.py").write_text("class Agent: pass\n")
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: other-agents\nVersion: 1.2\n")
    (information / "top_level.txt").write_text("agents\n")
    return tmp_path


def run(*arguments: str, path: list[Path], folder: Path) -> Result:
    settings = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; from experiments.cli import main; sys.exit(main({list(arguments)!r}))"],
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def test_ours_is_recognised() -> None:
    assert foreign_agents() is None
    assert other_distributions() == []
    assert clash() is None


def test_proving_with_the_other_one_is_refused_in_one_line(other_package: Path, tmp_path: Path) -> None:
    result = run("prove", "petersen", path=[other_package, ROOT], folder=tmp_path)
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert "other-agents 1.2" in result.err
    assert str(other_package / "agents" / "__init__.py") in result.err


def test_doctor_names_the_other_one(other_package: Path, tmp_path: Path) -> None:
    result = run("doctor", path=[other_package, ROOT], folder=tmp_path)
    assert result.status == 0
    last = result.out.splitlines()[-1]
    assert "other-agents 1.2" in last
    assert "is not ours" in last


def test_doctor_names_the_other_one_even_if_ours_comes_first(other_package: Path) -> None:
    result = run("doctor", path=[ROOT, other_package], folder=ROOT)
    assert result.status == 0
    last = result.out.splitlines()[-1]
    assert "other-agents 1.2" in last
    assert "ours is found" in last


def test_other_commands_do_without(other_package: Path, tmp_path: Path) -> None:
    result = run("problems", path=[other_package, ROOT], folder=tmp_path)
    assert (result.status, result.err) == (0, "")
