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
from experiments.tables import Result, Row, duration, figure, markdown
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.proofs.bound_lp import HOT_START, SOLVER_OPTIONS
from polyproof_gym.solver import OPTIONS


@dataclass(frozen=True)
class StepCost:
    """The costs of one setting, in seconds.

    A repetition gives the median over an episode's steps; of each graph's repetitions the median is taken, and of the
    graphs' again.

    Attributes:
        n: Number of vertices.
        policy: What chose the actions.
        step: ``env.step``.
        highspy: The same column in the bare solver.
        scipy: The LP built and solved anew.
        reset: ``env.reset`` to a given problem.
        reset_and_draw: ``env.reset`` to a new random graph.
        ratio_to_highspy: ``step / highspy``, the median over graphs of the median over repetitions.
        ratios_to_highspy: The smallest and the largest of the graphs'.
        ratio_of_scipy: ``scipy / step``, likewise.
        ratios_of_scipy: The smallest and the largest of the graphs'.
        reset_in_steps: ``reset / step``, likewise.
        reset_and_draw_in_steps: ``reset_and_draw / step``, likewise.
    """

    n: int
    policy: str
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

    graphs: int
    repetitions: int
    steps: int
    rows: tuple[StepCost, ...]


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
    """Seconds of a reset with the given options."""
    started = time.perf_counter()
    env.reset(options=options)
    return time.perf_counter() - started


def replay_highspy(episode: Episode) -> tuple[list[float], list[float]]:
    """Seconds and bounds of adding the columns one by one to a bare solver that keeps its basis."""
    highs = highspy.Highs()
    for option, value in {**OPTIONS, **SOLVER_OPTIONS, **HOT_START}.items():
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


def _times(n: int, policy: str, index: int, repetitions: int, steps: int, seed: int) -> list[list[float]]:
    """Seconds of a step, in the bare solver, with scipy, and of both resets, for every repetition."""
    episode = record(held_out(n, index), policy, steps, seed)
    env = environment(f"random-stable-set:n={n}", steps)
    env.reset(seed=seed)  # from here on, new graphs are the same in every run
    times = []
    for _ in range(repetitions):
        bare, highspy_bounds = replay_highspy(episode)
        ours = replay_env(env, episode)
        rebuilt, scipy_bounds = replay_scipy(episode)
        for bounds in (highspy_bounds, scipy_bounds):
            if not np.allclose(bounds, episode.bounds, atol=1e-6):
                raise RuntimeError(f"n={n}, {policy}, graph {index}: the solvers disagree on a bound")
        resets = [reset_seconds(env, None), reset_seconds(env, {"problem": episode.problem})]
        times.append([*map(statistics.median, (ours, bare, rebuilt)), *resets])
    return times


def _cost(n: int, policy: str, graphs: int, repetitions: int, steps: int, seed: int) -> StepCost:
    times = np.array([_times(n, policy, index, repetitions, steps, seed) for index in range(graphs)])
    step, bare, rebuilt, drawn, reset = np.median(np.median(times, axis=1), axis=0).tolist()
    in_steps = np.median(times / times[:, :, :1], axis=1)  # of each graph; a ratio is one of times of one repetition
    to_highspy, of_scipy = 1 / in_steps[:, 1], in_steps[:, 2]
    _, _, _, drawn_in_steps, reset_in_steps = np.median(in_steps, axis=0).tolist()
    return StepCost(
        n=n,
        policy=policy,
        step=step,
        highspy=bare,
        scipy=rebuilt,
        reset=reset,
        reset_and_draw=drawn,
        ratio_to_highspy=float(np.median(to_highspy)),
        ratios_to_highspy=(float(to_highspy.min()), float(to_highspy.max())),
        ratio_of_scipy=float(np.median(of_scipy)),
        ratios_of_scipy=(float(of_scipy.min()), float(of_scipy.max())),
        reset_in_steps=reset_in_steps,
        reset_and_draw_in_steps=drawn_in_steps,
    )


def measure(
    *, sizes: Sequence[int] = (25, 50), graphs: int = 10, repetitions: int = 5, steps: int = 100, seed: int = 0
) -> StepCosts:
    """Time steps and resets, and the two ways of solving the same LPs.

    Raises:
        RuntimeError: If the three ways do not agree on a bound.
    """
    _times(min(sizes), "random-valid", 0, 1, min(steps, 20), seed)  # loads what is compiled
    rows = tuple(_cost(n, policy, graphs, repetitions, steps, seed) for n in sizes for policy in POLICIES)
    return StepCosts(graphs, repetitions, steps, rows)


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
