"""Proofs of all kinds, as the exports have to write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import combinations
from string import ascii_lowercase

import networkx as nx

import polyproof_gym
from polyproof_gym import Proof
from polyproof_gym.polynomials import Polynomial, Ring, parse_polynomial
from polyproof_gym.problems import Problem, make_problem
from polyproof_gym.problems.cases import Split
from polyproof_gym.problems.problem import unit_substitution
from polyproof_gym.proofs import (
    Axiom,
    Branching,
    Clique,
    Gap,
    Leaf,
    ProofState,
    ProofTree,
    Reason,
    Renamed,
    Square,
    Times,
    TimesLine,
    certify,
)
from polyproof_gym.proofs.tree import halves, whole_case
from tests.flat import prove
from tests.polyproof_gym.proofs.trees import paired, tree

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


# Of version 2 of the proof file


def root(problem: Problem, text: str) -> Polynomial:
    """A polynomial in the problem's own variables, in unit coordinates and up to a positive factor."""
    own = parse_polynomial(text, Ring(problem.variables, problem.ring.idempotent, problem.ring.exclusive))
    return own.substitute(unit_substitution(problem.ring, problem.box)).primitive()


def _combined(problem: Problem, *reasons: Reason) -> Proof:
    """The best proof from some reasons; parents are numbers of axioms, and then of the reasons in their order."""
    state = ProofState(problem, max_steps=len(reasons), rules=())
    for reason in reasons:
        state.derive(reason)
    return certify(state)


def _parabola() -> Proof:
    """``x^2 >= 0`` on [-1, 1], which no product of bounds proves."""
    problem = polyproof_gym.polynomial("x^2", box={"x": (-1, 1)})
    return _combined(problem, Square(root(problem, "x")))


def _motzkin() -> Proof:
    """Motzkin's polynomial, which is no sum of squares, from squares times ``x >= -2``, ``x <= 2``, and both."""
    problem = make_problem("motzkin")
    both = [Square(root(problem, text), k) for text in ("x^2 + y^2 - 2", "x^2*y^2 - 1") for k in (0, 1)]
    inside = [Square(root(problem, "x*y^2 - x"), 4), Square(root(problem, "x^2*y - y"), 5)]
    return _combined(problem, Times(0, 0, complement=True), Times(2, 1, complement=True), *both, *inside)


def _cross_polytope() -> Proof:
    """At most 1, from products of constraints."""
    corners = ["x + y <= 1", "x - y <= 1", "y - x <= 1", "-x - y <= 1"]
    problem = polyproof_gym.polynomial("x^2 + y^2", box=[(-1, 1)] * 2, constraints=corners, sense="max")
    return _combined(problem, *(TimesLine(i, j) for i in range(4, 8) for j in range(4, i + 1)))


def _max_cut() -> Proof:
    """At most 25/4, rounded to 6, of the ten edges of a complete graph."""
    edges = " + ".join(f"x{i} + x{j} - 2*x{i}*x{j}" for j in range(5) for i in range(j))
    problem = polyproof_gym.polynomial(edges, boolean=[f"x{i}" for i in range(5)], sense="max")
    return _combined(problem, Square(root(problem, "2*x0 + 2*x1 + 2*x2 + 2*x3 + 2*x4 - 5"))).rounding()


def _exclusive() -> Proof:
    """The pentagon, at most 5/2, rounded to 2, from squares times ``x <= 1``; products of neighbours are 0."""
    problem = make_problem("cycle:n=5")
    roots = [root(problem, f"x{i} + x{(i + 1) % 5} - 1") for i in range(5)]
    return _combined(problem, *(Square(q, k) for q in roots for k in (1, 3, 5, 7, 9))).rounding()


def _moved() -> Proof:
    """A square times a bound, on boxes that have moved, plus a power of another bound."""
    problem = polyproof_gym.polynomial("(x - 2*y)^2*(3 - x) + 5*(7/2 - y)^5", box={"x": (0, 3), "y": (-1, "7/2")})
    powers = [Times(parent, 1, complement=True) for parent in (3, 4, 5, 6)]
    return _combined(problem, *powers, Square(root(problem, "x - 2*y"), 1))


