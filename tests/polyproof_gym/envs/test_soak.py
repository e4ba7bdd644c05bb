"""A million steps: what only shows in the long run, such as memory that leaks and solvers that drift."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest

from polyproof_gym.envs import PolyProofEnv
from tests.polyproof_gym.envs.helpers import num_actions, valid_actions

STEPS = 1_000_000
WARM_UP = 100_000
STEPS_BETWEEN_COLD_SOLVES = 1000
STATUS = Path("/proc/self/status")

PROBLEMS = [
    "random-stable-set:n_min=8,n_max=25",
    "caprasse",
    "random-stable-set:n_min=8,n_max=25,p_min=0.1",
    "magnetism",
    "random-stable-set:n=25",
    "lv",
]


def _resident_memory() -> int:
    """Resident memory of this process in kB, or 0 where it is not known."""
    gc.collect()
    lines = STATUS.read_text().splitlines() if STATUS.exists() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def _choose(env: PolyProofEnv, guided: bool, rng: np.random.Generator) -> int:
    """The most violated closed action if guided; otherwise any valid one, and now and then any at all."""
    if guided:
        return int(np.where(env.state.closed(), env.state.expectations(), 1.0).argmin())
    if rng.random() < 0.02:
        return int(rng.integers(num_actions(env)))
    actions = valid_actions(env)
    return int(actions[int(rng.random() * len(actions))])


@pytest.mark.slow
def test_a_million_steps_keep_every_bound_and_leak_nothing() -> None:
    envs = [PolyProofEnv(problem, max_steps=60) for problem in PROBLEMS]
    rng = np.random.default_rng(0)
    steps = episodes = compared = 0
    memory: list[int] = []
    while steps < STEPS:
        # Guided episodes move the bound at most steps, so that the solver pivots; random ones seldom do.
        guided = rng.random() < 0.1
        env = envs[episodes % len(envs)]
        _, info = env.reset(seed=episodes)
        episodes += 1
        problem = env.state.problem
        sign = 1 if problem.sense == "min" else -1
        known = [sign * float(value) for value in (problem.incumbent, problem.optimum) if value is not None]
        assert known
        best = min(known) + 1e-6 * (1 + abs(min(known)))
        bound = sign * info["bound"]
        assert bound <= best
        over = False
        while not over:
            _, _, terminated, truncated, info = env.step(_choose(env, guided, rng))
            assert bound <= sign * info["bound"] <= best, f"{problem.name}, episode {episodes}"
            bound = sign * info["bound"]
            over = terminated or truncated
            steps += 1
            if steps % STEPS_BETWEEN_COLD_SOLVES == 0:
                cold = sign * env.state.solved_afresh().bound
                assert cold == pytest.approx(bound, rel=1e-6, abs=1e-6), f"{problem.name}, episode {episodes}"
                compared += 1
            if steps % WARM_UP == 0:
                memory.append(_resident_memory())
    assert compared == STEPS // STEPS_BETWEEN_COLD_SOLVES
    if not STATUS.exists():
        pytest.skip("all bounds were right; whether memory leaks cannot be told here, where there is no /proc")
    assert max(memory) <= 1.05 * memory[0], f"kB after every {WARM_UP} steps: {memory}"
