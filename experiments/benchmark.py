"""The cost of a step of the environment, as a ratio to what a user would use instead.

``python -m experiments.benchmark`` lets an agent choose actions on held-out random graphs, plays them again and times
every ``env.step``, observation and mask included. In the same process it then gives the very same columns to

* bare ``highspy``: add rows and the column, run from the last basis, read the objective;
* ``scipy.optimize.linprog``: build and solve the LP anew at every step.

It also measures what exact proofs cost (:mod:`experiments.certification`).

Absolute times depend on the machine; the ratios are the result.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import gymnasium as gym
import highspy
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from agents import StepAgent, make_agent
from experiments.certification import certification_table, certifications
from experiments.options import experiment_parser
from experiments.reports import log_scalars, write_json
from polyproof_gym import Problem, make_problem
from polyproof_gym.proofs import ProofState
from polyproof_gym.proofs.bound_lp import HOT_START, SOLVER_OPTIONS

POLICIES = {"random-valid": "random", "dual-guided": "dual-guided"}


@dataclass(frozen=True)
class Column:
    """What one step adds to the LP: an inequality, and the number of monomials from then on."""

    rows: NDArray[np.int32]
    values: NDArray[np.float64]
    num_rows: int


@dataclass(frozen=True)
class Episode:
    """One episode as LP columns, with the time each ``env.step`` took, in seconds, and the bound it gave."""

    objective: NDArray[np.float64]
    initial: list[Column]
    added: list[Column]
    seconds: list[float]
    reset_seconds: float
    bounds: list[float]


@dataclass(frozen=True)
class Result:
    """Medians over all steps of all episodes of one setting; times in microseconds."""

    n: int
    policy: str
    steps: int
    episodes: int
    step_us: float
    reset_us: float
    highspy_us: float
    scipy_us: float
    ratio_to_highspy: float
    ratio_of_scipy: float


def choose_actions(problem: Problem, policy: str, steps: int, seed: int) -> tuple[list[int], list[Column], list[float]]:
    """Let an agent act; its actions, all columns of the LP (the axioms' first), and the bound after each step."""
    agent = make_agent(POLICIES[policy])
    assert isinstance(agent, StepAgent)
    rng = np.random.default_rng(seed)
    state = ProofState(problem, max_steps=steps)
    actions: list[int] = []
    bounds: list[float] = []
    columns: list[Column] = []
    while True:
        for number in range(len(columns), len(state.memory)):
            rows, values = state.memory.column(number)
            columns.append(Column(rows.copy(), values.copy(), len(state.memory.monomials)))
        action = agent.act(state, rng) if len(actions) < steps else None
        if action is None:
            return actions, columns, bounds
        state.apply(action)
        actions.append(action)
        bounds.append(state.bound)


def play(n: int, policy: str, index: int, steps: int, seed: int) -> Episode:
    """Play and time one episode on a held-out graph."""
    problem = make_problem(f"random-stable-set:n={n},index={index}")
    actions, columns, bounds = choose_actions(problem, policy, steps, seed)
    env = gym.make("PolyProof-v0", problem=f"random-stable-set:n={n}", max_steps=steps).unwrapped
    started = time.perf_counter()
    env.reset(options={"problem": problem})
    reset_seconds = time.perf_counter() - started
    seconds = []
    for action in actions:
        started = time.perf_counter()
        env.step(action)
        seconds.append(time.perf_counter() - started)
    num_axioms = len(problem.axioms)
    objective = np.zeros(1 + len(problem.objective))
    for row, coefficient in enumerate(problem.minimised.terms.values(), 1):
        objective[row] = float(coefficient)
    return Episode(objective, columns[:num_axioms], columns[num_axioms:], seconds, reset_seconds, bounds)


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
        bounds.append(highs.getInfo().objective_function_value)
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
        bounds.append(linprog(costs, A_eq=matrix, b_eq=sides, bounds=limits, method="highs").fun)
        seconds.append(time.perf_counter() - started)
    return seconds, bounds


def measure(n: int, policy: str, episodes: int, steps: int, seed: int) -> Result:
    """Time one setting.

    Raises:
        RuntimeError: If the three ways of solving the same LPs do not agree on a bound.
    """
    ours: list[float] = []
    resets: list[float] = []
    bare: list[float] = []
    rebuilt: list[float] = []
    for index in range(episodes):
        episode = play(n, policy, index, steps, seed)
        highspy_seconds, highspy_bounds = replay_highspy(episode)
        scipy_seconds, scipy_bounds = replay_scipy(episode)
        for bounds in (highspy_bounds, scipy_bounds):
            if not np.allclose(bounds, episode.bounds, atol=1e-6):
                raise RuntimeError(f"n={n}, {policy}, graph {index}: the solvers disagree on a bound")
        ours += episode.seconds
        resets.append(episode.reset_seconds)
        bare += highspy_seconds
        rebuilt += scipy_seconds
    step, highs, scipy = (1e6 * statistics.median(times) for times in (ours, bare, rebuilt))
    return Result(
        n=n,
        policy=policy,
        steps=steps,
        episodes=episodes,
        step_us=round(step, 1),
        reset_us=round(1e6 * statistics.median(resets), 1),
        highspy_us=round(highs, 1),
        scipy_us=round(scipy, 1),
        ratio_to_highspy=round(step / highs, 3),
        ratio_of_scipy=round(scipy / step, 3),
    )


def table(results: Sequence[Result]) -> str:
    """The results as text."""
    names = ("env.step", "highspy", "scipy", "step/highspy", "scipy/step")
    lines = [f"{'n':>3} {'actions':13} " + " ".join(f"{name:>12}" for name in names)]
    lines += [
        f"{r.n:3} {r.policy:13} {r.step_us:9.0f} us {r.highspy_us:9.0f} us {r.scipy_us:9.0f} us"
        f" {r.ratio_to_highspy:12.2f} {r.ratio_of_scipy:12.1f}"
        for r in results
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit status."""
    parser = experiment_parser("benchmark", __doc__)
    parser.add_argument("--episodes", type=int, default=10, help="episodes per setting (default: %(default)s)")
    options = parser.parse_args(arguments)
    settings = [(n, policy) for n in options.n for policy in POLICIES]
    measure(min(options.n), "random-valid", 1, min(options.steps, 20), options.seed)  # warm-up
    results = [
        measure(n, policy, options.episodes, options.steps, options.seed)
        for n, policy in tqdm(settings, unit="setting", file=sys.stderr)
    ]
    print(table(results))
    exact = certifications(POLICIES.values(), options.episodes, options.steps, options.seed)
    print(certification_table(exact))
    for result in results:
        ratios = (("ratio/step_to_highspy", result.ratio_to_highspy), ("ratio/scipy_to_step", result.ratio_of_scipy))
        log_scalars(options.logdir / result.policy, [(name, ratio, result.n) for name, ratio in ratios])
    if options.json is not None:
        report: dict[str, Any] = {
            "command": " ".join(["python -m experiments.benchmark", *(arguments or sys.argv[1:])]),
            "python": platform.python_version(),
            "highs": highspy.Highs().version(),
            "results": [asdict(result) for result in results],
            "certifications": [asdict(result) for result in exact],
        }
        write_json(options.json, report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
