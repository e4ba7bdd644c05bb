from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
import torch

EXAMPLE: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "cleanrl_ppo.py"))


def settings(*arguments: str) -> Any:
    return EXAMPLE["parse_args"](list(arguments))


def rollout(rewards: list[float], values: list[float], terminated: list[float], is_reset: list[float]) -> Any:
    """Steps of one environment."""
    given = {"reward": rewards, "value": values, "terminated": terminated, "is_reset": is_reset}
    columns = {name: torch.tensor(numbers)[:, None] for name, numbers in given.items()}
    nothing = torch.zeros(len(rewards), 1)
    return EXAMPLE["Rollout"](observation=nothing, mask=nothing, action=nothing, log_prob=nothing, **columns)


def test_it_learns_to_prove_the_triangle(capsys: pytest.CaptureFixture[str]) -> None:
    torch.set_num_threads(1)
    arguments = ("--problem", "cycle:n=3", "--max-steps", "2", "--total-timesteps", "3072", "--num-envs", "4")
    returns = EXAMPLE["train"](settings(*arguments, "--learning-rate", "5e-3"))
    assert len(returns) == 3072 // 3  # two steps, and one that begins the next episode
    mean = sum(returns[-100:]) / 100
    assert mean > max(0.9, sum(returns[:100]) / 100)
    told = capsys.readouterr().out.splitlines()[-1]
    assert told == f"3072 steps: mean return of the last 100 episodes {mean:.3f}"


def test_the_value_after_a_truncated_episode_counts_and_nothing_is_carried_over_to_the_next() -> None:
    args = settings("--gamma", "0.5", "--gae-lambda", "0.5")
    # One step; a truncated one; the one that begins the next episode, with the last value; one more.
    steps = rollout([1.0, 2.0, 0.0, 3.0], [0.5, 0.25, 8.0, 1.0], [0.0] * 4, [0.0, 0.0, 1.0, 0.0])
    advantages = EXAMPLE["advantages_of"](steps, torch.tensor([4.0]), args).flatten().tolist()
    second = 2 + 0.5 * 8 - 0.25
    assert advantages[1] == pytest.approx(second)
    assert advantages[0] == pytest.approx(1 + 0.5 * 0.25 - 0.5 + 0.25 * second)
    assert advantages[3] == pytest.approx(3 + 0.5 * 4 - 1)


def test_the_value_after_a_terminated_episode_does_not_count() -> None:
    args = settings("--gamma", "0.5")
    steps = rollout([2.0, 0.0], [0.25, 8.0], [1.0, 0.0], [0.0, 1.0])
    advantages = EXAMPLE["advantages_of"](steps, torch.tensor([4.0]), args).flatten().tolist()
    assert advantages[0] == pytest.approx(2 - 0.25)
