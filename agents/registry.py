"""Agents by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

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
from agents.saved import load_agent
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


AGENTS: dict[str, tuple[Callable[..., Agent], tuple[str, ...]]] = {
    "random": (RandomAgent, ()),
    "random-closed": (RandomClosedAgent, ()),
    "bfs": (BreadthFirstAgent, ()),
    "greedy": (GreedyAgent, ("width",)),
    "dual-guided": (DualGuidedAgent, ()),
    "estimate-guided": (EstimateGuidedAgent, ("rounds",)),
    "untrained": (lambda: ScoringAgent(Scorer(prior_weights()), "untrained"), ()),
    "clique-cover": (CliqueCoverAgent, ()),
    "static-sherali-adams": (StaticSheraliAdamsAgent, ("level",)),
    "branch": (branch_agent, ("cases", "seconds")),
    "orbits": (OrbitsAgent, ("level",)),
    "planner": (PlannerAgent, ("level",)),
    "squares": (_squares, ("degree", "seconds")),
    "auto": (_auto, ("seconds",)),
    "cases": (_cases, ("seconds", "leaves")),
    "neighbourhood-search": (NeighbourhoodSearchAgent, ("rounds", "learned", "branch")),
}
"""How to make the agent of a name, and the whole numbers that may be set."""


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
    build, keys = _builder(spec.name)
    return build(**spec.values(dict.fromkeys(keys, int)))


def _builder(name: str) -> tuple[Callable[..., Agent], tuple[str, ...]]:
    """How to make the agent of a name, and the whole numbers that may be set.

    Raises:
        BadInput: If there is none of this name.
    """
    if name in AGENTS:
        return AGENTS[name]
    pretrained = pretrained_agents()
    if name in pretrained or _is_folder(name):
        return partial(load_agent, pretrained.get(name, Path(name)), name), ("sampled", "rounds")
    if os.sep in name:
        raise BadInput(f"{shown(name)}: there is no such folder")
    raise unknown("agent", name, agent_names())


def _is_folder(name: str) -> bool:
    try:
        return bool(name) and os.path.isdir(name)
    except ValueError:  # null characters
        return False
