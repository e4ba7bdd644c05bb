"""The proofs that the exports are tested on, by what is special about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from string import ascii_lowercase

import networkx as nx

import polyproof_gym
from agents import prove
from polyproof_gym import Proof, make_problem
from polyproof_gym.polynomials import Rational
from polyproof_gym.proofs import Times

HOSTILE_NAME = 'a *) "b (* -/ {c} \\ \n Qed. é \u2028 " *'


def _weighted() -> Proof:
    graph = nx.wheel_graph(6)
    for vertex, weight in enumerate([1, "1/3", 2, "0.7", "22/7", 3]):
        graph.nodes[vertex]["weight"] = weight
    return prove(polyproof_gym.stable_set(graph), max_steps=40)


def _constrained() -> Proof:
    problem = polyproof_gym.polynomial(
        "x*y - x^2*y + y", box=[(-1, 2), ("1/3", "5/2")], constraints=["x + y <= 2", "x*y >= -1/2"]
    )
    return prove(problem, max_steps=60)


def _mixed() -> Proof:
    problem = polyproof_gym.polynomial(
        "b*x^2 - 3*b*c*x + c*x", box={"x": (-2, 1)}, boolean=["b", "c"], constraints=["b + c <= 3/2"], sense="max"
    )
    return prove(problem, max_steps=60)


def _rounded_upwards() -> Proof:
    problem = polyproof_gym.polynomial(
        "3*a*b - 2*b*c - 2*c*d - 2*d*a + a + e*a*b - e*c + a*b*d", boolean="abcde", constraints=["a + c + d <= 2"]
    )
    return rough(prove(problem, max_steps=20), 5).rounding()


def rough(proof: Proof, denominator: int) -> Proof:
    """The proof with multipliers rounded down, so that its remainder is not constant."""
    multipliers: dict[int, Rational] = {
        line: Fraction(int(value * denominator), denominator + 1) for line, value in proof.multipliers.items()
    }
    return replace(proof, multipliers=multipliers)


def _hostile() -> Proof:
    problem = polyproof_gym.polynomial("-forall*R + R^2", box=[(0, 2), (-1, 1)], variables=["forall", "R"])
    proof = prove(problem, max_steps=20)
    return replace(proof, problem=replace(problem, variables=("forall", 'x"*)'), name=HOSTILE_NAME))


def _zero_line() -> Proof:
    """``x1 * (1 - x1 - x2) = 0`` in a stable set: a line that says nothing."""
    proof = prove("cycle:n=3", max_steps=10)
    parent = next(j for j, line in enumerate(proof.lines) if len(line) == 4)
    return replace(proof, reasons=(*proof.reasons, Times(parent, 0, complement=False)))


PROOFS: dict[str, Callable[[], Proof]] = {
    "pentagon": lambda: prove("cycle:n=5"),
    "heptagon": lambda: prove("cycle:n=7"),
    "petersen": lambda: prove("petersen"),
    "wheel": lambda: prove("wheel:n=6"),
    "random graph": lambda: prove("random-stable-set:n=25,index=0", max_steps=100),
    "dense graph": lambda: prove("random-stable-set:n=50,index=1,p_min=0.9,p_max=1.0", max_steps=200),
    "weighted stable set": _weighted,
    "butcher": lambda: prove("butcher"),
    "caprasse": lambda: prove("caprasse", max_steps=60),
    "caprasse, static": lambda: prove("caprasse", agent="static-sherali-adams:level=4"),
    "lv": lambda: prove("lv"),
    "rd": lambda: prove("rd", max_steps=60),
    "constrained": _constrained,
    "Boolean and real": _mixed,
    "rounded": lambda: prove("wheel:n=6", max_steps=8).rounding(),
    "rounded upwards": _rounded_upwards,
    "remainder": lambda: rough(prove("petersen"), 7),
    "remainder, rounded": lambda: rough(prove("petersen"), 7).rounding(),
    "remainder of degree 4": lambda: rough(prove("caprasse", max_steps=60), 10),
    "empty": lambda: Proof(make_problem("cycle:n=5"), (), {}),
    "empty, rounded": lambda: Proof(make_problem("cycle:n=5"), (), {}).rounding(),
    "hostile names": _hostile,
    "letters": lambda: Proof(polyproof_gym.polynomial(" + ".join(ascii_lowercase)), (), {}),
    "zero line": _zero_line,
}
