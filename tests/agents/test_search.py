from __future__ import annotations

from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest

import polyproof_gym
from agents import Search, make_agent
from polyproof_gym import BadInput, ProofState
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Limits, VariableProducts
from tests.flat import prove
from tests.polyproof_gym.envs.helpers import without_incumbent


def test_by_spec_and_by_object() -> None:
    by_spec = prove("cycle:n=5", agent="dual-guided")
    by_object = prove(make_problem("cycle:n=5"), agent=make_agent("dual-guided"))
    assert by_spec.reasons == by_object.reasons
    assert by_spec.multipliers == by_object.multipliers
    assert by_spec.bound == by_object.bound == 2


def test_rules_are_given_by_name_or_as_they_are() -> None:
    for rules in (None, "products", ["products"], [VariableProducts()]):
        proof = prove("cycle:n=5", rules=rules)
        assert proof.bound == 2
        assert proof.search is not None
        assert proof.search.rules == ("products",)
    with pytest.raises(BadInput, match="unknown rule 'cuts'"):
        prove("cycle:n=5", rules=["cuts"])


@pytest.mark.parametrize("target", [Fraction(5, 2), 2.5, "5/2", "2.5"])
def test_targets_of_every_kind_are_exact(target: Any) -> None:
    proof = prove("cycle:n=5", target=target, max_steps=60)
    assert proof.target == Fraction(5, 2)
    assert isinstance(proof.target, Fraction)
    assert proof.status == "proved"
    assert proof.bound <= Fraction(5, 2)
    assert proof.search is not None
    assert proof.search.steps < 60


def test_a_whole_target() -> None:
    proof = prove("cycle:n=5", target=3)
    assert proof.target == 3
    assert proof.status == "proved"


def test_decimal_targets_mean_what_is_written() -> None:
    assert prove("cycle:n=5", target=0.1, max_steps=0).target == Fraction(1, 10)
    assert prove("cycle:n=5", target="0.1", max_steps=0).target == Fraction(1, 10)


def test_a_target_that_is_out_of_reach_is_undecided() -> None:
    proof = prove(without_incumbent(make_problem("cycle:n=5")), target="1999/1000", max_steps=30)
    assert proof.status == "undecided"
    assert proof.bound >= 2
    assert proof.search is not None
    assert proof.search.steps == 30


def test_a_target_reached_from_the_start_takes_no_steps() -> None:
    proof = prove("cycle:n=5", target=5)
    assert proof.status == "proved"
    assert proof.search is not None
    assert proof.search.steps == 0
    assert proof.num_derivations == 0


def test_a_target_for_a_lower_bound() -> None:
    proof = prove("lv", target=-22, max_steps=400)
    assert proof.status == "proved"
    assert -22 <= proof.bound <= Fraction(-104, 5)


def test_without_a_target_it_stops_when_the_incumbent_is_met() -> None:
    proof = prove("cycle:n=5", max_steps=200)
    assert proof.status == "optimal"
    assert proof.gap == 0
    assert proof.search is not None
    assert proof.search.steps < 200


def test_with_a_target_it_does_not_stop_before() -> None:
    short = prove("complete:n=5", target=3, max_steps=50).search
    full = prove("complete:n=5", max_steps=50).search
    assert short is not None
    assert full is not None
    assert short.steps < full.steps


def test_without_target_and_incumbent_it_goes_on() -> None:
    proof = prove(without_incumbent(make_problem("cycle:n=5")), max_steps=40)
    assert proof.bound == 2
    assert proof.search is not None
    assert proof.search.steps == 40


@pytest.mark.parametrize("agent", ["dual-guided", "random", "bfs"])
@pytest.mark.parametrize("steps", [0, 1, 7])
def test_the_budget_of_steps_is_kept(agent: str, steps: int) -> None:
    proof = prove("petersen", agent=agent, max_steps=steps)
    assert proof.search is not None
    assert proof.search.steps == steps
    assert proof.search.inequalities == 20 + steps
    assert proof.num_derivations <= steps
    assert len(proof.search.bounds) == steps + 1


