from __future__ import annotations

from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest

import polyproof_gym
from polyproof_gym import Problem, ProofState
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.errors import BadInput
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Square, Times, TimesLine, certify
from polyproof_gym.proofs.rules import Squares, make_rules
from tests.flat import prove
from tests.polyproof_gym.envs.helpers import num_actions
from tests.polyproof_gym.proofs.rules.test_reasoned_rule import assert_follows_from_reasons


def half_disc() -> Problem:
    """The largest ``x * y`` on the unit disc is 1/2, which needs squares."""
    return polyproof_gym.polynomial(
        "x*y", box=[(0, 1), (0, 1)], sense="max", constraints=["x^2 + y^2 <= 1"], variables=["x", "y"]
    )


@pytest.mark.parametrize(("spec", "optimum", "steps"), [("magnetism", -0.25, 60), ("motzkin", 0.0, 60)])
@pytest.mark.parametrize("agent", ["dual-guided", "greedy"])
@pytest.mark.parametrize("rules", ["squares", "products,squares", "squares,products"])
def test_squares_prove_what_products_do_not(spec: str, optimum: float, steps: int, agent: str, rules: str) -> None:
    proof = prove(spec, agent, max_steps=steps, rules=rules)
    proof.verify()
    assert optimum - 1e-3 <= proof.bound <= optimum
    assert any(isinstance(reason, Square) for reason in proof.reasons)
    assert prove(spec, agent, max_steps=steps).bound < optimum - 1


def cut(graph: nx.Graph) -> Problem:
    """The largest number of edges between a set of nodes and the others."""
    text = " + ".join(f"x{i} + x{j} - 2*x{i}*x{j}" for i, j in graph.edges)
    return polyproof_gym.polynomial(text, boolean=[f"x{i}" for i in graph], sense="max")


@pytest.mark.parametrize(
    ("problem", "optimum"),
    [
        (cut(nx.cycle_graph(5)), 4),
        (cut(nx.complete_graph(5)), 6),
        (cut(nx.petersen_graph()), 12),
        (make_problem("icosahedral"), 3),
    ],
)
def test_few_squares_are_enough_where_the_bound_is_rounded(problem: Problem, optimum: int) -> None:
    proof = prove(problem, rules=["squares"], rounded=True)
    proof.verify()
    assert proof.bound == optimum
    assert any(isinstance(reason, Square) for reason in proof.reasons)
    assert proof.num_derivations <= 20


def test_products_go_on_where_they_keep_pace() -> None:
    proof = prove("rd", "dual-guided", max_steps=60, rules="products,squares")
    assert proof.status == "optimal"
    assert not any(isinstance(reason, Square) for reason in proof.reasons)


def test_a_constraint_is_multiplied_by_squares() -> None:
    proof = prove(half_disc(), max_steps=20, rules=["products", "squares", "constraints"])
    proof.verify()
    assert Fraction(1, 2) <= proof.bound <= Fraction(1, 2) + Fraction(1, 10**6)


def test_the_name_makes_the_rule_again() -> None:
    for rule in (Squares(), Squares(7)):
        (again,) = make_rules(rule.name)
        assert isinstance(again, Squares)
        assert (again.slots, again.name) == (rule.slots, rule.name)
    with pytest.raises(BadInput, match="from 1 to 4096 as slots"):
        make_rules("squares:slots=0")


@pytest.mark.parametrize("problem", ["motzkin", "cycle:n=5", "caprasse", half_disc()])
def test_what_is_said_of_slots_is_what_multiplying_out_gives(problem: str | Problem) -> None:
    state = ProofState(make_problem(problem), max_steps=15, rules=["squares:slots=12", "products"])
    rng = np.random.default_rng(0)
    for _ in range(15):
        slots = [k for k in range(12) if state.action_mask()[k]]
        for slot in slots:
            assert isinstance(state.reason(slot), Square | Times | TimesLine)
            assert state.conclusion(slot) not in state.memory
        distinct = [k for k in slots if state.find_action(state.reason(k)) == k]
        assert_follows_from_reasons(state, distinct, rng)
        valid = np.flatnonzero(state.action_mask())
        state.apply(int(rng.choice(slots or valid)))
    certify(state).verify()


def test_slots_first_hold_products_that_lead_to_localisers() -> None:
    state = ProofState(make_problem("motzkin"), max_steps=60, rules=["squares"])
    first = [state.reason(k) for k in np.flatnonzero(state.action_mask()).tolist()]
    assert any(isinstance(reason, Times) for reason in first)
    reached = False
    for _ in range(20):
        valid = np.flatnonzero(state.action_mask()).tolist()
        slot = next((k for k in valid if isinstance(state.reason(k), Times)), None)
        if slot is None:
            break
        number = state.apply(slot)
        now = [state.reason(k) for k in np.flatnonzero(state.action_mask()).tolist()]
        reached = reached or any(isinstance(reason, Square) and reason.parent == number for reason in now)
    assert reached


def test_valid_slots_are_the_valid_actions_of_the_rule() -> None:
    state = ProofState(make_problem("motzkin"), max_steps=9, rules="products,squares:slots=5,constraints")
    first = ProofState(make_problem("motzkin"), max_steps=9).num_actions
    slots = state.valid_slots().tolist()
    assert slots == [first + k for k in range(5) if state.action_mask()[first + k]] != []
    assert not len(ProofState(make_problem("motzkin"), max_steps=9).valid_slots())


def test_without_room_for_its_degree_there_is_nothing_to_propose() -> None:
    problem = polyproof_gym.polynomial("x^3 - x*y", box="unit")
    state = ProofState(problem, max_steps=5, limits=polyproof_gym.proofs.Limits(3, 64), rules=["squares"])
    assert not state.action_mask().any()


# In the environment --------------------------------------------------------------------------------------------------


def make(**arguments: Any) -> PolyProofEnv:
    return PolyProofEnv("motzkin", max_steps=8, rules=["products", "squares:slots=10", "constraints"], **arguments)


def test_observations_tell_what_the_slots_derive() -> None:
    env = make()
    observation, info = env.reset(seed=0)
    first = num_actions(env) - 10
    for _ in range(6):
        assert observation in env.observation_space
        variables = observation["slot_variables"].reshape(10, -1, env._limits.max_degree)
        coefficients = observation["slot_coefficients"].reshape(10, -1)
        for slot in range(10):
            if not info["action_mask"][first + slot]:
                assert not coefficients[slot].any()
                assert (variables[slot] == env.num_variables).all()
                continue
            terms = env.state.conclusion(first + slot).terms
            size = max(abs(Fraction(c)) for c in terms.values())
            seen = {
                tuple(row[row < env.num_variables].tolist()): float(value)
                for row, value in zip(variables[slot], coefficients[slot], strict=True)
                if value
            }
            assert seen == pytest.approx({monomial: float(c / size) for monomial, c in terms.items()})
        slots = np.flatnonzero(info["action_mask"][first:]) + first
        observation, _, _, _, info = env.step(int(slots[0]))


def test_without_oracles_observations_have_no_slots() -> None:
    space = PolyProofEnv("motzkin", rules=["products", "constraints"]).observation_space
    assert not {"slot_variables", "slot_coefficients"} & {*space.spaces}  # type: ignore[attr-defined]
