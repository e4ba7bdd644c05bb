from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from sb3_contrib import MaskablePPO

import polyproof_gym
from agents.dqn import MaskedDQN
from agents.networks import NetworkAgent, ObservationLayout, ProofNetwork, TrainedNetwork
from agents.networks.observing import StateObserver
from agents.ppo import ProofActorCriticPolicy
from polyproof_gym import BadInput, Problem, ProofState, make_problem
from polyproof_gym.envs import PolyProofEnv
from tests.flat import prove
from tests.polyproof_gym.envs.helpers import (
    advance,
    constrained_problem,
    mixed_problem,
    unwrapped,
    valid_actions,
    weighted_stable_set,
    without_incumbent,
)

PROBLEMS: dict[str, str | Problem] = {
    "random": "random-stable-set:n_min=5,n_max=9",
    "caprasse": "caprasse",
    "constrained": constrained_problem(),
    "mixed": mixed_problem(),
    "weighted": weighted_stable_set(),
    "without incumbent": without_incumbent(weighted_stable_set()),
}
each_problem = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)


def occupied(observation: Any, layout: ObservationLayout) -> dict[str, Any]:
    """An observation without its padding; of variables, there is as much as the problem's environment has."""
    inequalities, monomials = int(observation["num_inequalities"][0]), int(observation["num_monomials"][0])
    used = dict(observation)
    shape = layout.inequalities, layout.terms
    coefficients = observation["inequality_coefficients"].reshape(shape)
    for key in ("inequality_monomials", "inequality_coefficients"):
        rows = zip(observation[key].reshape(shape)[:inequalities], coefficients, strict=False)
        used[key] = [row[values != 0].tolist() for row, values in rows]
    used["monomials"] = observation["monomials"].reshape(layout.monomials, layout.degree)[:monomials]
    used["objective"] = np.trim_zeros(observation["objective"], "b")
    if layout.has_lp_features:
        used["multipliers"] = observation["multipliers"][:inequalities]
        used["pseudo_moments"] = observation["pseudo_moments"][:monomials]
    return {key: np.asarray(value).tolist() if key[:10] != "inequality" else value for key, value in used.items()}


@each_problem
@pytest.mark.parametrize("lp_features", [True, False])
def test_observations_are_those_of_the_environment(problem: str | Problem, lp_features: bool) -> None:
    env = PolyProofEnv(problem, max_steps=15, lp_features=lp_features)
    layout = ObservationLayout.of(env.observation_space)
    observer, rng = StateObserver(lp_features), np.random.default_rng(0)
    for seed in range(3):
        observation, _ = env.reset(seed=seed)
        late = StateObserver(lp_features)
        for step, (after, *_) in enumerate(advance(env, 15, rng)):
            if step % 3 != 1:  # now and then it misses a step
                mine = occupied(observer.observe(env.state), observer.layout)
                assert mine == occupied(after, layout)
            observation = after
        assert observer.layout.max_steps == 15
        assert occupied(late.observe(env.state), late.layout) == occupied(observation, layout)
        copied = env.state.clone()
        assert occupied(observer.observe(copied), observer.layout) == occupied(observation, layout)


def dqn(env: gym.Env[Any, Any], features: str) -> MaskedDQN:
    kwargs = {"features": features, "width": 8}
    return MaskedDQN("ProofPolicy", env, policy_kwargs=kwargs, buffer_size=10, seed=0, device="cpu")


def ppo(env: gym.Env[Any, Any], features: str) -> MaskablePPO:
    kwargs = {"features": features, "width": 8}
    return MaskablePPO(ProofActorCriticPolicy, env, policy_kwargs=kwargs, n_steps=8, batch_size=8, seed=0, device="cpu")


