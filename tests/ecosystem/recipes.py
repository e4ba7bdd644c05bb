"""The recipes of ``docs/adapters.md``, and the table of what works that stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from experiments.documentation.page import marked_tables
from experiments.documentation.result import Result
from experiments.documentation.site import RESULTS, Site
from experiments.origin import origin

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


class Recipe(NamedTuple):
    """A recipe: ``language`` is ``"python"`` or ``"sh"``."""

    tool: str
    language: str
    code: str


def recipes() -> list[Recipe]:
    """The code of every section that has some, several blocks one after the other."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = []
    for section in sections:
        blocks = re.findall(r"^```(python|sh)\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
        if blocks:
            code = "\n".join(code for _, code in blocks)
            found.append(Recipe(section.partition("\n")[0], blocks[0][0], code))
    return found


def table() -> str:
    """The table as it stands on the page."""
    return marked_tables(PAGE.read_text(encoding="utf-8"))["adapters/recipes"]


def write_table(versions: dict[str, str], gymnasium: str) -> None:
    """Keep which recipes work, and put the table of them on the page.

    Args:
        versions: By tool, the version that its recipe worked with.
        gymnasium: The version of Gymnasium that they all worked with.
    """
    rows = [["tool", "version", f"with Gymnasium {gymnasium}", "recipe"]]
    for recipe in recipes():
        tool, link = recipe.tool, recipe.tool.lower().replace(" ", "-")
        works = "works" if tool in versions else "fails"
        rows.append([tool, f"{DISTRIBUTIONS[tool]} {versions.get(tool, '')}".strip(), works, f"[{tool}](#{link})"])
    command = "make ecosystem"
    Result("cells", (command,), origin(command, ()), {}, {"recipes": rows}).save(ROOT / RESULTS / "adapters.json")
    Site(ROOT).write_tables()
