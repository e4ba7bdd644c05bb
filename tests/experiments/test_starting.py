from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.starting import INTERRUPTED, run
from tests.experiments.conftest import ROOT

PROGRAMS = {
    "interrupted_early": "raise KeyboardInterrupt\n",
    "interrupted_late": "def main(arguments):\n    raise KeyboardInterrupt\n",
    "interrupted_in_an_extension": "raise ImportError('initialization failed') from KeyboardInterrupt()\n",
    "interrupted_below": """
def main(arguments):
    try:
        raise ImportError("initialization failed") from KeyboardInterrupt()
    except ImportError as error:
        raise ImportError("expected an extension that works") from error
""",
    "incomplete": "raise ImportError('initialization failed') from ValueError()\n",
    "fine": "def main(arguments):\n    return len(arguments)\n",
}


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, code in PROGRAMS.items():
        (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("programs")
def test_a_program_runs_with_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fine", ["a", "b"]) == 2
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize("name", [name for name in PROGRAMS if name.startswith("interrupted")])
def test_an_interrupt_is_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, []) == INTERRUPTED
    assert capsys.readouterr() == ("", "interrupted\n")


def test_an_interrupt_within_text_that_is_executed_ends_with_the_status_as_well(tmp_path: Path) -> None:
    text = "import sys\nfrom experiments.starting import run\n"
    (tmp_path / "outer.py").write_text(f"{text}sys.exit(run('inner'))\n")
    (tmp_path / "inner.py").write_text("exec('raise KeyboardInterrupt')\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-m", "outer"], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (INTERRUPTED, b"interrupted\n")


@pytest.mark.usefixtures("programs")
def test_other_failures_to_load_are_told() -> None:
    with pytest.raises(ImportError, match="initialization failed"):
        run("incomplete", [])


STARTED = sorted(".".join(file.relative_to(ROOT).parent.parts) for file in ROOT.glob("experiments/**/__main__.py"))


def test_all_programs_start_in_a_module_of_their_own() -> None:
    inner = {"experiments/benchmark/own_process.py", "experiments/tune/trial.py"}  # parts of programs, in processes
    with_main = {
        str(f.relative_to(ROOT)) for f in ROOT.glob("experiments/**/*.py") if "\nif __name__ ==" in f.read_text()
    }
    assert with_main == inner | {f"{program.replace('.', '/')}/__main__.py" for program in STARTED}


@pytest.mark.parametrize("program", STARTED)
def test_programs_load_nothing_before_they_can_be_interrupted(program: str) -> None:
    code = f"import sys, {program}.__main__; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_program_that_would_be_held_up_at_its_end_still_has_its_status_and_its_output(tmp_path: Path) -> None:
    (tmp_path / "held.py").write_text(
        "import atexit, sys\nfrom experiments.starting import end_at_once, run\n"
        "def main(arguments):\n    atexit.register(print, 'held up')\n    end_at_once()\n"
        "    print('told')\n    return 6\n"
        "if __name__ == '__main__':\n    sys.exit(run('held'))\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-m", "held"], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (6, b"told\n", b"")
