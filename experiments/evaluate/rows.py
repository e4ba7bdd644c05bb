"""What is reported of one agent on the graphs of one size, and the table of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.evaluate.contenders import Contender
from experiments.statistics import Estimate, Values, interquartile_mean, mean, mean_difference, seed_means
from experiments.tables import markdown
from experiments.trials import Trial
from polyproof_gym import Problem
from polyproof_gym.problems import stability_number
from polyproof_gym.problems.stable_set import FAMILY as STABLE_SET

CHECKPOINTS = (25, 50, 100)
"""Numbers of steps after which the bound is reported."""

SHARE = 0.95
"""Share of the gap between the initial bound and the stability number whose closing is timed."""


@dataclass(frozen=True)
class Yardstick:
    """What bounds on one problem are measured by.

    Attributes:
        best: The optimum, or the best value known.
        zero: The bound that counts 0.
        unit: How far from that a bound counts 1.
    """

    best: float
    zero: float
    unit: float

    @classmethod
    def of(cls, problem: Problem) -> Yardstick:
        """Stability numbers are units, and every bound is a multiple; of others, the share of the gap that is open."""
        if problem.family == STABLE_SET:
            number = float(stability_number(problem))
            return cls(number, 0.0, number)
        best = float(problem.trivial_bound if problem.incumbent is None else problem.incumbent)
        return cls(best, best, float(problem.trivial_bound) - best or 1.0)


def open_gap(trial: Trial, best: float) -> float | None:
    """The mean share of the gap that is open, over the steps of the budget; 0 is best.

    Args:
        trial: What an agent did on a problem.
        best: The best value known.

    Returns:
        The share; ``None`` without a curve, or where there is no gap at the start.
    """
    if trial.curve is None or trial.curve[0] == best:
        return None
    bounds = _full_curve(trial)
    assert bounds is not None
    return float(np.mean((bounds[1:] - best) / (bounds[0] - best)))


def steps_to_share(trial: Trial, best: float) -> int | None:
    """The number of steps after which the share ``SHARE`` of the gap is closed; ``None`` if it never is."""
    if trial.curve is None:
        return None
    gap = (1 - SHARE) * abs(trial.curve[0] - best) + 1e-9
    return next((step for step, bound in enumerate(trial.curve) if abs(bound - best) <= gap), None)


def _full_curve(trial: Trial) -> Values | None:
    """The bound at the start and after every step of the budget, shape ``(steps + 1,)``."""
    if trial.curve is None:
        return None
    return np.array([*trial.curve, *[trial.curve[-1]] * (trial.task.steps + 1 - len(trial.curve))])


@dataclass(frozen=True)
class Row:
    """One agent on the problems of one size. All means are over the graphs, each with its mean over training seeds.

    Attributes:
        agent: Name of the agent.
        specs: Spec strings, one per training seed.
        n: Number of vertices.
        graphs: Number of problems, graphs in most cases.
        alpha: The mean of their best values, of graphs the stability numbers.
        bound: The mean of the exact bounds.
        interquartile_mean: Their mean over the middle half of the graphs.
        seed_means: Their mean for every training seed.
        ratio: The mean over the problems of the bound by its :class:`Yardstick`, of graphs the bound divided by the
            stability number.
        minus: The mean difference to the ratios of the references, by their name.
        curve: The mean bound at the start and after every step of the budget; ``None`` for agents that make all
            derivations at once.
        open_gap: The mean share of the gap that is open over the steps, where there is one.
        steps_to_share: Median number of steps after which the share ``SHARE`` of the gap is closed, where it is.
        closed: The share of the trials in which it is.
        derivations: The mean number of derivations that a proof needs.
        milliseconds: Search time per step, the agent's own included.
    """

    agent: str
    specs: tuple[str, ...]
    n: int
    graphs: int
    alpha: float
    bound: Estimate
    interquartile_mean: float
    seed_means: list[float]
    ratio: Estimate
    minus: Mapping[str, Estimate]
    curve: list[float] | None
    open_gap: float | None
    steps_to_share: float | None
    closed: float
    derivations: float
    milliseconds: float


Trials = Sequence[Sequence[Trial]]
"""The trials of one agent: for every training seed, those on the same graphs in the same order."""


def bounds(trials: Trials) -> Values:
    """The exact bounds, shape ``(seeds, graphs)``."""
    return np.array([[trial.bound for trial in line] for line in trials])


def row(
    contender: Contender,
    n: int,
    trials: Trials,
    yardsticks: Sequence[Yardstick],
    references: Mapping[Contender, Trials],
) -> Row:
    """Sum up the trials of one agent on the problems of one size.

    Args:
        contender: The agent.
        n: Number of vertices.
        trials: Its trials.
        yardsticks: Those of the problems.
        references: The agents it is compared with, graph by graph, and their trials; itself is left out.
    """
    values = bounds(trials)
    zeros, units = (np.array([getattr(yardstick, key) for yardstick in yardsticks]) for key in ("zero", "unit"))
    flat = [(trial, yardstick.best) for line in trials for trial, yardstick in zip(line, yardsticks, strict=True)]
    curves = [curve for trial, _ in flat if (curve := _full_curve(trial)) is not None]
    gaps = [gap for trial, best in flat if (gap := open_gap(trial, best)) is not None]
    reached = [steps for trial, best in flat if (steps := steps_to_share(trial, best)) is not None]
    steps = sum(trial.steps for trial, _ in flat)
    return Row(
        agent=contender.name,
        specs=contender.specs,
        n=n,
        graphs=len(yardsticks),
        alpha=float(np.mean([yardstick.best for yardstick in yardsticks])),
        bound=mean(values),
        interquartile_mean=interquartile_mean(values),
        seed_means=seed_means(values),
        ratio=mean((values - zeros) / units),
        minus={
            other.name: mean_difference((values - zeros) / units, (bounds(theirs) - zeros) / units)
            for other, theirs in references.items()
            if other != contender
        },
        curve=np.mean(curves, axis=0).tolist() if curves else None,
        open_gap=float(np.mean(gaps)) if gaps else None,
        steps_to_share=float(np.median(reached)) if reached else None,
        closed=len(reached) / len(flat),
        derivations=float(np.mean([trial.derivations for trial, _ in flat])),
        milliseconds=1e3 * sum(trial.seconds for trial, _ in flat) / max(1, steps),
    )


def table(rows: Sequence[Row], steps: int, measure: str = "bound / alpha") -> str:
    """The rows as a Markdown table.

    Args:
        rows: One for every agent and size.
        steps: The step budget.
        measure: What the yardsticks make of a bound.
    """
    columns: dict[str, Callable[[Row], str]] = {
        "agent": lambda row: row.agent,
        "n": lambda row: str(row.n),
        "mean bound [95 %]": lambda row: str(row.bound),
    }
    if any(len(row.specs) > 1 for row in rows):
        columns["seeds from, to"] = lambda row: (
            f"{min(row.seed_means):.2f}, {max(row.seed_means):.2f}" if len(row.specs) > 1 else ""
        )
    columns[f"{measure} [95 %]"] = lambda row: row.ratio.rounded(3)
    for name in dict.fromkeys(name for row in rows for name in row.minus):
        columns[f"minus {name} [95 %]"] = lambda row, name=name: (  # type: ignore[misc]
            row.minus[name].rounded(3, "+") if name in row.minus else ""
        )
    for mark in CHECKPOINTS:
        if mark <= steps:
            columns[f"after {mark} steps"] = lambda row, mark=mark: f"{row.curve[mark]:.2f}" if row.curve else ""  # type: ignore[misc]
    columns["open gap over the steps"] = lambda row: "" if row.open_gap is None else f"{row.open_gap:.3f}"
    columns[f"steps to {SHARE:.0%}"] = lambda row: (
        "" if row.steps_to_share is None else f"{row.steps_to_share:.0f} (in {row.closed:.0%})"
    )
    columns["derivations needed"] = lambda row: f"{row.derivations:.1f}"
    columns["ms per step"] = lambda row: f"{row.milliseconds:.2f}"
    return markdown(columns, rows)
