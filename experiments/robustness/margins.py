"""How many margins at a given radius take a proof: the others are lost, or proved by the signs of coefficients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.tables import Cell, Result, markdown, percent, show
from polyproof_gym import BadInput
from polyproof_gym.problems import Problem
from polyproof_gym.problems.registry import make_source

FAMILIES = (
    ("robust-margin:radius=0.05", 200),
    ("robust-margin:radius=0.1", 200),
    ("robust-margin:radius=0.2", 200),
    ("robust-margin:radius=0.3", 200),
    ("robust-margin:generator=quadratic,latent=6,radius=0.3", 100),
    ("robust-margin:model=digits-quartic,radius=0.3", 100),
)
"""Families of margins, and how many points of each kind are looked at."""


@dataclass(frozen=True)
class Margins:
    """The margins of one family over the nearest rival, around points of one kind. All but the number are shares.

    Attributes:
        problem: The family.
        source: Whether points are drawn, as for training, or held out.
        points: How many there are.
        lost: Of these, the share where a point of the neighbourhood with a negative margin is known.
        by_signs: The share where the signs of the coefficients prove that the margin is not negative.
        open: The others, which take a proof or another point.
    """

    problem: str
    source: str
    points: int
    lost: float
    by_signs: float
    open: float


@dataclass(frozen=True)
class MarginShares:
    """The result of this section; see :class:`Margins`."""

    rows: tuple[Margins, ...]


def measure(*, families: Sequence[tuple[str, int]] = FAMILIES, seed: int = 0) -> MarginShares:
    """Look at the trivial bound and the incumbent of every margin; points of one model are the same for all radii.

    Args:
        families: See :data:`FAMILIES`.
        seed: Seed of the points that are drawn.

    Raises:
        BadInput: If there is no such family, or not so many points are held out.
    """
    return MarginShares(tuple(row for family, points in families for row in _rows(family, points, seed)))


def _rows(spec: str, points: int, seed: int) -> Iterator[Margins]:
    family, rng = make_source(spec), np.random.default_rng(seed)
    if isinstance(family, Problem):
        raise BadInput(f"{spec}: expected a family of margins, without index")
    yield _summed_up(spec, "drawn", [family.sample(rng) for _ in range(points)])
    yield _summed_up(spec, "held out", [*map(family.held_out, range(points))])


def _summed_up(spec: str, source: str, problems: Sequence[Problem]) -> Margins:
    lost = sum(problem.incumbent is not None and problem.incumbent < 0 for problem in problems)
    by_signs, points = sum(problem.trivial_bound >= 0 for problem in problems), len(problems)
    return Margins(spec, source, points, lost / points, by_signs / points, (points - lost - by_signs) / points)


def table(result: Result) -> str:
    """The result, as JSON has it, as a Markdown table."""
    columns: dict[str, Cell] = {
        "problem": lambda row: f"`{row['problem']}`",
        "source": show("source"),
        "points": show("points"),
        "lost": lambda row: percent(row["lost"]),
        "by signs": lambda row: percent(row["by_signs"]),
        "open": lambda row: percent(row["open"]),
    }
    return markdown(columns, result["rows"])
