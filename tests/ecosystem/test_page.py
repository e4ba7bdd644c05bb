"""What holds of ``docs/adapters.md`` without the libraries that its recipes are for."""

from __future__ import annotations

import ast
from importlib import import_module

import pytest

from tests.ecosystem.recipes import DISTRIBUTIONS, Recipe, recipes, table


def test_every_tool_has_a_recipe_and_a_row_that_says_it_works() -> None:
    assert [recipe.tool for recipe in recipes()] == list(DISTRIBUTIONS)
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table().splitlines()[2:]]
    assert [row[0] for row in rows] == list(DISTRIBUTIONS)
    assert {row[2] for row in rows} == {"works"}


IN_PYTHON = [recipe for recipe in recipes() if recipe.language == "python"]


@pytest.mark.parametrize("recipe", IN_PYTHON, ids=[recipe.tool for recipe in IN_PYTHON])
def test_recipes_in_python_take_from_this_project_what_it_has(recipe: Recipe) -> None:
    taken = [node for node in ast.walk(ast.parse(recipe.code)) if isinstance(node, ast.ImportFrom) and node.module]
    ours = [node for node in taken if str(node.module).partition(".")[0] in ("agents", "polyproof_gym")]
    missing = [
        alias.name for node in ours for alias in node.names if not hasattr(import_module(str(node.module)), alias.name)
    ]
    assert missing == []
    assert "polyproof_gym" in recipe.code
