"""A finished proof: the derivations, the combination, and the bound that they establish exactly."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from polyproof_gym.errors import BadInput, InvalidProof
from polyproof_gym.polynomials import Monomial, Polynomial, Rational
from polyproof_gym.problems.problem import Problem
from polyproof_gym.proofs.memory import Axiom, Memory, Reason

Status = Literal["proved", "undecided", "bounded"]


@dataclass(frozen=True)
class SearchRecord:
    """How a proof was found.

    Attributes:
        agent: Name of the agent.
        seed: Seed of its random choices.
        steps: Derivations it made.
        inequalities: Size of the memory at the end.
        lp_rows: Monomials in the last LP.
        lp_columns: Inequalities in the last LP.
        seconds: Wall time of the search, without the loading of code and the making of the exact proof.
        bounds: The bound at the start and after every move of the agent, in floats.
        cold_solves: How often the solver was doubted and the LP solved from scratch.
    """

    agent: str
    seed: int
    steps: int
    inequalities: int
    lp_rows: int
    lp_columns: int
    seconds: float
    bounds: tuple[float, ...] = ()
    cold_solves: int = 0


@dataclass(frozen=True)
class Proof:
    """A bound with all that is needed to check it.

    Attributes:
        problem: What the bound is about.
        reasons: The derivation lines, in order; parents are line numbers.
        multipliers: The nonnegative multipliers, by line.
        target: The bound that was asked for, in the problem's own sense, if one was.
        search: How the proof was found, where that is known.
    """

    problem: Problem
    reasons: tuple[Reason, ...]
    multipliers: Mapping[int, Rational]
    target: Rational | None = None
    search: SearchRecord | None = field(default=None, compare=False)

    @cached_property
    def lines(self) -> tuple[Polynomial, ...]:
        """What every line derives, computed from its reason."""
        memory = Memory(self.problem.ring, self.problem.minimised)
        for number, reason in enumerate(self.reasons):
            try:
                reason.require(self.problem)
            except InvalidProof as error:
                raise InvalidProof(f"line {number}: {error}") from None
            if any(not 0 <= parent < number for parent in reason.parents):
                raise InvalidProof(f"line {number}: refers to a line that does not come before it")
            try:
                added = memory.add(reason)
            except ValueError as error:
                raise InvalidProof(f"line {number}: {error}") from None
            if added != number:
                raise InvalidProof(f"line {number}: repeats line {added}")
        return tuple(memory[number] for number in range(len(memory)))

    @cached_property
    def bound(self) -> Fraction:
        """The proved bound, in the problem's own sense."""
        return self.problem.sign * Fraction(proved_bound(self.problem.minimised, self.lines, self.multipliers))

    @property
    def status(self) -> Status:
        """``proved`` or ``undecided`` where a target was given, and otherwise ``bounded``."""
        if self.target is None:
            return "bounded"
        sign = self.problem.sign
        return "proved" if sign * self.bound >= sign * self.target else "undecided"

    @property
    def gap(self) -> Fraction | None:
        """Distance between the bound and the best feasible value known, ``None`` if none is; 0 means optimal."""
        incumbent = self.problem.incumbent
        return None if incumbent is None else abs(self.bound - incumbent)

    @property
    def num_derivations(self) -> int:
        """Number of lines that are not axioms."""
        return sum(not isinstance(reason, Axiom) for reason in self.reasons)

    def verify(self) -> None:
        """Replay every line and the final combination in exact arithmetic.

        Raises:
            InvalidProof: With the reason why the proof does not hold.
        """
        lines = self.lines
        for number, value in self.multipliers.items():
            if not (type(number) is int and type(value) in (int, Fraction)):
                raise InvalidProof(f"multiplier of line {number}: expected an exact number, got {value!r}")
            if not 0 <= number < len(lines):
                raise InvalidProof(f"multiplier of line {number}: there is no such line")
            if value < 0:
                raise InvalidProof(f"multiplier of line {number}: expected a nonnegative number, got {value}")
        incumbent, sign = self.problem.incumbent, self.problem.sign
        if incumbent is not None and sign * self.bound > sign * incumbent:
            raise InvalidProof(f"the bound {self.bound} contradicts the feasible value {incumbent}")

    def to_json(self) -> dict[str, Any]:
        """The proof file's content: the problem written out, the lines with their reasons, multipliers and bound."""
        problem, ring = self.problem, self.problem.ring
        return {
            "format": "polyproof-certificate",
            "version": 1,
            "problem": {
                "name": problem.name,
                "family": problem.family,
                "sense": problem.sense,
                "variables": list(problem.variables),
                "box": [[str(low), str(high)] for low, high in problem.box],
                "unit_variables": list(ring.variables),
                "objective": _terms(problem.objective),
                "axioms": [_terms(axiom) for axiom in problem.axioms],
                "idempotent": sorted(ring.idempotent),
                "exclusive": [list(pair) for pair in sorted(ring.exclusive)],
            },
            "lines": [reason.to_json() for reason in self.reasons],
            "multipliers": [[number, str(value)] for number, value in self.multipliers.items()],
            "bound": str(self.bound),
        }

    def save(self, path: str | Path) -> None:
        """Write the proof to a file, which holds either its old content or the whole proof at any time.

        Raises:
            BadInput: If the file cannot be written.
        """
        path = Path(path).resolve()
        text = json.dumps(self.to_json(), indent=1) + "\n"
        if path.exists() and not path.is_file():
            raise BadInput(f"{path}: cannot be written (expected a regular file)")
        try:
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        except OSError as error:
            raise BadInput(f"{path}: cannot be written ({(error.strerror or str(error)).lower()})") from None
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, _mode_of(path))
            os.replace(temporary, path)
        except OSError as error:
            raise BadInput(f"{path}: cannot be written ({(error.strerror or str(error)).lower()})") from None
        finally:
            Path(temporary).unlink(missing_ok=True)


def proved_bound(
    objective: Polynomial, lines: Memory | tuple[Polynomial, ...], multipliers: Mapping[int, Rational]
) -> Rational:
    """The lower bound that nonnegative multipliers prove: what the signs say of the objective less the combination."""
    remainder: dict[Monomial, Rational] = dict(objective.terms)
    for number, multiplier in multipliers.items():
        for monomial, coefficient in lines[number].terms.items():
            remainder[monomial] = remainder.get(monomial, 0) - multiplier * coefficient
    return Polynomial(objective.ring, remainder).lower_bound_on_unit_box()


def _terms(polynomial: Polynomial) -> list[list[Any]]:
    return [[str(coefficient), list(monomial)] for monomial, coefficient in polynomial.sorted_terms()]


def _mode_of(path: Path) -> int:
    """The permissions of a file, or those that a new one would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
