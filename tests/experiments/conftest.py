from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from experiments.cli import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


class CommandLine:
    """Runs the command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Result:
        self._capsys.readouterr()
        try:
            status = main(with_agent(str(argument) for argument in arguments))
        except SystemExit as end:
            status = int(end.code or 0)
        return Result(status, *self._capsys.readouterr())


def with_agent(arguments: Iterable[str]) -> list[str]:
    """What to type for a proof one product at a time, unless another agent is asked for: most tests are about these."""
    words = [*arguments]
    return [*words, "--agent", "dual-guided"] if words[:1] == ["prove"] and "--agent" not in words else words


@pytest.fixture
def polyproof(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "experiments.cli", *with_agent(arguments)]


def run(*arguments: str) -> Result:
    """Run the command line in a process of its own."""
    done = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    return Result(done.returncode, done.stdout, done.stderr)
