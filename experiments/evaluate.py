"""Agents on the fixed held-out graphs of the paper's protocol: bounds, curves and paired comparisons.

``python -m experiments.evaluate`` lets every agent work on the same graphs ``G(n, p)``, ``p`` uniform in ``[0.5, 1]``,
given by their index. Every bound is checked exactly, and against the stability number found by exhaustive search.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from agents import make_agent, prove
from experiments.options import experiment_parser
from experiments.reports import log_proof, write_json
from polyproof_gym import BadInput, InvalidProof, Proof, make_problem
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import stability_number
from polyproof_gym.proofs.shrinking import shrink

DEFAULT_AGENTS = ("random", "random-closed", "bfs", "clique-cover", "dual-guided")

CHECKPOINTS = (25, 50, 100)
"""Numbers of steps after which the bound is reported."""

SHARE = 0.95
"""Share of the gap between the initial bound and the stability number whose closing is timed."""


@dataclass(frozen=True)
class Trial:
    """One agent on one graph.

    Attributes:
        index: Number of the held-out graph.
        bound: The exact bound at the end.
        optimum: The stability number.
        curve: The bound at the start and after every step of the budget, in floats; where the search ended before, its
            last bound goes on. ``None`` for agents that make all derivations at once.
        derivations: Derivations that the proof needs, after shortening if that was asked for.
        seconds: Search time, the agent's own included.
        steps: Derivations made.
    """

    index: int
    bound: float
    optimum: float
    curve: tuple[float, ...] | None
    derivations: int
    seconds: float
    steps: int

    @property
    def area(self) -> float | None:
        """The mean share of the gap that is open, over the steps of the budget; 0 is best."""
        if self.curve is None or self.curve[0] == self.optimum:
            return None
        return float(np.mean([(bound - self.optimum) / (self.curve[0] - self.optimum) for bound in self.curve[1:]]))

    @property
    def steps_to_share(self) -> int | None:
        """The number of steps after which the share ``SHARE`` of the gap is closed; ``None`` if it never is."""
        if self.curve is None:
            return None
        goal = self.optimum + (1 - SHARE) * (self.curve[0] - self.optimum)
        return next((step for step, bound in enumerate(self.curve) if bound <= goal + 1e-9), None)


@dataclass(frozen=True)
class Mean:
    """A mean with half the width of its 95 % confidence interval (normal approximation)."""

    value: float
    half_width: float

    @classmethod
    def of(cls, values: Sequence[float] | NDArray[np.float64]) -> Mean:
        """The mean of at least one value."""
        spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
        return cls(float(np.mean(values)), 1.96 * spread / len(values) ** 0.5)

    def __str__(self) -> str:
        return f"{self.value:.2f} ± {self.half_width:.2f}"


@dataclass(frozen=True)
class Result:
    """One agent on the graphs of one size.

    Attributes:
        agent: The agent.
        n: Number of vertices.
        steps: Step budget.
        trials: What it did on every graph.
    """

    agent: str
    n: int
    steps: int
    trials: tuple[Trial, ...]

    @property
    def bound(self) -> Mean:
        """The mean of the exact bounds."""
        return Mean.of([trial.bound for trial in self.trials])

    @property
    def alpha(self) -> float:
        """The mean stability number."""
        return float(np.mean([trial.optimum for trial in self.trials]))

    def minus(self, other: Result) -> Mean:
        """The mean difference to another agent's bound, graph by graph."""
        pairs = zip(self.trials, other.trials, strict=True)
        return Mean.of([mine.bound - theirs.bound for mine, theirs in pairs])


def check(proof: Proof, optimum: Rational) -> None:
    """Check a proof exactly, and its bound against the optimum.

    Raises:
        InvalidProof: If one of the two fails.
    """
    proof.verify()
    if proof.bound < optimum:
        raise InvalidProof(f"{proof.problem.name}: the bound {proof.bound} is below the optimum {optimum}")


def attempt(agent: str, n: int, index: int, steps: int, seed: int, shrinking: bool, logdir: Path | None) -> Trial:
    """Let one agent work on one held-out graph."""
    problem = make_problem(f"random-stable-set:n={n},index={index}")
    optimum = stability_number(problem)
    proof = prove(problem, agent, max_steps=steps, seed=seed + index)
    check(proof, optimum)
    search = proof.search
    assert search is not None  # as of every proof that a search found
    if logdir is not None:
        log_proof(logdir, proof)
    bounds = search.bounds
    one_by_one = search.steps == len(bounds) - 1
    return Trial(
        index=index,
        bound=float(proof.bound),
        optimum=float(optimum),
        curve=(*bounds, *[bounds[-1]] * (steps + 1 - len(bounds))) if one_by_one else None,
        derivations=(shrink(proof) if shrinking else proof).num_derivations,
        seconds=search.seconds,
        steps=search.steps,
    )


