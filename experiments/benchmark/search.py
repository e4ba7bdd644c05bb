"""Where the time of a whole search goes: 100 steps of ``dual-guided``, from the problem to the bound.

A search is run as :func:`agents.prove` runs it, up to the exact proof, which is a section of its own. It is then run
again with every method of the solver timed, which gives the share of the time inside HiGHS. Of each graph's repetitions
the median is taken, and of the graphs the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents import Search
from experiments.benchmark.episodes import held_out
from experiments.benchmark.solver_clock import solver_clock
from experiments.tables import Result, duration, figure, markdown, percent
from polyproof_gym import Problem


@dataclass(frozen=True)
class SearchCost:
    """Means over graphs.

    Attributes:
        n: Number of vertices.
        graphs: Number of graphs.
        steps: Derivations made; fewer than allowed where the bound met the incumbent.
        seconds: Time of a search.
        seconds_per_100_steps: The same for 100 steps.
        solver_share: Share of the time inside methods of HiGHS, in the timed run.
    """

    n: int
    graphs: int
    steps: float
    seconds: float
    seconds_per_100_steps: float
    solver_share: float


@dataclass(frozen=True)
class SearchCosts:
    """The result of this section; see :class:`SearchCost`."""

    agent: str
    max_steps: int
    repetitions: int
    rows: tuple[SearchCost, ...]


def _search(problem: Problem, agent: str, max_steps: int) -> tuple[float, float, float, float]:
    """Steps, seconds, and in the timed run seconds inside the solver and seconds altogether."""
    plain = Search(problem, agent, max_steps=max_steps).run().search
    timed = Search(problem, agent, max_steps=max_steps)
    inside = 0.0

    with solver_clock() as clock:

        def note(_: object) -> None:
            nonlocal inside
            inside = clock.seconds  # the exact proof at the end is not part of the search's seconds

        record = timed.run(note).search
    assert plain is not None
    assert record is not None
    return plain.steps, plain.seconds, inside, record.seconds


def _cost(n: int, agent: str, graphs: int, repetitions: int, max_steps: int) -> SearchCost:
    problems = [held_out(n, index) for index in range(graphs)]
    measured = [[_search(problem, agent, max_steps) for problem in problems] for _ in range(repetitions)]
    steps, seconds, inside, timed = np.median(measured, axis=0).mean(axis=0).tolist()
    return SearchCost(n, graphs, steps, seconds, 100 * seconds / steps, inside / timed)


def measure(
    *,
    sizes: Sequence[int] = (25, 50),
    graphs: int = 10,
    repetitions: int = 5,
    max_steps: int = 100,
    agent: str = "dual-guided",
    seed: int = 0,
) -> SearchCosts:
    """Time whole searches; the seed is of no use to an agent that draws nothing."""
    del seed
    Search(held_out(min(sizes), 0), agent, max_steps=max_steps).run()  # loads what is compiled
    rows = tuple(_cost(n, agent, graphs, repetitions, max_steps) for n in sizes)
    return SearchCosts(agent, max_steps, repetitions, rows)


def table(result: Result) -> str:
    """One row per size."""
    return markdown(
        {
            "n": lambda row: str(row["n"]),
            "steps made": lambda row: figure(row["steps"]),
            "search": lambda row: duration(row["seconds"]),
            "per 100 steps": lambda row: duration(row["seconds_per_100_steps"]),
            "inside HiGHS": lambda row: percent(row["solver_share"]),
        },
        result["rows"],
    )