def test_the_record_of_the_search() -> None:
    proof = prove("petersen", agent="random", max_steps=12, seed=5)
    record = proof.search
    assert record is not None
    assert (record.agent, record.seed, record.steps) == ("random", 5, 12)
    assert record.lp_columns == record.inequalities == 32
    assert record.lp_rows >= 11
    assert record.seconds >= 0
    assert record.bounds[0] == pytest.approx(10.0)
    assert list(record.bounds) == sorted(record.bounds, reverse=True)
    assert float(proof.bound) == pytest.approx(record.bounds[-1], abs=1e-6)


def test_every_step_is_reported() -> None:
    seen: list[int] = []

    def on_step(state: ProofState) -> None:
        seen.append(state.steps)

    prove("petersen", max_steps=9, on_step=on_step)
    assert seen == list(range(1, 10))


def test_false_ends_the_search_and_nothing_else_does() -> None:
    def stop_at_four(state: ProofState) -> bool:
        return state.steps < 4

    proof = prove("petersen", max_steps=50, on_step=stop_at_four)
    assert proof.search is not None
    assert proof.search.steps == 4
    proof.verify()

    def falsy(state: ProofState) -> bool | None:
        return None

    proof = prove("petersen", max_steps=6, on_step=falsy)
    assert proof.search is not None
    assert proof.search.steps == 6


def test_seeds() -> None:
    one, again, other = (prove("random-stable-set:n=12", agent="random", max_steps=30, seed=s) for s in (1, 1, 2))
    assert one.search is not None
    assert again.search is not None
    assert other.search is not None
    assert one.search.bounds == again.search.bounds
    assert one.reasons == again.reasons
    assert one.multipliers == again.multipliers
    assert one.search.bounds != other.search.bounds


def test_limits_are_kept() -> None:
    search = Search("caprasse", "random", max_steps=60, max_degree=4, max_terms=6)
    search.run()
    assert search.state.limits == Limits(4, 6)
    memory = search.state.memory
    assert max(memory[j].degree for j in range(len(memory))) == 4
    assert max(len(memory[j]) for j in range(len(memory))) <= 6


def test_a_search_can_be_looked_at_before_and_after() -> None:
    search = Search("cycle:n=5", "dual-guided", max_steps=30)
    assert search.bounds == [pytest.approx(5.0)]
    assert search.proof().bound == 5
    proof = search.run()
    assert proof == search.proof()
    assert search.state.steps == len(search.bounds) - 1


def test_an_agent_with_nothing_more_to_derive_ends_the_search() -> None:
    proof = prove("cycle:n=7", agent="clique-cover", max_steps=100)
    assert proof.bound == 4
    assert proof.search is not None
    assert proof.search.steps == 3


def test_an_error_inside_an_agent_is_not_swallowed() -> None:
    class Broken:
        name = "broken"

        def require(self, problem: polyproof_gym.Problem) -> None: ...

        def advance(self, state: ProofState, rng: np.random.Generator) -> int:
            raise RuntimeError("out of ideas")

    with pytest.raises(RuntimeError, match="out of ideas"):
        prove("petersen", agent=Broken())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"problem": "petersn"}, "petersen"),
        ({"agent": "dual-guide"}, "dual-guided"),
        ({"max_steps": -1}, "at least 0"),
        ({"target": "two"}, "target"),
        ({"target": "1/0"}, "target"),
        ({"target": float("nan")}, "target"),
        ({"target": float("inf")}, "target"),
        ({"target": "1e400"}, "target"),
        ({"target": "1e999999999"}, "target"),
        ({"target": []}, "target"),
        ({"max_degree": 0}, "limits"),
        ({"max_terms": 1}, "limits"),
        ({"max_steps": 10**9}, "at most"),
        ({"agent": "static-sherali-adams:level=12"}, "at most"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        prove(**{"problem": "petersen", **arguments})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("level", [2, 3])
def test_relabelling_the_vertices_changes_no_static_bound(level: int) -> None:
    rng = np.random.default_rng(0)
    for seed in range(4):
        graph = nx.gnp_random_graph(8, 0.5, seed=seed)
        names = rng.permutation(8).tolist()
        shuffled = nx.Graph()
        shuffled.add_nodes_from(sorted(names, key=lambda v: (v * 5) % 8))
        shuffled.add_edges_from((names[u], names[v]) for u, v in graph.edges)
        agent = f"static-sherali-adams:level={level}"
        one, other = (prove(polyproof_gym.stable_set(g), agent=agent) for g in (graph, shuffled))
        assert one.bound == other.bound
        assert one.search is not None
        assert other.search is not None
        assert one.search.inequalities == other.search.inequalities


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("1e400*x*y - x", None),
        ("x*y", [("-1e400", "1e400"), (0, 1)]),
    ],
)
def test_numbers_beyond_the_range_of_floats_are_bad_input(text: str, box: Any) -> None:
    with pytest.raises(BadInput):
        prove(polyproof_gym.polynomial(text, box=box), max_steps=3)


