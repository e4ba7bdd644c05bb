"""How the cost of a step grows with the memory, and how far it goes within a few gigabytes.

Every setting runs in a process of its own, which reports the most memory it had resident: one long episode in the
environment, on a graph of which every second pair of vertices is joined, so that there is much to prove. Choosing an
action and ``env.step`` are timed separately. The steps are cut into windows; a straight line through the logarithms of
the windows' median costs and of their median memory sizes has the exponent of growth as its slope.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from experiments.benchmark.episodes import environment, step_agent
from experiments.benchmark.own_process import in_own_process, peak_bytes
from experiments.tables import Result, Row, duration, figure, markdown, size
from polyproof_gym import BadInput

WINDOWS = 10
"""Into how many windows the steps are cut."""

SETTINGS = (
    (25, "random-valid", 2000),
    (50, "random-valid", 2000),
    (100, "random-valid", 2000),
    (200, "random-valid", 2000),
    (500, "random-valid", 1000),
    (25, "dual-guided", 2000),
    (50, "dual-guided", 2000),
    (100, "dual-guided", 2000),
    (200, "dual-guided", 1000),
    (500, "dual-guided", 1000),
)
"""Numbers of vertices, what chooses the actions, and steps."""


@dataclass(frozen=True)
class Growth:
    """One long episode.

    Attributes:
        n: Number of vertices.
        policy: What chose the actions.
        steps: Steps asked for.
        steps_made: Steps made before the bound met the incumbent, no action was left, or the time was over.
        ended: Why it ended.
        sizes: Median memory size of every window.
        choice: Median seconds for choosing an action, window by window.
        step: Median seconds of ``env.step``, window by window.
        choice_exponent: Slope of the logarithm of ``choice`` over that of ``sizes``; ``None`` without enough windows.
        step_exponent: The same of ``step``.
        total_exponent: The same of the sum of both.
        seconds: Duration of the whole episode.
        bound: The bound at its end.
        observation_bytes: Size of one observation.
        peak_bytes: The most memory the process had resident.
        remark: Why there was no episode.
    """

    n: int
    policy: str
    steps: int
    steps_made: int = 0
    ended: str = ""
    sizes: tuple[float, ...] = ()
    choice: tuple[float, ...] = ()
    step: tuple[float, ...] = ()
    choice_exponent: float | None = None
    step_exponent: float | None = None
    total_exponent: float | None = None
    seconds: float = 0.0
    bound: float | None = None
    observation_bytes: int = 0
    peak_bytes: int = 0
    remark: str = ""


@dataclass(frozen=True)
class Growths:
    """The result of this section; see :class:`Growth`."""

    time_limit: float
    rows: tuple[Growth, ...]


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float | None:
    """The slope of the logarithm of costs over that of sizes, by least squares; ``None`` for fewer than three."""
    if len(sizes) < 3:
        return None
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def _windows(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(np.median(window)) for window in np.array_split(np.asarray(values), WINDOWS) if len(window))


def episode(n: int, policy: str, steps: int, time_limit: float, seed: int) -> dict[str, Any]:
    """Run one episode in this process; its :class:`Growth` as a dictionary."""
    try:
        env = environment(f"random-stable-set:n={n},p_min=0.5,p_max=0.5", steps)
        observation, info = env.reset(seed=seed)
    except BadInput as refusal:
        return asdict(Growth(n, policy, steps, remark=f"refused: {refusal}"))
    agent = step_agent(policy)
    rng = np.random.default_rng(seed)
    sizes: list[float] = []
    choices: list[float] = []
    costs: list[float] = []
    began = time.perf_counter()
    ended = ""
    while not ended:
        started = time.perf_counter()
        action = agent.act(env.state, rng)
        chosen = time.perf_counter()
        if action is None:
            ended = "no action is left"
            break
        sizes.append(info["num_inequalities"])
        observation, _, terminated, truncated, info = env.step(action)
        stepped = time.perf_counter()
        choices.append(chosen - started)
        costs.append(stepped - chosen)
        if info["is_success"]:
            ended = "the bound met the incumbent"
        elif terminated:
            ended = "no action is left"
        elif truncated:
            ended = "all steps made"
        elif stepped - began > time_limit:
            ended = f"{time_limit:g} s were over"
    windows = _windows(sizes), _windows(choices), _windows(costs)
    totals = _windows(np.add(choices, costs).tolist())
    return asdict(
        Growth(
            n,
            policy,
            steps,
            len(costs),
            ended,
            *windows,
            choice_exponent=exponent(windows[0], windows[1]),
            step_exponent=exponent(windows[0], windows[2]),
            total_exponent=exponent(windows[0], totals),
            seconds=time.perf_counter() - began,
            bound=float(info["bound"]),
            observation_bytes=sum(array.nbytes for array in observation.values()),
            peak_bytes=peak_bytes(),
        )
    )


def measure(*, settings: Sequence[tuple[int, str, int]] = SETTINGS, time_limit: float = 60.0, seed: int = 0) -> Growths:
    """Run the long episodes, each in a process of its own and for at most a number of seconds."""
    rows = [
        Growth(**in_own_process(__name__, "episode", n=n, policy=policy, steps=steps, time_limit=time_limit, seed=seed))
        for n, policy, steps in settings
    ]
    return Growths(time_limit, tuple(rows))


def table(result: Result) -> str:
    """One row per setting."""

    def made(row: Row) -> str:
        if row["remark"]:
            return str(row["remark"])
        return f"{row['steps_made']}" + ("" if row["steps_made"] == row["steps"] else f" ({row['ended']})")

    return markdown(
        {
            "n": lambda row: str(row["n"]),
            "actions": lambda row: row["policy"],
            "steps": made,
            "inequalities": lambda row: f"{row['sizes'][0]:.0f} to {row['sizes'][-1]:.0f}" if row["sizes"] else "",
            "choice, first and last": lambda row: _ends(row["choice"]),
            "`env.step`, first and last": lambda row: _ends(row["step"]),
            "exponent of choice": lambda row: figure(row["choice_exponent"]),
            "of `env.step`": lambda row: figure(row["step_exponent"]),
            "of both": lambda row: figure(row["total_exponent"]),
            "episode": lambda row: duration(row["seconds"]),
            "peak memory": lambda row: size(row["peak_bytes"]),
        },
        result["rows"],
    )


def _ends(costs: Sequence[float]) -> str:
    return f"{duration(costs[0])}, {duration(costs[-1])}" if costs else ""
