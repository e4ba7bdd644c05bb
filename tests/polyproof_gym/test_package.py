from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import polyproof_gym

PACKAGE = Path(polyproof_gym.__file__).parent


def _loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


@pytest.mark.parametrize("heavy", ["torch", "matplotlib", "networkx", "sympy", "scipy", "flint"])
def test_importing_the_package_loads_nothing_heavy(heavy: str, loaded_by_package: set[str]) -> None:
    assert "polyproof_gym" in loaded_by_package
    assert heavy not in loaded_by_package


@pytest.fixture(scope="module")
def loaded_by_package() -> set[str]:
    return _loaded_by("polyproof_gym")


def test_importing_the_agents_loads_no_torch() -> None:
    assert "torch" not in _loaded_by("agents")


def _imported(tree: ast.AST) -> set[str]:
    """Top-level packages that a module imports anywhere, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(str(node.module).partition(".")[0])
    return names


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_environment_depends_on_neither_agents_nor_experiments_nor_torch(path: Path) -> None:
    imported = _imported(ast.parse(path.read_text(encoding="utf-8")))
    assert not imported & {"agents", "experiments", "torch", "stable_baselines3", "sb3_contrib", "tests"}


@pytest.mark.parametrize("name", polyproof_gym.__all__)
def test_public_names_exist(name: str) -> None:
    assert hasattr(polyproof_gym, name)
