"""Telling our package ``agents`` from others of that name, such as the one that ``openai-agents`` installs."""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

OWN_DISTRIBUTION = "polyproof-gym"


def foreign_agents() -> Path | None:
    """Where Python finds another package ``agents`` than ours, ``None`` if it finds ours."""
    spec = find_spec("agents")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("there is no package agents")
    path = Path(spec.origin)
    return None if b"polyproof_gym" in path.read_bytes() else path


def other_distributions() -> list[str]:
    """The distributions that install a package ``agents`` into this environment, with versions, but for our own."""
    names = {*metadata.packages_distributions().get("agents", ())} - {OWN_DISTRIBUTION}
    return [f"{name} {metadata.version(name)}" for name in sorted(names)]


def clash() -> str | None:
    """What to tell those who have another package ``agents``, in one line; ``None`` if nothing is wrong."""
    path, others = foreign_agents(), other_distributions()
    if path is None and not others:
        return None
    found = f"{path} is not ours" if path else "ours is found, but the other may replace files of it"
    origin = f" ({', '.join(others)} installs one)" if others else ""
    return f"another package is called agents{origin}: {found}; install the two into different environments"
