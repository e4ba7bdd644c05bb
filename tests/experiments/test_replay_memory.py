from __future__ import annotations

import json
from pathlib import Path

import pytest
from gymnasium import spaces
from stable_baselines3.common.buffers import DictReplayBuffer

from experiments.replay_memory import dict_buffer_bytes, main
from polyproof_gym.envs import PolyProofEnv


@pytest.mark.parametrize("lp_features", [True, False])
def test_size_of_a_dict_replay_buffer_is_computed(lp_features: bool) -> None:
    env = PolyProofEnv("petersen", max_steps=10, lp_features=lp_features)
    assert isinstance(env.observation_space, spaces.Dict)
    buffer = DictReplayBuffer(7, env.observation_space, env.action_space, "cpu")
    arrays = [*buffer.observations.values(), *buffer.next_observations.values()]
    arrays += [buffer.actions, buffer.rewards, buffer.dones, buffer.timeouts]
    assert 7 * dict_buffer_bytes(env) == sum(array.nbytes for array in arrays)


def test_command_measures_a_full_buffer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "memory.json"
    arguments = ["--n", "6", "--steps", "10", "--transitions", "300", "--agents", "random"]
    assert main([*arguments, "--json", str(out), "--logdir", str(tmp_path / "runs")]) == 0
    (result,) = json.loads(out.read_text())["results"]
    assert {key: result[key] for key in ("n", "agent", "steps", "transitions")} == {
        "n": 6,
        "agent": "random",
        "steps": 10,
        "transitions": 300,
    }
    assert 32 < result["array_bytes"] < result["dict_buffer_bytes"] / 10
    assert result["sample_ms"] > 0
    assert f"{result['dict_buffer_bytes']} B" in capsys.readouterr().out
    assert list((tmp_path / "runs" / "random").iterdir())