def _implied() -> Proof:
    """Both ends of y and one of x are implied by constraints, of which one is used again."""
    problem = polyproof_gym.polynomial(
        "x*y - y^2/3",
        box={"x": (0, None)},
        constraints=["x + 2*y <= 3", "x - y <= 1", "y >= x/2 - 1/5"],
        sense="max",
    )
    products = [TimesLine(i, j) for i in range(6) for j in range(i + 1)]
    return _combined(problem, *products, Square(root(problem, "3*x - 5*y")), Square(root(problem, "2*x - 3*y"), 4))


def _contradictory() -> Proof:
    """Constraints that contradict each other, and so imply every bound."""
    problem = polyproof_gym.polynomial("x + y", box={"y": (None, 7)}, constraints=["4*x >= 3", "4*x <= 1", "y <= x"])
    return prove(problem, max_steps=5)


def _integer() -> Proof:
    """At least 9, where the relaxation allows about 5: two variables are whole numbers."""
    problem = polyproof_gym.polynomial(
        "(a - 9)^2 + (b - 3)^2",
        box={"a": (0, 100), "b": (0, 100)},
        integer=["a", "b"],
        constraints=["a^2 <= 12*b", "a + 3*b <= 15"],
    )
    return _combined(problem, Gap.of(problem, 0, 6), Gap.of(problem, 1, 3))


def _whole_ends() -> Proof:
    """At most 483/22, rounded to 21; the constraint implies a <= 15/2 and b <= 13/2, and so 7 and 6."""
    problem = polyproof_gym.polynomial(
        "3*a + 2*b",
        box={"a": ("1/2", None), "b": (0, None)},
        integer=["a", "b"],
        constraints=["2*a + 2*b <= 15"],
        sense="max",
    )
    products = Times(4, 1, complement=False), Times(3, 0, complement=True)
    return _combined(problem, *products, Gap.of(problem, 1, 0), Times(7, 0, complement=False)).rounding()


def _common_step() -> Proof:
    """A bound rounded to 1/5 and a multiple of 2/3, from multipliers that are all too small."""
    problem = polyproof_gym.polynomial(
        "2*a*b/3 - 4*a*c + 1/5", box={"a": (-3, 2), "b": (1, 3), "t": (0, 1)}, integer=["a", "b"], boolean=["c"]
    )
    proof = prove(problem, max_steps=10)
    return replace(
        proof, multipliers={j: value * Fraction(99, 100) for j, value in proof.multipliers.items()}
    ).rounding()


def _rotated() -> Proof:
    """Half of every edge of a pentagon, each edge the one before rotated, and the bound rounded to 2."""
    problem = make_problem("cycle:n=5")
    edge = Axiom(1, problem.axioms[1]), Times(0, 1, complement=True)
    rotated = (Renamed(line, (1, 2, 3, 4, 0)) for line in range(1, 5))
    return Proof(problem, (*edge, *rotated), dict.fromkeys(range(1, 6), Fraction(1, 2))).rounding()


def _permuted() -> Proof:
    """Lines of all kinds, of three whole numbers of which none is special, and a combination with a remainder."""
    problem = polyproof_gym.polynomial(
        "x^2 + y^2 + z^2 - x*y - y*z - z*x",
        box={"x": (-1, 3), "y": (-1, 3), "z": (-1, 3)},
        integer=["x", "y", "z"],
        constraints=["x + y + z >= 1", "x*y*z <= 8", "x^2 <= 3 + y", "y^2 <= 3 + z", "z^2 <= 3 + x"],
    )
    order, back = (1, 2, 0), (2, 0, 1)
    constraint, special = problem.constraints[0], problem.constraints[2]
    reasons = (
        Axiom(constraint, problem.axioms[constraint]),
        Axiom(special, problem.axioms[special]),
        Renamed(1, order),
        Square(root(problem, "x - y")),
        Renamed(3, order),
        Renamed(4, order),
        Times(2, 0, complement=True),
        Renamed(6, back),
        Gap.of(problem, 0, 1),
        TimesLine(8, 0),
        Renamed(9, back),
        Square(root(problem, "x - 2"), 10),
        Renamed(11, order),
    )
    shares = dict.fromkeys((7, 10, 12), Fraction(1, 1000))
    return Proof(problem, reasons, {**dict.fromkeys((3, 4, 5), Fraction(8)), **shares})


