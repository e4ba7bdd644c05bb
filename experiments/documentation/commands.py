"""Commands as the documentation gives them: checked, and run."""

from __future__ import annotations

import argparse
import io
import json
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

from experiments.cli import command_line
from experiments.documentation import checking
from experiments.leaderboard.entries import num_lines
from polyproof_gym import BadInput
from polyproof_gym.proofs import checker

MODULES = {
    "experiments.benchmark": "experiments.benchmark.main",
    "experiments.cases": "experiments.cases.main",
    "experiments.compare": "experiments.compare.main",
    "experiments.evaluate": "experiments.evaluate.main",
    "experiments.leaderboard": "experiments.leaderboard.main",
    "experiments.robustness": "experiments.robustness.main",
    "experiments.robustness.training": "experiments.robustness.training.main",
    "experiments.scaling": "experiments.scaling.main",
    "experiments.train": "experiments.train.main",
}
"""Where programs that are called as modules have their ``make_parser`` and ``main``."""


REPETITIONS, LONG = 3, 2.0
"""How often a proof is searched for again, and the seconds from which it is not."""


def check(line: str) -> None:
    """Check that a command is one that there is, with options that it has; or several, with ``&&`` between.

    Raises:
        BadInput: If it is not; what its files and names stand for is not looked at.
    """
    for command in line.split(" && "):
        _check_one(command)


def _check_one(command: str) -> None:
    said = io.StringIO()
    if command.startswith("make "):
        _check_target(command)
        return
    module, words = _program(command)
    parser: argparse.ArgumentParser = (
        command_line.make_parser() if module is None else import_module(module).make_parser()
    )
    try:
        with redirect_stderr(said), redirect_stdout(said):
            parser.parse_args(words, argparse.Namespace(words=words))
    except SystemExit as end:
        if end.code:
            raise BadInput(f"{command}: {said.getvalue().strip() or 'refused'}") from None


def _check_target(command: str) -> None:
    lines = Path("Makefile").read_text(encoding="utf-8").splitlines()
    if not any(line.startswith(f"{command.removeprefix('make ')}:") for line in lines):
        raise BadInput(f"{command}: expected a target of the Makefile")


def with_files(command: str, files: Mapping[str, str]) -> str:
    """A command with files in place of the words that stand for them.

    Args:
        command: The command.
        files: The files, by the words.
    """
    return shlex.join(files.get(word, word) for word in shlex.split(command)) if files else command


def made(command: str, file: Path) -> Any:
    """What a command makes, see :func:`proved` for those of ``polyproof`` itself and :func:`run` for other programs."""
    module, _ = _program(command)
    return (proved if module is None else run)(command, file)


def run(command: str, file: Path) -> Any:
    """Run a command that writes its results to a file; they as JSON has them.

    Args:
        command: The command, without ``--json``.
        file: The file.

    Raises:
        BadInput: If it does not end well.
    """
    module, words = _program(command)
    if module is None:
        raise BadInput(f"{command}: expected a program that writes its results to a file")
    main: Callable[[Sequence[str]], int] = import_module(module).main
    status = main([*words, "--json", str(file)])
    if status:
        raise BadInput(f"{command}: ended with {status}")
    return json.loads(file.read_text(encoding="utf-8"))


def proved(command: str, file: Path) -> Any:
    """Run ``polyproof prove`` until times are known; what it prints with ``--json``, and of the file with its proof.

    The least seconds count of :data:`REPETITIONS` runs after a first one, which may load and compile something, or
    those of the first where it takes :data:`LONG`.

    Args:
        command: The command, without ``--json`` and ``--out``.
        file: Where the proof is written.

    Returns:
        What is printed, with ``bytes`` and ``lines`` of the file, and what the independent check takes: the seconds
        (``check``), the ``work``, and the ``memory`` in bytes, ``None`` where the system does not tell.

    Raises:
        BadInput: If nothing is proved.
    """
    _, words = _program(command)
    runs: list[dict[str, Any]] = []
    while not runs or (runs[0]["seconds"] < LONG and len(runs) <= REPETITIONS):
        out = io.StringIO()
        with redirect_stdout(out):
            status = command_line.main([*words, "--json", "--out", str(file)])
        if status:
            raise BadInput(f"{command}: ended with {status}")
        runs.append(json.loads(out.getvalue()))
    content = checker.parse(checker.read(str(file)))
    started = time.process_time()
    checker.check(content)
    checked = time.process_time() - started
    found = min(runs[1:] or runs, key=lambda run: run["seconds"])
    return {
        **found,
        "bytes": file.stat().st_size,
        "lines": num_lines(content),
        "check": checked,
        "work": checking.work(content),
        "memory": checking.memory(file),
    }


def _program(command: str) -> tuple[str | None, list[str]]:
    """The module of a program, ``None`` for the commands of ``polyproof`` itself, and its words.

    Raises:
        BadInput: If there is no such program.
    """
    match shlex.split(command):
        case ["python", "-m", module, *words] if module in MODULES:
            return MODULES[module], words
        case ["polyproof", program, *words] if program in command_line.PROGRAMS:
            return command_line.PROGRAMS[program][0], words
        case ["polyproof", *words]:
            return None, words
    raise BadInput(f"{command}: expected polyproof, make, or python -m with one of {', '.join(MODULES)}")
