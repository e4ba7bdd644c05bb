from __future__ import annotations

import ast
import contextlib
import copy
import json
import math
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any, Literal

import networkx as nx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import polyproof_gym
from polyproof_gym import BadInput, InvalidProof, Proof, ResourceLimit, load_proof, polynomial
from polyproof_gym.proofs import Gap, ProofTree, checker
from tests.flat import load_flat, prove
from tests.polyproof_gym.proofs.exports import examples
from tests.polyproof_gym.proofs.test_tree import PROBLEMS as TREE_PROBLEMS
from tests.polyproof_gym.proofs.trees import tree

CHECKER = Path(checker.__file__)


def weighted_pentagon() -> Any:
    graph = nx.cycle_graph(5)
    nx.set_node_attributes(graph, dict(enumerate([3, 1, 2, 1, 2])), "weight")
    return polyproof_gym.stable_set(graph)


def knapsack() -> Any:
    return polyproof_gym.polynomial(
        "2*a + 3*b + 2*c - a*b", sense="max", constraints=["2*a + 3*b + c <= 4"], boolean=["a", "b", "c"]
    )


def choice(sense: Literal["min", "max"]) -> Any:
    text = "a + b + c" if sense == "max" else "-a - b - c"
    return polyproof_gym.polynomial(
        text,
        sense=sense,
        constraints=["2*a + 2*b + 2*c <= 3"],
        boolean=["a", "b", "c"],
    )


def cut_square() -> Any:
    return polyproof_gym.polynomial(
        "x^2*y - y^2 + x/3", box=[(-1, 2), ("1/2", "5/3")], constraints=["x + y <= 2", "x^2 >= y/7"]
    )


def upper_box() -> Any:
    return polyproof_gym.polynomial("x*y - 2*x + y/5", box=[(-3, "7/2"), (2, 5)], sense="max")


def even() -> Proof:
    """``a^2 + a`` is always even: the bound -37/100, from a little less than a gap, is rounded to 0."""
    problem = polyproof_gym.polynomial("a^2 + a", box={"a": (-4, 3)}, integer=["a"])
    return Proof(problem, (Gap.of(problem, 0, -1),), {0: Fraction(99, 100)}).rounding()


MAKERS: dict[str, Callable[[], Proof]] = {
    "pentagon": lambda: prove("cycle:n=5", max_steps=50),
    "pentagon, random": lambda: prove("cycle:n=5", agent="random-closed", max_steps=15, seed=3),
    "petersen": lambda: prove("petersen", agent="static-sherali-adams:level=3"),
    "petersen, greedy": lambda: prove("petersen", agent="greedy:width=6", max_steps=8),
    "heptagon, rounded": lambda: prove("cycle:n=7", max_steps=8).rounding(),
    "wheel, cliques": lambda: prove("wheel:n=6", agent="clique-cover"),
    "weighted": lambda: prove(weighted_pentagon(), max_steps=20),
    "knapsack": lambda: prove(knapsack(), max_steps=12),
    "choice, rounded": lambda: prove(choice("max"), max_steps=3).rounding(),
    "choice, rounded up": lambda: prove(choice("min"), max_steps=3).rounding(),
    "cut square": lambda: prove(cut_square(), max_steps=15),
    "upper box": lambda: prove(upper_box(), max_steps=10),
    "caprasse": lambda: prove("caprasse", max_steps=60),
    "butcher": lambda: prove("butcher", max_steps=25),
    "lv": lambda: prove("lv", agent="static-sherali-adams:level=3"),
    "schwefel, random": lambda: prove("schwefel", agent="random", max_steps=40, seed=1),
    "trivial": lambda: prove("schwefel", max_steps=0),
}
FIRST = [*MAKERS]
SECOND = [f"version 2, {kind}" for kind in examples.VERSION_2]
MAKERS |= {kind: partial(examples.example, kind.partition(", ")[2]) for kind in SECOND}
SECOND.append("version 2, even")
MAKERS["version 2, even"] = even


TREES = [f"tree, {name}" for name in TREE_PROBLEMS]
TREE_MAKERS: dict[str, Callable[[], ProofTree]] = {
    kind: partial(lambda name: tree(TREE_PROBLEMS[name]()), kind.partition(", ")[2]) for kind in TREES
}
TREE_MAKERS["tree, rounded"] = lambda: rounded_tree()
TREE_MAKERS |= {f"tree, {name}": partial(examples.by_cases, name) for name in examples.TREES if name != "single_case"}
TREES = [*TREE_MAKERS]


def rounded_tree() -> ProofTree:
    """A bound on the values of an integer program, rounded to a multiple of 2."""
    problem = polyproof_gym.polynomial(
        "2*a*b - 4*a + 2*c",
        box={"a": (-2, 3), "b": (0, 3)},
        integer=["a", "b"],
        boolean="c",
        constraints=["a + b <= 3"],
    )
    return tree(problem).rounding()


@cache
def proof_of(kind: str) -> Proof:
    return MAKERS[kind]()


@cache
def tree_of(kind: str) -> ProofTree:
    return TREE_MAKERS[kind]()


def content_of(kind: str) -> Any:
    return copy.deepcopy((tree_of(kind) if kind in TREES else proof_of(kind)).to_json())


# An independent judge -------------------------------------------------------------------------------------------------
#
# It works in the problem's own variables, with exponent vectors, and multiplies polynomials by the factors
# (x - low) / (high - low) and (high - x) / (high - low); only the remainder is carried over to the unit box.

Exponents = tuple[int, ...]
Poly = dict[Exponents, Fraction]


def pairs_of(problem: Any) -> list[list[int]]:
    """The exclusive pairs, which files of version 2 may write row by row."""
    rows = [(i, others if isinstance(others, list) else [others]) for i, others in problem["exclusive"]]
    return [[i, j] for i, others in rows for j in others]