def _cliques() -> Proof:
    """At most 5/2, rounded to 2, in a wheel, from its triangles; and a clique with a single member."""
    problem = make_problem("wheel:n=6")
    exclusive = problem.ring.exclusive
    cliques = [c for c in combinations(range(6), 3) if all(pair in exclusive for pair in combinations(c, 2))]
    return Proof(problem, (Clique((0,)), *map(Clique, cliques)), {k: Fraction(1, 2) for k in range(1, 6)}).rounding()


VERSION_2: dict[str, Callable[[], Proof]] = {
    "parabola": _parabola,
    "motzkin": _motzkin,
    "cross_polytope": _cross_polytope,
    "max_cut": _max_cut,
    "exclusive": _exclusive,
    "moved": _moved,
    "implied": _implied,
    "contradictory": _contradictory,
    "integer": _integer,
    "whole_ends": _whole_ends,
    "common_step": _common_step,
    "rotated": _rotated,
    "permuted": _permuted,
    "cliques": _cliques,
}

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
    **VERSION_2,
}


# By cases


def _two_pentagons() -> ProofTree:
    """At most 9/2 wherever a vertex is chosen or not, rounded to 4; the neighbours of a chosen one are 0."""
    problem = polyproof_gym.stable_set(nx.disjoint_union(nx.cycle_graph(5), nx.cycle_graph(5)))
    return tree(problem, 1, paired).rounding()


def _empty() -> ProofTree:
    """Both halves of an interval have no point: ``1/2 <= |x| <= 1/2`` but for a constraint."""
    between = ["x^2 >= 1/2", "x <= 1/2", "x >= -1/2"]
    return tree(polyproof_gym.polynomial("x + y", box={"x": (-1, 1), "y": (0, 1)}, constraints=between), 1, paired)


def _fixed() -> ProofTree:
    """Lines that multiply by the unit coordinates of fixed variables, and one that states their end."""
    problem = make_problem("cycle:n=5")
    case = halves(whole_case(problem), Split(0, 0))[1]
    axioms = case.problem.axioms
    reasons: tuple[Reason, ...] = (
        Axiom(5, axioms[5]),
        Times(0, 0, complement=True),
        Times(1, 1, complement=False),
        Times(1, 3, complement=True),
        Axiom(0, axioms[0]),
        Square(Polynomial.variable(case.problem.ring, 4) - Polynomial.variable(case.problem.ring, 2), 3),
        Clique((0, 1)),
    )
    above = Proof(case.problem, reasons, {3: 1, 2: Fraction(1, 2), 4: Fraction(1, 3), 6: 1})
    below = tree(problem, 1, paired).root
    assert isinstance(below, Branching)
    return ProofTree(problem, Branching(Split(0, 0), below.below, Leaf.of(above, case.axioms)), above.combination_bound)


def _squares() -> ProofTree:
    """Squares, and squares times bounds, on intervals that have been split."""
    problem = polyproof_gym.polynomial("x^4 - 2*x^2 + x*y^2/2", box={"x": (-2, 2), "y": (-1, "1/3")})

    def prove_leaf(case: Problem) -> Proof:
        roots = [root(case, text) for text in ("x^2 - 1", "x", "y", "x*y", "x + 1")]
        return _combined(case, *(Square(q, k) for q in roots for k in (None, 0, 1)))

    return tree(problem, 2, prove_leaf)


def _names() -> ProofTree:
    names = dict(enumerate(["_a", "ü1", "五", "x_1", "λ"]))
    return tree(polyproof_gym.stable_set(nx.relabel_nodes(nx.cycle_graph(5), names), name=HOSTILE), 2)


