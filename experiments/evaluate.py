"""Agents on the fixed held-out graphs of the paper's protocol: mean bounds, with confidence intervals.

``python -m experiments.evaluate`` lets every agent work on the same graphs ``G(n, p)``, ``p`` uniform in ``[0.5, 1]``,
given by their index. Every bound is checked exactly, and against the stability number found by exhaustive search.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from agents import make_agent, prove
from experiments.options import experiment_parser
from experiments.reports import log_proof, write_json
from polyproof_gym import BadInput, InvalidProof, Proof, make_problem
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import stability_number

DEFAULT_AGENTS = ("random", "random-closed", "bfs", "clique-cover", "dual-guided")


@dataclass(frozen=True)
class Result:
    """One agent on the graphs of one size.

    Attributes:
        agent: The agent.
        n: Number of vertices.
        graphs: Number of graphs.
        steps: Step budget.
        mean_bound: Mean of the exact bounds.
        half_width: Half the width of the 95 % confidence interval of that mean (normal approximation over graphs).
        mean_alpha: Mean stability number of the same graphs.
        mean_seconds: Mean search time.
        max_seconds: Longest search time.
    """

    agent: str
    n: int
    graphs: int
    steps: int
    mean_bound: float
    half_width: float
    mean_alpha: float
    mean_seconds: float
    max_seconds: float


def check(proof: Proof, optimum: Rational) -> None:
    """Check a proof exactly, and its bound against the optimum.

    Raises:
        InvalidProof: If one of the two fails.
    """
    proof.verify()
    if proof.bound < optimum:
        raise InvalidProof(f"{proof.problem.name}: the bound {proof.bound} is below the optimum {optimum}")


def evaluate(agent: str, n: int, graphs: int, steps: int, seed: int, logdir: Path) -> Result:
    """Let one agent work on the held-out graphs ``0 .. graphs - 1`` of one size."""
    bounds, seconds, optima = [], [], []
    for index in range(graphs):
        problem = make_problem(f"random-stable-set:n={n},index={index}")
        optimum = stability_number(problem)
        proof = prove(problem, agent, max_steps=steps, seed=seed + index)
        check(proof, optimum)
        if index == 0:
            log_proof(logdir / f"n={n}" / agent.replace(":", "-"), proof)
        bounds.append(float(proof.bound))
        optima.append(float(optimum))
        seconds.append(proof.search.seconds if proof.search else 0.0)
    spread = float(np.std(bounds, ddof=1)) if graphs > 1 else 0.0
    return Result(
        agent=agent,
        n=n,
        graphs=graphs,
        steps=steps,
        mean_bound=float(np.mean(bounds)),
        half_width=1.96 * spread / graphs**0.5,
        mean_alpha=float(np.mean(optima)),
        mean_seconds=float(np.mean(seconds)),
        max_seconds=max(seconds),
    )


def table(results: Sequence[Result]) -> str:
    """The results as a Markdown table."""
    lines = ["| agent | n | mean bound | mean alpha | seconds (mean, max) |", "|---|---|---|---|---|"]
    lines += [
        f"| {r.agent} | {r.n} | {r.mean_bound:.2f} ± {r.half_width:.2f} | {r.mean_alpha:.2f}"
        f" | {r.mean_seconds:.3f}, {r.max_seconds:.3f} |"
        for r in results
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the evaluation; the exit status."""
    parser = experiment_parser("evaluate", __doc__)
    parser.add_argument("--agents", nargs="+", default=DEFAULT_AGENTS, help="agents (default: the cheap baselines)")
    parser.add_argument("--graphs", type=int, default=30, help="graphs per size (default: %(default)s)")
    options = parser.parse_args(arguments)
    if min(options.graphs, options.steps, *options.n) < 1:
        parser.error("expected numbers of at least 1")
    try:
        for agent in options.agents:
            make_agent(agent)
        settings = [(agent, n) for n in options.n for agent in options.agents]
        results = [
            evaluate(agent, n, options.graphs, options.steps, options.seed, options.logdir)
            for agent, n in tqdm(settings, unit="setting", file=sys.stderr)
        ]
    except BadInput as error:
        parser.error(str(error))
    print(table(results))
    if options.json is not None:
        write_json(options.json, [asdict(result) for result in results])
    return 0


if __name__ == "__main__":
    sys.exit(main())
