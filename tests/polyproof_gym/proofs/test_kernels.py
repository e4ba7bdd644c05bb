"""Compiled loops check no index. Here they do: everything is compiled once more, for a process that checks them all."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import polyproof_gym
from polyproof_gym.compiled import kernels
from polyproof_gym.envs import PolyProofEnv
from tests.polyproof_gym.envs.helpers import constrained_problem, mixed_problem, weighted_stable_set

ROOT = Path(polyproof_gym.__file__).parents[1]


def random_episodes() -> None:
    """Use every compiled loop while proofs outgrow the room that tables start with, and between their limits."""
    for problem, settings in (
        ("random-stable-set:n_min=60,n_max=70,p_min=0.1,p_max=0.9", {}),
        ("random-stable-set:n=6", {"max_degree": 1}),
        ("cycle:n=9", {"max_terms": 5}),
        ("caprasse", {}),
        (constrained_problem(), {"max_terms": 7}),
        (mixed_problem(), {}),
        (weighted_stable_set(), {}),
    ):
        env = PolyProofEnv(problem, max_steps=60, **settings)  # type: ignore[arg-type]
        rng = np.random.default_rng(0)
        for episode in range(2):
            env.reset(seed=episode)
            while True:
                state = env.state
                valid = np.flatnonzero(state.action_mask())
                state.extents(valid)
                state.absent_shares(valid)
                state.features(valid)
                state.expectations()
                state.closed()
                state.estimated_moments(5)
                violated = state.most_violated()
                action = rng.choice(violated if len(violated) and rng.random() < 0.5 else valid)
                _, _, terminated, truncated, _ = env.step(action)
                if terminated or truncated:
                    break
            env.proof().verify()


def is_checked() -> bool:
    """Whether this process checks indices in compiled loops; to be asked only where that is likely."""
    try:
        starts, rows, values = np.array([0, 3], np.int32), np.zeros(3, np.int32), np.zeros(3)
        kernels("polyproof_gym.envs").write_inequalities(
            0, starts, rows, values, 3, np.zeros(2, np.int32), np.zeros(2, np.float32)
        )
    except IndexError:
        return True
    return False


def test_no_index_is_out_of_bounds() -> None:
    code = f"from {__name__} import is_checked, random_episodes\nrandom_episodes()\nprint(is_checked())"
    settings = {**os.environ, "NUMBA_BOUNDSCHECK": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=settings, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
