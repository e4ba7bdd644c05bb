from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.cli import main
from tests.experiments.conftest import ROOT

TALKATIVE = """
import os, sys
from polyproof_gym.proofs import open_leaves
from experiments.cli import main
certify = open_leaves.certify
def talkative(*arguments, **options):
    os.write(1, b"from a library in C\\n")
    print("from a library in Python")
    return certify(*arguments, **options)
open_leaves.certify = talkative
sys.exit(main(sys.argv[1:]))
"""
"""The command line, with a library that prints."""


def test_what_libraries_print_goes_to_standard_error() -> None:
    command = [sys.executable, "-c", TALKATIVE, "prove", "cycle:n=5", "--agent", "dual-guided", "--json", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert json.loads(done.stdout)["exact_bound"] == "2"
    for source in ("C", "Python"):
        assert f"from a library in {source}\n" in done.stderr


@pytest.mark.parametrize("descriptors", [">&-", "2>&-", ">&- 2>&-", "> /dev/null", "| cat"])
@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_descriptors_that_are_closed_or_lead_elsewhere(descriptors: str, tmp_path: Path) -> None:
    out = tmp_path / "proof.json"
    arguments = f"-m experiments.cli prove cycle:n=5 --json --quiet --out {out}"
    script = f"{sys.executable} {arguments} {descriptors}"
    done = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stderr == ""
    assert out.exists()
    is_shown = descriptors in ("2>&-", "| cat")
    assert (json.loads(done.stdout)["exact_bound"] if is_shown else done.stdout) == ("2" if is_shown else "")


def test_descriptors_are_as_before_afterwards(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "cycle:n=5", "--json"]) == 0
    print("in Python")
    os.write(1, b"in C\n")
    result, *after = capfd.readouterr().out.splitlines()
    assert json.loads(result)["exact_bound"] == "2"
    assert sorted(after) == ["in C", "in Python"]
