"""What a training is, and the algorithms by name."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast

from experiments.executors import Executor
from experiments.train.episodes import HeldOut, Tried
from polyproof_gym.specs import unknown

ALGORITHMS = {
    "ars": "experiments.train.evolution:ARSTraining",
    "cma-es": "experiments.train.evolution:CMAESTraining",
    "masked-dqn": "experiments.train.masked_dqn:MaskedDQNTraining",
    "maskable-ppo": "experiments.train.maskable_ppo:MaskablePPOTraining",
}
"""Where the class of each algorithm is found; it is made as :func:`make_training` says."""


class Training(Protocol):
    """A training that can be stopped where it rests, saved, and gone on with.

    Attributes:
        config: The configuration with all defaults filled in, as plain data; the key ``algorithm`` is not in it.
        unit: What is counted, such as ``"step"``.
        total: How many of them the training takes.
        log_every: After how many of them figures are written.
        checkpoint_every: After how many of them a checkpoint is written.
        held_out_every: After how many of them the agent is tried on the held-out problems, 0 for only at the end.
        held_out: What the agent is tried on.
    """

    config: dict[str, Any]
    unit: str
    total: int
    log_every: int
    checkpoint_every: int
    held_out_every: int
    held_out: HeldOut

    @property
    def done(self) -> int:
        """How many are done."""
        ...

    def run(self, at_rest: Callable[[], None]) -> None:
        """Train to the end.

        Args:
            at_rest: Called whenever the training may be saved; what it raises ends the training there.
        """
        ...

    def figures(self) -> dict[str, float]:
        """How the training goes, since the last call or lately."""
        ...

    def tried(self) -> Tried:
        """What the agent does, as far as it is trained and without exploration, on the held-out problems."""
        ...

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on to a folder that is empty."""
        ...

    def load(self, folder: Path) -> None:
        """Go on from what was saved."""
        ...

    def export(self, folder: Path, name: str) -> None:
        """Write the agent as far as it is trained, under a name."""
        ...


def make_training(content: dict[str, Any], seed: int, executor: Executor | None = None) -> Training:
    """The training that a configuration file's content describes.

    Args:
        content: The content.
        seed: Source of all randomness.
        executor: What makes the episodes of evolution strategies; by default so many processes of this machine as the
            content says. What is learned does not depend on it.

    Raises:
        BadInput: If the algorithm is unknown or has no use for an executor, or the rest is not what it expects.
    """
    algorithm = content.get("algorithm")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise unknown("algorithm", algorithm, ALGORITHMS)
    make = cast(
        "Callable[[dict[str, Any], int, Executor | None], Training]", pkgutil.resolve_name(ALGORITHMS[algorithm])
    )
    return make({key: value for key, value in content.items() if key != "algorithm"}, seed, executor)
