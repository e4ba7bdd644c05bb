"""Proofs of all kinds, as the exports have to write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache

import networkx as nx

import polyproof_gym
from agents import prove
from polyproof_gym import Proof
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Axiom, Times

HOSTILE = "50% #1 & </title><script>alert(1)</script> a_b {c} $d$ \\e ^~ \"q\" 'r' Fünf 五 λ"


def weighted() -> Proof:
    graph = nx.cycle_graph(5)
    for vertex in graph:
        graph.nodes[vertex]["weight"] = Fraction(vertex + 1, 3)
    return prove(polyproof_gym.stable_set(graph, name=HOSTILE))


def awkward_names() -> Proof:
    names = dict(enumerate(["_a", "ü1", "五", "x_1", "λ"]))
    return prove(polyproof_gym.stable_set(nx.relabel_nodes(nx.cycle_graph(5), names)))


def constrained() -> Proof:
    box = {"alpha_1": (0, 1), "x": (-1, 2), "y": (0, 3)}
    problem = polyproof_gym.polynomial("x*y - x^2 + alpha_1", box=box, constraints=["x + y <= 1", "x*y == 1/4"])
    return prove(problem, max_steps=60)


def mixed_maximum() -> Proof:
    problem = polyproof_gym.polynomial(
        "x*y - x^2 + b*y", box={"x": (-1, 2), "y": (0, 3), "b": (0, 1)}, boolean=["b"], sense="max"
    )
    return prove(problem, max_steps=30)


def loose() -> Proof:
    """Coarsely rounded multipliers, which leave a remainder with terms of either sign."""
    proof = prove("caprasse", max_steps=120)
    rounded = {j: Fraction(value).limit_denominator(3) for j, value in proof.multipliers.items()}
    return replace(proof, multipliers={j: value for j, value in rounded.items() if value})


def half() -> Proof:
    """Half of every edge of a triangle: the bound 3/2, rounded to 1."""
    problem = make_problem("cycle:n=3")
    axioms = (Axiom(k, problem.axioms[k]) for k in (1, 3, 5))
    edges = (Times(0, 1, complement=True), Times(1, 2, complement=True), Times(2, 0, complement=True))
    return Proof(problem, (*axioms, *edges), dict.fromkeys((3, 4, 5), Fraction(1, 2))).rounding()


def constant() -> Proof:
    return Proof(polyproof_gym.polynomial("7", variables=["x"]), (), {})


MAKERS: dict[str, Callable[[], Proof]] = {
    "pentagon": lambda: prove("cycle:n=5"),
    "petersen": lambda: prove("petersen"),
    "dense": lambda: prove("random-stable-set:n=50,index=0", max_steps=110),
    "caprasse": lambda: prove("caprasse", max_steps=120),
    "rd": lambda: prove("rd", max_steps=60),
    "nothing": lambda: Proof(make_problem("cycle:n=5"), (), {}),
    "weighted": weighted,
    "awkward_names": awkward_names,
    "constrained": constrained,
    "mixed_maximum": mixed_maximum,
    "loose": loose,
    "half": half,
    "constant": constant,
}


@cache
def example(name: str) -> Proof:
    """The example, which is a valid proof."""
    proof = MAKERS[name]()
    proof.verify()
    return proof
