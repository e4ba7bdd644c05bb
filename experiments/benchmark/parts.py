"""What a step consists of.

The product is not instrumented. An episode is played three times with the same actions:

1. in the environment, timing ``env.step`` as a whole;
2. on a bare :class:`~polyproof_gym.ProofState`, with timers around what a step asks of it: ``action_mask`` and
   ``apply`` (*algebra*), and ``solution`` (*LP*);
3. the same with every method of the solver timed (:mod:`experiments.benchmark.solver_clock`), which splits the LP into
   the time *inside* HiGHS and the time *around* it.

What remains of the first after taking away algebra and LP is the *observation*, with the reward and ``info``. All are
means over the steps of an episode, so that parts add up: of each graph's repetitions the median is taken, and of the
graphs the mean. A timer's own cost is part of the result: two of them fall into the algebra of a step, one into its LP,
and one into the time inside the solver per call.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.benchmark.episodes import POLICIES, Episode, environment, held_out, record
from experiments.benchmark.solver_clock import solver_clock, timer_seconds
from experiments.benchmark.steps import replay_env
from experiments.tables import Result, duration, figure, markdown, percent
from polyproof_gym import ProofState


@dataclass(frozen=True)
class StepParts:
    """The mean parts of a step in one setting, in seconds.

    Attributes:
        n: Number of vertices.
        policy: What chose the actions.
        step: ``env.step``.
        algebra: Deriving the inequality and updating the mask.
        inside_solver: Time inside methods of HiGHS.
        around_solver: The rest of the LP: deciding whether to solve, handing over the column, checking the solution.
        observation: The rest of the step: observation, reward, ``info``.
        solver_share: ``inside_solver / step``.
        solver_calls: Mean number of calls of the solver per step.
    """

    n: int
    policy: str
    step: float
    algebra: float
    inside_solver: float
    around_solver: float
    observation: float
    solver_share: float
    solver_calls: float


@dataclass(frozen=True)
class Parts:
    """The result of this section; see :class:`StepParts`.

    Attributes:
        timer: What one timer costs by itself, in seconds.
        graphs: Number of graphs per row.
        repetitions: How often each was played.
        rows: The parts, setting by setting.
    """

    timer: float
    graphs: int
    repetitions: int
    rows: tuple[StepParts, ...]


def started(episode: Episode, steps: int) -> ProofState:
    """A state that is ready for the first step of an episode, as after a reset."""
    state = ProofState(episode.problem, max_steps=steps)
    state.action_mask()
    assert state.solution is not None
    return state


def replay_state(state: ProofState, actions: Sequence[int]) -> tuple[float, float]:
    """Seconds that the algebra and the LPs of some actions take on a bare proof state."""
    algebra = solving = 0.0
    for action in actions:
        began = time.perf_counter()
        state.action_mask()
        state.apply(action)
        derived = time.perf_counter()
        _ = state.solution
        solved = time.perf_counter()
        state.action_mask()
        ended = time.perf_counter()
        algebra += (derived - began) + (ended - solved)
        solving += solved - derived
    return algebra, solving


def _parts_of(episode: Episode, steps: int) -> tuple[float, float, float, float, float]:
    """Whole step, algebra, LP and time inside the solver in seconds per step, and calls of the solver per step."""
    whole = sum(replay_env(environment(f"random-stable-set:n={episode.problem.num_variables}", steps), episode))
    algebra, solving = replay_state(started(episode, steps), episode.actions)
    state = started(episode, steps)
    with solver_clock() as clock:
        replay_state(state, episode.actions)
    count = len(episode.actions)
    return whole / count, algebra / count, solving / count, clock.seconds / count, clock.calls / count


def _parts(n: int, policy: str, graphs: int, repetitions: int, steps: int, seed: int) -> StepParts:
    episodes = [record(held_out(n, index), policy, steps, seed) for index in range(graphs)]
    measured = [[_parts_of(episode, steps) for episode in episodes] for _ in range(repetitions)]
    step, algebra, solving, inside, calls = np.median(measured, axis=0).mean(axis=0).tolist()
    return StepParts(
        n=n,
        policy=policy,
        step=step,
        algebra=algebra,
        inside_solver=inside,
        around_solver=solving - inside,
        observation=step - algebra - solving,
        solver_share=inside / step,
        solver_calls=calls,
    )


def measure(
    *, sizes: Sequence[int] = (25, 50), graphs: int = 10, repetitions: int = 5, steps: int = 100, seed: int = 0
) -> Parts:
    """Time the parts of a step."""
    _parts(min(sizes), "random-valid", 1, 1, min(steps, 20), seed)  # loads what is compiled
    rows = tuple(_parts(n, policy, graphs, repetitions, steps, seed) for n in sizes for policy in POLICIES)
    return Parts(timer_seconds(), graphs, repetitions, rows)


def table(result: Result) -> str:
    """One row per setting."""
    return markdown(
        {
            "n": lambda row: str(row["n"]),
            "actions": lambda row: row["policy"],
            "mean step": lambda row: duration(row["step"]),
            "algebra": lambda row: duration(row["algebra"]),
            "LP, inside HiGHS": lambda row: duration(row["inside_solver"]),
            "LP, around it": lambda row: duration(row["around_solver"]),
            "observation": lambda row: duration(row["observation"]),
            "inside HiGHS": lambda row: percent(row["solver_share"]),
            "calls of HiGHS": lambda row: figure(row["solver_calls"]),
        },
        result["rows"],
    )
