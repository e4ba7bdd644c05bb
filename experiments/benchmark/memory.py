"""What environments occupy: the process as a whole, and a single observation.

Every setting runs in a process of its own, which reports the most memory it had resident. The first one only imports
the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from experiments.benchmark.episodes import environment
from experiments.benchmark.own_process import in_own_process, peak_bytes
from experiments.tables import Result, markdown, size


@dataclass(frozen=True)
class Memory:
    """One environment after its first reset.

    Attributes:
        problems: The problems it is for; empty where there is none, and all but the last is 0.
        steps: Its step budget.
        actions: Number of actions.
        observation_bytes: Size of one observation.
        observation_bytes_without_lp: The same with ``lp_features=False``.
        peak_bytes: The most memory the process had resident.
    """

    problems: str = ""
    steps: int = 0
    actions: int = 0
    observation_bytes: int = 0
    observation_bytes_without_lp: int = 0
    peak_bytes: int = 0


@dataclass(frozen=True)
class Memories:
    """The result of this section; see :class:`Memory`."""

    rows: tuple[Memory, ...]


def occupied(problems: str, steps: int) -> dict[str, Any]:
    """Make an environment in this process, if any; its :class:`Memory` as a dictionary."""
    if not problems:
        return asdict(Memory(peak_bytes=peak_bytes()))
    env = environment(problems, steps)
    observation, _ = env.reset(seed=0)
    peak = peak_bytes()
    lp_features = {"multipliers", "pseudo_moments", "has_lp_bound"}
    without = sum(array.nbytes for key, array in observation.items() if key not in lp_features)
    total = sum(array.nbytes for array in observation.values())
    return asdict(Memory(problems, steps, len(env.action_masks()), total, without, peak))


SETTINGS = (
    ("", 0),
    ("random-stable-set:n=25", 100),
    ("random-stable-set:n=50", 100),
    ("random-stable-set:n=50", 1000),
    ("random-stable-set:n=200", 1000),
    ("random-stable-set:n=500", 1000),
    ("caprasse", 100),
)
"""Problems and step budgets of environments; the first for none."""


def measure(*, settings: Sequence[tuple[str, int]] = SETTINGS, seed: int = 0) -> Memories:
    """Make every environment in a process of its own; nothing here depends on the seed."""
    del seed
    rows = [in_own_process(__name__, "occupied", problems=problems, steps=steps) for problems, steps in settings]
    return Memories(tuple(Memory(**row) for row in rows))


def table(result: Result) -> str:
    """One row per environment."""
    return markdown(
        {
            "environment": lambda row: f"`{row['problems']}`" if row["problems"] else "none, the package imported",
            "steps": lambda row: str(row["steps"] or ""),
            "actions": lambda row: str(row["actions"] or ""),
            "observation": lambda row: size(row["observation_bytes"]) if row["problems"] else "",
            "without the LP's entries": lambda row: (
                size(row["observation_bytes_without_lp"]) if row["problems"] else ""
            ),
            "peak memory of the process": lambda row: size(row["peak_bytes"]),
        },
        result["rows"],
    )
