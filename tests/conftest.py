from __future__ import annotations

import pytest

from polyproof_gym.compiled import kernels


def pytest_configure(config: pytest.Config) -> None:
    """Compile the inner loops before the tests begin: else several do so at once, and tell of it on standard error."""
    if not hasattr(config, "workerinput"):
        for package in ("polyproof_gym.problems", "polyproof_gym.proofs", "polyproof_gym.envs", "agents"):
            kernels(package)
