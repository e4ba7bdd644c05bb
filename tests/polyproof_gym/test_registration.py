from __future__ import annotations

import subprocess
import sys
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec

import polyproof_gym
from agents import make_agent
from polyproof_gym import BadInput
from polyproof_gym.envs import PolyProofEnv
from polyproof_gym.registration import REWARD_THRESHOLDS


@pytest.mark.parametrize(
    "imports",
    [
        "import gymnasium as gym, polyproof_gym",
        "import polyproof_gym, gymnasium as gym",
        "import polyproof_gym\nassert 'gymnasium' not in sys.modules\nimport gymnasium as gym",
        "import polyproof_gym\nfrom gymnasium import spaces\nimport gymnasium as gym",
        "import polyproof_gym.envs, gymnasium as gym",
        "import agents, gymnasium as gym",
    ],
)
def test_environments_are_registered_in_whatever_order_packages_are_imported(imports: str) -> None:
    code = f"import sys\n{imports}\nprint(gym.make('PolyProof-v0', problem='petersen').reset(seed=0)[1]['bound'])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.stderr, done.stdout) == ("", "10.0\n")


def test_gymnasium_is_found_as_without_us() -> None:
    code = "import sys, polyproof_gym; count = len(sys.meta_path); import gymnasium; print(count - len(sys.meta_path))"
    code += "; import importlib; importlib.reload(gymnasium); print(gymnasium.__spec__.name, gymnasium.__file__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["1", f"gymnasium {gym.__file__}"]


def test_names_of_the_paper_of_polynomials_and_of_margins() -> None:
    assert polyproof_gym.__version__
    assert gym.spec("PolyProof-StableSet25-v0").kwargs["max_steps"] == 100
    assert gym.spec("PolyProof-Caprasse-v0").kwargs["problem"] == "caprasse"
    assert gym.spec("PolyProof-RobustMargin-v0").kwargs["problem"].startswith("robust-margin:model=digits-quadratic")


# How long episodes are, and when an agent counts as good --------------------------------------------------------------


def length(env: gym.Env[Any, Any]) -> int:
    """Steps until the episode is truncated; each of them is invalid and changes nothing."""
    env.reset(seed=0)
    steps, truncated = 0, False
    while not truncated:
        truncated = env.step(-1)[3]
        steps += 1
    return steps


@pytest.mark.parametrize("name", ["PolyProof-v0", "PolyProof-StableSet15-v0", "PolyProof-Lv-v0"])
@pytest.mark.parametrize("settings", [{}, {"max_steps": 3}, {"max_steps": 130}])
def test_the_spec_of_an_environment_tells_its_own_budget_which_alone_ends_episodes(
    name: str, settings: dict[str, Any]
) -> None:
    env = gym.make(name, **settings)
    assert env.spec is not None
    assert env.spec.max_episode_steps == settings.get("max_steps", 100) == length(env)
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.spec == env.spec
    assert length(again) == length(env)


def test_a_shorter_limit_may_be_asked_for() -> None:
    env = gym.make("PolyProof-Lv-v0", max_episode_steps=7)
    assert env.spec is not None
    assert env.spec.max_episode_steps == length(env) == 7
    with pytest.raises(
        BadInput, match="expected max_episode_steps >= max_steps, after which episodes end, got 7 and 100"
    ):
        gym.make_vec(env.spec, num_envs=2)


def test_specs_of_environments_make_vector_environments() -> None:
    spec = gym.make("PolyProof-Lv-v0", max_steps=4).spec
    assert spec is not None
    envs = gym.make_vec(spec, num_envs=2)
    envs.reset(seed=0)
    truncations = [envs.step(np.array([-1, -1]))[3].tolist() for _ in range(4)]
    assert truncations == [[False, False]] * 3 + [[True, True]]
    envs.close()


@pytest.mark.parametrize("name", ["Caprasse", "Butcher", "Heart", "Lv", "Magnetism"])
def test_dual_guided_earns_the_reward_threshold_and_little_more(name: str) -> None:
    env = gym.make(f"PolyProof-{name}-v0")
    inner = env.unwrapped
    assert isinstance(inner, PolyProofEnv)
    agent, rng = make_agent("dual-guided"), np.random.default_rng(0)
    env.reset(seed=0)
    earned, over = 0.0, False
    while not over and (action := agent.act(inner.state, rng)) is not None:  # type: ignore[attr-defined]
        _, reward, terminated, truncated, _ = env.step(action)
        earned, over = earned + float(reward), terminated or truncated
    assert env.spec is not None
    assert env.spec.reward_threshold is not None
    assert env.spec.reward_threshold - 1e-9 <= earned < env.spec.reward_threshold + 0.01


def test_all_names_but_the_general_one_have_a_reward_threshold() -> None:
    names = {name for name in gym.registry if name.startswith("PolyProof-")}
    assert REWARD_THRESHOLDS.keys() == names - {"PolyProof-v0"}
