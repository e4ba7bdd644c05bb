"""Entries: files with certificates and a declared cost, and their check."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from agents import prove
from agents.registry import SavedAgent
from experiments.executors import Executor, ExecutorLost, Failure
from experiments.leaderboard.suites import problem_of, specs_by_name
from experiments.trials import agent_of
from polyproof_gym import BadInput, InvalidProof, ResourceLimit, __version__
from polyproof_gym.problems.json_form import problem_to_json
from polyproof_gym.proofs import checker

FORMAT, VERSION = "polyproof-leaderboard-entry", 1

KEYS = ("format", "version", "name", "about", "command", "cost", "certificates")
COST = ("seconds", "machine", "training")
"""What is declared: seconds of search for all certificates together, on which machine, and what training came before.
They are text, so that an entry may say more."""

LONGEST_NAME, LONGEST_TEXT = 60, 400
"""Most characters of an entry's name, and of what it says of itself."""


@dataclass(frozen=True)
class Entry:
    """An entry that has been checked.

    Attributes:
        name: What it is called in the tables.
        about: What found the certificates, in a sentence.
        command: How they are found again.
        cost: What it took, see :data:`COST`.
        digest: SHA-256 of its file.
        bounds: The bounds that its certificates prove, as ``"p/q"``, by the spec strings of the problems.
        lines: How many lines these certificates have, axioms included.
    """

    name: str
    about: str
    command: str
    cost: Mapping[str, str]
    digest: str
    bounds: Mapping[str, str]
    lines: Mapping[str, int]


def read_entry(path: Path) -> Entry:
    """Read an entry, and check all its certificates.

    Raises:
        BadInput: If it cannot be read, or is no entry.
        InvalidProof: If a certificate does not hold, or is of a problem that the suites do not have.
        ResourceLimit: If the file, or a certificate, is too large for the limits of the checker.
    """
    try:
        content = checker.parse(checker.read(str(path)))
    except checker.Unreadable as error:
        raise BadInput(f"{path}: {error}") from None
    except checker.ResourceLimit as error:
        raise ResourceLimit(f"{path}: {error}") from None
    try:
        texts = _texts(content)
        bounds, lines = _checked(content["certificates"])
    except (BadInput, InvalidProof, ResourceLimit) as error:
        raise type(error)(f"{path}: {error}") from None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Entry(texts["name"], texts["about"], texts["command"], content["cost"], digest, bounds, lines)


def _texts(content: Any) -> dict[str, str]:
    """What an entry says of itself.

    Raises:
        BadInput: If something is missing, or something else than expected.
    """
    if not isinstance(content, dict) or [content.get(key) for key in ("format", "version")] != [FORMAT, VERSION]:
        raise BadInput(f'expected an object with "format": "{FORMAT}" and "version": {VERSION}')
    if content.keys() != set(KEYS):
        raise BadInput(f"expected the keys {', '.join(KEYS)}")
    cost = content["cost"]
    if not isinstance(cost, dict) or cost.keys() != set(COST):
        raise BadInput(f"cost: expected the keys {', '.join(COST)}")
    texts = {key: content[key] for key in ("name", "about", "command")}
    for key, text in {**texts, **{f"cost: {key}": value for key, value in cost.items()}}.items():
        longest = LONGEST_NAME if key == "name" else LONGEST_TEXT
        if not isinstance(text, str) or not 0 < len(text) <= longest or not text.isprintable() or "|" in text:
            raise BadInput(f"{key}: expected one line of text without |, of at most {longest} characters")
    return texts


def _checked(certificates: Any) -> tuple[dict[str, str], dict[str, int]]:
    """The bounds that certificates prove, and how many lines they have, by the spec strings of their problems."""
    if not isinstance(certificates, list) or not certificates:
        raise BadInput("certificates: expected a list of proof files' contents")
    bounds: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, certificate in enumerate(certificates, start=1):
        place = f"certificate {number}"
        try:
            bound = checker.check(certificate)
        except checker.Unreadable as error:
            raise BadInput(f"{place}: {error}") from None
        except checker.ResourceLimit as error:
            raise ResourceLimit(f"{place}: too large to be checked, {error}") from None
        except checker.Rejected as error:
            raise InvalidProof(f"{place}: rejected, {error}") from None
        name = certificate["problem"]["name"]
        spec = specs_by_name().get(name)
        if spec is None:
            raise InvalidProof(f"{place}: no suite has a problem called {name[:LONGEST_NAME]!r}")
        if certificate["problem"] != problem_to_json(problem_of(spec), certificate["version"]):
            raise InvalidProof(f"{place}: its problem is another one than {spec}, though it is called so")
        if spec in bounds:
            raise BadInput(f"{place}: expected one certificate for {spec}, got a second one")
        bounds[spec], lines[spec] = str(Fraction(bound)), num_lines(certificate)
    return bounds, lines


