"""What holds of ``docs/adapters.md`` without the libraries that its recipes are for."""

from __future__ import annotations

import pytest

from tests.ecosystem.recipes import DISTRIBUTIONS, Recipe, recipes, table


def test_every_tool_has_a_recipe_and_a_row_that_says_it_works() -> None:
    assert [recipe.tool for recipe in recipes()] == list(DISTRIBUTIONS)
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table().splitlines()[2:]]
    assert [row[0] for row in rows] == list(DISTRIBUTIONS)
    assert {row[2] for row in rows} == {"works"}


@pytest.mark.parametrize("recipe", recipes(), ids=[recipe.tool for recipe in recipes()])
def test_recipes_in_python_compile(recipe: Recipe) -> None:
    if recipe.language == "python":
        compile(recipe.code, recipe.tool, "exec")
