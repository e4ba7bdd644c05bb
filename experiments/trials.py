"""One agent on one problem: what is reported of it, and a file of many of them that grows while they are made."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from agents import Agent, make_agent, prove
from experiments.workers import in_processes
from polyproof_gym import BadInput, InvalidProof, Problem, Proof, make_problem
from polyproof_gym.arguments import as_whole, is_finite_number
from polyproof_gym.problems import relabelled
from polyproof_gym.proofs.shrinking import shrink
from polyproof_gym.whole_file import write_whole

WRITING_INTERVAL = 5.0
"""Seconds that pass at least between two times that the file is written."""


@dataclass(frozen=True)
class Task:
    """What an agent is to do; the same task always gives the same proof, unless shortening it is cut by time.

    Attributes:
        problem: Spec string of the problem.
        agent: Spec string of the agent.
        steps: Step budget.
        seed: Seed of the agent's random choices.
        shrinking: Whether the proof is shortened before its derivations are counted.
        relabelling: Seed of the order that variables and axioms are brought into; ``None`` leaves them as they are.
        rules: Spec strings of the inference rules, with commas between.
    """

    problem: str
    agent: str
    steps: int
    seed: int
    shrinking: bool = False
    relabelling: int | None = None
    rules: str = "products"

    def make_problem(self) -> Problem:
        """The problem, relabelled if that is asked for."""
        problem = make_problem(self.problem)
        return problem if self.relabelling is None else relabelled(problem, np.random.default_rng(self.relabelling))


@dataclass(frozen=True)
class Trial:
    """What an agent did.

    Attributes:
        task: What it was to do.
        exact_bound: The bound at the end, as ``"p/q"``.
        curve: The bound at the start and after every step, in floats; where the search ended before the budget, it is
            shorter. ``None`` for agents that make all derivations at once.
        steps: Derivations made.
        derivations: Derivations that the proof needs, after shortening if that was asked for.
        seconds: Search time, the agent's own included.
    """

    task: Task
    exact_bound: str
    curve: tuple[float, ...] | None
    steps: int
    derivations: int
    seconds: float

    @cached_property
    def bound(self) -> float:
        """The exact bound at the end, as a float."""
        return float(Fraction(self.exact_bound))

    def to_json(self) -> str:
        """The trial on one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Trial:
        """The trial of which :meth:`to_json` wrote this.

        Raises:
            KeyError: If something is missing.
            TypeError: If something is more or of another type.
            ValueError: If the bound is no number.
        """
        curve = content["curve"]
        task = Task(**content["task"])
        texts, numbers = (
            (task.problem, task.agent, task.rules, content["exact_bound"]),
            (content["seconds"], *(curve or ())),
        )
        counts = (task.steps, task.seed, content["steps"], content["derivations"])
        proper = all(isinstance(text, str) for text in texts) and all(is_finite_number(number) for number in numbers)
        is_order = task.relabelling is None or as_whole(task.relabelling) is not None
        if not (proper and is_order and isinstance(task.shrinking, bool)):
            raise TypeError("expected texts and numbers where a trial has them")
        trial = cls(**{**content, "task": task, "curve": None if curve is None else tuple(curve)})
        if any(as_whole(count) is None for count in counts) or not np.isfinite(trial.bound):
            raise ValueError("expected whole numbers as counts, and a finite bound")
        return trial


@cache
def agent_of(spec: str) -> Agent:
    """The agent of a spec string, made once in every process.

    Raises:
        BadInput: If there is none.
    """
    agent = make_agent(spec)
    if "torch" in sys.modules:  # a learned agent, whose network is too small to gain from threads
        sys.modules["torch"].set_num_threads(1)
    return agent


def attempt(task: Task) -> Trial:
    """Let an agent work, and check its proof exactly.

    Raises:
        BadInput: If the agent cannot work on the problem.
        InvalidProof: If the proof does not hold, or its bound passes the value at the feasible point.
    """
    problem = task.make_problem()
    proof = prove(problem, agent_of(task.agent), max_steps=task.steps, seed=task.seed, rules=task.rules)
    proof.verify()
    if proof.gap is not None and proof.gap < 0:
        raise InvalidProof(f"{problem.name}: the bound {proof.bound} passes the value {problem.incumbent} of a point")
    search = proof.search
    assert search is not None  # as of every proof that a search found
    one_by_one = search.steps == len(search.bounds) - 1
    return Trial(
        task=task,
        exact_bound=str(proof.bound),
        curve=search.bounds if one_by_one else None,
        steps=search.steps,
        derivations=(shrink(proof) if task.shrinking and isinstance(proof, Proof) else proof).num_derivations,
        seconds=search.seconds,
    )


