from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

import polyproof_gym
from agents import StepAgent, make_agent, prove
from agents.planning.plan import Plan, PlanningAgent, by_multiplier
from polyproof_gym import Problem, make_problem
from polyproof_gym.polynomials import Polynomial
from polyproof_gym.proofs import ProofState, Square, Times, TimesLine, VariableProducts
from tests.polyproof_gym.proofs.rules.test_reasoned_rule import SquaresOfDifferences


def proved(steps: int = 12) -> ProofState:
    """C5 = 2, by dual guidance."""
    state = ProofState(make_problem("cycle:n=5"), max_steps=steps)
    agent, rng = make_agent("dual-guided"), np.random.default_rng(0)
    while state.steps < steps and agent.advance(state, rng):
        pass
    return state


def test_a_plan_is_carried_out_from_the_start_and_from_anywhere() -> None:
    state = proved()
    given = len(state.problem.axioms)
    plan = Plan.of(state, by_multiplier(state, given))
    for detour in range(3):
        follower = ProofState(state.problem, max_steps=20)
        rng = np.random.default_rng(detour)
        for _ in range(detour):
            follower.apply(int(rng.choice(np.flatnonzero(follower.action_mask()))))
        while (action := next(plan.next_actions(follower), None)) is not None:
            follower.apply(action)
        assert follower.bound <= state.bound + 1e-9
        assert follower.steps <= sum(isinstance(reason, Times) for reason in plan.reasons) + detour


def test_next_actions_are_valid_and_derive_lines_of_the_plan() -> None:
    state = proved()
    plan = Plan.of(state, range(len(state.problem.axioms), len(state.memory)))
    follower = ProofState(state.problem, max_steps=20)
    rng = np.random.default_rng(0)
    while actions := list(plan.next_actions(follower)):
        assert len(set(actions)) == len(actions)
        for action in actions:
            assert follower.action_mask()[action]
            assert follower.conclusion(action) in plan.lines
        follower.apply(int(rng.choice(actions)))
    assert all(line in follower.memory for line in plan.lines)


def test_the_largest_multipliers_come_first() -> None:
    state = proved()
    given = len(state.problem.axioms)
    wanted = by_multiplier(state, given)
    values = state.solution.multipliers[wanted]
    assert (np.diff(values) <= 0).all()
    assert (values > 0).all()
    assert min(wanted) >= given


def squares_and_a_product() -> tuple[Plan, Problem]:
    """``(x - y)^2 + (y - z)^2 >= 0`` by two squares, with a product of two lines beside."""
    problem = polyproof_gym.polynomial("(x - y)^2 + (y - z)^2", box="unit", constraints=["x + y <= 3/2"])
    x, y, z = (Polynomial.variable(problem.ring, i) for i in range(3))
    state = ProofState(problem, max_steps=3)
    wanted = [state.derive(reason) for reason in (Square(x - y), Square(y - z), TimesLine(6, 0))]
    return Plan.of(state, wanted), problem


def test_a_plan_of_squares_offers_those_that_a_rule_numbers() -> None:
    plan, problem = squares_and_a_product()
    state = ProofState(problem, max_steps=3, rules=[VariableProducts(), SquaresOfDifferences()])
    actions = [*plan.next_actions(state)]
    assert [state.conclusion(action) for action in actions] == list(plan.lines[:2])
    for action in actions:
        state.apply(action)
    assert state.bound == pytest.approx(0, abs=1e-9)
    assert [*plan.next_actions(state)] == []
    assert [action for _, action in plan.missing(state)] == [None]


@pytest.mark.parametrize("steps", [0, 1, 2, 5])
def test_what_no_rule_numbers_is_derived_within_the_step_budget(steps: int) -> None:
    plan, problem = squares_and_a_product()
    state = ProofState(problem, max_steps=steps)
    assert [*plan.next_actions(state)] == []
    assert plan.derive(state) == state.steps == min(steps, 3)
    derived = [line for line in plan.lines if line in state.memory]
    assert len(derived) == 2 + min(steps, 3)  # with the axioms that the last line follows from


def test_an_agent_carries_out_a_plan_that_no_rule_numbers() -> None:
    plan, problem = squares_and_a_product()

    class Planned(PlanningAgent):
        name = "planned"

        def present_plan(self, state: ProofState) -> Plan | None:
            return plan

        def act(self, state: ProofState, rng: np.random.Generator) -> int | None:
            return next(plan.next_actions(state), None)

    proof = prove(problem, Planned(), target=0, max_steps=10)
    assert proof.status == "proved"
    assert proof.bound == 0
    proof.verify()
    state, agent, rng = ProofState(problem, max_steps=10), Planned(), np.random.default_rng(0)
    assert [agent.advance(state, rng) for _ in range(5)] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("name", "problem", "steps", "optimum"), [("planner", "cycle:n=7", 12, 3), ("branch", "petersen", 40, 4)]
)
def test_a_plan_is_made_by_actions_of_the_environment(name: str, problem: str, steps: int, optimum: int) -> None:
    env = gym.make("PolyProof-v0", problem=problem, max_steps=steps, target="incumbent")
    agent, rng = make_agent(name), np.random.default_rng(0)
    assert isinstance(agent, StepAgent)
    _, info = env.reset(seed=0)
    terminated = False
    while not terminated:
        action = agent.act(env.unwrapped.state, rng)  # type: ignore[attr-defined]
        assert action is not None
        assert info["action_mask"][action]
        _, _, terminated, truncated, info = env.step(action)
        assert not truncated
    assert info["bound"] == pytest.approx(optimum)
