from __future__ import annotations

from pathlib import Path

import pytest

from agents import prove
from experiments.documentation import checking
from polyproof_gym import make_problem
from polyproof_gym.proofs import checker


def test_the_work_is_the_least_limit_within_which_a_proof_is_valid() -> None:
    content = prove(make_problem("petersen"), "dual-guided").to_json()
    work = checking.work(content)
    checker.check(content, work)
    with pytest.raises(checker.ResourceLimit):
        checker.check(content, int(work / 1.02))


def test_the_checker_needs_little_memory_beside_a_file(tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    prove(make_problem("cycle:n=5"), "dual-guided").save(file)
    memory = checking.memory(file)
    if memory is not None:
        assert 10**6 < memory < 4 * 10**7  # Python alone: nothing of the package is loaded
