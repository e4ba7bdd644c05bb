"""Learned agents as folders of plain files, without pickles: ``agent.json`` says what the weights are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.agent import StepAgent
from agents.planning.neighbourhood_search import NeighbourhoodSearchAgent
from agents.pretrained import DESCRIPTION, WEIGHTS
from agents.scoring import FEATURES, TEMPERATURE, Scorer, ScoringAgent
from polyproof_gym.errors import BadInput
from polyproof_gym.whole_file import write_whole, write_whole_with

if TYPE_CHECKING:
    from agents.networks import TrainedNetwork


def save_network(folder: Path, trained: TrainedNetwork, *, name: str, algorithm: str) -> None:
    """Write a network as an agent.

    Args:
        folder: Where to; it must exist.
        trained: The network.
        name: What the agent is called.
        algorithm: How it was trained, such as ``"masked-dqn"``.
    """
    description: dict[str, Any] = {"kind": "network", "scores": trained.scores, "network": dict(trained.settings)}
    if trained.settings.get("candidates"):
        description["features"] = list(FEATURES)
    _save(folder, trained, {"name": name, "algorithm": algorithm, **description})


def save_scorer(folder: Path, scorer: Scorer, *, name: str, algorithm: str) -> None:
    """Write a scorer as an agent; the arguments are like those of :func:`save_network`."""
    _save(folder, scorer, {"name": name, "algorithm": algorithm, "kind": "scorer", "features": list(FEATURES)})


def _save(folder: Path, weights: TrainedNetwork | Scorer, description: dict[str, Any]) -> None:
    write_whole_with(folder / WEIGHTS, weights.save)
    write_whole(folder / DESCRIPTION, json.dumps(description, indent=1) + "\n")


def saved_files(folder: Path) -> dict[str, bytes]:
    """The files of a saved agent, from which it can be made elsewhere.

    Args:
        folder: Where it was saved.

    Returns:
        The contents by their places in the folder around this one; another scorer that is used as well is among them.

    Raises:
        BadInput: If there is no agent.
    """
    description = _description(folder)
    other = description.get("without_exclusions")
    folders = [folder] if other is None else [folder, folder.parent / str(other)]
    try:
        return {
            f"{place.resolve().name}/{name}": (place / name).read_bytes()
            for place in folders
            for name in (DESCRIPTION, WEIGHTS)
        }
    except OSError as error:
        raise BadInput(f"{error.filename}: cannot be read ({(error.strerror or '').lower()})") from None


def load_scorer(folder: Path) -> Scorer:
    """The scorer that is saved in a folder.

    Raises:
        BadInput: If there is none, or one of other features.
    """
    if _description(folder)["kind"] != "scorer":
        raise BadInput(f"{folder}: expected a scorer")
    return Scorer.load(folder / WEIGHTS)


def load_agent(folder: Path, name: str, *, sampled: int = 0, rounds: int = 0) -> StepAgent:
    """The agent of a folder.

    Args:
        folder: Where it was saved.
        name: The spec string that makes it, without settings.
        sampled: 1 if it is to sample its actions, 0 if it is to take the best one.
        rounds: If it is to plan, the rounds of a neighbourhood search that begins with its proof.

    Raises:
        BadInput: If there is no agent, or it cannot do what is asked for, or PyTorch is needed and is not installed.
    """
    if sampled not in (0, 1):
        raise BadInput(f"{name}: expected sampled=0 or sampled=1, got {sampled}")
    settings = [f"{key}={value}" for key, value in (("sampled", sampled), ("rounds", rounds)) if value]
    spec = f"{name}:{','.join(settings)}" if settings else name
    agent = _agent(folder, name, spec, bool(sampled))
    if not rounds:
        return agent
    scorer = agent.scorer if isinstance(agent, ScoringAgent) else None
    return NeighbourhoodSearchAgent(rounds, first=agent, scorer=scorer, name=spec)


def _agent(folder: Path, name: str, spec: str, sampled: bool) -> StepAgent:
    """The agent of a folder, without planning."""
    description = _description(folder)
    if description["kind"] == "scorer":
        other = description.get("without_exclusions")
        return ScoringAgent(
            load_scorer(folder),
            spec,
            without_exclusions=None if other is None else load_scorer(folder.parent / str(other)),
            temperature=TEMPERATURE if sampled else 0.0,
        )
    try:
        from agents.networks import NetworkAgent, TrainedNetwork
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "torch":
            raise
        raise BadInput(f"{name}: needs PyTorch; install polyproof-gym[agents]") from None
    trained = TrainedNetwork.load(folder / WEIGHTS, description["network"], description["scores"])
    return NetworkAgent(trained, spec, sampled=sampled)


def _description(folder: Path) -> dict[str, Any]:
    """What ``agent.json`` says, checked.

    Raises:
        BadInput: If there is no such file, or it describes no agent.
    """
    path = folder / DESCRIPTION
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{folder}: no trained agent there ({DESCRIPTION}: {error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: expected JSON ({' '.join(str(error).split())})") from None
    kind = content.get("kind") if isinstance(content, dict) else None
    is_network = kind == "network" and isinstance(content.get("network"), dict) and "scores" in content
    if not (is_network or kind == "scorer"):
        raise BadInput(f"{path}: expected the description of a network or a scorer")
    assert isinstance(content, dict)
    has_features = kind == "scorer" or content["network"].get("candidates")
    if has_features and content.get("features") != list(FEATURES):
        raise BadInput(f"{path}: expected a {kind} of the features of this version")
    return content