def num_lines(node: Mapping[str, Any]) -> int:
    """The lines of a certificate, of all its cases together."""
    count, open_nodes = 0, [node]
    while open_nodes:
        node = open_nodes.pop()
        count += len(node.get("lines", ()))
        open_nodes += [node[side] for side in ("below", "above") if side in node]
    return count


class Certified(NamedTuple):
    """What comes of a problem.

    Attributes:
        certificate: The content of the proof file; ``None`` if the agent cannot work on the problem.
        seconds: Processor time that it took.
        refusal: Why it cannot.
    """

    certificate: dict[str, Any] | None
    seconds: float
    refusal: str = ""


@dataclass(frozen=True)
class Certify:
    """Finds certificates, wherever it is sent.

    Attributes:
        agent: Spec string of the agent, or the contents of its files.
        max_steps: Step budget for every problem.
        seed: Seed of the agent's random choices.
        rules: Spec strings of the inference rules, with commas between.
    """

    agent: str | SavedAgent
    max_steps: int
    seed: int
    rules: str

    def __call__(self, spec: str) -> Certified:
        """The certificate for the problem of a spec string."""
        prover, problem = agent_of(self.agent), problem_of(spec)
        try:
            prover.require(problem)
        except BadInput as error:
            return Certified(None, 0.0, str(error))
        started = time.process_time()
        proof = prove(problem, prover, max_steps=self.max_steps, seed=self.seed, rules=self.rules)
        return Certified(proof.to_json(), time.process_time() - started)


def make_entry(
    agent: str,
    specs: Sequence[str],
    *,
    name: str,
    max_steps: int,
    seed: int,
    rules: str,
    command: str,
    executor: Executor,
) -> tuple[dict[str, Any], int]:
    """The content of an entry: the certificates that an agent finds, for as many problems as it can work on.

    Args:
        agent: Spec string of the agent.
        specs: Spec strings of the problems.
        name: What the entry is called.
        max_steps: Step budget for every problem.
        seed: Seed of the agent's random choices.
        rules: Spec strings of the inference rules, with commas between.
        command: How the entry is made again.
        executor: What works on the problems.

    Returns:
        The content, with the certificates in the order of the problems, and how many problems are missing since what
        worked on them is gone.

    Raises:
        BadInput: If there is no such agent, or it can work on none of the problems.
    """
    agent_of(agent)  # so that an unknown one is told of here
    work = Certify(SavedAgent.of(agent) or agent, max_steps, seed, rules)
    found: dict[str, Certified] = {}
    num_missing = len(specs)
    with tqdm(total=len(specs), unit="problem", file=sys.stderr) as bar:
        try:
            for spec, outcome in executor.outcomes(work, specs):
                bar.update()
                if isinstance(outcome, Failure):
                    bar.write(f"{spec}: given up, {outcome.reason}", file=sys.stderr)
                    continue
                num_missing -= 1
                if outcome.certificate is None:
                    bar.write(f"{spec}: {outcome.refusal}", file=sys.stderr)
                else:
                    found[spec] = outcome
        except ExecutorLost as lost:
            bar.write(f"{lost}; what was found by then follows", file=sys.stderr)
    if not found:
        raise BadInput(f"expected an agent that can work on some of the problems, got {agent}")
    content = {
        "format": FORMAT,
        "version": VERSION,
        "name": name,
        "about": f"agent {agent} of polyproof-gym {__version__}, {max_steps} steps, rules {rules}",
        "command": command,
        "cost": {
            "seconds": f"{sum(each.seconds for each in found.values()):.1f}",
            "machine": f"{executor.resources() or f'{os.cpu_count()} cores'}, {platform.machine()}",
            "training": "none",
        },
        "certificates": [found[spec].certificate for spec in specs if spec in found],
    }
    return content, num_missing
