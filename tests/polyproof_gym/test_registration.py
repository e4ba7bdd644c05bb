from __future__ import annotations

import subprocess
import sys

import gymnasium as gym
import pytest

import polyproof_gym


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
