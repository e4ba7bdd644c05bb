from __future__ import annotations

import pytest
from gymnasium import spaces
from stable_baselines3.common.buffers import DictReplayBuffer

from experiments.benchmark.replay import dict_buffer_bytes, measure
from polyproof_gym.envs import PolyProofEnv


@pytest.mark.parametrize("lp_features", [True, False])
def test_size_of_a_dict_replay_buffer_is_computed(lp_features: bool) -> None:
    env = PolyProofEnv("petersen", max_steps=10, lp_features=lp_features)
    assert isinstance(env.observation_space, spaces.Dict)
    buffer = DictReplayBuffer(7, env.observation_space, env.action_space, "cpu")
    arrays = [*buffer.observations.values(), *buffer.next_observations.values()]
    arrays += [buffer.actions, buffer.rewards, buffer.dones, buffer.timeouts]
    assert 7 * dict_buffer_bytes(env) == sum(array.nbytes for array in arrays)


def test_a_full_buffer_is_measured() -> None:
    (replay,) = measure(n=6, steps=10, settings=[("random", 300)]).rows
    assert (replay.n, replay.agent, replay.steps, replay.transitions) == (6, "random", 10, 300)
    assert 32 < replay.array_bytes < replay.dict_buffer_bytes / 10
    assert replay.sample_seconds > 0
