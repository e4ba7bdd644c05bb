"""What exact proofs cost: a part of the benchmark.

On the held-out graphs, making the exact proof and checking it independently are timed against the search. Beside these,
one large LP has multipliers that are long fractions.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from agents import Search
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
        verify: Its check by the independent checker, which the table leaves out.
    """

    name: str
    columns: int
    multipliers: int
    digits: int
    find: float
    certify: float
    verify: float


def certification(name: str, searches: Sequence[Search]) -> Certification:
    """Find, certify and check a proof for each of the searches, of which there must be one."""
    find, exact, check = [], [], []
    for search in searches:
        proof = search.run()
        assert proof.search is not None
        find.append(proof.search.seconds)
        started = time.perf_counter()
        proof = certify(search.state)
        exact.append(time.perf_counter() - started)
        started = time.perf_counter()
        proof.verify()
        check.append(time.perf_counter() - started)
    return Certification(
        name=name,
        columns=search.state.lp_size[1],
        multipliers=len(proof.multipliers),
        digits=max(len(str(part)) for value in proof.multipliers.values() for part in value.as_integer_ratio()),
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
    return polynomial(text, variables=names, name=f"random polynomial, n={n}, degree {degree}, {len(chosen)} terms")


def certifications(agents: Iterable[str], episodes: int, steps: int, seed: int) -> list[Certification]:
    """Exact proofs of the given agents on graphs with n = 50, and that of one large LP."""
    graphs = [f"random-stable-set:n=50,index={index}" for index in range(episodes)]
    large = large_problem(n=10, degree=4, terms=1000, seed=seed)
    return [
        *(
            certification(f"n=50, {agent}", [Search(graph, agent, max_steps=steps, seed=seed) for graph in graphs])
            for agent in agents
        ),
        certification(large.name, [Search(large, "static-sherali-adams:level=4", max_steps=1)]),
    ]


def certification_table(results: Sequence[Certification]) -> str:
    """The costs of exact proofs as text."""
    lines = [f"{'exact proofs':44} {'columns':>7} {'used':>5} {'digits':>6} {'certify/find':>12} {'certify':>9}"]
    lines += [
        f"{r.name:44} {r.columns:7} {r.multipliers:5} {r.digits:6} {r.certify / r.find:12.3f} {r.certify:7.3f} s"
        for r in results
    ]
    return "\n".join(lines)
