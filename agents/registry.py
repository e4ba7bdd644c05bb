"""Agents by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from agents.agent import Agent
from agents.baselines import (
    BreadthFirstAgent,
    CliqueCoverAgent,
    DualGuidedAgent,
    GreedyAgent,
    RandomAgent,
    RandomClosedAgent,
    StaticSheraliAdamsAgent,
)
from agents.neighbourhood_search import NeighbourhoodSearchAgent
from agents.planner import PlannerAgent
from polyproof_gym.errors import BadInput

AGENTS: dict[str, tuple[Callable[..., Agent], tuple[str, ...]]] = {
    "random": (RandomAgent, ()),
    "random-closed": (RandomClosedAgent, ()),
    "bfs": (BreadthFirstAgent, ()),
    "greedy": (GreedyAgent, ("width",)),
    "dual-guided": (DualGuidedAgent, ()),
    "clique-cover": (CliqueCoverAgent, ()),
    "static-sherali-adams": (StaticSheraliAdamsAgent, ("level",)),
    "planner": (PlannerAgent, ("level",)),
    "neighbourhood-search": (NeighbourhoodSearchAgent, ("rounds",)),
}
"""How to make the agent of a name, and the whole numbers that may be set."""


def make_agent(spec: str) -> Agent:
    """The agent that a spec string names: ``"dual-guided"``, ``"static-sherali-adams:level=3"``.

    Raises:
        BadInput: If there is none of this name (with the closest match), or a setting is unknown or out of range.
    """
    name, _, settings = spec.partition(":")
    if name not in AGENTS:
        close = difflib.get_close_matches(name.lower(), AGENTS, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(AGENTS)}"
        raise BadInput(f"unknown agent {name!r}, {hint}")
    build, keys = AGENTS[name]
    values: dict[str, int] = {}
    for setting in filter(None, settings.split(",")):
        key, _, text = (part.strip() for part in setting.partition("="))
        if key not in keys or not (text.isascii() and text.isdigit()) or len(text) > 9:
            expected = ", ".join(f"{k}=WHOLE NUMBER" for k in keys) or "no settings"
            raise BadInput(f"{name}: expected {expected}, got {setting!r}")
        values[key] = int(text)
    return build(**values)
