"""Proofs of all kinds, as the exports have to write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from string import ascii_lowercase

import networkx as nx

import polyproof_gym
from agents import prove
from polyproof_gym import Proof
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Axiom, Times

HOSTILE = (
    "50% #1 & </title><script>alert(1)</script> a_b {c} $d$ \\e ^~ \"q\" 'r' Fünf 五 λ"
    ' *) "b (* -/ \\ \n Qed. é \u2028 " *'
)


def _weighted() -> Proof:
    graph = nx.cycle_graph(5)
    for vertex in graph:
        graph.nodes[vertex]["weight"] = Fraction(vertex + 1, 3)
    return prove(polyproof_gym.stable_set(graph, name=HOSTILE))


def _awkward_names() -> Proof:
    names = dict(enumerate(["_a", "ü1", "五", "x_1", "λ"]))
    return prove(polyproof_gym.stable_set(nx.relabel_nodes(nx.cycle_graph(5), names)))


def _hostile_names() -> Proof:
    problem = polyproof_gym.polynomial("-forall*R + R^2", box=[(0, 2), (-1, 1)], variables=["forall", "R"])
    proof = prove(problem, max_steps=20)
    proof.verify()
    return replace(proof, problem=replace(problem, variables=("forall", 'x"*)'), name=HOSTILE))


def _constrained() -> Proof:
    box = {"alpha_1": (0, 1), "x": (-1, 2), "y": (0, 3)}
    problem = polyproof_gym.polynomial("x*y - x^2 + alpha_1", box=box, constraints=["x + y <= 1", "x*y == 1/4"])
    return prove(problem, max_steps=60)


def _mixed() -> Proof:
    problem = polyproof_gym.polynomial(
        "b*x^2 - 3*b*c*x + c*x", box={"x": (-2, "1/3")}, boolean=["b", "c"], constraints=["b + c <= 3/2"], sense="max"
    )
    return prove(problem, max_steps=60)


def _half() -> Proof:
    """Half of every edge of a triangle: the bound 3/2, rounded to 1."""
    problem = make_problem("cycle:n=3")
    axioms = (Axiom(k, problem.axioms[k]) for k in (1, 3, 5))
    edges = (Times(0, 1, complement=True), Times(1, 2, complement=True), Times(2, 0, complement=True))
    return Proof(problem, (*axioms, *edges), dict.fromkeys((3, 4, 5), Fraction(1, 2))).rounding()


def _rounded_upwards() -> Proof:
    """A lower bound of -26/5, from multipliers that are all too small, rounded to -5."""
    problem = polyproof_gym.polynomial(
        "3*a*b - 2*b*c - 2*c*d - 2*d*a + a + e*a*b - e*c + a*b*d", boolean="a b c d e", constraints=["a + c + d <= 2"]
    )
    proof = prove(problem, max_steps=20)
    return replace(proof, multipliers={j: value * Fraction(9, 10) for j, value in proof.multipliers.items()}).rounding()


def _loose() -> Proof:
    """Coarsely rounded multipliers, which leave a remainder with terms of either sign."""
    proof = prove("caprasse", max_steps=120)
    rounded = {j: Fraction(value).limit_denominator(3) for j, value in proof.multipliers.items()}
    return replace(proof, multipliers={j: value for j, value in rounded.items() if value})


def _letters() -> Proof:
    return Proof(polyproof_gym.polynomial(" + ".join(ascii_lowercase), boolean=[*ascii_lowercase]), (), {}).rounding()


def _zero_line() -> Proof:
    """``x0 * (1 - x0 - x1) = 0`` in a stable set: a line that says nothing."""
    proof = prove("cycle:n=3", max_steps=10)
    parent = next(j for j, line in enumerate(proof.lines) if len(line) == 4)
    return replace(proof, reasons=(*proof.reasons, Times(parent, 0, complement=False)))


MAKERS: dict[str, Callable[[], Proof]] = {
    "dense": lambda: prove("random-stable-set:n=50,index=1", max_steps=80),
    "pentagon": lambda: prove("cycle:n=5"),
    "petersen": lambda: prove("petersen"),
    "weighted": _weighted,
    "awkward_names": _awkward_names,
    "hostile_names": _hostile_names,
    "butcher": lambda: prove("butcher"),
    "caprasse": lambda: prove("caprasse", max_steps=60),
    "rd": lambda: prove("rd", max_steps=60),
    "constrained": _constrained,
    "mixed": _mixed,
    "half": _half,
    "rounded_upwards": _rounded_upwards,
    "loose": _loose,
    "nothing": lambda: Proof(make_problem("cycle:n=5"), (), {}),
    "constant": lambda: Proof(polyproof_gym.polynomial("7", variables=["x"], boolean=["x"]), (), {}).rounding(),
    "letters": _letters,
    "zero_line": _zero_line,
}

WITHOUT_FILE = {"hostile_names"}
"""Examples with variables that are no identifiers, which no proof file may have; so the checker does not take them."""


@cache
def example(name: str) -> Proof:
    """The example, as a valid proof where it has a file."""
    proof = MAKERS[name]()
    if name not in WITHOUT_FILE:
        proof.verify()
    return proof
