"""Processor time of ``env.render`` with ``render_mode="rgb_array"``, and what Matplotlib takes for the same figure.

An agent acts, and after every step the picture is made twice in the same process: by the environment, which draws anew
what has changed, and by Matplotlib, which draws all of the figure.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.benchmark.episodes import step_agent
from experiments.tables import Result, duration, figure, markdown
from polyproof_gym.envs import PolyProofEnv

PROBLEMS = ("petersen", "random-stable-set:n=25,index=0", "random-stable-set:n=50,index=0", "caprasse", "heart")
"""Graphs that are drawn, and problems of which the multipliers are shown."""


@dataclass(frozen=True)
class PictureCost:
    """The costs of one problem, in seconds of processor time; medians over the steps unless told otherwise.

    Attributes:
        problem: The problem.
        steps: Steps made.
        first: The first picture of an episode, for which all is drawn.
        frame: Any other.
        slowest: That which took longest.
        whole: Drawing all of the same figure.
        ratio: ``whole / frame``, the median over the steps.
    """

    problem: str
    steps: int
    first: float
    frame: float
    slowest: float
    whole: float
    ratio: float


@dataclass(frozen=True)
class PictureCosts:
    """The result of this section; see :class:`PictureCost`."""

    rows: tuple[PictureCost, ...]


def measure(*, problems: Sequence[str] = PROBLEMS, steps: int = 40, seed: int = 0) -> PictureCosts:
    """Draw an episode of every problem."""
    _cost(problems[0], 1, seed)  # what is loaded and kept once in a process
    return PictureCosts(tuple(_cost(problem, steps, seed) for problem in problems))


def _cost(problem: str, steps: int, seed: int) -> PictureCost:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from polyproof_gym.envs.picture import SIZE, Picture

    env = PolyProofEnv(problem, max_steps=steps, render_mode="rgb_array")
    env.reset(seed=seed)
    agent, rng = step_agent("dual-guided"), np.random.default_rng(seed)
    bounds = [env.state.bound]
    first = _timed(env.render)
    canvas = FigureCanvasAgg(Figure(figsize=SIZE, dpi=100))
    picture = Picture(canvas.figure, env.state.problem, steps, bounds[0])
    frames, wholes = [], []
    for _ in range(steps):
        action = agent.act(env.state, rng)
        if action is None:
            break
        bounds.append(env.step(action)[4]["bound"])
        picture.update(env.state, bounds)
        frames.append(_timed(env.render))
        wholes.append(_timed(canvas.draw))
    ratio = statistics.median(whole / frame for whole, frame in zip(wholes, frames, strict=True))
    frame, whole = statistics.median(frames), statistics.median(wholes)
    return PictureCost(problem, len(frames), first, frame, max(frames), whole, ratio)


def _timed(draw: Callable[[], object]) -> float:
    """Seconds of processor time of a call: what else the machine does is of no account."""
    started = time.process_time()
    draw()
    return time.process_time() - started


def table(result: Result) -> str:
    """One row per problem."""
    return markdown(
        {
            "problem": lambda row: row["problem"],
            "first picture": lambda row: duration(row["first"]),
            "`env.render`": lambda row: duration(row["frame"]),
            "the slowest": lambda row: duration(row["slowest"]),
            "whole figure": lambda row: duration(row["whole"]),
            "whole figure / `env.render`": lambda row: figure(row["ratio"]),
        },
        result["rows"],
    )
