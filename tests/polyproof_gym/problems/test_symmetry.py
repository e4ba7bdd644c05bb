"""Symmetries: what is one, that all are found, and that nothing else is."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import polyproof_gym
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.problems import Problem, make_problem
from polyproof_gym.problems.symmetry import can_be_found, cycles_of, orbit, permutation_of

igraph = pytest.importorskip("igraph", reason="symmetries are found by the extra 'symmetry'")


def group(problem: Problem) -> set[tuple[int, ...]]:
    """All products of the generators."""
    start = (*range(problem.num_variables),)
    found, pending = {start}, [start]
    while pending:
        known = pending.pop()
        for generator in problem.symmetries.generators:
            image = tuple(generator[i] for i in known)
            if image not in found:
                found.add(image)
                pending.append(image)
    return found


@pytest.mark.parametrize(
    ("spec", "order"),
    [
        ("cycle:n=7", 14),
        ("complete:n=5", 120),
        ("petersen", 120),
        ("kneser:n=6,k=2", 720),
        ("paley:q=17", 136),
        ("octahedral", 48),
        ("hamming:d=3,q=2", 48),
        ("frucht", 1),
        ("motzkin", 2),
        ("schwefel", 2),
        ("heart", 1),
    ],
)
def test_all_symmetries_are_found(spec: str, order: int) -> None:
    problem = make_problem(spec)
    assert len(group(problem)) == order == problem.symmetries.order <= problem.symmetries.order_at_most


def test_where_variables_occur_in_other_ways_there_is_nothing_to_look_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "igraph", None)
    assert not can_be_found()
    assert polyproof_gym.polynomial("x + 2*y + z^2", box="unit").symmetries.order_at_most == 1
    assert (
        polyproof_gym.polynomial("x + y + z", box={"x": (0, 1), "y": (0, 2), "z": (0, 1)}).symmetries.order_at_most == 2
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**10 - 1))
def test_symmetries_of_graphs_are_those_that_networkx_finds(edges: int) -> None:
    graph = nx.Graph()
    graph.add_nodes_from(range(5))
    graph.add_edges_from(pair for k, pair in enumerate(itertools.combinations(range(5), 2)) if edges >> k & 1)
    matcher = nx.isomorphism.GraphMatcher(graph, graph)
    expected = {tuple(mapping[i] for i in range(5)) for mapping in matcher.isomorphisms_iter()}
    assert group(polyproof_gym.stable_set(graph)) == expected


coefficients = st.lists(st.integers(-1, 1), min_size=10, max_size=10)


@settings(max_examples=60, deadline=None)
@given(coefficients, st.lists(coefficients, max_size=2), st.sampled_from([0, 1, 2]), st.sampled_from([[], ["b", "c"]]))
def test_symmetries_of_polynomials_are_all_permutations_that_change_nothing(
    objective: list[int], constraints: list[list[int]], wide: int, integer: list[str]
) -> None:
    names = "abc"
    monomials = ["1", *names, *(f"{x}*{y}" for x, y in itertools.combinations_with_replacement(names, 2))]

    def text(values: list[int]) -> str:
        return " + ".join(f"({value})*{monomial}" for value, monomial in zip(values, monomials, strict=True))

    problem = polyproof_gym.polynomial(
        text(objective),
        box={name: (0, 2 if i < wide else 3) for i, name in enumerate(names)},
        integer=integer,
        constraints=[f"{text(values)} >= -9" for values in constraints if any(values[1:])],
        variables=[*names],
    )

    def is_symmetry(order: tuple[int, ...]) -> bool:
        def moved(p: Polynomial) -> frozenset[tuple[tuple[int, ...], object]]:
            return frozenset((tuple(sorted(order[i] for i in m)), c) for m, c in p.terms.items())

        kinds = [(interval, i in problem.integer) for i, interval in enumerate(problem.box)]
        return (
            all(kinds[i] == kinds[image] for i, image in enumerate(order))
            and moved(problem.objective) == frozenset(problem.objective.terms.items())
            and {*map(moved, problem.axioms)} == {frozenset(axiom.terms.items()) for axiom in problem.axioms}
        )

    expected = {order for order in itertools.permutations(range(3)) if is_symmetry(order)}
    assert group(problem) == expected
    assert len(expected) == problem.symmetries.order <= problem.symmetries.order_at_most
    assert {order for order in itertools.permutations(range(3)) if order in problem.symmetries} == expected


@pytest.mark.parametrize("permutation", [(1, 0, 2), (0, 1), (0, 0, 2), (0, 1, 3), (-1, 0, 1), (0, 1, 2, 3)])
def test_what_is_no_permutation_is_no_symmetry(permutation: tuple[int, ...]) -> None:
    problem = polyproof_gym.polynomial("x + 2*y + z", box="unit")
    assert permutation not in problem.symmetries
    assert (2, 1, 0) in problem.symmetries


def test_the_objective_counts_for_a_problem_and_not_for_its_set() -> None:
    problem = polyproof_gym.polynomial("x + 2*y", box="unit")
    assert (1, 0) not in problem.symmetries
    assert (1, 0) in problem.without_objective.symmetries


def test_what_bliss_finds_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    found = igraph.Graph.automorphism_group

    def with_more(graph: Any, color: list[int]) -> list[list[int]]:
        points = graph.vcount()
        return [[1, 0, *range(2, points)], *found(graph, color=color), [*range(1, points), 0], [0] * points]

    expected = make_problem("cycle:n=7").symmetries.generators
    monkeypatch.setattr(igraph.Graph, "automorphism_group", with_more)
    assert make_problem("cycle:n=7").symmetries.generators == expected


def test_weights_are_part_of_the_problem() -> None:
    graph = nx.cycle_graph(6)
    graph.nodes[0]["weight"] = 2
    assert group(polyproof_gym.stable_set(graph)) == {(0, 1, 2, 3, 4, 5), (0, 5, 4, 3, 2, 1)}


def test_orbits_have_a_step_to_every_member() -> None:
    problem = make_problem("petersen")
    generators = problem.symmetries.generators
    members = orbit((2, 0, 2), generators)
    assert len(members) == 10 * 6  # a vertex, and one of six that are not adjacent to it
    seen: set[tuple[int, ...]] = {(0, 2, 2)}
    for member, step in [*members.items()][1:]:
        assert step is not None
        assert step.points in seen
        assert tuple(sorted(generators[step.generator][i] for i in step.points)) == member
        seen.add(member)
    assert seen == members.keys()


def test_without_generators_points_are_alone() -> None:
    assert orbit((1, 0), ()) == {(0, 1): None}


@given(st.permutations(range(8)))
def test_cycles_are_the_permutation(order: list[int]) -> None:
    permutation = tuple(order)
    cycles = cycles_of(permutation)
    assert permutation_of(cycles, 8) == permutation
    assert all(len(cycle) > 1 and cycle[0] == min(cycle) for cycle in cycles)


@pytest.mark.parametrize("cycles", [[(0, 0)], [(0, 1), (1, 2)], [(0, 3)], [(-1, 0)]])
def test_what_are_no_cycles_of_a_permutation(cycles: list[tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="at most once"):
        permutation_of(cycles, 3)


def test_a_copy_with_another_objective_has_symmetries_of_its_own() -> None:
    problem = make_problem("cycle:n=5")
    assert len(group(problem)) == 10
    lopsided = replace(problem, objective=problem.objective + Polynomial.variable(problem.ring, 0))
    assert len(group(lopsided)) == 2
