from __future__ import annotations

import numpy as np
import pytest

from agents.imitation import Teacher
from agents.neighbourhood_search import NeighbourhoodSearchAgent
from polyproof_gym import ProofState, make_problem

SPEC = "random-stable-set:n=10,index=1"


def taught(trust: float, seed: int = 0) -> tuple[Teacher, ProofState, np.random.Generator]:
    rng = np.random.default_rng(seed)
    state = ProofState(make_problem(SPEC), max_steps=20)
    return Teacher(state, 14, 5, trust, rng), state, rng


def forbidden() -> int:
    raise AssertionError("the student was asked")


def test_good_actions_are_valid_and_each_is_a_step_of_the_plan() -> None:
    teacher, state, _ = taught(trust=0.0)
    seen = 0
    while len(good := teacher.good_actions(state)):
        mask = state.action_mask()
        assert mask[good].all()
        assert len(set(good.tolist())) == len(good)
        # Whichever is taken, the others are still to be done.
        state.apply(int(good[-1]))
        assert set(good[:-1].tolist()) <= set(teacher.good_actions(state).tolist())
        seen += 1
    assert 1 <= seen <= 14


def test_carrying_the_plan_out_proves_what_the_search_found() -> None:
    teacher, state, _ = taught(trust=0.0)
    while len(good := teacher.good_actions(state)):
        state.apply(teacher.action(good, forbidden))
    searched = ProofState(make_problem(SPEC), max_steps=14)
    agent, rng = NeighbourhoodSearchAgent(rounds=5), np.random.default_rng(0)
    while searched.steps_left and agent.advance(searched, rng):
        pass
    assert state.bound == pytest.approx(searched.bound)
    assert teacher.tried == teacher.hits == 0


def test_what_a_student_derives_in_between_spoils_nothing() -> None:
    bounds = []
    for detours in (0, 1):
        teacher, _, rng = taught(trust=0.0)
        state = ProofState(make_problem(SPEC), max_steps=40)
        while len(good := teacher.good_actions(state)):
            state.apply(int(good[0]))
            for _ in range(detours):
                state.apply(int(rng.choice(np.flatnonzero(state.action_mask()))))
        bounds.append(state.bound)
    assert bounds[1] <= bounds[0] + 1e-9


def test_the_choices_of_the_student_are_counted() -> None:
    teacher, state, _ = taught(trust=1.0)
    good = teacher.good_actions(state)
    wrong = next(action for action in np.flatnonzero(state.action_mask()).tolist() if action not in good)
    assert teacher.action(good, lambda: wrong) == wrong
    assert teacher.action(good, lambda: int(good[-1])) == good[-1]
    assert (teacher.tried, teacher.hits) == (2, 1)
