"""Every recipe of ``docs/adapters.md`` as a person would run it; `make ecosystem` installs what they need."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from tests.ecosystem.recipes import DISTRIBUTIONS, ROOT, Recipe, recipes, write_table


@pytest.fixture(scope="module")
def working() -> Iterator[dict[str, str]]:
    """By tool that was tried, the version that works, or nothing; the page's table is written if all were tried."""
    tried: dict[str, str] = {}
    yield tried
    if tried.keys() == DISTRIBUTIONS.keys():
        write_table({tool: number for tool, number in tried.items() if number}, version("gymnasium"))


@pytest.mark.ecosystem
@pytest.mark.parametrize("recipe", recipes(), ids=[recipe.tool for recipe in recipes()])
def test_a_recipe_works(recipe: Recipe, working: dict[str, str], tmp_path: Path) -> None:
    package = DISTRIBUTIONS[recipe.tool]
    try:
        installed = version(package)
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed")
    working[recipe.tool] = ""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    if recipe.language == "python":
        (tmp_path / "recipe.py").write_text(recipe.code, encoding="utf-8")
        command = [sys.executable, "recipe.py"]
    else:
        command = ["sh", "-ec", recipe.code]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # Small networks gain nothing from threads, which wait for each other where a machine is busy.
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stderr[-3000:]
    working[recipe.tool] = installed.partition("+")[0]  # without the kind of the build
