from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from experiments.documentation.visit import fresh_clone, timed
from polyproof_gym import BadInput

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one file that is committed, and one that is not."""
    monkeypatch.chdir(tmp_path)
    fresh_clone.cache_clear()
    Path("kept").touch()
    for words in (["init"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@y.z", "commit", "-m", "first"]):
        subprocess.run(["git", *words], check=True, capture_output=True)
    Path("other").touch()
    return tmp_path


def test_all_commands_run_in_one_fresh_clone(repository: Path) -> None:
    assert timed("test -e kept && touch more", repository / "run.json")["seconds"] > 0
    timed("test -e more && test ! -e other", repository / "run.json")
    assert not (repository / "more").exists()


def test_a_command_that_fails(repository: Path) -> None:
    with pytest.raises(BadInput, match="false: ended with 1"):
        timed("false", repository / "run.json")
