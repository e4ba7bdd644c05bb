"""What an agent is."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, runtime_checkable

import numpy as np

from polyproof_gym import stopping
from polyproof_gym.problems import Problem
from polyproof_gym.proofs import Proof, ProofState, ProofTree

RunTasks = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[tuple[Any, Any]]]
"""Applies a function to tasks, several at a time, and gives each with its outcome as soon as it is finished.

Tasks are taken when somebody is there to work on them. What has no outcome, as whoever worked on it is gone, is given
with something that says so. Function, tasks and outcomes can be pickled. Work ends with the iteration.
"""


class Agent(Protocol):
    """Anything that extends a proof."""

    @property
    def name(self) -> str:
        """The spec string that makes this agent again."""
        ...

    def require(self, problem: Problem) -> None:
        """Check that the agent can work on a problem.

        Raises:
            BadInput: If it cannot.
        """
        ...

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Derive what the agent wants next.

        Args:
            state: The proof so far, which is extended.
            rng: The source of all the agent's randomness.

        Returns:
            The number of derivations made; 0 if the agent has nothing more to derive.
        """
        ...


@runtime_checkable
class FindingAgent(Protocol):
    """An agent that says more of what it found than its name."""

    def findings(self, state: ProofState) -> dict[str, int]:
        """Figures of what was found for a state, by name; empty if nothing was."""
        ...


@runtime_checkable
class ProvingAgent(Protocol):
    """An agent that finds whole proofs, such as those by cases, which no state holds. It does not count steps."""

    def best_proof(self, state: ProofState) -> Proof | ProofTree | None:
        """The best proof that was found beside a state, if there is one."""
        ...


@runtime_checkable
class TellingAgent(Protocol):
    """An agent that says what it is doing."""

    def activity(self, state: ProofState) -> str:
        """What it is doing to a state, in a few words."""
        ...


@runtime_checkable
class ParallelAgent(Protocol):
    """An agent whose work falls into tasks that can be run several at a time, perhaps on other machines."""

    def work_with(self, run_tasks: RunTasks) -> None:
        """Have tasks run elsewhere from now on. What is proved stays the same, unless time runs out."""
        ...


class StepAgent(abc.ABC):
    """An agent that chooses one action at a time; it can also act in the environment.

    ``env.step(agent.act(env.unwrapped.state, rng))`` is one step of it there.
    """

    name: str

    def require(self, problem: Problem) -> None:  # noqa: B027 (most agents can work on all problems)
        """Check that the agent can work on a problem; most can on all."""

    @abc.abstractmethod
    def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
        """The number of a valid action, or ``None`` if there is none worth taking."""

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Apply the action chosen; 1, or 0 if there was none or there is no room for it.

        A choice that takes too long after a stop was requested is given up.
        """
        action = self._chosen(state, rng) if state.steps_left else None
        if action is None:
            return 0
        state.apply(action)
        return 1

    def _chosen(self, state: ProofState, rng: np.random.Generator) -> int | None:
        return stopping.abortable(self.act, state, rng)
