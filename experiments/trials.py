"""One agent on one problem: what is reported of it, and a file of many of them that grows while they are made."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from agents import Agent, make_agent, prove
from agents.registry import SavedAgent
from experiments.cli.problem_source import is_file_name, named
from experiments.outputs import as_file_name
from experiments.result_file import Made, ResultFile
from polyproof_gym import InvalidProof, Problem, Proof, ProofTree
from polyproof_gym.arguments import as_whole, is_finite_number
from polyproof_gym.problems import relabelled
from polyproof_gym.proofs.shrinking import shrink


def problem_of(text: str) -> Problem:
    """The problem of a spec string, or of a file, which is called by its path: by its name a problem is made again.

    Raises:
        BadInput: If there is no such problem, or the file cannot be read.
    """
    problem = named(text)
    return replace(problem, name=text) if is_file_name(text) else problem


@dataclass(frozen=True)
class Task:
    """What an agent is to do; the same task always gives the same proof, unless shortening it is cut by time.

    Attributes:
        problem: Spec string of the problem, or the path of its file.
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

    def run_folder(self, folder: Path) -> Path:
        """The place of what is written of this task in a folder for many: one for every problem, agent and order."""
        place = folder / as_file_name(self.problem) / as_file_name(self.agent)
        return place if self.relabelling is None else place / f"order-{self.relabelling}"

    def proof_file(self, folder: Path) -> Path:
        """The file of the proof in a folder for many."""
        return self.run_folder(folder) / "proof.json"

    def make_problem(self, of_files: Mapping[str, Problem] | None = None) -> Problem:
        """The problem, relabelled if that is asked for.

        Args:
            of_files: The problems of files that were read already, by their paths.
        """
        problem = (of_files or {}).get(self.problem) or problem_of(self.problem)
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
        columns: Inequalities in the LP at the moments of the curve; without one, in the last LP.
    """

    task: Task
    exact_bound: str
    curve: tuple[float, ...] | None
    steps: int
    derivations: int
    seconds: float
    columns: tuple[int, ...]

    @cached_property
    def bound(self) -> float:
        """The exact bound at the end, as a float."""
        return float(Fraction(self.exact_bound))

    def to_json(self) -> str:
        """The trial on one line."""
        return json.dumps({**_values(self), "task": _values(self.task)})

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
        counts = (task.steps, task.seed, content["steps"], content["derivations"], *content["columns"])
        proper = all(isinstance(text, str) for text in texts) and all(is_finite_number(number) for number in numbers)
        is_order = task.relabelling is None or as_whole(task.relabelling) is not None
        if not (proper and is_order and isinstance(task.shrinking, bool)):
            raise TypeError("expected texts and numbers where a trial has them")
        columns = tuple(content["columns"])
        trial = cls(**{**content, "task": task, "curve": None if curve is None else tuple(curve), "columns": columns})
        if len(columns) != len(trial.curve or (0,)):
            raise ValueError("expected as many numbers of columns as bounds")
        if any(as_whole(count) is None for count in counts) or not np.isfinite(trial.bound):
            raise ValueError("expected whole numbers as counts, and a finite bound")
        return trial


def _values(entry: Task | Trial) -> dict[str, Any]:
    """The attributes by their names, as ``asdict`` gives them, but without copies of all numbers."""
    return {field.name: getattr(entry, field.name) for field in fields(entry)}


@cache
def agent_of(given: str | SavedAgent) -> Agent:
    """The agent of a spec string, or of a saved agent's files, made once in every process.

    Raises:
        BadInput: If there is none.
    """
    agent = make_agent(given) if isinstance(given, str) else given.make()
    if "torch" in sys.modules:  # a learned agent, whose network is too small to gain from threads
        sys.modules["torch"].set_num_threads(1)
    return agent


def proved(task: Task, agent: Agent, of_files: Mapping[str, Problem] | None = None) -> Proof | ProofTree:
    """Let an agent work, and check its proof exactly.

    Args:
        task: What it is to do.
        agent: The agent of the task.
        of_files: See :meth:`Task.make_problem`.

    Raises:
        BadInput: If the agent cannot work on the problem.
        InvalidProof: If the proof does not hold, or its bound passes the value at the feasible point.
    """
    problem = task.make_problem(of_files)
    proof = prove(problem, agent, max_steps=task.steps, seed=task.seed, rules=task.rules)
    proof.verify()
    if proof.gap is not None and proof.gap < 0:
        raise InvalidProof(f"{problem.name}: the bound {proof.bound} passes the value {problem.incumbent} of a point")
    return proof


def attempt(task: Task) -> Trial:
    """What an agent does; the errors are those of :func:`proved`."""
    return trial_of(task, proved(task, agent_of(task.agent)))


@dataclass(frozen=True)
class Attempts:
    """Makes trials, wherever it is sent.

    Attributes:
        agents: The saved agents of the tasks, by their spec strings; others come with the package.
        keeps_proofs: Whether the proofs are to be kept.
        problems: The problems of files, by their paths, as other machines need not have the files.
    """

    agents: Mapping[str, SavedAgent]
    keeps_proofs: bool = False
    problems: Mapping[str, Problem] = field(default_factory=dict)

    def __call__(self, task: Task) -> Made[Trial]:
        """Make a trial; the errors are those of :func:`proved`."""
        proof = proved(task, agent_of(self.agents.get(task.agent, task.agent)), self.problems)
        files = {str(task.proof_file(Path())): proof.to_file()} if self.keeps_proofs else {}
        return Made(trial_of(task, proof), files)


def trial_of(task: Task, proof: Proof | ProofTree) -> Trial:
    """What is reported of a proof that an agent found."""
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
        columns=search.columns if one_by_one else (search.lp_columns,),
    )


class TrialFile(ResultFile[Task, Trial]):
    """Trials, and the JSON file that holds them; its folder is for their proofs, see :meth:`Task.proof_file`."""

    entries, unit = "trials", "trial"

    @property
    def trials(self) -> dict[Task, Trial]:
        """The trials, by what was to be done."""
        return self.results

    def read(self, entry: Mapping[str, Any]) -> Trial:
        """See :meth:`Trial.from_json`."""
        return Trial.from_json(entry)

    def work(self, tasks: Iterable[Task]) -> Attempts:
        """See :class:`Attempts`."""
        chosen = [*tasks]
        saved = {spec: SavedAgent.of(spec) for spec in {task.agent for task in chosen}}
        agents = {spec: agent for spec, agent in saved.items() if agent is not None}
        problems = {text: problem_of(text) for text in {task.problem for task in chosen} if is_file_name(text)}
        return Attempts(agents, self.folder is not None, problems)
