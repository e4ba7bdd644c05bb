from __future__ import annotations

import gymnasium as gym
import numpy as np

import polyproof_gym  # noqa: F401  (registers the environments)
from agents.closed_first import ClosedFirst, closed_first
from polyproof_gym import make_problem
from polyproof_gym.proofs import ProofState


def environment() -> ClosedFirst:
    return ClosedFirst(gym.make("PolyProof-v0", problem="random-stable-set:n=8", max_steps=30))


def test_actions_that_bring_no_monomial_come_first_and_the_others_where_there_is_none() -> None:
    state = ProofState(make_problem("cycle:n=5"), max_steps=40)
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(40):
        valid, mask = np.flatnonzero(state.action_mask()), closed_first(state)
        closed = [
            action for action in valid.tolist() if all(m in state.memory.row_of for m in state.conclusion(action).terms)
        ]
        assert np.flatnonzero(mask).tolist() == (closed or valid.tolist())
        seen.add(bool(closed))
        state.apply(int(rng.choice(np.flatnonzero(mask))))
    assert seen == {True, False}


def test_masks_agree_everywhere_and_valid_actions_outside_still_work() -> None:
    env = environment()
    observation, info = env.reset(seed=0)
    for _ in range(10):
        assert (observation["action_mask"] == info["action_mask"]).all()
        assert (env.action_masks() == (info["action_mask"] > 0)).all()
        observation, _, _, _, info = env.step(env.action_space.sample(info["action_mask"]))
        assert not info["invalid_action"]
    outside = np.flatnonzero(env.get_wrapper_attr("state").action_mask() & ~env.action_masks())
    assert not env.step(outside[0])[4]["invalid_action"]
