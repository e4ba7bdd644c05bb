"""The recipes of ``docs/adapters.md``, and the table of what works that stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "adapters.md"

DISTRIBUTIONS = {
    "Gymnasium": "gymnasium",
    "Stable-Baselines3": "stable-baselines3",
    "sb3-contrib": "sb3-contrib",
    "CleanRL": "torch",
    "RL Zoo": "rl-zoo3",
    "TorchRL": "torchrl",
    "Tianshou": "tianshou",
    "RLlib": "ray",
}
"""By tool, as the page's sections are called, what is installed for it."""

_TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end of table -->)", re.DOTALL)


class Recipe(NamedTuple):
    """A recipe: ``language`` is ``"python"`` or ``"sh"``."""

    tool: str
    language: str
    code: str


def recipes() -> list[Recipe]:
    """The first block of code of every section that has one."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = []
    for section in sections:
        block = re.search(r"^```(python|sh)\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
        if block:
            found.append(Recipe(section.partition("\n")[0], block[1], block[2]))
    return found


def table() -> str:
    """The table as it stands on the page."""
    found = _TABLE.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    return found[0]


def write_table(versions: dict[str, str], gymnasium: str) -> None:
    """Put a table of the recipes that work on the page.

    Args:
        versions: By tool, the version that its recipe worked with.
        gymnasium: The version of Gymnasium that they all worked with.
    """
    rows = [f"| tool | version | with Gymnasium {gymnasium} | recipe |", "|---|---|---|---|"]
    for recipe in recipes():
        tool, link = recipe.tool, recipe.tool.lower().replace(" ", "-")
        package = DISTRIBUTIONS[tool]
        works = "works" if tool in versions else "fails"
        rows.append(f"| {tool} | {package} {versions.get(tool, '')} | {works} | [{tool}](#{link}) |".replace("  ", " "))
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_TABLE.sub(lambda _: "\n".join(rows) + "\n", page), encoding="utf-8")
