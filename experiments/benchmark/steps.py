"""The cost of ``env.step`` and ``env.reset``, as a ratio to what a user would use instead.

An agent chooses actions on held-out graphs; they are played again and every ``env.step`` is timed, observation and mask
included. In the same process the very same columns are then given to

* bare ``highspy``: add rows and the column, run from the last basis, read the objective;
* ``scipy.optimize.linprog``: build and solve the LP anew at every step.

A reset is timed both to a problem that is at hand and to a new random graph, which has to be drawn and searched for a
feasible point first.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from experiments.benchmark.episodes import POLICIES, Episode, environment, held_out, record
from experiments.benchmark.table import Result, Row, duration, figure, markdown
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.proofs.bound_lp import HOT_START, SOLVER_OPTIONS

RESETS = 5
"""How many resets of each kind are timed per episode."""


@dataclass(frozen=True)
class StepCost:
    """The costs of one setting: medians over episodes of each episode's median, in seconds.

    Attributes:
        n: Number of vertices.
        policy: What chose the actions.
        episodes: Number of episodes, each on a graph of its own.
        step: ``env.step``.
        highspy: The same column in the bare solver.
        scipy: The LP built and solved anew.
        reset: ``env.reset`` to a given problem.
        reset_and_draw: ``env.reset`` to a new random graph.
        ratio_to_highspy: Median over episodes of ``step / highspy``.
        ratios_to_highspy: The smallest and the largest of them.
        ratio_of_scipy: Median over episodes of ``scipy / step``.
        ratios_of_scipy: The smallest and the largest of them.
        reset_in_steps: Median over episodes of ``reset / step``.
        reset_and_draw_in_steps: Median over episodes of ``reset_and_draw / step``.
    """

    n: int
    policy: str
    episodes: int
    step: float
    highspy: float
    scipy: float
    reset: float
    reset_and_draw: float
    ratio_to_highspy: float
    ratios_to_highspy: tuple[float, float]
    ratio_of_scipy: float
    ratios_of_scipy: tuple[float, float]
    reset_in_steps: float
    reset_and_draw_in_steps: float


@dataclass(frozen=True)
class StepCosts:
    """The result of this section; see :class:`StepCost`."""

    steps: int
    rows: tuple[StepCost, ...]


@dataclass(frozen=True)
class _EpisodeTimes:
    step: float
    highspy: float
    scipy: float
    reset: float
    reset_and_draw: float


def replay_env(env: PolyProofEnv, episode: Episode) -> list[float]:
    """Seconds of every step of an episode in the environment."""
    env.reset(options={"problem": episode.problem})
    seconds = []
    for action in episode.actions:
        started = time.perf_counter()
        env.step(action)
        seconds.append(time.perf_counter() - started)
    return seconds


def reset_seconds(env: PolyProofEnv, options: dict[str, Any] | None) -> float:
    """Median seconds of a few resets with the given options, after one that does not count."""
    env.reset(options=options)
    seconds = []
    for _ in range(RESETS):
        started = time.perf_counter()
        env.reset(options=options)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def replay_highspy(episode: Episode) -> tuple[list[float], list[float]]:
    """Seconds and bounds of adding the columns one by one to a bare solver that keeps its basis."""
    highs = highspy.Highs()
    for option, value in {**SOLVER_OPTIONS, **HOT_START}.items():
        highs.setOptionValue(option, value)
    infinity = highspy.kHighsInf
    none_int, none_float = np.empty(0, np.int32), np.empty(0)
    for side in episode.objective:
        highs.addRow(side, side, 0, none_int, none_float)
    highs.addCol(-1.0, -infinity, infinity, 1, np.zeros(1, np.int32), np.ones(1))
    num_rows = len(episode.objective)
    for column in episode.initial:
        highs.addCol(0.0, 0.0, infinity, len(column.rows), column.rows, column.values)
    highs.run()
    seconds, bounds = [], []
    for column in episode.added:
        started = time.perf_counter()
        while num_rows < column.num_rows:
            highs.addRow(0.0, 0.0, 0, none_int, none_float)
            num_rows += 1
        highs.addCol(0.0, 0.0, infinity, len(column.rows), column.rows, column.values)
        highs.run()
        bounds.append(episode.problem.sign * -highs.getInfo().objective_function_value)
        seconds.append(time.perf_counter() - started)
    return seconds, bounds


def replay_scipy(episode: Episode) -> tuple[list[float], list[float]]:
    """Seconds and bounds of building and solving the LP from scratch at every step."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_matrix

    columns = list(episode.initial)
    seconds, bounds = [], []
    for column in episode.added:
        columns.append(column)
        started = time.perf_counter()
        starts = np.cumsum([0, 1, *(len(c.rows) for c in columns)])
        rows = np.concatenate([np.zeros(1, np.int32), *(c.rows for c in columns)])
        values = np.concatenate([np.ones(1), *(c.values for c in columns)])
        matrix = csc_matrix((values, rows, starts), shape=(column.num_rows, len(columns) + 1))
        costs = np.zeros(len(columns) + 1)
        costs[0] = -1.0
        sides = np.zeros(column.num_rows)
        sides[: len(episode.objective)] = episode.objective
        limits = [(None, None)] + [(0.0, None)] * len(columns)
        found = linprog(costs, A_eq=matrix, b_eq=sides, bounds=limits, method="highs").fun
        bounds.append(episode.problem.sign * -found)
        seconds.append(time.perf_counter() - started)
    return seconds, bounds


