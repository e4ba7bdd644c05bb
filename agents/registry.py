"""Agents by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from agents.agent import Agent
from agents.baselines import (
    BreadthFirstAgent,
    CliqueCoverAgent,
    DualGuidedAgent,
    EstimateGuidedAgent,
    GreedyAgent,
    OrbitsAgent,
    RandomAgent,
    RandomClosedAgent,
    StaticSheraliAdamsAgent,
)
from agents.planning.branch import branch_agent
from agents.planning.neighbourhood_search import NeighbourhoodSearchAgent
from agents.planning.planner import PlannerAgent
from agents.pretrained import pretrained_agents
from agents.saved import load_agent, saved_files
from agents.scoring import Scorer, ScoringAgent, prior_weights
from polyproof_gym.arguments import has_methods, shown
from polyproof_gym.errors import BadInput
from polyproof_gym.specs import Spec, unknown


def _squares(**settings: int) -> Agent:
    from agents.planning.squares import SquaresAgent  # with SciPy and Clarabel, which others do without

    return SquaresAgent(**settings)


def _auto(**settings: int) -> Agent:
    from agents.planning.auto import AutoAgent

    return AutoAgent(**settings)


def _cases(**settings: int) -> Agent:
    from agents.planning.cases import CasesAgent

    return CasesAgent(**settings)


class Entry(NamedTuple):
    """What a name of an agent stands for.

    Attributes:
        make: Makes the agent.
        settings: The whole numbers that may be set.
        summary: What it does, in a line.
    """

    make: Callable[..., Agent]
    settings: tuple[str, ...]
    summary: str


AGENTS: dict[str, Entry] = {
    "random": Entry(RandomAgent, (), "any valid action"),
    "random-closed": Entry(RandomClosedAgent, (), "any that brings no new monomial"),
    "bfs": Entry(BreadthFirstAgent, (), "all products of the oldest inequality, then of the next"),
    "greedy": Entry(GreedyAgent, ("width",), "one-step look-ahead with the exact LP"),
    "dual-guided": Entry(DualGuidedAgent, (), "the product that the LP's dual solution violates most"),
    "estimate-guided": Entry(
        EstimateGuidedAgent, ("rounds",), "the same by estimates from the middle of dual solutions"
    ),
    "untrained": Entry(
        lambda: ScoringAgent(Scorer(prior_weights()), "untrained"),
        (),
        "a linear score of products, before any training",
    ),
    "clique-cover": Entry(CliqueCoverAgent, (), "the inequalities of a greedy clique cover (stable sets only)"),
    "static-sherali-adams": Entry(StaticSheraliAdamsAgent, ("level",), "all products of a level, one LP"),
    "branch": Entry(branch_agent, ("cases", "seconds"), "branch and bound with clique covers (stable sets only)"),
    "orbits": Entry(OrbitsAgent, ("level",), "all products of a level with one LP column per orbit of symmetries"),
    "planner": Entry(PlannerAgent, ("level",), "a whole proof, shortened by a mixed-integer program (small problems)"),
    "squares": Entry(_squares, ("degree", "seconds"), "squares found by semidefinite programs, made exact"),
    "auto": Entry(_auto, ("seconds",), "branch, products, orbits, squares and cases, one after the other"),
    "cases": Entry(_cases, ("seconds", "leaves"), "splits the worst case until all meet the best value known"),
    "neighbourhood-search": Entry(
        NeighbourhoodSearchAgent, ("rounds", "learned", "branch"), "plans within the step budget, improves parts anew"
    ),
}
"""What the names of agents stand for, but for those of trained ones."""


def agent_names() -> tuple[str, ...]:
    """All names of agents, those of the trained ones that come with the package included."""
    return (*AGENTS, *pretrained_agents())


def make_agent(given: Agent | str) -> Agent:
    """The agent that a spec string names: ``"dual-guided"``, ``"static-sherali-adams:level=3"``.

    The folder of a training, or another one with a saved agent, is a name too: ``"runs/train/NAME:sampled=1"``.

    Args:
        given: The spec string, or an agent, which stands for itself.

    Raises:
        BadInput: If there is none of this name (with the closest match), or a setting is unknown, given twice
            or out of range; or if what is given is neither.
    """
    if not isinstance(given, str):
        if not has_methods(given, "require", "advance"):
            raise BadInput(f"expected the name of an agent or an agent, got {shown(given)}")
        return given
    spec = Spec.of(given)
    entry = agent_entry(spec.name)
    return entry.make(**spec.values(dict.fromkeys(entry.settings, int)))


@dataclass(frozen=True)
class SavedAgent:
    """The spec string of a saved agent with the contents of its files, for where there are no such files.

    Attributes:
        spec: The spec string.
        files: The places and contents, those of the agent's own folder first, see :func:`~agents.saved.saved_files`.
    """

    spec: str
    files: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, spec: str) -> SavedAgent | None:
        """What a spec string names; ``None`` if that comes with the package.

        Raises:
            BadInput: If it cannot be read.
        """
        name = Spec.of(spec).name
        if name in agent_names() or not _is_folder(name):
            return None
        return cls(spec, tuple(saved_files(Path(name)).items()))

    def make(self) -> Agent:
        """The agent, which is the one that :func:`make_agent` makes of the spec string.

        Raises:
            BadInput: If a setting is unknown, given twice or out of range.
        """
        with TemporaryDirectory() as folder:
            for place, content in self.files:
                file = Path(folder) / place
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(content)
            own = Path(folder) / Path(self.files[0][0]).parent
            spec = Spec.of(self.spec)
            entry = _saved_entry(own, spec.name)
            return entry.make(**spec.values(dict.fromkeys(entry.settings, int)))


def agent_entry(name: str) -> Entry:
    """What a name stands for, or the folder of a training.

    Raises:
        BadInput: If there is none of this name.
    """
    if name in AGENTS:
        return AGENTS[name]
    pretrained = pretrained_agents()
    if name in pretrained or _is_folder(name):
        return _saved_entry(pretrained.get(name, Path(name)), name)
    if os.sep in name:
        raise BadInput(f"{shown(name)}: there is no such folder")
    raise unknown("agent", name, agent_names())


def _saved_entry(folder: Path, name: str) -> Entry:
    make = partial(load_agent, folder, name)
    return Entry(make, ("sampled", "rounds"), "what a training left: `rounds` plans, `sampled` draws among near ties")


def _is_folder(name: str) -> bool:
    try:
        return bool(name) and os.path.isdir(name)
    except ValueError:  # null characters
        return False
