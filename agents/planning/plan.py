"""Plans: proofs that were found beforehand, and are derived line by line."""

from __future__ import annotations

import abc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from agents.agent import StepAgent
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.proofs import ProofState, Reason

NEGLIGIBLE = 1e-7
"""Multipliers up to this much are taken for 0, for the scaled inequalities."""


@dataclass(frozen=True)
class Plan:
    """Lines of a proof in the order in which they are to be derived.

    Attributes:
        reasons: Why each line holds; parents are numbered by their place in the plan and come before.
        lines: The left-hand sides.
    """

    reasons: tuple[Reason, ...]
    lines: tuple[Polynomial, ...]

    @classmethod
    def of(cls, state: ProofState, wanted: Sequence[int]) -> Plan:
        """The plan to derive some inequalities of a state, one after the other, each with what it follows from.

        Args:
            state: A proof with these inequalities.
            wanted: Their numbers, the first to be derived first.
        """
        memory = state.memory
        place: dict[int, int] = {}
        for number in wanted:
            for line in memory.ancestors([number]):
                place.setdefault(line, len(place))
        return cls(
            tuple(memory.reasons[line].renumbered(place) for line in place), tuple(memory[line] for line in place)
        )

    def missing(self, state: ProofState) -> Iterator[tuple[Reason, int | None]]:
        """The lines that can be derived now and are not known yet, the first one first.

        Returns:
            The reason of each, and the valid action that stands for it; ``None`` where no rule of the state numbers it.
        """
        memory, mask = state.memory, state.action_mask()
        numbers: dict[int, int] = {}
        for line, (reason, polynomial) in enumerate(zip(self.reasons, self.lines, strict=True)):
            known = memory.number_of(polynomial)
            if known is not None:
                numbers[line] = known
            elif all(parent in numbers for parent in reason.parents):
                renumbered = reason.renumbered(numbers)
                action = state.find_action(renumbered)
                if action is None or mask[action]:
                    yield renumbered, action

    def next_actions(self, state: ProofState) -> Iterator[int]:
        """The valid actions that derive a line of the plan which is not known yet, the first one first."""
        return (action for _, action in self.missing(state) if action is not None)

    def derive(self, state: ProofState) -> int:
        """Derive what is not known yet, as far as steps are left; the number of derivations made."""
        before = state.steps
        while state.steps_left and (line := next(self.missing(state), None)) is not None:
            derive_line(state, *line)
        return state.steps - before


def derive_line(state: ProofState, reason: Reason, action: int | None) -> int:
    """Derive a line by its action, or plainly where it has none; its number."""
    return state.derive(reason) if action is None else state.apply(action)


class PlanningAgent(StepAgent):
    """An agent that plans the whole proof before its first step, and then makes one derivation after the other.

    Where a stop is requested (see :mod:`polyproof_gym.stopping`), it ends planning with the best plan so far.
    """

    @abc.abstractmethod
    def present_plan(self, state: ProofState) -> Plan | None:
        """The plan that was made for a state, if one was."""

    def conclude(self, state: ProofState) -> int:
        """Derive at once what is left of the plan for a state; the number of derivations made."""
        plan = self.present_plan(state)
        return 0 if plan is None else plan.derive(state)

    def advance(self, state: ProofState, rng: np.random.Generator) -> int:
        """Derive the next line of the plan, also one that no action stands for, or what the agent does beyond it."""
        action = self.act(state, rng) if state.steps_left else None  # makes the plan, and keeps it if it is stopped
        plan = self.present_plan(state) if state.steps_left else None
        line = None if plan is None else next(plan.missing(state), None)
        if line is not None:
            derive_line(state, *line)
        elif action is not None:
            state.apply(action)
        return int(line is not None or action is not None)


def by_multiplier(state: ProofState, derived_from: int) -> list[int]:
    """The derived inequalities that the bound of a state needs, those of the largest multipliers first.

    Args:
        state: The proof.
        derived_from: Number of the first inequality that counts as derived.
    """
    multipliers = state.solution.multipliers[derived_from:]
    used = np.flatnonzero(multipliers > NEGLIGIBLE)
    numbers: list[int] = (derived_from + used[np.argsort(-multipliers[used], kind="stable")]).tolist()
    return numbers