def _constrained_cases() -> ProofTree:
    problem = polyproof_gym.polynomial(
        "x^3*y/2 - x^2 + x*y", box={"x": (-1, 2), "y": (0, 3)}, constraints=["x + y <= 1", "x*y >= -1/2"]
    )
    return tree(problem, 3, paired)


def _maximum() -> ProofTree:
    box = {"alpha_1": (0, 1), "x": (-1, 2), "y": (0, "1/3")}
    return tree(polyproof_gym.polynomial("x*y - x^2 + alpha_1*y", box=box, sense="max"), 2, paired)


def _mixed_cases() -> ProofTree:
    problem = polyproof_gym.polynomial(
        "b*x^2 - 3*b*c*x + c*x", box={"x": (-2, "1/3")}, boolean=["b", "c"], constraints=["b + c <= 3/2"], sense="max"
    )
    return tree(problem, 3, paired)


def _implied_cases() -> ProofTree:
    constraints = ["x + 2*y <= 3", "x - y <= 1", "y >= x/2 - 1/5"]
    problem = polyproof_gym.polynomial("x*y - y^2/3", box={"x": (0, None)}, constraints=constraints, sense="max")
    return tree(problem, 2, paired)


def _integer_cases() -> ProofTree:
    """At least 9: both variables are whole numbers, some of them of a single value in the end, where gaps are used."""
    problem = _integer().problem

    def prove_leaf(case: Problem) -> Proof:
        gaps = [Gap.of(case, i, k) for i, (low, high) in case.integer_intervals.items() for k in range(low, high)[:9]]
        count = len(case.axioms)
        return _combined(
            case, *gaps, *(TimesLine(k, k) for k in range(4, count)), *(TimesLine(0, k) for k in range(4, count))
        )

    case = whole_case(problem)
    below, above = halves(case, Split(0, 6))
    one, rest = halves(below, Split(1, 2))
    two, three = halves(rest, Split(1, 3))
    ends = [*halves(above, Split(0, 7))]
    leaves = {k: prove_leaf(found.problem) for k, found in enumerate([one, two, three, *ends])}
    nodes = [Leaf.of(leaves[k], found.axioms) for k, found in enumerate([one, two, three, *ends])]
    tree_below = Branching(Split(1, 2), nodes[0], Branching(Split(1, 3), nodes[1], nodes[2]))
    root = Branching(Split(0, 6), tree_below, Branching(Split(0, 7), nodes[3], nodes[4]))
    return ProofTree(problem, root, min(leaf.combination_bound for leaf in leaves.values()))


def _single() -> ProofTree:
    """A tree that is a single leaf."""
    return tree(make_problem("cycle:n=5"), 0, paired).rounding()


TREES: dict[str, Callable[[], ProofTree]] = {
    "constrained_cases": _constrained_cases,
    "maximum_cases": _maximum,
    "mixed_cases": _mixed_cases,
    "two_pentagons": _two_pentagons,
    "petersen_cases": lambda: tree(make_problem("petersen"), 3).rounding(),
    "empty_cases": _empty,
    "fixed_cases": _fixed,
    "squares_cases": _squares,
    "names_cases": _names,
    "implied_cases": _implied_cases,
    "one_empty_case": lambda: tree(
        polyproof_gym.polynomial("x^2 - x", box=[(-1, 1)], constraints=["x >= 1/4"]), 2, paired
    ),
    "integer_cases": _integer_cases,
    "single_case": _single,
}

WITHOUT_FILE = {"hostile_names"}
"""Examples with variables that are no identifiers, which no proof file may have; so the checker does not take them."""


@cache
def by_cases(name: str) -> ProofTree:
    """The example of a proof by cases, which is valid."""
    proof = TREES[name]()
    proof.verify()
    return proof


@cache
def example(name: str) -> Proof:
    """The example, as a valid proof where it has a file."""
    proof = MAKERS[name]()
    if name not in WITHOUT_FILE:
        proof.verify()
    return proof


def any_example(name: str) -> Proof | ProofTree:
    """An example of either kind."""
    return by_cases(name) if name in TREES else example(name)
