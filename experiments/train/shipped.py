"""The configurations of trainings that come with the package."""

from __future__ import annotations

import argparse
from pathlib import Path

from polyproof_gym.specs import unknown

SHIPPED = {path.stem: path for path in sorted((Path(__file__).parents[1] / "configs").glob("*.yaml"))}
"""The configurations that come with the package, by their names."""


def config_file(text: str) -> Path:
    """The file of a configuration: one that comes with the package by its name, any other by its path.

    Raises:
        argparse.ArgumentTypeError: If there is no such name, and the text does not look like a path.
    """
    path = Path(text)
    if text in SHIPPED and not path.exists():
        return SHIPPED[text]
    if not path.exists() and not path.suffix and path.name == text:
        raise argparse.ArgumentTypeError(f"{unknown('configuration', text, SHIPPED)}; or expected a YAML file")
    return path
