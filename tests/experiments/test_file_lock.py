from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.file_lock import FileLock
from experiments.trials import TrialFile
from polyproof_gym import BadInput
from tests.experiments.conftest import ROOT

HOLDING = """
import os, sys, time
from pathlib import Path
from experiments.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]))
if os.fork():
    print("held", flush=True)
time.sleep(60)
"""
"""A process that has a file, and another one that is forked from it."""


def test_a_file_is_for_one_process_until_that_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "trials.json"
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        for resume in (True, False):
            with pytest.raises(BadInput, match=r"trials\.json: another process is writing it$"):
                TrialFile(path, {}, resume)
        assert [*tmp_path.iterdir()] == []
        TrialFile(tmp_path / "other.json", {}, False)
        other.kill()
        other.wait()
        TrialFile(path, {}, True)
    finally:
        os.killpg(other.pid, signal.SIGKILL)
        if other.stdout is not None:
            other.stdout.close()
        other.wait()
    assert path.exists()


def test_a_process_may_have_a_file_again(tmp_path: Path) -> None:
    path = tmp_path / "trials.json"
    lock = FileLock(path)
    again = FileLock(path)
    del lock
    TrialFile(path, {}, False)
    del again
    assert TrialFile(path, {}, True).results == {}
