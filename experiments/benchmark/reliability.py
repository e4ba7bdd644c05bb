"""What the solver's floats do to bounds where they are hardest: degenerate LPs, long chains, extreme coefficients.

A search is run without stopping at the incumbent. After every step the LP's status is looked at; every so often, and at
the end, the LP is solved from scratch and the two bounds are compared. Then the last bound is made exact, and the exact
proof is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import networkx as nx
import numpy as np

from agents import make_agent
from experiments.tables import Result, figure, magnitude, markdown
from polyproof_gym import Problem, ProofState, certify, make_problem, polynomial, stable_set
from polyproof_gym.proofs import LPStatus


@dataclass(frozen=True)
class Reliability:
    """One search.

    Attributes:
        case: What was to be proved.
        agent: The agent.
        steps: Derivations made.
        bound: The last bound, in floats.
        cold_solves: How often a solution was doubted and the LP solved from scratch.
        failed: After how many steps there was no believable solution at all.
        compared: How often the bound was compared with that of an LP solved from scratch.
        largest_difference: The largest difference of the two, divided by 1 plus the size of the bound.
        loss: What the exact bound is worse than the LP's, divided by 1 plus its size; negative where it is better.
        mismatches: Whether that is so much that the LP's bound counts as wrong.
    """

    case: str
    agent: str
    steps: int
    bound: float
    cold_solves: int
    failed: int
    compared: int
    largest_difference: float
    loss: float
    mismatches: int


@dataclass(frozen=True)
class Reliabilities:
    """The result of this section; see :class:`Reliability`."""

    rows: tuple[Reliability, ...]


@dataclass(frozen=True)
class Case:
    """A search that is hard for floats.

    Attributes:
        name: What is to be proved.
        problem: Makes the problem, given a seed.
        agents: The agents that work on it.
        steps: Step budget.
    """

    name: str
    problem: Callable[[int], Problem]
    agents: tuple[str, ...]
    steps: int


def weighted_graph(seed: int, n: int, decades: float) -> Problem:
    """A random graph with weights from ``10^-decades`` to ``10^decades``, uniform in their logarithm, 6 digits each."""
    rng = np.random.default_rng(seed)
    graph: nx.Graph[int] = nx.gnp_random_graph(n, 0.5, seed=seed)
    for vertex in graph:
        graph.nodes[vertex]["weight"] = f"{10 ** rng.uniform(-decades, decades):.5e}"
    return stable_set(graph, name=f"weighted graph, n={n}")


def uneven_polynomial(seed: int, n: int, decades: float) -> Problem:
    """A random quartic with 30 terms on the unit box, its coefficients from 1 to ``10^decades`` in size."""
    rng = np.random.default_rng(seed)
    terms = []
    for exponent in np.linspace(0.0, decades, 30):
        chosen = rng.integers(1, n + 1, size=rng.integers(1, 5))
        terms.append(f"{'+-'[rng.integers(2)]} {10**exponent:.3f} * {'*'.join(f'x{i}' for i in chosen)}")
    return polynomial(" ".join(terms), variables=[f"x{i}" for i in range(1, n + 1)], box="unit", name="uneven quartic")


def _named(spec: str, agents: tuple[str, ...], steps: int) -> Case:
    return Case(f"`{spec}`", lambda _: make_problem(spec), agents, steps)


GUIDED_AND_RANDOM = ("dual-guided", "random-closed")
STATIC_AND_GUIDED = ("static-sherali-adams:level=5", "dual-guided")

CASES = (
    _named("complete:n=30", GUIDED_AND_RANDOM, 300),
    _named("cycle:n=31", GUIDED_AND_RANDOM, 300),
    _named("paley:q=37", GUIDED_AND_RANDOM, 300),
    _named("kneser:n=8,k=2", GUIDED_AND_RANDOM, 300),
    _named("hamming:d=5,q=2", GUIDED_AND_RANDOM, 300),
    _named("hamming:d=3,q=3", GUIDED_AND_RANDOM, 300),
    _named("random-stable-set:n=50,p_min=0.5,p_max=0.5,index=0", ("dual-guided", "random-closed", "random"), 1500),
    Case("weights 10^-6 to 10^6", partial(weighted_graph, n=30, decades=6), GUIDED_AND_RANDOM, 300),
    *(
        Case(
            f"coefficients 1 to 10^{decades}", partial(uneven_polynomial, n=5, decades=decades), STATIC_AND_GUIDED, 600
        )
        for decades in (3, 6, 9, 12)
    ),
    _named("caprasse", STATIC_AND_GUIDED, 600),
    _named("heart", ("static-sherali-adams:level=4", "dual-guided"), 600),
    _named("robinson", ("static-sherali-adams:level=10", "dual-guided"), 600),
)
"""The default cases."""


def relative_difference(first: float, second: float) -> float:
    """The difference of two bounds, divided by 1 plus the size of the first."""
    return abs(first - second) / (1.0 + abs(first))


def endure(case: Case, agent_spec: str, comparisons: int, seed: int) -> Reliability:
    """Run one search and compare.

    Raises:
        InvalidProof: If the exact proof of the last bound is wrong.
    """
    problem = case.problem(seed)
    agent = make_agent(agent_spec)
    rng = np.random.default_rng(seed)
    state = ProofState(problem, max_steps=case.steps)
    every = max(1, case.steps // comparisons)
    failed = 0
    differences: list[float] = []
    moves = 0
    while state.steps < case.steps and agent.advance(state, rng):
        moves += 1
        failed += state.solution.status is LPStatus.FAILED
        if moves % every == 0:
            differences.append(relative_difference(state.bound, state.solved_afresh().bound))
    differences.append(relative_difference(state.bound, state.solved_afresh().bound))
    proof = certify(state)
    proof.verify()
    return Reliability(
        case=case.name,
        agent=agent_spec,
        steps=state.steps,
        bound=state.bound,
        cold_solves=state.lp.counts.cold_solves,
        failed=failed,
        compared=len(differences),
        largest_difference=max(differences),
        loss=(proof.loss or 0.0) / (1.0 + abs(state.bound)),
        mismatches=state.mismatches,
    )


def measure(*, cases: Iterable[Case] = CASES, comparisons: int = 30, seed: int = 0) -> Reliabilities:
    """Run all cases with all their agents."""
    return Reliabilities(tuple(endure(case, agent, comparisons, seed) for case in cases for agent in case.agents))


def table(result: Result) -> str:
    """One row per search."""
    return markdown(
        {
            "problem": lambda row: row["case"],
            "agent": lambda row: row["agent"],
            "steps": lambda row: str(row["steps"]),
            "bound": lambda row: f"{row['bound']:.7g}",
            "solved from scratch": lambda row: str(row["cold_solves"]),
            "failed": lambda row: str(row["failed"]),
            "hot against cold": lambda row: magnitude(row["largest_difference"]),
            "loss of the exact bound": lambda row: magnitude(row["loss"]),
            "mismatches": lambda row: figure(row["mismatches"]),
        },
        result["rows"],
    )
