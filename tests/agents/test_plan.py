from __future__ import annotations

import numpy as np

from agents import make_agent
from agents.plan import Plan, by_multiplier
from polyproof_gym import make_problem
from polyproof_gym.proofs import ProofState, Times


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