class TrialFile:
    """Trials, and the JSON file that holds them at any time, whole.

    The file holds the ``settings``, the ``summary`` (``null`` until there is one) and the ``trials``, one a line.

    Attributes:
        trials: The trials, by what was to be done.
    """

    def __init__(self, path: Path | None, settings: Mapping[str, Any], resume: bool) -> None:
        """Begin a file, or go on with one.

        Args:
            path: The file; ``None`` keeps the trials in memory only.
            settings: What must be the same for trials to be together in one file.
            resume: Whether to go on with the file; it need not be there yet.

        Raises:
            BadInput: If it is there and may not be, cannot be read or written, or has other settings.
        """
        self._path = path
        self._settings = json.loads(json.dumps(settings))
        self._summary: Any = None
        self.trials: dict[Task, Trial] = {}
        if path is None:
            if resume:
                raise BadInput("expected --json FILE to resume from")
            return
        if path.exists():
            if not resume:
                raise BadInput(f"{path}: there is a file already; --resume goes on with it")
            self._load(path)
        else:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise BadInput(f"{path}: cannot be written ({(error.strerror or '').lower()})") from None
        self.write(self._summary)

    def _load(self, path: Path) -> None:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise BadInput(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
        try:
            settings, self._summary = content["settings"], content["summary"]
            trials = [Trial.from_json(entry) for entry in content["trials"]]
        except (KeyError, TypeError, ValueError, ArithmeticError):
            raise BadInput(f"{path}: expected a file that this experiment has written") from None
        if not isinstance(settings, dict):
            raise BadInput(f"{path}: expected a file that this experiment has written")
        if settings != self._settings:
            theirs, ours = (", ".join(f"{k}={v}" for k, v in s.items()) for s in (settings, self._settings))
            raise BadInput(f"{path}: expected a file of the settings {ours}, found {theirs}")
        self.trials = {trial.task: trial for trial in trials}

    def write(self, summary: Any) -> None:
        """Write the file, with what is to be said of all trials.

        Raises:
            BadInput: If that is impossible.
        """
        self._summary = summary
        if self._path is not None:
            head = f'"settings": {json.dumps(self._settings)},\n"summary": {json.dumps(summary, indent=1)}'
            lines = ",\n".join(trial.to_json() for trial in self.trials.values())
            write_whole(self._path, f'{{{head},\n"trials": [\n{lines}\n]}}\n')

    def complete(self, tasks: Sequence[Task], processes: int) -> bool:
        """Make the trials that are missing; whether all are there now, which they are not after Ctrl-C.

        Whatever happens, the file holds in the end what was finished, in the order of the tasks.

        Args:
            tasks: What is to be done.
            processes: Most trials at a time.

        Raises:
            BadInput: If an agent cannot work on a problem, or the file cannot be written.
            InvalidProof: If a proof does not hold.
        """
        missing = [task for task in tasks if task not in self.trials]
        written = time.monotonic()
        try:
            with tqdm(total=len(tasks), initial=len(tasks) - len(missing), unit="trial", file=sys.stderr) as bar:
                for task, trial in in_processes(attempt, missing, processes):
                    self.trials[task] = trial
                    bar.update()
                    if time.monotonic() > written + WRITING_INTERVAL:
                        self.write(self._summary)
                        written = time.monotonic()
        except KeyboardInterrupt:
            return False
        finally:
            # Others that the file may hold come first.
            self.trials = {**_without(self.trials, tasks), **{t: self.trials[t] for t in tasks if t in self.trials}}
            self.write(self._summary)
        return True


def _without(trials: Mapping[Task, Trial], tasks: Iterable[Task]) -> dict[Task, Trial]:
    chosen = set(tasks)
    return {task: trial for task, trial in trials.items() if task not in chosen}