# Whole numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("spec", "bound"), [("cycle:n=5", 2), ("cycle:n=9", 4), ("cycle:n=13", 6), ("wheel:n=6", 2)])
def test_rounding_ends_the_search_earlier(spec: str, bound: int) -> None:
    plain, rounded = prove(spec, max_steps=60), prove(spec, max_steps=60, rounded=True)
    assert plain.search is not None
    assert rounded.search is not None
    rounded.verify()
    assert rounded.bound == bound
    assert rounded.gap == 0
    assert bound < rounded.combination_bound < bound + 1
    assert rounded.search.steps < plain.search.steps


@pytest.mark.parametrize(("target", "status"), [(3, "proved"), ("5/2", "proved"), (2, "proved"), (1, "refuted")])
def test_targets_with_rounding(target: Any, status: str) -> None:
    proof = prove("cycle:n=5", target=target, rounded=True, max_steps=30)
    assert proof.status == status


def test_rounding_a_lower_bound() -> None:
    problem = polyproof_gym.polynomial("x1*x2 + x2*x3 + x1*x3 - x1 - x2 - x3", boolean=["x1", "x2", "x3"])
    proof = prove(problem, rounded=True, max_steps=20)
    proof.verify()
    assert proof.bound == -1
    assert proof.combination_bound <= -1


@pytest.mark.parametrize(
    ("weights", "step"), [([1, 1, "1/2", 1, 1], "1/2"), ([3, 6, 9, 3, 3], "3"), ([1, 1, "0.3", 1, 1], "1/10")]
)
def test_bounds_are_rounded_to_values_that_the_objective_may_have(weights: list[Any], step: str) -> None:
    graph = nx.cycle_graph(5)
    nx.set_node_attributes(graph, dict(enumerate(weights)), "weight")
    problem = polyproof_gym.stable_set(graph)
    proof = prove(problem, rounded=True, max_steps=4)
    proof.verify()
    assert (proof.bound / Fraction(step)).denominator == 1
    assert 0 <= proof.combination_bound - proof.bound < Fraction(step)


def test_a_bound_on_an_integer_program_is_rounded() -> None:
    problem = polyproof_gym.polynomial(
        "6*a + 4*b", box=[(0, 9), (0, 9)], integer=["a", "b"], constraints=["4*a + 3*b <= 11"], sense="max"
    )
    proof = prove(problem, rounded=True, max_steps=20)
    proof.verify()
    assert proof.combination_bound > 16
    assert proof.bound == 16
    assert proof.gap == 0


@pytest.mark.parametrize("spec", ["rd", "caprasse", "random-polynomial:n=2,degree=2,terms=4,index=1"])
def test_values_between_0_and_1_cannot_be_rounded(spec: str) -> None:
    with pytest.raises(BadInput, match="Boolean variables"):
        prove(spec, rounded=True)
