"""The module for RLlib beside the policy for Stable-Baselines3; `make ecosystem` installs what it needs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from sb3_contrib import MaskablePPO

import polyproof_gym  # noqa: F401  (registers the environments)
from agents import make_agent
from agents.networks import Start
from agents.ppo import ProofActorCriticPolicy
from agents.scoring import prior_weights
from agents.scoring.observation import CandidateObservations
from polyproof_gym import BadInput
from tests.agents.networks.observations import Observation, batch_of
from tests.flat import prove

pytest.importorskip("ray.rllib", exc_type=ImportError)

import ray
from ray.rllib.core.columns import Columns

from agents.ppo.rllib import ProofModule, copy_weights, export_agent, ppo_config, set_weights

pytestmark = [
    pytest.mark.ecosystem,
    pytest.mark.filterwarnings("ignore:.*Overriding environment rllib:UserWarning"),  # RLlib registers it each time
    pytest.mark.filterwarnings("ignore:Tip. In future versions of Ray:FutureWarning"),
]

WIDTH = 8


@pytest.fixture(scope="module")
def running() -> Iterator[None]:
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def environment(problem: str, start: Start | None = None, **settings: Any) -> Any:
    env = gym.make("PolyProof-v0", problem=problem, max_steps=10, **settings).unwrapped
    return env if start is None else CandidateObservations(env)  # type: ignore[arg-type]


def policy_of(env: Any, seed: int = 0, **network: Any) -> ProofActorCriticPolicy:
    model = MaskablePPO(ProofActorCriticPolicy, env, policy_kwargs={"width": WIDTH, **network}, seed=seed)
    policy = model.policy
    assert isinstance(policy, ProofActorCriticPolicy)
    return policy


def module_of(env: Any, start: Start | None = None, **network: Any) -> ProofModule:
    return ProofModule(
        observation_space=env.observation_space,
        action_space=env.action_space,
        model_config={"network": {"width": WIDTH, **network}, "start": start},
    )


def observations_of(env: Any, episodes: int = 2) -> list[Observation]:
    """All of some random episodes, the last ones, in which no action is valid, included."""
    rng = np.random.default_rng(0)
    found = []
    for seed in range(episodes):
        observation, info = env.reset(seed=seed)
        done = False
        while not done:
            found.append({key: array.copy() for key, array in observation.items()})
            action = rng.choice(np.flatnonzero(info["action_mask"]))
            observation, _, terminated, truncated, info = env.step(action)
            done = terminated or truncated
        found.append(observation)
    return found


START = Start(prior_weights(), temperature=0.3)


@pytest.mark.parametrize(
    ("problem", "start", "network"),
    [
        ("cycle:n=5", None, {}),
        ("petersen", None, {"features": "paper", "rounds": 1}),
        ("random-polynomial:n=3", None, {}),
        ("random-stable-set:n_min=6,n_max=9", START, {}),
    ],
)
def test_weights_travel_in_both_directions_and_everything_stays_equal(
    problem: str, start: Start | None, network: dict[str, Any]
) -> None:
    env = environment(problem, start)
    policy, other = (policy_of(env, seed, start=start, **network) for seed in (0, 1))
    module = module_of(env, start, **network)
    assert module.state_dict().keys() == policy.state_dict().keys()
    copy_weights(policy, module)
    copy_weights(module, other)
    batch = batch_of(*observations_of(env))
    masks, actions = batch["action_mask"].bool(), batch["action_mask"].argmax(dim=1)
    for theirs in (policy, other):
        values, log_probabilities, entropies = theirs.evaluate_actions(batch, actions, masks)
        outputs = module.forward_train({Columns.OBS: batch})
        ours = module.get_train_action_dist_cls().from_logits(outputs[Columns.ACTION_DIST_INPUTS])
        logits = outputs[Columns.ACTION_DIST_INPUTS]
        assert torch.equal(logits[masks], theirs.network(batch)[0][masks])
        assert torch.allclose(ours.logp(actions), log_probabilities)  # sb3-contrib normalises twice
        assert entropies is not None
        assert torch.allclose(ours.entropy()[masks.any(dim=1)], entropies[masks.any(dim=1)])
        for embeddings in (outputs[Columns.EMBEDDINGS], None):
            assert torch.equal(module.compute_values({Columns.OBS: batch}, embeddings), values.squeeze(-1))


def test_weights_of_other_networks_are_refused() -> None:
    env = environment("cycle:n=5")
    with pytest.raises(BadInput, match="equal settings: rounds is 1 in one, 2 in the other"):
        copy_weights(policy_of(env, rounds=1), module_of(env))


def test_no_invalid_action_is_sampled() -> None:
    env = environment("petersen")
    module = module_of(env)
    observations = [o for o in observations_of(env) if o["action_mask"].any()]
    batch = batch_of(*observations)
    logits = module.forward_exploration({Columns.OBS: batch})[Columns.ACTION_DIST_INPUTS]
    sampled = module.get_exploration_action_dist_cls().from_logits(logits).sample(sample_shape=(50,))
    assert bool(batch["action_mask"].bool().expand(50, -1, -1).gather(2, sampled[..., None]).all())


@pytest.mark.usefixtures("running")
def test_a_training_makes_an_agent_that_needs_no_rllib(tmp_path: Path) -> None:
    algorithm = ppo_config({"problem": "cycle:n=3", "max_steps": 2}, {"width": WIDTH}).debugging(seed=0).build_algo()
    before = {key: value.clone() for key, value in algorithm.get_module().state_dict().items()}
    for _ in range(2):
        result = algorithm.train()
    assert 0 < result["env_runners"]["episode_return_mean"] <= 1
    trained: ProofModule = algorithm.get_module()
    assert any(not torch.equal(value, before[key]) for key, value in trained.state_dict().items())
    algorithm.save_to_path(str(tmp_path / "checkpoint"))
    export_agent(tmp_path / "checkpoint", tmp_path / "from-checkpoint", "mine")
    export_agent(trained, tmp_path / "from-module", "mine")
    algorithm.stop()
    for name in ("agent.json", "weights.npz"):
        assert (tmp_path / "from-checkpoint" / name).read_bytes() == (tmp_path / "from-module" / name).read_bytes()
    prove("cycle:n=5", make_agent(str(tmp_path / "from-module")), max_steps=5).verify()
    without_ray = (
        "import sys; sys.modules['ray'] = None; from experiments.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ["prove", "petersen", "--steps", "5", "--agent", str(tmp_path / "from-checkpoint")]
    assert subprocess.run([sys.executable, "-c", without_ray, *words], check=False, timeout=120).returncode == 0


@pytest.mark.usefixtures("running")
def test_a_training_goes_on_from_weights_of_the_other_library() -> None:
    policy = policy_of(environment("cycle:n=3"), seed=7)
    algorithm = ppo_config({"problem": "cycle:n=3", "max_steps": 2}, {"width": WIDTH}).build_algo()
    set_weights(algorithm, policy)
    for state in (algorithm.get_weights()["default_policy"], algorithm.get_module().get_state()):
        assert all(np.array_equal(state[key], value.numpy()) for key, value in policy.state_dict().items())
    algorithm.train()
    algorithm.stop()


@pytest.mark.usefixtures("running")
def test_two_trainings_with_one_seed_agree() -> None:
    weights = []
    for _ in range(2):
        config = ppo_config({"problem": "cycle:n=5", "max_steps": 6}, {"width": WIDTH}).debugging(seed=3)
        algorithm = config.training(train_batch_size=64, minibatch_size=32, num_epochs=1).build_algo()
        algorithm.train()
        weights.append(algorithm.get_weights()["default_policy"])
        algorithm.stop()
    assert all(np.array_equal(weights[0][key], weights[1][key]) for key in weights[0])


@pytest.mark.usefixtures("running")
def test_environments_in_other_processes_and_a_start_from_a_scorer() -> None:
    environment = {"problem": "random-stable-set:n=6", "max_steps": 6}
    config = ppo_config(environment, {"width": WIDTH}, START).env_runners(num_env_runners=1, num_envs_per_env_runner=1)
    algorithm = config.training(train_batch_size=24, minibatch_size=12, num_epochs=1).build_algo()
    result = algorithm.train()
    assert result["env_runners"]["num_env_steps_sampled"] >= 24
    algorithm.stop()


def test_the_folder_of_another_thing_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected a checkpoint of an algorithm of RLlib"):
        export_agent(tmp_path, tmp_path / "agent", "mine")