class Judge:
    def __init__(self, content: Any) -> None:
        problem = content["problem"]
        self.n = len(problem["variables"])
        self.box = [(Fraction(low), Fraction(high)) for low, high in problem["box"]]
        self.idempotent, self.exclusive = problem["idempotent"], pairs_of(problem)
        self.integer = problem.get("integer", [])
        self.implied = [k for k, _ in problem.get("implied", [])]
        self.fixed: dict[int, Fraction] = {}  # the variables that a case fixes, with their values
        self.minimised: Poly = {}
        self.content = content
        self.boxes: list[list[tuple[Fraction, Fraction]]] = []  # of the cases that are not split

    def reduced(self, poly: Poly) -> Poly:
        result: Poly = {}
        for exponents, value in poly.items():
            powers = tuple(min(e, 1) if i in self.idempotent else e for i, e in enumerate(exponents))
            if not any(powers[i] and powers[j] for i, j in self.exclusive):
                result[powers] = result.get(powers, Fraction(0)) + value
        return {e: v for e, v in result.items() if v}

    def times(self, a: Poly, b: Poly) -> Poly:
        result: Poly = {}
        for (e, v), (f, w) in product(a.items(), b.items()):
            key = tuple(map(sum, zip(e, f, strict=True)))
            result[key] = result.get(key, Fraction(0)) + v * w
        return self.reduced(result)

    def linear(self, i: int, slope: Fraction, start: Fraction) -> Poly:
        return self.reduced({tuple(int(k == i) for k in range(self.n)): slope, (0,) * self.n: start})

    def read(self, terms: Any) -> Poly:
        total: Poly = {}
        for value, monomial in terms:
            assert all(0 <= i < self.n for i in monomial)
            key = tuple(monomial.count(i) for i in range(self.n))
            total[key] = total.get(key, Fraction(0)) + Fraction(value)
        return self.reduced(total)

    def on_unit_box(self, poly: Poly) -> Poly:
        total: Poly = {}
        for exponents, value in poly.items():
            term = {(0,) * self.n: value}
            for i, (low, high) in enumerate(self.box):
                for _ in range(exponents[i]):
                    term = self.times(term, self.linear(i, high - low, low))
            for key, coefficient in term.items():
                total[key] = total.get(key, Fraction(0)) + coefficient
        return self.reduced(total)

    def factor(self, i: int, complement: bool) -> Poly:
        """A unit coordinate, or 1 less it, in the own variables."""
        low, high = self.box[i]
        width = high - low
        return self.linear(i, -1 / width, high / width) if complement else self.linear(i, 1 / width, -low / width)

    def sum(self, parts: Iterable[tuple[Fraction, Poly]]) -> Poly:
        total: Poly = {}
        for multiplier, poly in parts:
            for key, value in poly.items():
                total[key] = total.get(key, Fraction(0)) + multiplier * value
        return {key: value for key, value in total.items() if value}

    def root(self, text: str) -> Poly:
        """What a square is of, term by term, sign by sign."""
        signs = re.split(r" ([+-]) ", f" + {text}")[1:]
        total: Poly = {}
        for sign, term in zip(signs[::2], signs[1::2], strict=True):
            assert re.fullmatch(r"-?[0-9]+(\*x_[0-9]+(\^[0-9]+)?)*", term)
            coefficient, *factors = term.split("*")
            assert not (sign == "-" and coefficient.startswith("-"))
            product: Poly = {(0,) * self.n: Fraction(coefficient) * (1 if sign == "+" else -1)}
            for factor in factors:
                i, _, exponent = factor[2:].partition("^")
                assert int(i) < self.n
                assert int(exponent or 1) < 100
                for _ in range(int(exponent or 1)):
                    product = self.times(product, self.factor(int(i), complement=False))
            total = self.sum([(Fraction(1), total), (Fraction(1), product)])
        return total

    def line(self, text: str, axioms: list[Poly], lines: list[Poly]) -> Poly:
        """What a line derives."""
        reason, _, parent = text.rpartition(" line ")
        if axiom := re.fullmatch(r"axiom ([0-9]+)", text):
            return axioms[int(axiom[1])]
        if gap := re.fullmatch(r"gap (-?[0-9]+) of x_([0-9]+)", text):
            assert self.content["version"] == 2
            assert int(gap[2]) in self.integer
            factors = (self.linear(int(gap[2]), Fraction(1), Fraction(-int(gap[1]) - k)) for k in (0, 1))
            known = self.times(*factors)
            return self.primitive(self.without_fixed(known))
        if clique := re.fullmatch(r"clique((?: (?:x_)?[0-9]+)+)", text):
            assert self.content["version"] == 2
            members = [int(i) for i in re.findall("[0-9]+", clique[1])]
            pairs = {tuple(sorted(pair)) for pair in self.exclusive}
            assert all((min(i, j), max(i, j)) in pairs for k, j in enumerate(members) for i in members[:k])
            others = [(Fraction(-1), self.factor(i, complement=False)) for i in members]
            return self.sum([(Fraction(1), {(0,) * self.n: Fraction(1)}), *others])
        if renaming := re.fullmatch(r"line ([0-9]+) renamed by (.*)", text):
            assert self.content["version"] == 2
            order = self.symmetry(renaming[2], axioms)
            return self.renamed(lines[int(renaming[1])], order)
        assert not reason or re.fullmatch("[0-9]+", parent)
        if self.content["version"] == 2 and text.startswith("square "):
            root = self.root((reason.removesuffix(" times") if reason else text).removeprefix("square "))
            square = self.times(root, root)
            return self.times(square, lines[int(parent)]) if reason else square
        words = re.fullmatch(r"times (?:(1-)?x_([0-9]+)|line ([0-9]+)) of", reason)
        assert words
        assert words[2] or self.content["version"] == 2
        assert not words[2] or int(words[2]) < self.n
        factor = self.factor(int(words[2]), bool(words[1])) if words[2] else lines[int(words[3])]
        return self.times(lines[int(parent)], factor)

    def renamed(self, poly: Poly, order: list[int]) -> Poly:
        """The polynomial with ``order[i]`` in place of every variable ``i``."""
        return {tuple(powers[order.index(i)] for i in range(self.n)): value for powers, value in poly.items()}

    def symmetry(self, text: str, axioms: list[Poly]) -> list[int]:
        """What takes the place of every variable, in a permutation of which no assumption tells anything."""
        assert re.fullmatch(r"(\([0-9]+( [0-9]+)+\))+", text)
        order = [*range(self.n)]
        for cycle in re.findall(r"[0-9 ]+", text):
            members = [*map(int, cycle.split())]
            for i, image in zip(members, members[1:] + members[:1], strict=True):
                assert order[i] == i
                order[i] = image
        assert sorted(order) == [*range(self.n)]
        assert [self.box[i] for i in order] == self.box
        assert [self.fixed.get(i) for i in order] == [self.fixed.get(i) for i in range(self.n)]
        for kind in (self.idempotent, self.integer):
            assert {order[i] for i in kind} == {*kind}
        pairs = {frozenset(pair) for pair in self.exclusive}
        assert {frozenset(order[i] for i in pair) for pair in pairs} == pairs
        known = [frozenset(axiom.items()) for axiom in axioms]
        assert all(frozenset(self.renamed(axiom, order).items()) in known for axiom in axioms)
        assert self.renamed(self.minimised, order) == self.minimised
        return order

    def accepts(self) -> bool:
        """Whether the content is a proof of its claim."""
        try:
            return self._is_proof()
        except (AssertionError, IndexError, ValueError, ZeroDivisionError):
            return False

    def _is_proof(self) -> bool:
        content, problem = self.content, self.content["problem"]
        sign = {"min": 1, "max": -1}[problem["sense"]]
        assert len(self.box) == self.n == len(set(problem["variables"]))
        assert all(low < high for low, high in self.box)
        ruled = [*self.idempotent, *(i for pair in self.exclusive for i in pair)]
        assert all(0 <= i < self.n and self.box[i] == (0, 1) for i in ruled)
        assert all(i != j for i, j in self.exclusive)
        assert content["version"] == 2 or not self.integer
        assert all(0 <= i < self.n and end.denominator == 1 for i in self.integer for end in self.box[i])
        assert not {*self.integer} & {*self.idempotent}
        objective = self.read(problem["objective"])
        axioms = [self.read(axiom) for axiom in problem["axioms"]]
        assert all(v.denominator == 1 for axiom in axioms for v in self.on_unit_box(axiom).values())
        for i, (low, high) in enumerate(self.box):
            width = high - low
            assert self.reduced(self.linear(i, 1 / width, -low / width)) in axioms
            assert self.reduced(self.linear(i, -1 / width, high / width)) in axioms
        one = (0,) * self.n
        assert len(set(self.implied)) == len(self.implied)
        for position, (k, multipliers) in enumerate(problem.get("implied", [])):
            assert 0 <= k < len(axioms)
            total = self.combination(multipliers, axioms)
            assert {j for j, _ in multipliers}.isdisjoint(self.implied[position:])
            rest = self.sum([(Fraction(1), axioms[k]), (Fraction(-1), total)])
            least = Fraction(0)
            for i in self.integer:
                if axioms[k] in (self.factor(i, complement=False), self.factor(i, complement=True)):
                    least = -1 / (self.box[i][1] - self.box[i][0])
            is_shown = not rest or (rest.keys() == {one} and rest[one] > least)
            assert is_shown or (total.keys() == {one} and total[one] <= -1)
        minimised = {key: sign * value for key, value in objective.items()}
        bound = sign * Fraction(content["bound"])
        if "rounded_from" in content:
            before = sign * Fraction(content["rounded_from"])
            assert bound in self.roundings(minimised, before)
            bound = before
        return self.proves(content, bound, minimised, axioms)

    def proves(self, node: Any, bound: Fraction, minimised: Poly, axioms: list[Poly]) -> bool:
        """Whether a node proves a bound on the minimised objective in its case."""
        self.minimised = minimised
        if "split" in node:
            assert self.content["version"] == 2
            ends: dict[int, tuple[int, bool]] = {}
            for i, complement in product(range(self.n), (False, True)):
                factor = self.factor(i, complement)
                ends |= {k: (i, complement) for k, axiom in enumerate(axioms) if axiom == factor}
            for half, side in zip(self.halves(*node["split"]), ("below", "above"), strict=True):
                inside = [
                    half.factor(*ends[k]) if k in ends else half.primitive(half.without_fixed(axiom))
                    for k, axiom in enumerate(axioms)
                ]
                assert half.proves(node[side], bound, half.without_fixed(minimised), inside)
            return True
        self.boxes.append([(self.fixed.get(i, low), self.fixed.get(i, high)) for i, (low, high) in enumerate(self.box)])
        lines: list[Poly] = []
        for text in node["lines"]:
            lines.append(self.line(text, axioms, lines))
        left = self.sum([(Fraction(1), minimised), (Fraction(-1), self.combination(node["multipliers"], lines))])
        proved = Fraction(0)
        for key, value in self.on_unit_box(left).items():
            proved += value if not any(key) or value < 0 else 0
        return bound <= proved

    def halves(self, i: int, text: str) -> tuple[Judge, Judge]:
        """The cases below and above a split."""
        value, excluded = Fraction(text), {k for pair in self.exclusive if i in pair for k in pair if k != i}
        assert 0 <= i < self.n
        assert i not in self.fixed
        low, high = self.box[i]
        if i in self.idempotent:
            assert value == 0
            zeros = dict.fromkeys(excluded - self.fixed.keys(), (Fraction(0), Fraction(0)))
            return self.half({i: (value, value)}), self.half({i: (value + 1, value + 1), **zeros})
        assert not excluded
        if i in self.integer:
            assert value.denominator == 1
            assert low <= value < high
            return self.half({i: (low, value)}), self.half({i: (value + 1, high)})
        assert low < value < high
        return self.half({i: (low, value)}), self.half({i: (value, high)})

    def half(self, intervals: dict[int, tuple[Fraction, Fraction]]) -> Judge:
        """The judge of a case; the variable itself stands for the unit coordinate of one that is fixed."""
        case = copy.copy(self)
        values = {i: low for i, (low, high) in intervals.items() if low == high}
        case.fixed = {**self.fixed, **values}
        open_box = {**intervals, **dict.fromkeys(values, (Fraction(0), Fraction(1)))}
        case.box = [open_box.get(i, interval) for i, interval in enumerate(self.box)]
        return case

    def without_fixed(self, poly: Poly) -> Poly:
        total: Poly = {}
        for key, value in poly.items():
            rest = tuple(0 if i in self.fixed else e for i, e in enumerate(key))
            factor = math.prod((x ** key[i] for i, x in self.fixed.items()), start=value)
            total[rest] = total.get(rest, Fraction(0)) + factor
        return {key: value for key, value in total.items() if value}

    def primitive(self, poly: Poly) -> Poly:
        """The positive multiple that has coprime whole coefficients in unit coordinates."""
        values = self.on_unit_box(poly).values()
        common = math.lcm(*(value.denominator for value in values))
        divisor = math.gcd(*(int(value * common) for value in values))
        return {key: value * common / divisor for key, value in poly.items()}

    def roundings(self, objective: Poly, before: Fraction) -> list[Fraction]:
        """What a lower bound may be rounded to: the next value that the objective may have, or a whole number below.

        All values are those at the points up to the degrees, plus multiples of what these have in common.
        """
        ranges = [range(max(powers, default=0) + 1) for powers in zip((0,) * self.n, *objective, strict=True)]
        assert all(len(r) == 1 or i in self.idempotent or i in self.integer for i, r in enumerate(ranges))
        values = [
            sum(
                (c * math.prod(x**e for x, e in zip(point, key, strict=True)) for key, c in objective.items()),
                Fraction(0),
            )
            for point in product(*ranges)
        ]
        common = math.lcm(*(value.denominator for value in values))
        step = Fraction(math.gcd(*(int((value - values[0]) * common) for value in values)), common) or Fraction(1)
        following = values[0]
        following += step * -((following - before) // step)
        return [b for b in (following, Fraction(math.ceil(before))) if b <= following]

    def combination(self, multipliers: Any, known: list[Poly]) -> Poly:
        """A nonnegative combination of what is known, as a file lists it."""
        assert len({number for number, _ in multipliers}) == len(multipliers)
        assert all(0 <= number < len(known) and Fraction(text) >= 0 for number, text in multipliers)
        return self.sum((Fraction(text), known[number]) for number, text in multipliers)

    def contradicting_point(self, rng: random.Random, points: int = 24) -> list[Fraction] | None:
        """A point of the claim that beats the bound, if one is among those tried: all corners of small Boolean ones.

        What is implied is no part of the claim, so points beyond implied ends are among them.
        """
        problem = self.content["problem"]
        whole = len(set(self.idempotent)) == self.n <= 5
        tried = [[Fraction(v) for v in p] for p in product((0, 1), repeat=self.n)] if whole else []
        tried = tried or [self._point(rng, self.box) for _ in range(points)]
        if len(self.boxes) > 1:
            tried += [self._point(rng, box) for box in self.boxes for _ in range(points // 4)]
        for point in tried:
            feasible = not any(point[i] * point[j] for i, j in self.exclusive) and all(
                self.value(axiom, point) >= 0 for k, axiom in enumerate(problem["axioms"]) if k not in self.implied
            )
            difference = self.value(problem["objective"], point) - Fraction(self.content["bound"])
            if feasible and difference * {"min": 1, "max": -1}[problem["sense"]] < 0:
                return point
        return None

    def _point(self, rng: random.Random, box: list[tuple[Fraction, Fraction]]) -> list[Fraction]:
        ends = (-6, 12) if self.implied else (0, 6)
        point = [
            low + (high - low) * (rng.randint(0, 1) if i in self.idempotent else Fraction(rng.randint(*ends), 6))
            for i, (low, high) in enumerate(box)
        ]
        point = [Fraction(math.floor(x)) if i in self.integer else x for i, x in enumerate(point)]
        for i, j in self.exclusive:
            if point[i] and point[j]:
                point[rng.choice([i, j])] = Fraction(0)
        return point

    def value(self, terms: Any, point: list[Fraction]) -> Fraction:
        total = Fraction(0)
        for text, monomial in terms:
            term = Fraction(text)
            for i in monomial:
                term *= point[i]
            total += term
        return total


def accepted(content: Any) -> bool:
    try:
        checker.check(content)
    except (checker.Rejected, checker.ResourceLimit, checker.Unreadable) as error:
        reason = str(error)
    else:
        return True
    assert re.fullmatch(r"[^\n]+", reason)
    return False


# Valid files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MAKERS)
def test_valid_files_are_accepted(kind: str) -> None:
    content = content_of(kind)
    assert checker.check(content) == proof_of(kind).bound
    assert Judge(content).accepts()
    assert Judge(content).contradicting_point(random.Random(0), 200) is None


@pytest.mark.parametrize("kind", MAKERS)
def test_a_file_is_read_as_it_was_saved(kind: str, tmp_path: Path) -> None:
    proof = proof_of(kind)
    proof.save(tmp_path / "proof.json")
    twin = load_flat(tmp_path / "proof.json")
    assert (twin.bound, twin.lines, twin.rounded) == (proof.bound, proof.lines, proof.rounded)
    assert twin.multipliers == proof.multipliers
    for name in ("name", "family", "sense", "objective", "axioms", "variables", "box"):
        assert getattr(twin.problem, name) == getattr(proof.problem, name)
    assert twin.to_json() == proof.to_json()
    twin.verify()


def test_the_bounds_of_the_files_are_of_both_kinds() -> None:
    """Rounding does something in them, and what is tampered with is tight."""
    for kind, bounds in (
        ("heptagon, rounded", (Fraction(7, 2), Fraction(3))),
        ("choice, rounded", (Fraction(3, 2), Fraction(1))),
        ("choice, rounded up", (Fraction(-3, 2), Fraction(-1))),
    ):
        assert (proof_of(kind).combination_bound, proof_of(kind).bound) == bounds
    assert proof_of("pentagon").bound == 2
    assert proof_of("weighted").gap == 0
    assert proof_of("cut square").problem.box[0] == (-1, 2)


def run_script(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(CHECKER), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("kind", ["petersen", "butcher", "heptagon, rounded"])
def test_the_checker_is_a_script_that_needs_nothing_else(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    path = tmp_path / "proof.json"
    proof_of(kind).save(path)
    done = run_script(str(path), cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"valid: the bound {proof_of(kind).bound} is proved\n"

    path.write_text(json.dumps({**content_of(kind), "multipliers": []}), encoding="utf-8")
    done = run_script(str(path), cwd=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{path}: bound: the combination of the lines does not prove it\n"

    path.write_text("{}", encoding="utf-8")
    done = run_script(str(path), cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert list(folder.iterdir()) == []


def test_the_checker_is_short_and_independent() -> None:
    text = CHECKER.read_text(encoding="utf-8")
    assert sum(1 for line in text.splitlines() if line) <= 490
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module).partition(".")[0])
    assert imported <= sys.stdlib_module_names
    assert "fractions" in imported


# Tampered files -------------------------------------------------------------------------------------------------------


def other_number(text: str, rng: random.Random) -> str:
    value = Fraction(text)
    changed = [value + 1, value - 1, -value, 2 * value, value / 2, value + Fraction(1, 10**9), Fraction(0)]
    changed += [value - Fraction(1, 10**9), Fraction(rng.randint(-9, 9), rng.randint(1, 9))]
    return str(rng.choice([number for number in changed if number != value]))


def other_index(index: int, count: int, rng: random.Random) -> int:
    return rng.choice([i for i in range(-1, count + 1) if i != index])


def other_line(text: str, number: int, content: Any, rng: random.Random) -> str:
    n, axioms = len(content["problem"]["variables"]), len(content["problem"]["axioms"])
    if content["version"] == 2 and (not re.fullmatch(r"axiom .*|times (1-)?x.*", text) or rng.random() < 0.2):
        return other_reason(text, number, rng)
    match = re.fullmatch(r"axiom (\d+)|times (1-)?x_(\d+) of line (\d+)", text)
    assert match is not None
    axiom, complement, variable, parent = match.groups()
    times = f"times {rng.choice(['', '1-'])}x_{rng.randrange(n)} of line {rng.randint(0, number)}"
    if axiom is not None:
        return rng.choice([times, f"axiom {rng.choice([i for i in range(axioms + 1) if i != int(axiom)])}"])
    return rng.choice(
        [
            f"times {'' if complement else '1-'}x_{variable} of line {parent}",
            f"times {complement or ''}x_{(int(variable) + rng.randint(1, n)) % (n + 1)} of line {parent}",
            f"times {complement or ''}x_{variable} of line {(int(parent) + rng.randint(1, number)) % (number + 1)}",
            f"axiom {rng.randrange(axioms)}",
        ]
    )


def other_reason(text: str, number: int, rng: random.Random) -> str:
    """A line of version 2 with something changed that may well leave it a reason."""
    if text.startswith("clique") and rng.random() < 0.7:
        members = text.split()[1:]
        another = rng.choice(["", "x_"]) + str(rng.randint(0, 6))
        members[rng.randrange(len(members))] = another
        return " ".join(["clique", *rng.choice([members, members[1:], [*members, another[-1]]])])
    numbers = list(re.finditer(r"(?<![x_^\d])-?\d+", text)) or list(re.finditer(r"\d+", text))
    where = rng.choice(numbers)
    changed = [str(int(where[0]) + rng.choice([-1, 1, 2])), str(-int(where[0])), str(rng.randint(0, number + 1)), "0"]
    variables = list(re.finditer(r"x_\d+(\^\d+)?", text)) or [where]
    occurrence = rng.choice(variables)
    parts = re.split(r"(?= [+-] )", text)
    line = rng.randint(0, number)
    return rng.choice(
        [
            text[: where.start()] + rng.choice(changed) + text[where.end() :],
            text[: where.start()] + rng.choice(changed) + text[where.end() :],
            text[: occurrence.start()] + rng.choice(["x_0", "x_1", "x_0^2", "x_1^3", "x_2"]) + text[occurrence.end() :],
            text.replace(" - ", " + ", 1) if rng.random() < 0.5 else text.replace(" + ", " - ", 1),
            "".join(part for part in parts if part is not parts[-1]) or text,
            re.sub(r" times line \d+", "", text),
            re.sub(r" times line \d+|$", f" times line {line}", text, count=1),
            f"times line {line} of line {rng.randint(0, number)}",
            f"gap {rng.randint(-3, 9)} of x_{rng.randint(0, 2)}",
            "clique" + "".join(rng.choice([" ", " x_"]) + str(rng.randint(0, 5)) for _ in range(rng.randint(1, 3))),
            f"line {line} renamed by ({' '.join(map(str, rng.sample(range(4), rng.randint(2, 3))))})",
            f"square {rng.randint(-3, 3)}*x_{rng.randint(0, 2)} - {rng.randint(0, 3)}",
        ]
    )


def nodes_of(node: Any) -> list[Any]:
    """A case, and all cases that it is split into."""
    return [node, *(nodes_of(node["below"]) + nodes_of(node["above"]) if "split" in node else [])]


def tamper_with_cases(branchings: list[Any], n: int, rng: random.Random) -> None:
    """Change one thing about how cases are told apart."""
    node, twin = rng.choice(branchings), rng.choice(branchings)
    side, other = rng.sample(["below", "above"], 2)
    inner = [name for name in ("below", "above") if "split" in twin[name]]
    action = rng.randrange(8)
    if action < 2:
        node["split"][1] = other_number(node["split"][1], rng)
    elif action == 2:
        node["split"][0] = other_index(node["split"][0], n, rng)
    elif action == 3:
        node["below"], node["above"] = node["above"], node["below"]
    elif action == 4:
        node[side], twin[other] = copy.deepcopy(twin[other]), copy.deepcopy(node[side])
    elif action == 5:
        node[side] = copy.deepcopy(node[other])
    elif action == 6 and inner:  # a half in place of the whole
        twin[inner[0]] = twin[inner[0]][side]
    else:  # one more split, with the same in both halves
        i, value = rng.choice([node["split"], [rng.randrange(n), "0"]])
        value = str(Fraction(value) + rng.choice([Fraction(k, 6) for k in (0, 6, -6, 2, -3)]))
        node[side] = {"split": [i, value], "below": node[side], "above": copy.deepcopy(node[side])}


def tamper(content: Any, rng: random.Random) -> str:
    """Change one thing in the content of a proof file; what was changed."""
    problem, n = content["problem"], len(content["problem"]["variables"])
    nodes = nodes_of(content)
    leaf = rng.choice([node for node in nodes if "split" not in node])
    places = [
        "bound",
        "objective",
        "axioms",
        "box",
        "sense",
        "objective",
        "idempotent",
        *(["exclusive"] if n > 1 else []),
    ]
    places += ["rounded_from"] * 3 if "rounded_from" in content else []
    places += ["multipliers"] * 4 if leaf["multipliers"] else []
    places += ["lines"] * (4 if content["version"] == 1 else 8) if leaf["lines"] else []
    places += ["split"] * 8 if "split" in content else []
    places += ["implied"] * 8 if problem.get("implied") else []
    places += ["integer"] * (3 if "integer" in problem else 1) if content["version"] == 2 else []
    place = rng.choice(places)
    if place in ("bound", "rounded_from"):
        content[place] = other_number(content[place], rng)
    elif place == "multipliers":
        item = rng.choice(leaf[place])
        if rng.random() < 0.7:
            item[1] = other_number(item[1], rng)
        elif rng.random() < 0.7:
            item[0] = other_index(item[0], len(leaf["lines"]), rng)
        else:
            leaf[place].remove(item)
    elif place == "lines":
        number = rng.randrange(len(leaf[place]))
        leaf[place][number] = other_line(leaf[place][number], number, content, rng)
    elif place == "split":
        tamper_with_cases([node for node in nodes if "split" in node], n, rng)
    elif place in ("objective", "axioms"):
        used = {int(text.split()[1]) for node in nodes for text in node.get("lines", []) if text.startswith("axiom")}
        terms = problem["objective"] if place == "objective" else problem["axioms"][rng.choice(sorted(used) or [0])]
        term = rng.choice(terms)
        if rng.random() < 0.6 or not term[1]:
            term[0] = other_number(term[0], rng)
        else:
            k = rng.randrange(len(term[1]))
            term[1][k] = other_index(term[1][k], n, rng)
    elif place == "box":
        interval = rng.choice(problem["box"])
        k = rng.randrange(2)
        interval[k] = other_number(interval[k], rng)
    elif place == "implied":
        entry = rng.choice(problem[place])
        pair = rng.choice(entry[1])
        action = rng.randrange(7)
        if action < 2:
            pair[1] = other_number(pair[1], rng)
        elif action == 2:
            pair[0] = other_index(pair[0], len(problem["axioms"]), rng)
        elif action == 3:
            entry[0] = other_index(entry[0], len(problem["axioms"]), rng)
        elif action == 4:
            entry[1].remove(pair)
        elif action == 5:
            problem[place].remove(entry)
        else:
            problem[place].append([other_index(entry[0], len(problem["axioms"]) - 1, rng), [pair, [entry[0], "1"]]])
    elif place == "sense":
        problem["sense"] = {"min": "max", "max": "min"}[problem["sense"]]
    elif place in ("idempotent", "integer"):
        i = rng.randrange(n)
        problem[place] = sorted({i} ^ set(problem.get(place, [])))
    elif rows := [row for row in problem[place] if isinstance(row[1], list) and rng.random() < 0.5]:
        row = rng.choice(rows)
        k = rng.randrange(len(row[1]))
        row[1][k] = other_index(row[1][k], n, rng)
    else:
        pairs = {tuple(sorted(pair)) for pair in pairs_of(problem)} ^ {tuple(sorted(rng.sample(range(n), 2)))}
        problem[place] = [list(pair) for pair in sorted(pairs)]
        if content["version"] == 2 and rng.random() < 0.5:  # the same, written otherwise
            both = [*pairs, *((j, i) for i, j in pairs)]
            problem[place] = [[i, [j for k, j in both if k == i]] for i in sorted({i for i, _ in both})]
    return place


def judge_tampered(kind: str, seed: int) -> tuple[str, bool]:
    """Tamper with a file, and compare the verdicts; where it was changed, and whether it is still a proof."""
    rng = random.Random(seed)
    content = content_of(kind)
    before = copy.deepcopy(content)
    place = ""
    while content == before:
        place = tamper(content, rng)
    judge = Judge(content)
    verdict = judge.accepts()
    assert accepted(content) == verdict, (kind, seed, place)
    if verdict:
        assert judge.contradicting_point(rng) is None, (kind, seed, place)
    return place, verdict


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(MAKERS)), st.integers(0, 2**32 - 1))
@example("heptagon, rounded", 0)
def test_the_checker_agrees_with_an_independent_judge(kind: str, seed: int) -> None:
    place, verdict = judge_tampered(kind, seed)
    assert place
    assert verdict in (True, False)


def judged(kinds: list[str], count: int) -> tuple[Counter[bool], Counter[str]]:
    """How many tampered files still are proofs; and where those were changed that are none, all of them rejected."""
    verdicts: Counter[bool] = Counter()
    places: Counter[str] = Counter()
    for number in range(count):
        place, verdict = judge_tampered(kinds[number % len(kinds)], number)
        verdicts[verdict] += 1
        places[place] += not verdict
    return verdicts, places


@pytest.mark.slow
def test_ten_thousand_tampered_files() -> None:
    verdicts, places = judged(FIRST, 12_000)
    print(
        f"tampered files: {verdicts[False]} no proofs, all rejected, by place {dict(places)}; {verdicts[True]} proofs"
    )
    assert verdicts[False] >= 0.7 * 12_000
    assert all(places[place] >= 50 for place in ("bound", "rounded_from", "multipliers", "lines", "axioms", "box"))


def test_tampered_files_of_version_2() -> None:
    verdicts, places = judged(SECOND, 300)
    assert min(verdicts.values()) > 10
    assert {"implied", "lines", "multipliers", "bound"} <= {place for place, count in places.items() if count}


@pytest.mark.parametrize("kind", TREES)
def test_proofs_by_cases_are_judged_alike(kind: str) -> None:
    content = content_of(kind)
    assert checker.check(content) == tree_of(kind).bound
    assert Judge(content).accepts()
    assert Judge(content).contradicting_point(random.Random(0), 200) is None


def test_tampered_proofs_by_cases() -> None:
    verdicts, places = judged(TREES, 300)
    assert min(verdicts.values()) > 10
    assert {"split", "lines", "multipliers", "bound"} <= {place for place, count in places.items() if count}


@pytest.mark.slow
def test_twenty_thousand_mutated_proofs_by_cases(tmp_path: Path) -> None:
    kinds = [*TREES, "version 2, cliques"]
    verdicts, places = judged(kinds, 20_000)
    texts = fuzzed(4_000, tmp_path / "proof.json", 9000, kinds)
    print(f"by cases: {dict(verdicts)}, rejected by place {dict(places)}; mutated texts: {dict(texts)}")
    assert verdicts[False] >= 0.4 * 20_000
    assert verdicts[True] >= 0.1 * 20_000
    assert all(places[place] >= 100 for place in ("bound", "split", "integer", "multipliers", "lines", "axioms", "box"))
    assert {"valid", "Rejected", "Unreadable"} <= texts.keys()


@pytest.mark.slow
def test_twenty_thousand_mutated_files_of_version_2(tmp_path: Path) -> None:
    verdicts, places = judged(SECOND, 15_000)
    texts = fuzzed(5_000, tmp_path / "proof.json", 5000, SECOND)
    print(f"version 2: {dict(verdicts)}, rejected by place {dict(places)}; mutated texts: {dict(texts)}")
    assert verdicts[False] >= 0.5 * 15_000
    assert all(places[place] >= 200 for place in ("bound", "implied", "multipliers", "lines", "axioms", "box"))
    assert texts.keys() == {"valid", "Rejected", "Unreadable", "ResourceLimit"}


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if kind != "trivial"])
def test_the_slightest_improvement_of_a_bound_is_rejected(kind: str) -> None:
    content = content_of(kind)
    place = "rounded_from" if "rounded_from" in content else "bound"
    better = 1 if content["problem"]["sense"] == "min" else -1
    content[place] = str(Fraction(content[place]) + Fraction(better, 10**40))
    assert not accepted(content)
    content[place] = str(Fraction(content[place]) - Fraction(2 * better, 10**40))
    assert accepted(content) or place == "rounded_from"


# Rounding -------------------------------------------------------------------------------------------------------------


def one_variable(**changes: Any) -> Any:
    """``x >= 0`` on a single variable that is 0 or 1; changes of keys of the problem or of the file."""
    problem = {
        "name": "x",
        "family": "test",
        "sense": "min",
        "variables": ["x"],
        "box": [["0", "1"]],
        "idempotent": [0],
        "exclusive": [],
        "objective": [["1", [0]]],
        "axioms": [[["1", [0]]], [["1", []], ["-1", [0]]]],
    }
    if changes.get("version") == 2:
        problem["implied"] = []
    content = {"format": "polyproof-certificate", "version": 1, "problem": problem}
    content |= {"lines": [], "multipliers": [], "bound": "0"}
    for key, value in changes.items():
        (problem if key in problem else content)[key] = value
    return content


@pytest.mark.parametrize(
    ("changes", "valid"),
    [
        ({"rounded_from": "-1/2", "bound": "0"}, True),
        ({"rounded_from": "0", "bound": "0"}, True),
        ({"rounded_from": "-1", "bound": "-1"}, True),
        ({"rounded_from": "-1/2", "bound": "-1"}, False),  # the wrong direction
        ({"rounded_from": "-1/2", "bound": "1"}, False),  # by 2
        ({"rounded_from": "-1", "bound": "0"}, False),  # whole numbers stay
        ({"rounded_from": "-1/2", "bound": "-1/4"}, False),  # not to a whole number
        ({"rounded_from": "1/10", "bound": "1"}, False),  # from a bound that is not proved
        ({"rounded_from": "-1/2", "idempotent": []}, False),  # not Boolean
        ({"rounded_from": "-1/2", "objective": [["1/2", [0]]]}, False),  # not whole
        ({"rounded_from": "1/3", "bound": "1", "objective": [["1/3", []], ["1", [0]]]}, False),
        ({"rounded_from": "-1/2", "bound": "0", "objective": [["1/2", [0]], ["1/2", [0, 0]]]}, True),
        ({"rounded_from": "3/2", "bound": "1", "sense": "max"}, True),
        ({"rounded_from": "3/2", "bound": "2", "sense": "max"}, False),
        ({"rounded_from": "5/2", "bound": "1", "sense": "max"}, False),
        ({"rounded_from": "1", "bound": "0", "sense": "max"}, False),
        ({"rounded_from": "1/2", "bound": "0", "sense": "max"}, False),
        ({"rounded_from": None}, False),
        ({"rounded_from": True}, False),
        ({"rounded_from": ""}, False),
    ],
)
def test_rounding(changes: Any, valid: bool) -> None:
    assert accepted(one_variable(**changes)) == valid


@pytest.mark.parametrize("kind", ["heptagon, rounded", "choice, rounded", "choice, rounded up"])
def test_a_rounded_bound_must_follow_from_the_one_before(kind: str) -> None:
    for change in (-2, -1, Fraction(-1, 2), Fraction(1, 2), 1, 2):
        content = content_of(kind)
        content["bound"] = str(Fraction(content["bound"]) + change)
        assert not accepted(content)
    content = content_of(kind)
    del content["rounded_from"]
    assert not accepted(content)
    content = content_of(kind)
    content["problem"]["idempotent"].pop()
    assert not accepted(content)
    content = content_of(kind)
    content["problem"]["objective"][0][0] += "/7"
    assert not accepted(content)


@pytest.mark.parametrize(
    ("changes", "valid"),
    [
        ({"bound": "-6", "rounded_from": "-7"}, True),
        ({"bound": "-7", "rounded_from": "-7"}, True),  # to a whole number, as files had it before
        ({"bound": "-4", "rounded_from": "-7"}, False),
        ({"bound": "-8", "rounded_from": "-7"}, False),
        ({"bound": "-6", "rounded_from": "-6"}, True),
        ({"bound": "-5", "rounded_from": "-6"}, False),
        ({"bound": "-6", "rounded_from": "-7", "integer": []}, False),
        ({"bound": "-6", "rounded_from": "-7", "idempotent": [0]}, False),
        ({"bound": "-18", "rounded_from": "-19", "objective": [["1", [0, 0]], ["3", [0]]]}, True),  # is even
        ({"bound": "-21", "rounded_from": "-22", "objective": [["1", [0, 0]], ["2", [0]]]}, False),
        ({"bound": "-13/2", "rounded_from": "-7", "objective": [["2", [0]], ["-1/2", []]]}, True),
        ({"bound": "-6", "rounded_from": "-7", "objective": [["2", [0]], ["-1/2", []]]}, False),
        ({"integer": [1], "bound": "-6"}, False),
        ({"integer": ["0"], "bound": "-6"}, False),
        ({"integer": [0, 0], "bound": "-6"}, True),
        ({"integer": None, "bound": "-6"}, False),
        ({"integer": [0], "bound": "-6", "version": 1}, False),
        ({"integer": [0], "box": [["-3", "7/2"]], "bound": "-6"}, False),
        ({"lines": ["gap -2 of x_0"], "bound": "-6"}, True),
        ({"lines": ["gap 999 of x_0"], "bound": "-6"}, True),
        ({"lines": ["gap -2 of x_0"], "integer": [], "bound": "-6"}, False),
        ({"lines": ["gap -2 of x_1"], "bound": "-6"}, False),
        ({"lines": ["gap 1/2 of x_0"], "bound": "-6"}, False),
        ({"lines": ["gap  -2 of x_0"], "bound": "-6"}, False),
        ({"lines": ["gap +2 of x_0"], "bound": "-6"}, False),
    ],
)
def test_integer_variables(changes: Any, valid: bool) -> None:
    """Of ``2*x`` on the interval from -3 to 3, which is 6 units long."""
    content = one_variable(version=2)
    content["problem"] |= {"idempotent": [], "box": [["-3", "3"]], "objective": [["2", [0]]], "integer": [0]}
    content["problem"]["axioms"] = [[["1/6", [0]], ["1/2", []]], [["-1/6", [0]], ["1/2", []]]]
    for key, value in changes.items():
        (content["problem"] if key in content["problem"] else content)[key] = value
    if changes.get("version") == 1:
        del content["problem"]["implied"]
    assert accepted(content) == valid


def test_a_gap_is_in_whole_numbers_without_a_common_divisor() -> None:
    content = one_variable(version=2, lines=["gap 1 of x_0"], multipliers=[[0, "2"]], bound="0")
    content["problem"] |= {"idempotent": [], "box": [["-3", "7"]], "integer": [0]}
    content["problem"]["axioms"] = [[["1/10", [0]], ["3/10", []]], [["-1/10", [0]], ["7/10", []]]]
    # (10 u - 4) (10 u - 5) = 10 (5 u - 2) (2 u - 1)
    content["problem"]["objective"] = [["1/5", [0, 0]], ["-3/5", [0]], ["2/5", []]]
    assert accepted(content)
    content["multipliers"] = [[0, "20"]]
    assert not accepted(content)


# Wrong types and texts ------------------------------------------------------------------------------------------------

ODD_VALUES: list[Any] = [
    *(None, True, False, 0, -1, 2, 10**30, -(10**4500), 1.0, 0.5, float("nan"), float("inf")),
    *(
        "",
        "0",
        "1",
        "x",
        "1/0",
        "0/0",
        "1/-2",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "1_0",
        "0x1",
        "1.5",
        "1e3",
        "\N{ARABIC-INDIC DIGIT ONE}",
        "\N{SUPERSCRIPT TWO}",
        "\N{VULGAR FRACTION ONE HALF}",
        "--1",
    ),
    *("\ud800", "\0", "nan", "Infinity", "9" * 5000, "1/" + "9" * 5000, "-", "/", "1/", "/1", "1//2"),
    *([], [[]], [0], [[0]], [["1", [0]]], [0, 0], ["0", "1"], {}, {"a": 1}, [None], [[None, None]], [[], []], [{}, {}]),
    *(
        "axiom 9",
        "axiom -1",
        "axiom \N{ARABIC-INDIC DIGIT ZERO}",
        "axiom 0 ",
        "axiom  0",
        "axiom " + "9" * 9,
        "Axiom 0",
        "axiom",
    ),
    *("times x_0 of line 0", "times x_0 of line 1", "times x_9 of line 0", "times 1-x_0 of line 999999999"),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places(item, (*path, key))
    return found


def with_value(content: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(content)
    target = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return changed


def pair_proof() -> Any:
    """``x >= 0`` from one line, for a sum of a variable that is 0 or 1 and two others."""
    content = one_variable(lines=["axiom 0", "times x_0 of line 0", "times 1-x_0 of line 0"], multipliers=[[1, "1/2"]])
    content["problem"] |= {"variables": ["x", "y"], "box": [["0", "1"], ["0", "1"]], "exclusive": [[0, 1]]}
    content["problem"]["axioms"] += [[["1", [1]]], [["1", []], ["-1", [1]]]]
    return content


def test_odd_values_anywhere_are_rejected_or_harmless() -> None:
    """No exception other than the documented one, and nothing is proved about the objective that is not true."""
    base = pair_proof()
    assert accepted(base)
    kept = 0
    for path in places(base):
        for value in ODD_VALUES:
            content = with_value(base, path, value)
            if accepted(content):
                kept += 1
                assert Judge(content).accepts(), (path, value)
                assert not isinstance(value, bool | float | None), (path, value)
    assert 0 < kept < 0.15 * len(places(base)) * len(ODD_VALUES)


def test_missing_and_additional_keys_are_rejected() -> None:
    base = one_variable()
    for target in (base, base["problem"]):
        for key in list(target):
            value = target.pop(key)
            assert not accepted(base), key
            target[key] = value
        target["more"] = 1
        assert not accepted(base)
        del target["more"]
    assert accepted(base)


@pytest.mark.parametrize(
    "where", ["name", "family", "sense", "variables", "box", "objective", "version", "bound", "lines"]
)
@pytest.mark.parametrize("depth", [100, 300, 450, 490, 600, 900])
def test_deep_nesting(where: str, depth: int, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    text = json.dumps(one_variable(**{where: "HERE"})).replace('"HERE"', "[" * depth + "]" * depth)
    path.write_text(text, encoding="utf-8")
    with pytest.raises((BadInput, InvalidProof)) as caught:
        load_proof(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"version": 1', '"version": 1.0'),
        ('"version": 1', '"version": true'),
        ('"version": 1', '"version": 1, "version": 1'),
        ('"idempotent": [0]', '"idempotent": [false]'),
        ('"idempotent": [0]', '"idempotent": [0e0]'),
        ('"idempotent": [0]', '"idempotent": [NaN]'),
        ('"bound": "0"', '"bound": -Infinity'),
        ('"bound": "0"', '"bound": 1e999999999'),
        ('"bound": "0"', '"bound": "0", "bound": "-1"'),
        ('"bound": "0"', '"bound": "0", "sense": "max"'),
        ('"bound": "0"', '"bound": "\\ud835\\udfd8"'),
        ('"name": "x"', '"name": "x", "name": "y"'),
        ("{", "\ufeff{"),
        ("}", "}}"),
        ("}", "} x"),
        ('"x"', '"x\\"'),
    ],
)
def test_texts_that_are_not_proof_files(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    text = json.dumps(one_variable())
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises((checker.Unreadable, checker.Rejected)):
        checker.check(checker.parse(checker.read(str(path))))
    with pytest.raises((BadInput, InvalidProof)):
        load_proof(path)


def test_truncated_files(tmp_path: Path) -> None:
    proof_of("pentagon").save(tmp_path / "proof.json")
    data = (tmp_path / "proof.json").read_bytes()
    assert data.endswith(b"}\n")
    for length in range(0, len(data) - 1, 7):
        (tmp_path / "short.json").write_bytes(data[:length])
        with pytest.raises(checker.Unreadable):
            checker.parse(checker.read(str(tmp_path / "short.json")))


def test_broken_bytes(tmp_path: Path) -> None:
    proof_of("pentagon").save(tmp_path / "proof.json")
    data = (tmp_path / "proof.json").read_bytes()
    rng = random.Random(1)
    reasons: list[str] = []
    for _ in range(500):
        broken = bytearray(data)
        broken[rng.randrange(len(data))] = rng.randrange(256)
        (tmp_path / "broken.json").write_bytes(broken)
        try:
            proof = load_proof(tmp_path / "broken.json")
        except (BadInput, InvalidProof) as error:
            reasons.append(str(error))
        else:
            assert Judge(json.loads(broken)).accepts()
            proof.verify()
    assert len(reasons) > 100
    assert not any("\n" in reason for reason in reasons)


# load_proof -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "axioms",
    [
        [[["1", [0]]], [["1", []], ["-1", [0]]], [["1", [0]]]],  # twice the same
        [[["1", [0]]], [["1", []], ["-1", [0]]], []],  # one that is zero
        [[["1", [0]]], [["1", []], ["-1", [0]]], [["1", [0]], ["-1", [0]]]],
    ],
)
def test_valid_files_of_problems_that_cannot_be_made(axioms: Any, tmp_path: Path) -> None:
    content = one_variable(axioms=axioms)
    assert accepted(content)
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BadInput, match=r"proof\.json: [^\n]*$"):
        load_proof(path)


@pytest.mark.parametrize(
    "axioms", [[], [[["1", [0]]]], [[["1", [0]]], [["1", []], ["-2", [0]]]], [[["2", [0]]], [["1", []], ["-1", [0]]]]]
)
def test_the_axioms_of_the_box_must_be_stated(axioms: Any) -> None:
    with pytest.raises(checker.Rejected, match="box"):
        checker.check(one_variable(axioms=axioms))


@pytest.mark.parametrize("high", ["1/2", "1/3", "2/3"])
def test_a_box_from_zero_is_moved_as_well(high: str) -> None:
    """``x >= bound`` with ``x`` up to 1 in a unit coordinate that goes up to another number."""
    box = {"box": [["0", high]], "idempotent": [], "objective": [["-1", [0]]]}
    axioms = [[[str(1 / Fraction(high)), [0]]], [["1", []], [str(-1 / Fraction(high)), [0]]]]
    assert accepted(one_variable(**box, axioms=axioms, lines=["axiom 1"], multipliers=[[0, high]], bound=f"-{high}"))
    assert not accepted(one_variable(**box, lines=["axiom 1"], multipliers=[[0, 1]], bound="-1"))
    assert not accepted(one_variable(**box, axioms=axioms, bound="0"))


def test_problems_without_variables(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    empty = {"variables": [], "box": [], "idempotent": [], "axioms": [], "objective": [["5/3", []]]}
    path.write_text(json.dumps(one_variable(**empty, bound="5/3")), encoding="utf-8")
    assert load_proof(path).bound == Fraction(5, 3)
    assert not accepted(one_variable(**empty, bound="5/2"))
    assert not accepted(one_variable(**empty, bound="2", rounded_from="5/3"))


def test_numbers_longer_than_those_of_problems_that_are_typed_in(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    long = "7" * 2500 + "/" + "3" * 1500
    box = {"box": [["-" + long, long]], "idempotent": [], "axioms": [[["1", [0]]]]}
    width = 2 * Fraction(long)
    box["axioms"] = [[[str(1 / width), [0]], ["1/2", []]], [[str(-1 / width), [0]], ["1/2", []]]]
    content = one_variable(**box, lines=["axiom 0"], multipliers=[[0, long]], bound="-" + long)
    path.write_text(json.dumps(content), encoding="utf-8")
    assert load_proof(path).to_json()["multipliers"] == [[0, str(Fraction(long))]]
    assert load_proof(path).problem.box[0][1] == Fraction(long)


def test_numbers_without_a_text_are_beyond_the_limits() -> None:
    proof = Proof(proof_of("pentagon").problem, proof_of("pentagon").reasons, {0: 10**5000})
    with pytest.raises(ResourceLimit, match="digits"):
        proof.verify()


@pytest.mark.parametrize("path", ["missing.json", "nul\0", ".", "/dev/zero", "/dev/null", "fifo", "empty"])
def test_what_is_no_regular_file(path: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(checker.Unreadable) as unreadable:
        checker.parse(checker.read(os.path.join(tmp_path, path)))
    with pytest.raises(BadInput) as bad:
        load_proof(os.path.join(tmp_path, path))
    assert "\n" not in f"{unreadable.value}{bad.value}"


# Exclusive pairs ------------------------------------------------------------------------------------------------------

PAIRS = [[0, 1], [0, 4], [1, 2], [2, 3], [3, 4]]


def pentagon_with(rows: Any, version: int = 2) -> Any:
    """The proof of the bound 5/2 on the stable sets of the pentagon, with its edges written in some way."""
    n = 5
    problem = {
        **{"name": "pentagon", "family": "stable-set", "sense": "max", "variables": [f"x{i}" for i in range(n)]},
        **{"box": [["0", "1"]] * n, "idempotent": [*range(n)], "exclusive": rows, "implied": []},
        **{"objective": [["1", [i]] for i in range(n)]},
        "axioms": [axiom for i in range(n) for axiom in ([["1", [i]]], [["1", []], ["-1", [i]]])],
    }
    lines = [f"clique x_{i} x_{j}" for i, j in PAIRS]
    if version == 1:
        del problem["implied"]
        lines = [*(f"axiom {2 * i + 1}" for i in range(n)), *(f"times 1-x_{j} of line {i}" for i, j in PAIRS)]
    numbers = range(len(lines) - 5, len(lines))
    proof = {"lines": lines, "multipliers": [[k, "1/2"] for k in numbers], "bound": "5/2"}
    return {"format": "polyproof-certificate", "version": version, "problem": problem, **proof}


ROWS = [
    PAIRS,
    [[0, [1, 4]], [1, 2], [2, 3], [3, 4]],
    [[0, [4, 1]], [1, [2]], [4, [3]], [2, [3]]],
    [[i, [(i + 1) % 5, (i - 1) % 5]] for i in range(5)],
    [*PAIRS, [0, [1, 1, 4]], [2, []]],
]


@pytest.mark.parametrize("rows", ROWS)
def test_all_that_a_variable_excludes_may_be_written_together(rows: Any, tmp_path: Path) -> None:
    content = pentagon_with(rows)
    assert checker.check(content) == Fraction(5, 2)
    assert Judge(content).accepts()
    (tmp_path / "proof.json").write_text(json.dumps(content))
    proof = load_proof(tmp_path / "proof.json")
    assert proof.problem.ring.exclusive == {(i, j) for i, j in PAIRS}
    assert proof.to_json()["problem"]["exclusive"] == ROWS[1]


@pytest.mark.parametrize("row", [[0, [1, 4]], [0, [1]], [0, []]])
def test_but_not_in_version_1(row: Any) -> None:
    assert checker.check(pentagon_with(PAIRS, 1)) == Fraction(5, 2)
    with pytest.raises(checker.Rejected, match="exclusive: expected the number of a variable"):
        checker.check(pentagon_with([*PAIRS, row], 1))


@pytest.mark.parametrize(
    "row",
    [
        *([0, [0]], [0, 0], [0, [1, [2]]], [0, ["1"]], [0, [5]], [5, []], [0, [-1]], [-1, [0]], [0, [True]]),
        *([[0], 1], [[0], [1]], [0, None], [0, "1"], [0, {"1": 1}], [0, [1], [2]], [0], 0, [["0"], []], [True, [0]]),
    ],
)
def test_other_rows_are_rejected(row: Any) -> None:
    with pytest.raises(checker.Rejected, match="exclusive"):
        checker.check(pentagon_with([*PAIRS, row]))


def test_an_edge_that_no_row_has_is_not_used() -> None:
    with pytest.raises(checker.Rejected, match="line 1: expected distinct variables that exclude each other"):
        checker.check(pentagon_with([[0, 1], [1, [2]], [2, [3]], [3, [4]]]))


# Limits ---------------------------------------------------------------------------------------------------------------


def complete(n: int) -> Any:
    """A proof that at most one vertex of a complete graph is in a stable set."""
    rules = {"idempotent": [*range(n)], "exclusive": [[i, j] for i in range(n) for j in range(i)]}
    lines = ["axiom 1", *(f"times 1-x_{i} of line {i - 1}" for i in range(1, n))]
    objective = [["1", [i]] for i in range(n)]
    return hostile(n, **rules, objective=objective, sense="max", lines=lines, multipliers=[[n - 1, "1"]])


def test_large_graphs_are_within_the_limits() -> None:
    assert checker.check(complete(300)) == 1


@pytest.mark.slow
def test_the_largest_graphs_are_within_the_limits(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(complete(2000)), encoding="utf-8")
    assert checker.verify(str(path))[1] == 1
    done = run_script(str(path), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "valid: the bound 1 is proved\n")


BEYOND: dict[str, Callable[[], Any]] = {
    "digits": lambda: one_variable(bound="-" + "1" * 4001),
    "digits of a denominator": lambda: one_variable(bound="-1/" + "1" * 4001),
    "digits of a whole number": lambda: one_variable(bound=-(10**4001)),
    "digits of a multiplier": lambda: one_variable(lines=["axiom 0"], multipliers=[[0, "1/1" + "0" * 4000]]),
    "digits of the common denominator": lambda: one_variable(
        lines=["axiom 0", "axiom 0"], multipliers=[[0, f"1/{10**2500}"], [1, f"1/{10**2500 + 1}"]]
    ),
    "work": lambda: hostile(30, lines=chain(30), bound="0"),
    "work for the objective": lambda: one_variable(idempotent=[], box=[["0", "1"]], objective=[["1", [0] * 10**5]]),
}


@pytest.mark.parametrize("name", BEYOND)
def test_proofs_beyond_the_limits_are_not_called_wrong(name: str, tmp_path: Path) -> None:
    content = BEYOND[name]()
    with pytest.raises(checker.ResourceLimit, match=r"^[^\n]+$"):
        checker.check(content)
    path = tmp_path / "proof.json"
    if not any(isinstance(value, int) and abs(value) > 10**4299 for value in content.values()):
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(ResourceLimit, match=r"proof\.json: [^\n]+$"):
            load_proof(path)
        done = run_script(str(path), cwd=tmp_path)
        assert (done.returncode, done.stdout) == (5, "")
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("kind", ["petersen", "caprasse", "heptagon, rounded", "cut square"])
def test_the_limits_are_arguments(kind: str, tmp_path: Path) -> None:
    """With less work than a proof takes, it is left undecided, and never called wrong."""
    path = tmp_path / "proof.json"
    proof_of(kind).save(path)
    size = path.stat().st_size
    for max_work in (0, 10, 100, 400):
        with pytest.raises(ResourceLimit, match=str(max_work)):
            load_proof(path, max_work)
        with pytest.raises(ResourceLimit):
            proof_of(kind).verify(max_work)
    with pytest.raises(ResourceLimit, match=f"{size} bytes"):
        load_proof(path, max_bytes=size - 1)
    assert load_proof(path, 200_000, 10 * size).bound == proof_of(kind).bound
    for option, limit in (("--max-work", 400), ("--max-bytes", size - 1)):
        assert run_script(str(path), option, str(limit), cwd=tmp_path).returncode == 5
    assert run_script(str(path), "--max-work", "200000", "--max-bytes", str(10 * size), cwd=tmp_path).returncode == 0


def test_more_work_than_the_default_is_done_where_it_is_allowed() -> None:
    content = hostile(14, lines=chain(14), bound="0")
    with pytest.raises(checker.ResourceLimit):
        checker.check(content, 10_000)
    assert checker.check(content) == 0


@pytest.mark.parametrize(
    "text", ["[" * 300_000, "[" + "[]," * 100_000 + "[]]", '{"a":' * 100_000, '["' + ",:[{" * 100_000 + '"]']
)
def test_files_with_many_small_items(text: str, tmp_path: Path) -> None:
    """They would take many times their size in memory."""
    path = tmp_path / "proof.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(checker.ResourceLimit, match="items"):
        checker.parse(checker.read(str(path)), len(text))


@pytest.mark.parametrize("version", [0, 3, 2.0, "1", None, True, [1]])
def test_another_version_is_not_called_wrong(version: Any) -> None:
    with pytest.raises(checker.Unreadable, match="version"):
        checker.check(one_variable(version=version))


# Fuzzing --------------------------------------------------------------------------------------------------------------

FRAGMENTS = [
    *(
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        '"',
        "\\",
        "null",
        "true",
        "1e9",
        "1.5",
        "-",
        "0",
        "9" * 30,
        "7" * 4500,
        "[" * 2000,
    ),
    *(
        '"x_0"',
        '"axiom 1"',
        '"times 1-x_1 of line 0"',
        '"1/0"',
        "\0",
        "\n",
        "\ufeff",
        "\u202e",
        "\x1b[31m",
        "\ud800",
        "NaN",
    ),
]


def mutated_text(text: str, rng: random.Random) -> bytes:
    """The text of a file with something written over, put in, taken out, doubled or cut off."""
    data = bytearray(text.encode())
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        start = rng.randrange(len(data))
        end = min(len(data), start + rng.choice([0, 0, 1, 1, 3, 20, 500]))
        fragment = rng.choice(FRAGMENTS).encode("utf-8", "surrogatepass")
        part = bytes(data[start:end])
        data[start:end] = rng.choice([fragment, b"", part + part, bytes(rng.randrange(256) for _ in part)])
        if rng.random() < 0.1:
            del data[rng.randrange(len(data) + 1) :]
        data = data or bytearray(b" ")
    return bytes(data)


def mutated_content(content: Any, rng: random.Random) -> str:
    """The text of a file where values have been exchanged, doubled, left out, nested or replaced by odd ones."""
    for _ in range(rng.choice([1, 1, 2, 4])):
        found = places(content)
        path = rng.choice(found[1:])
        value = rng.choice([*ODD_VALUES, [content], content_at(content, rng.choice(found))])
        if isinstance(value, int | float) and abs(value) > 10**4000:  # as text, as json cannot write it
            value = "-" + "9" * 4500
        try:
            text = json.dumps(value)
            content = with_value(content, path, json.loads(text))
        except (ValueError, RecursionError):
            continue
        if not isinstance(content, dict):
            break
    text = json.dumps(content)
    if rng.random() < 0.1 and '"bound"' in text:
        text = text.replace('"bound"', '"bound": "0", "bound"', 1)
    return text


def content_at(content: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        content = content[key]
    return content


def verdict_on(data: bytes, path: Path) -> str:
    """What comes of a file; what is valid must be so for the independent judge, too, and be read by the package."""
    path.write_bytes(data)
    started = time.process_time()
    failure: Exception | None = None
    try:
        content, bound = checker.verify(str(path))
    except (checker.Unreadable, checker.Rejected, checker.ResourceLimit) as error:
        failure = error
    assert time.process_time() - started < 10
    if failure is not None:
        same = {checker.Unreadable: BadInput, checker.Rejected: InvalidProof, checker.ResourceLimit: ResourceLimit}
        with pytest.raises(same[type(failure)], match=r"^[^\n]{5,400}$"):
            load_proof(path)
        return type(failure).__name__
    assert Judge(content).accepts()
    with contextlib.suppress(BadInput):  # some axioms may be equal now
        proof = load_proof(path)  # it knows the bound that is proved, which may be better than the one claimed
        assert proof.problem.sign * (proof.bound - bound) >= 0
    return "valid"


SHORT = [kind for kind in FIRST if kind not in ("petersen", "lv", "caprasse")]


def fuzzed(count: int, path: Path, seed: int, kinds: list[str] = SHORT) -> Counter[str]:
    """How many files get which verdict."""
    verdicts: Counter[str] = Counter()
    for number in range(count):
        rng = random.Random(seed + number)
        content = content_of(rng.choice(kinds))
        if rng.random() < 0.5:
            data = mutated_text(json.dumps(content, indent=rng.choice([None, 1])), rng)
        else:
            data = mutated_content(content, rng).encode()
        verdicts[verdict_on(data, path)] += 1
    return verdicts


def test_mutated_files(tmp_path: Path) -> None:
    verdicts = fuzzed(400, tmp_path / "proof.json", 0)
    assert set(verdicts) == {"valid", "Rejected", "Unreadable", "ResourceLimit"}


@pytest.mark.slow
def test_ten_thousand_mutated_files(tmp_path: Path) -> None:
    verdicts = fuzzed(10_000, tmp_path / "proof.json", 1000)
    print(f"mutated files: {dict(verdicts)}")
    assert verdicts.total() == 10_000
    assert min(verdicts.values()) > 20


# Hostile files --------------------------------------------------------------------------------------------------------
#
# All of them claim x >= 1 (or something as wrong); each is checked in a process of its own with 10 s and 1 GB.

LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def hostile(n: int = 1, **changes: Any) -> Any:
    names = {"variables": [f"x{i:x}" for i in range(n)], "box": [["0", "1"]] * n, "idempotent": []}
    axioms = [axiom for i in range(n) for axiom in ([["1", [i]]], [["1", []], ["-1", [i]]])]
    return one_variable(**{**names, "axioms": axioms, "bound": "1", "objective": [["1", [0]]], **changes})


def second(n: int = 1, **changes: Any) -> Any:
    """A hostile file of version 2."""
    return hostile(n, version=2, **changes)


def long_root(terms: int, n: int) -> str:
    """The text of a polynomial of so many terms in so many variables."""
    return " + ".join(f"{k + 1}*x_{k % n}*x_{k // n % n}" for k in range(terms))


def replaced(name: str, text: str) -> str:
    changes: dict[str, Any] = {name: "HERE"}
    return json.dumps(hostile(**changes), separators=(",", ":")).replace('"HERE"', text)


def primes(count: int) -> list[int]:
    sieve = bytearray([1]) * (16 * count + 30)
    for p in range(2, len(sieve)):
        if sieve[p]:
            sieve[p * p :: p] = bytes(len(range(p * p, len(sieve), p)))
    return [p for p in range(2, len(sieve)) if sieve[p]][:count]


def digits(digit: int, count: int) -> str:
    return str(digit) * count


def chain(n: int) -> list[str]:
    return ["axiom 0", *(f"times 1-x_{i} of line {i - 1}" for i in range(1, n))]


def axioms_of(*items: Any) -> list[Any]:
    return [[["1", [0]]], [["1", []], ["-1", [0]]], *items]


HOSTILE: dict[str, Callable[[], Any]] = {
    "terms grow exponentially": lambda: hostile(30, lines=chain(30)),
    "a million digits": lambda: replaced("bound", digits(7, 10**6)),
    "a million digits as text": lambda: hostile(bound=digits(7, 10**6)),
    "a huge exponent": lambda: replaced("bound", "1e999999999"),
    "a long power": lambda: hostile(objective=[["1", [0] * 1_900_000]]),
    "fractions to a high power": lambda: hostile(
        box=[["-" + digits(7, 100) + "/1" + digits(3, 99), digits(7, 100)]], objective=[["1", [0] * 200]]
    ),
    "primes as denominators": lambda: hostile(objective=[[f"1/{p}", []] for p in primes(100_000)]),
    "nested lists": lambda: "[" * 3_900_000,
    "nested objects": lambda: '{"a":' * 700_000,
    "a sense that is a list of lists": lambda: replaced("sense", "[" * 600 + "]" * 600),
    "colliding axioms": lambda: hostile(axioms=axioms_of(*([[1 + k * (2**61 - 1), []]] for k in range(90_000)))),
    "references to later lines": lambda: hostile(lines=["axiom 0", "times x_0 of line 2", "times x_0 of line 1"]),
    "a line that refers to itself": lambda: hostile(lines=["axiom 0"] * 9 + ["times x_0 of line 9"]),
    "too many bytes": lambda: "[" + " " * 5_000_000 + "]",
    "a line times itself": lambda: second(30, lines=["axiom 1", *(f"times line {i} of line {i}" for i in range(99))]),
    "the square of a long polynomial": lambda: second(400, lines=[f"square {long_root(4000, 400)}"]),
    "a high power in a square": lambda: second(lines=["square 1*x_0^9999"] * 1000),
    "NUL": lambda: "\0" * 3_900_000,
}
SLOW_HOSTILE: dict[str, Callable[[], Any]] = {
    "a long box to a high power": lambda: hostile(
        box=[["-" + digits(7, 3990) + "/1" + digits(3, 3989), digits(7, 3998)]], objective=[["1", [0] * 40]]
    ),
    "long coefficients in many lines": lambda: hostile(
        axioms=axioms_of([[10**3990, [0] * 20]]), lines=["axiom 2", *["times x_0 of line 0"] * 100_000]
    ),
    "terms grow, then many products": lambda: hostile(30, lines=chain(15) + ["times 1-x_20 of line 14"] * 100_000),
    "powers of one variable": lambda: hostile(lines=["axiom 1", *(f"times 1-x_0 of line {i}" for i in range(5000))]),
    "long monomials": lambda: hostile(lines=["axiom 0", *(f"times x_0 of line {i}" for i in range(100_000))]),
    "many powers": lambda: hostile(objective=[["1", [0] * k] for k in range(200, 250)] * 80),
    "a high power on a box": lambda: hostile(box=[["-1", "1"]], objective=[["1", [0] * 1300]]),
    "many variables on boxes": lambda: hostile(20, box=[["-1/3", "1/7"]] * 20, objective=[["1", list(range(20))]]),
    "long coprime fractions": lambda: hostile(objective=[[f"1/{10**500 + 2 * i + 1}", []] for i in range(7000)]),
    "coprime boxes": lambda: hostile(
        60,
        box=[[f"1/{10**20 + 2 * i + 1}", "1"] for i in range(60)],
        objective=[["1", list(range(k, k + 11))] for k in range(48)],
    ),
    "a long fraction, then many": lambda: hostile(
        objective=[[digits(7, 3999) + "/1" + digits(3, 3998), []]] + [["1/3", []]] * 300_000
    ),
    "many fractions": lambda: hostile(objective=[[f"1/{i % 97 + 1}", [0]] for i in range(270_000)]),
    "many zeros": lambda: hostile(objective=[[0, []]] * 550_000),
    "long numbers": lambda: hostile(objective=[["-" + digits(7, 3999) + "/1" + digits(3, 3998), []]] * 480),
    "long multipliers": lambda: hostile(
        lines=["axiom 0"] * 480, multipliers=[[i, f"1/{10**3990 + 2 * i + 1}"] for i in range(480)]
    ),
    "many multipliers": lambda: hostile(
        objective=[["1/" + digits(9, 3999), [0]]],
        lines=["axiom 0"] * 100_000,
        multipliers=[[i, "1/3"] for i in range(100_000)],
    ),
    "multipliers of a line that is zero": lambda: hostile(
        objective=[["1/" + digits(9, 3999), [0]]],
        axioms=axioms_of([]),
        lines=["axiom 2"] * 100_000,
        multipliers=[[i, "1/3"] for i in range(100_000)],
    ),
    "squares of long polynomials": lambda: second(
        60, lines=["axiom 0"] + [f"square {long_root(300, 60)} times line 0"] * 3000
    ),
    "squares of long numbers": lambda: second(
        9, lines=[f"square {'+'.join(f' {digits(7, 3999)}*x_{i} ' for i in range(9)).strip()}"] * 300
    ),
    "numbers that double": lambda: second(
        lines=["square " + digits(7, 3999), *(f"times line {i} of line {i}" for i in range(90))]
    ),
    "a long number among many": lambda: second(
        12,
        idempotent=[*range(12)],
        lines=["axiom 1", *(f"times 1-x_{i} of line {i - 1}" for i in range(1, 12)), "square " + digits(7, 3999)]
        + [f"times line {i} of line {i}" for i in range(12, 18)]
        + ["times line 11 of line 18", *(f"times line 19 of line {i}" for i in range(19, 500))],
    ),
    "many factors in a square": lambda: second(lines=["square 1" + "*x_0" * 9000] * 1000),
    "many terms in a square": lambda: second(lines=["square " + " + ".join(["1*x_0"] * 900_000)] * 4),
    "one long square": lambda: second(lines=["square " + "7" * 39_000_000]),
    "many squares": lambda: second(100_000, lines=["square 1"] * 100_000),
    "many variables in exclusive squares": lambda: second(
        500,
        exclusive=[[2 * i, 2 * i + 1] for i in range(250)],
        lines=["square " + " + ".join("1" + "".join(f"*x_{2 * i}" for i in range(k)) for k in range(250))] * 200,
    ),
    "many implied axioms": lambda: second(
        axioms=axioms_of(*[[[1, [0]], [i, []]] for i in range(2, 20_000)]),
        implied=[[i, [[0, "1"]]] for i in range(2, 20_000)],
    ),
    "implied axioms that are long": lambda: second(
        2,
        axioms=[
            *([["1", [i]]] for i in range(2)),
            *([["1", []], ["-1", [i]]] for i in range(2)),
            *([[k, []], *([1, [0] * e] for e in range(60))] for k in range(300)),
        ],
        implied=[[k, [[j, f"1/{10**3000 + 2 * j + 1}"] for j in range(4, 30)]] for k in range(30, 300)],
    ),
    "40 MB of strings": lambda: '["\N{GRINNING FACE}"' + ',"aa"' * 7_990_000 + "]",
    "40 MB of objects": lambda: "[" + "{}," * 3_990_000 + "{}]",
    "40 MB of keys": lambda: "{" + ",".join(f'"{i:x}":0' for i in range(3_600_000)) + "}",
    "40 MB of terms": lambda: replaced("objective", "[" + '["1",[0]],' * 1_900_000 + '["1",[0]]]'),
    "40 MB of intervals": lambda: replaced("box", "[" + '["1/3","2/3"],' * 2_600_000 + '["0","1"]]'),
    "40 MB of axioms": lambda: replaced("axioms", "[" + "[]," * 3_900_000 + "[]]"),
    "rows of pairs": lambda: hostile(100_000, exclusive=[[2 * i, 2 * i + 1] for i in range(50_000)]),
    "a million names": lambda: replaced("variables", json.dumps([f"{i:x}" for i in range(390_000)])),
    "many names": lambda: hostile(45_000),
    "many intervals": lambda: hostile(box=[["1/3", "2/3"]] * 200_000),
    "many pairs": lambda: hostile(2, exclusive=[[0, 1]] * 600_000),
    "many rules": lambda: hostile(idempotent=[0] * 1_900_000),
    "many axioms": lambda: hostile(axioms=[[]] * 1_200_000),
    "many constant axioms": lambda: hostile(axioms=axioms_of(*[[["1", []]]] * 280_000)),
    "many lines": lambda: hostile(lines=["axiom 0"] * 380_000),
    "empty lists": lambda: "[" + "[]," * 1_300_000 + "[]]",
    "empty lists as lines": lambda: hostile(lines=[[]] * 1_250_000),
    "lists of lists": lambda: hostile(lines=[[[]]] * 780_000),
    "short lists": lambda: hostile(lines=[[0]] * 950_000),
    "empty objects": lambda: "[" + "{}," * 1_300_000 + "{}]",
    "objects": lambda: hostile(lines=[{"a": 0}] * 480_000),
    "small numbers": lambda: hostile(lines=[0] * 1_900_000),
    "long whole numbers": lambda: "[" + ",".join([digits(7, 3999)] * 990) + "]",
    "one object with many keys": lambda: {f"{i:x}": 0 for i in range(380_000)},
    "one key many times": lambda: "{" + ",".join(['"a":0'] * 650_000) + "}",
    "one long string": lambda: '"' + "\\ud83d" * 650_000 + '"',
    "one long name": lambda: hostile(variables=["x" * 3_900_000], axioms=[]),
    "coefficients and multipliers that are long": lambda: hostile(
        2,
        axioms=axioms_of(
            [["1", [1]]],
            [["1", []], ["-1", [1]]],
            [[digits(7, 3999), []], [digits(9, 3999), [1]], [digits(8, 3999), [0]]],
        ),
        lines=["axiom 4", *(f"times 1-x_{i % 2} of line {i}" for i in range(90))],
        multipliers=[[i, digits(3, 3000)] for i in range(90)],
    ),
}


def rejection_within_limits(content: Any, folder: Path) -> subprocess.CompletedProcess[str]:
    """What the checker, run as a script within the limits, makes of a file in the given folder."""
    text = content if isinstance(content, str) else json.dumps(content, separators=(",", ":"))
    path = folder / "hostile.json"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "-S", "-c", LIMITED, str(CHECKER), str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


ONE_LINE = re.compile(r"[^\n]*hostile\.json: [^\n]{10,200}\n")


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_rejected_soon(name: str, tmp_path: Path) -> None:
    done = rejection_within_limits(HOSTILE[name](), tmp_path)
    assert done.returncode in (1, 2, 5), (done.returncode, done.stderr[-2000:])
    assert ONE_LINE.fullmatch(done.stderr)
    assert done.stdout == ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
@pytest.mark.parametrize("name", SLOW_HOSTILE)
def test_large_hostile_files_are_rejected_soon(name: str, tmp_path: Path) -> None:
    done = rejection_within_limits(SLOW_HOSTILE[name](), tmp_path)
    assert done.returncode in (1, 2, 5), (done.returncode, done.stderr[-2000:])
    assert ONE_LINE.fullmatch(done.stderr)
    assert done.stdout == ""


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
def test_the_limits_hold_in_these_tests(tmp_path: Path) -> None:
    """What takes too long is ended: the assertions above are not empty."""
    endless = tmp_path / "endless.py"
    endless.write_text("while True: pass", encoding="utf-8")
    one_second = LIMITED.replace("(10, 10)", "(1, 1)")
    done = subprocess.run([sys.executable, "-I", "-S", "-c", one_second, str(endless)], check=False, timeout=60)
    assert done.returncode < 0
    greedy = tmp_path / "greedy.py"
    greedy.write_text("x = bytearray(1_100_000_000)", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LIMITED, str(greedy)], check=False, timeout=60, capture_output=True
    )
    assert b"MemoryError" in done.stderr


def test_long_powers_are_charged_for() -> None:
    """Products look at all parts of a monomial, which takes time in the square of its length."""

    def work(exponent: int) -> int:
        content = prove("motzkin", max_steps=0).to_json()
        problem = checker._Problem(content["problem"], checker.MAX_WORK, 1)
        before = problem.count[0]
        problem.square(f"1*x_0^{exponent}", None)
        return problem.count[0] - before

    assert work(1000) > 1000**2 / 16
    assert work(1000) > 3 * work(500)


@pytest.mark.parametrize("integer", [[], [0]])
def test_what_is_0_or_1_is_not_listed_as_an_integer_as_well(integer: list[int]) -> None:
    """Where x^2 is x, the step of the values of x^2 is 1, and a bound of 1 must not be rounded to 0."""
    problem = polynomial("x^2", sense="max", boolean="x")
    content = {**prove(problem, max_steps=0).to_json(), "version": 2, "rounded_from": "1", "bound": "0"}
    content["problem"] = {**content["problem"], "implied": [], "integer": integer}
    content["problem"]["objective"] = [["1", [0, 0]]]
    content |= {"lines": ["axiom 1"], "multipliers": [[0, "1"]]}
    with pytest.raises(checker.Rejected, match="integer: expected variables" if integer else "bound: expected"):
        checker.check(content)
    if not integer:
        assert checker.check({**content, "bound": "1"}) == 1