def evaluate(
    agent: str, n: int, graphs: int, steps: int, seed: int, logdir: Path | None = None, shrinking: bool = False
) -> Result:
    """Let one agent work on the held-out graphs ``0 .. graphs - 1`` of one size.

    Args:
        agent: The agent.
        n: Number of vertices.
        graphs: Number of graphs.
        steps: Step budget.
        seed: Seed of the agent's random choices, to which the index is added.
        logdir: Where the search on graph 0 is logged for TensorBoard.
        shrinking: Whether proofs are shortened before their derivations are counted.
    """
    folder = None if logdir is None else logdir / f"n={n}" / agent.translate({ord(":"): "-", ord("/"): "-"})
    trials = [
        attempt(agent, n, index, steps, seed, shrinking, folder if index == 0 else None) for index in range(graphs)
    ]
    return Result(agent, n, steps, tuple(trials))


def table(results: Sequence[Result], reference: str | None = None) -> str:
    """The results as a Markdown table.

    Args:
        results: One for every agent and size.
        reference: The agent that all others are compared with, graph by graph; it must be among them.
    """
    references = {result.n: result for result in results if result.agent == reference}
    marks = [mark for mark in CHECKPOINTS if all(mark <= result.steps for result in results)]
    titles = ["agent", "n", "mean bound", "bound / alpha"]
    titles += [f"minus {reference}"] if references else []
    titles += [f"after {mark} steps" for mark in marks]
    titles += ["open gap over the steps", f"steps to {SHARE:.0%}", "derivations needed", "ms per step"]
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    for result in results:
        trials = result.trials
        cells = [result.agent, str(result.n), str(result.bound), f"{result.bound.value / result.alpha:.3f}"]
        if references:
            cells.append(str(result.minus(references[result.n])))
        curves = [trial.curve for trial in trials if trial.curve is not None]
        cells += [f"{np.mean([curve[mark] for curve in curves]):.2f}" if curves else "" for mark in marks]
        areas = [trial.area for trial in trials if trial.area is not None]
        cells.append(f"{np.mean(areas):.3f}" if areas else "")
        reached = [trial.steps_to_share for trial in trials if trial.steps_to_share is not None]
        cells.append(f"{np.median(reached):.0f} ({len(reached)} of {len(trials)})" if reached else "")
        cells.append(f"{np.mean([trial.derivations for trial in trials]):.1f}")
        steps = sum(trial.steps for trial in trials)
        cells.append(f"{1e3 * sum(trial.seconds for trial in trials) / max(1, steps):.2f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the evaluation; the exit status."""
    parser = experiment_parser("evaluate", __doc__)
    parser.add_argument("--agents", nargs="+", default=DEFAULT_AGENTS, help="agents (default: the cheap baselines)")
    parser.add_argument("--graphs", type=int, default=30, help="graphs per size (default: %(default)s)")
    parser.add_argument("--against", metavar="AGENT", help="compare all agents with this one, graph by graph")
    parser.add_argument("--shrink", action="store_true", help="shorten proofs before derivations are counted (slow)")
    options = parser.parse_args(arguments)
    if min(options.graphs, options.steps, *options.n) < 1:
        parser.error("expected numbers of at least 1")
    if options.against is not None and options.against not in options.agents:
        parser.error(f"expected {options.against} among the agents, to compare with it")
    try:
        for agent in options.agents:
            make_agent(agent)
        settings = [(agent, n) for n in options.n for agent in options.agents]
        results = [
            evaluate(agent, n, options.graphs, options.steps, options.seed, options.logdir, options.shrink)
            for agent, n in tqdm(settings, unit="setting", file=sys.stderr)
        ]
    except BadInput as error:
        parser.error(str(error))
    print(f"alpha: {', '.join(f'{result.alpha:.2f} (n = {result.n})' for result in results[:: len(options.agents)])}\n")
    print(table(results, options.against))
    if options.json is not None:
        write_json(options.json, [asdict(result) for result in results])
    return 0


if __name__ == "__main__":
    sys.exit(main())
