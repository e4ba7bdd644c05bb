"""What exact proofs cost.

On the held-out graphs, making the exact proof and checking it independently are timed against the search. Beside these,
one large LP has multipliers that are long fractions.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from agents import Search
from experiments.benchmark.episodes import held_out
from experiments.tables import Result, duration, figure, markdown
from polyproof_gym import Problem, certify, polynomial


@dataclass(frozen=True)
class Certification:
    """What the exact proofs of some problems cost: sizes are those of the last problem, times medians in seconds.

    Attributes:
        name: The problems and the agent.
        columns: Inequalities in the LP.
        multipliers: How many of them the proof combines.
        digits: Length of the longest number among the multipliers.
        find: The search, or the static system's derivations and LP.
        certify: The exact proof.
        verify: Its check by the independent checker.
    """

    name: str
    columns: int
    multipliers: int
    digits: int
    find: float
    certify: float
    verify: float


@dataclass(frozen=True)
class Certifications:
    """The result of this section; see :class:`Certification`."""

    rows: tuple[Certification, ...]


def certification(name: str, searches: Sequence[Search]) -> Certification:
    """Find, certify and check a proof for each of the searches, of which there must be one."""
    find, exact, check = [], [], []
    for search in searches:
        record = search.run().search
        assert record is not None
        find.append(record.seconds)
        started = time.perf_counter()
        proof = certify(search.state)
        exact.append(time.perf_counter() - started)
        started = time.perf_counter()
        proof.verify()
        check.append(time.perf_counter() - started)
    return Certification(
        name=name,
        columns=search.state.lp.num_columns,
        multipliers=len(proof.multipliers),
        digits=max((len(str(part)) for v in proof.multipliers.values() for part in v.as_integer_ratio()), default=0),
        find=statistics.median(find),
        certify=statistics.median(exact),
        verify=statistics.median(check),
    )


def large_problem(n: int, degree: int, terms: int, seed: int) -> Problem:
    """A random polynomial on the unit box with fractions of four digits above and below as coefficients."""
    rng = np.random.default_rng(seed)
    names = [f"x{i + 1}" for i in range(n)]
    monomials = [m for d in range(1, degree + 1) for m in combinations_with_replacement(names, d)]
    chosen = rng.choice(len(monomials), min(terms, len(monomials)), replace=False)
    text = " + ".join(f"{rng.integers(-9999, 9999)}/{rng.integers(1, 9999)} * {'*'.join(monomials[k])}" for k in chosen)
    return polynomial(
        text, variables=names, box="unit", name=f"random polynomial, n={n}, degree {degree}, {len(chosen)} terms"
    )


def measure(
    *,
    agents: Sequence[str] = ("random", "dual-guided"),
    n: int = 50,
    graphs: int = 10,
    steps: int = 100,
    terms: int = 1000,
    seed: int = 0,
) -> Certifications:
    """Exact proofs of agents on held-out graphs, and that of one LP whose objective has so many terms."""
    problems = [held_out(n, index) for index in range(graphs)]
    large = large_problem(n=10, degree=4, terms=terms, seed=seed)
    on_graphs = (
        certification(f"n = {n}, `{agent}`", [Search(p, agent, max_steps=steps, seed=seed) for p in problems])
        for agent in agents
    )
    static = certification(
        f"{large.name}, static level 4", [Search(large, "static-sherali-adams:level=4", max_steps=1)]
    )
    return Certifications((*on_graphs, static))


def table(result: Result) -> str:
    """One row per group of problems."""
    return markdown(
        {
            "proofs": lambda row: row["name"],
            "LP columns": lambda row: figure(row["columns"]),
            "multipliers": lambda row: figure(row["multipliers"]),
            "digits": lambda row: figure(row["digits"]),
            "find": lambda row: duration(row["find"]),
            "certify": lambda row: duration(row["certify"]),
            "verify": lambda row: duration(row["verify"]),
            "certify / find": lambda row: figure(row["certify"] / row["find"]),
        },
        result["rows"],
    )
