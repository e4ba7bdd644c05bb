"""What holds of ``docs/adapters.md`` without the libraries that its recipes are for."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.ecosystem.recipes import DISTRIBUTIONS, Recipe, recipes, table


def test_every_tool_has_a_recipe_and_a_row_that_says_it_works() -> None:
    assert [recipe.tool for recipe in recipes()] == list(DISTRIBUTIONS)
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table().splitlines()[2:]]
    assert [row[0] for row in rows] == list(DISTRIBUTIONS)
    assert {row[2] for row in rows} == {"works"}


IN_PYTHON = [recipe for recipe in recipes() if recipe.language == "python"]


def names_in(module: str) -> set[str]:
    """What a module has at its top level; it is not imported, as it may need a library that is not there."""
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    names: set[str] = set()
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
    return names


@pytest.mark.parametrize("recipe", IN_PYTHON, ids=[recipe.tool for recipe in IN_PYTHON])
def test_recipes_in_python_take_from_this_project_what_it_has(recipe: Recipe) -> None:
    taken = [node for node in ast.walk(ast.parse(recipe.code)) if isinstance(node, ast.ImportFrom) and node.module]
    ours = [node for node in taken if str(node.module).partition(".")[0] in ("agents", "polyproof_gym")]
    missing = [alias.name for node in ours for alias in node.names if alias.name not in names_in(str(node.module))]
    assert missing == []
    assert "polyproof_gym" in recipe.code