def _times(n: int, policy: str, index: int, steps: int, seed: int) -> _EpisodeTimes:
    episode = record(held_out(n, index), policy, steps, seed)
    env = environment(f"random-stable-set:n={n}", steps)
    env.reset(seed=seed)  # from here on, new graphs are the same in every run
    ours = replay_env(env, episode)
    bare, highspy_bounds = replay_highspy(episode)
    rebuilt, scipy_bounds = replay_scipy(episode)
    for bounds in (highspy_bounds, scipy_bounds):
        if not np.allclose(bounds, episode.bounds, atol=1e-6):
            raise RuntimeError(f"n={n}, {policy}, graph {index}: the solvers disagree on a bound")
    return _EpisodeTimes(
        step=statistics.median(ours),
        highspy=statistics.median(bare),
        scipy=statistics.median(rebuilt),
        reset=reset_seconds(env, {"problem": episode.problem}),
        reset_and_draw=reset_seconds(env, None),
    )


def _cost(n: int, policy: str, episodes: int, steps: int, seed: int) -> StepCost:
    times = [_times(n, policy, index, steps, seed) for index in range(episodes)]
    to_highspy = [t.step / t.highspy for t in times]
    of_scipy = [t.scipy / t.step for t in times]
    return StepCost(
        n=n,
        policy=policy,
        episodes=episodes,
        step=statistics.median(t.step for t in times),
        highspy=statistics.median(t.highspy for t in times),
        scipy=statistics.median(t.scipy for t in times),
        reset=statistics.median(t.reset for t in times),
        reset_and_draw=statistics.median(t.reset_and_draw for t in times),
        ratio_to_highspy=statistics.median(to_highspy),
        ratios_to_highspy=(min(to_highspy), max(to_highspy)),
        ratio_of_scipy=statistics.median(of_scipy),
        ratios_of_scipy=(min(of_scipy), max(of_scipy)),
        reset_in_steps=statistics.median(t.reset / t.step for t in times),
        reset_and_draw_in_steps=statistics.median(t.reset_and_draw / t.step for t in times),
    )


def measure(*, sizes: Sequence[int] = (25, 50), episodes: int = 10, steps: int = 100, seed: int = 0) -> StepCosts:
    """Time steps and resets, and the two ways of solving the same LPs.

    Raises:
        RuntimeError: If the three ways do not agree on a bound.
    """
    _times(min(sizes), "random-valid", 0, min(steps, 20), seed)  # loads what is compiled
    rows = tuple(_cost(n, policy, episodes, steps, seed) for n in sizes for policy in POLICIES)
    return StepCosts(steps, rows)


def table(result: Result) -> str:
    """One row per setting."""

    def ratio(row: Row, of: str, all_of: str) -> str:
        low, high = map(figure, row[all_of])
        return f"{figure(row[of])} ({low} to {high})"

    return markdown(
        {
            "n": lambda row: str(row["n"]),
            "actions": lambda row: row["policy"],
            "`env.step`": lambda row: duration(row["step"]),
            "bare `highspy`": lambda row: duration(row["highspy"]),
            "`linprog`": lambda row: duration(row["scipy"]),
            "step / highspy": lambda row: ratio(row, "ratio_to_highspy", "ratios_to_highspy"),
            "linprog / step": lambda row: ratio(row, "ratio_of_scipy", "ratios_of_scipy"),
            "reset, in steps": lambda row: figure(row["reset_in_steps"]),
            "reset to a new graph, in steps": lambda row: figure(row["reset_and_draw_in_steps"]),
        },
        result["rows"],
    )