@pytest.mark.parametrize("features", ["dual", "paper"])
@pytest.mark.parametrize("make", [dqn, ppo])
def test_it_acts_as_the_model_does_in_the_environment(make: Any, features: str) -> None:
    env = gym.make(
        "PolyProof-v0", problem="random-stable-set:n_min=4,n_max=8", max_steps=12, lp_features=features == "dual"
    )
    model = make(env, features)
    policy = model.policy
    trained = TrainedNetwork.of(policy.network, policy.network_settings, "values" if make is dqn else "logits")
    agent = NetworkAgent(trained)
    rng = np.random.default_rng(0)
    for seed in range(4):
        observation, info = env.reset(seed=seed)
        done = False
        while not done:
            masks = {} if make is dqn else {"action_masks": info["action_mask"]}
            expected, _ = model.predict(observation, deterministic=True, **masks)
            scores, action = agent.scores(unwrapped(env).state), agent.act(unwrapped(env).state, rng)
            assert action is not None  # among actions that symmetry or rounding makes equal any will do
            assert scores[int(expected)] == pytest.approx(scores[action], abs=1e-5)
            action = int(expected) if rng.random() < 0.5 else int(rng.choice(valid_actions(unwrapped(env))))
            observation, _, terminated, truncated, info = env.step(np.int64(action))
            done = terminated or truncated


def network(scores: Any = "logits", features: str = "dual") -> TrainedNetwork:
    torch.manual_seed(0)
    settings: dict[str, Any] = {"features": features, "width": 8, "rounds": 1}
    made = ProofNetwork(ObservationLayout(1, 1, 1, 1, 1, 1, True), **settings)
    return TrainedNetwork.of(made, settings, scores)


@pytest.mark.parametrize("features", ["dual", "paper"])
def test_one_agent_proves_problems_of_all_kinds_and_sizes(features: str) -> None:
    agent = NetworkAgent(network(features=features))
    for problem in [*list(PROBLEMS.values())[1:], "petersen", "cycle:n=5", "petersen"]:
        proof = prove(problem, agent, max_steps=6)
        proof.verify()
        again = prove(problem, NetworkAgent(network(features=features)), max_steps=6)
        assert proof.lines == again.lines


def test_sampling_logits_follows_their_probabilities() -> None:
    state = ProofState(make_problem("cycle:n=4"), max_steps=5)
    agent = NetworkAgent(network(), sampled=True)
    valid = np.flatnonzero(state.action_mask())
    scores = agent.scores(state)[valid].astype(np.float64)
    chances = np.exp(scores) / np.exp(scores).sum()
    rng = np.random.default_rng(1)
    taken = np.bincount([agent.act(state, rng) or 0 for _ in range(3000)], minlength=state.num_actions)
    assert np.abs(taken[valid] / 3000 - chances).max() < 0.03
    assert taken.sum() == taken[valid].sum()


def test_sampling_values_takes_the_best_nearly_always() -> None:
    state = ProofState(make_problem("cycle:n=4"), max_steps=5)
    best = NetworkAgent(network("values")).act(state, np.random.default_rng(0))
    agent, rng = NetworkAgent(network("values"), sampled=True), np.random.default_rng(1)
    taken = [agent.act(state, rng) for _ in range(1000)]
    assert 0.93 < taken.count(best) / 1000 < 0.98
    assert len(set(taken)) > 5
    assert all(state.action_mask()[action] for action in set(taken))


def test_there_is_nothing_to_do_without_room_or_valid_actions() -> None:
    agent, rng = NetworkAgent(network()), np.random.default_rng(0)
    assert agent.act(ProofState(make_problem("cycle:n=4"), max_steps=0), rng) is None
    state = ProofState(polyproof_gym.polynomial("x", box=[(0, 1)], boolean=["x"]), max_steps=3)
    while (action := agent.act(state, rng)) is not None:
        state.apply(action)
    assert not state.steps_left or not state.action_mask().any()


def test_other_rules_are_refused() -> None:
    state = ProofState(make_problem("cycle:n=4"), max_steps=3, rules="products,squares")
    with pytest.raises(BadInput, match="default rules"):
        NetworkAgent(network()).act(state, np.random.default_rng(0))


def test_the_number_of_threads_is_left_as_it_was() -> None:
    torch.set_num_threads(2)
    try:
        NetworkAgent(network()).act(ProofState(make_problem("cycle:n=4"), max_steps=3), np.random.default_rng(0))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
