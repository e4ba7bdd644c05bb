"""An independent checker of proof files: standard library only, exact arithmetic, nothing taken on trust.

``python checker.py proof.json`` says whether the file proves its claim: at every point of the box where *idempotent*
variables are 0 or 1, *exclusive* pairs have product 0 and no axiom is negative, it is ``objective >= bound`` (for the
sense "min") or ``objective <= bound`` (for "max").

Everything is replayed from the problem as the file writes it out. Objective and axioms are carried over to unit
coordinates ``u`` with ``x = low + (high - low) * u``. Each line is an axiom, or an earlier line times ``u_i`` or
``1 - u_i``, reduced by ``u_i^2 = u_i`` and ``u_i * u_j = 0``; hence it is nonnegative. What the combination of lines
leaves of the objective is bounded by the signs of its coefficients, as every monomial lies between 0 and 1. Where all
variables are 0 or 1 and the objective's coefficients whole, the bound may finally be rounded to a whole number.
A file cannot make the checker hang: its size, its numbers and the work that it causes are limited.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
from fractions import Fraction
from typing import Any

MAX_BYTES = 4_000_000  # of a file
MAX_DIGITS = 4000  # of a number, and of the common denominator of the combination
MAX_WORK = 500_000  # terms computed; fractions, long monomials and long numbers count more than once
Rational = int | Fraction
Polynomial = dict[tuple[int, ...], Rational]  # a monomial is the sorted tuple of its variables, with repetition

TOP_KEYS = {"format", "version", "problem", "lines", "multipliers", "bound"}
PROBLEM_KEYS = {"name", "family", "sense", "variables", "box", "idempotent", "exclusive", "objective", "axioms"}
REASON = re.compile(r"axiom (\d{1,9})|times (1-)?x_(\d{1,9}) of line (\d{1,9})", re.ASCII)
NUMBER = re.compile(rf"(-?\d{{1,{MAX_DIGITS}}})(?:/(\d{{1,{MAX_DIGITS}}}))?", re.ASCII)


class Unreadable(Exception):
    """What is given is not a proof file."""


class Rejected(Exception):
    """The file does not prove what it claims; the message gives the reason."""


def read(path: str) -> dict[str, Any]:
    """The content of a proof file, as plain data; raises :class:`Unreadable` where there is none."""
    try:
        if os.path.exists(path) and not (os.path.isfile(path) and os.path.getsize(path) <= MAX_BYTES):
            raise Unreadable(f"expected a regular file of at most {MAX_BYTES} bytes")  # a pipe may never end
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES).decode("utf-8")
        content = json.loads(text, object_pairs_hook=_object, parse_int=_int, parse_float=_int, parse_constant=_int)
    except (OSError, RecursionError, ValueError) as error:
        raise Unreadable(f"expected a JSON file ({getattr(error, 'strerror', None) or error})") from None
    if not isinstance(content, dict) or content.get("format") != "polyproof-certificate":
        raise Unreadable('expected an object with "format": "polyproof-certificate"')
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise Unreadable("a key occurs twice in one object")
    return dict(pairs)


def _int(text: str) -> int:
    if NUMBER.fullmatch(text) is None:
        raise Unreadable(f"expected whole numbers of at most {MAX_DIGITS} digits, and others as text, got {text[:20]}")
    return int(text)


def check(content: dict[str, Any]) -> Rational:
    """The bound that the content of a proof file proves; raises :class:`Rejected` unless it is the one claimed."""
    rounded = isinstance(content, dict) and "rounded_from" in content
    _require_keys(content, "the file", TOP_KEYS | {"rounded_from"} if rounded else TOP_KEYS)
    if (content["format"], type(content["version"]), content["version"]) != ("polyproof-certificate", int, 1):
        raise Rejected('expected "format": "polyproof-certificate" and "version": 1')
    problem = _Problem(content["problem"])
    lines = _replay(problem, _list(content["lines"], "lines"))
    proved = _combine(problem, lines, _list(content["multipliers"], "multipliers"))
    bound = problem.number(content["bound"], "bound")
    claimed = problem.sign * (problem.number(content["rounded_from"], "rounded_from") if rounded else bound)
    whole = len(problem.idempotent) == len(problem.box) and all(c.denominator == 1 for c in problem.objective.values())
    if rounded and not whole:
        raise Rejected("rounded_from: the objective may take values that are not whole numbers")
    if rounded and problem.sign * bound != math.ceil(claimed):
        raise Rejected("bound: expected the whole number that rounded_from leads to")
    if claimed > proved:
        raise Rejected("bound: the combination of the lines does not prove it")
    return bound


class _Problem:
    """The problem of a file in unit coordinates, and the arithmetic modulo its rewriting rules."""

    def __init__(self, content: Any) -> None:
        _require_keys(content, "problem", PROBLEM_KEYS)
        self.work = 0
        if content["sense"] not in ("min", "max") or not all(isinstance(content[k], str) for k in ("name", "family")):
            raise Rejected('problem: expected a name, a family, and the sense "min" or "max"')
        self.sign = 1 if content["sense"] == "min" else -1
        names = _list(content["variables"], "variables")
        self.box = [[self.number(x, "box") for x in _list(ends, "box", 2)] for ends in _list(content["box"], "box")]
        proper = all(isinstance(name, str) and re.fullmatch(r"[^\W\d]\w*", name) for name in names)
        if not proper or len(set(names)) < len(names) or len(self.box) != len(names):
            raise Rejected("variables: expected distinct names, and an interval of the box for each")
        if any(low >= high for low, high in self.box):
            raise Rejected("box: expected the lower end of every interval first")
        self.idempotent = {self.variable(i, "idempotent", True) for i in _list(content["idempotent"], "idempotent")}
        self.excluded_by: list[set[int]] = [set() for _ in names]
        for pair in _list(content["exclusive"], "exclusive"):
            i, j = (self.variable(i, "exclusive", True) for i in _list(pair, "exclusive", 2))
            if i == j:
                raise Rejected("exclusive: expected pairs of different variables")
            self.excluded_by[i].add(j)
            self.excluded_by[j].add(i)
        self.objective = self.polynomial(content["objective"], "objective")
        self.axioms = [self.polynomial(axiom, "axioms") for axiom in _list(content["axioms"], "axioms")]
        if any(c.denominator > 1 for axiom in self.axioms for c in axiom.values()):
            raise Rejected("axioms: expected whole coefficients in unit coordinates")
        stated = {frozenset(a.items()) for a in self.axioms if len(a) < 3 and all(abs(c) == 1 for c in a.values())}
        if any({frozenset({((i,), 1)}), frozenset({((), 1), ((i,), -1)})} - stated for i in range(len(names))):
            raise Rejected("axioms: expected also those that the box gives")

    def variable(self, i: Any, where: str, binary: bool = False) -> int:
        self.spend(1)
        if type(i) is not int or not 0 <= i < len(self.box) or (binary and self.box[i] != [0, 1]):
            raise Rejected(f"{where}: expected the number of a variable" + (" with the box 0 to 1" if binary else ""))
        return i

    def number(self, value: Any, where: str) -> Rational:
        match = NUMBER.fullmatch(value) if isinstance(value, str) else None
        self.spend(3 + (len(match[0]) // 16 if match else 0))
        if match and (match[2] is None or int(match[2])):
            return Fraction(int(match[1]), int(match[2])) if match[2] else int(match[1])
        if type(value) is int and value.bit_length() <= MAX_DIGITS * math.log2(10):
            return value
        raise Rejected(f'{where}: expected numbers such as 3 or "-5/7" of at most {MAX_DIGITS} digits')

    def polynomial(self, terms: Any, where: str) -> Polynomial:
        """The polynomial in unit coordinates that a list of coefficients and monomials stands for."""
        self.spend(2)
        total: Polynomial = {}
        for coefficient, monomial in (_list(term, where, 2) for term in _list(terms, where)):
            product: Polynomial = {(): self.number(coefficient, where)}
            for i in _list(monomial, where):
                low, high = self.box[self.variable(i, where)]
                product = self.add(self.add({}, high - low, self.times(product, i)), low, product)
            self.add(total, 1, product)
        return {m: c.numerator if c.denominator == 1 else c for m, c in total.items() if c}

    def times(self, polynomial: Polynomial, i: int) -> Polynomial:
        """The polynomial times ``u_i``, in normal form."""
        product: Polynomial = {}
        for monomial, coefficient in polynomial.items():
            self.spend(1 + len(monomial) // 16 + coefficient.numerator.bit_length() // 512)
            if self.excluded_by[i].isdisjoint(monomial):
                same = i in self.idempotent and i in monomial
                image = monomial if same else tuple(sorted((*monomial, i)))
                product[image] = product.get(image, 0) + coefficient
        return product

    def add(self, total: Polynomial, factor: Rational, polynomial: Polynomial) -> Polynomial:
        """Add a multiple of a polynomial to ``total``, which is returned."""
        for monomial, coefficient in polynomial.items() if factor else ():
            old = total.get(monomial, 0)
            bits = [number.numerator.bit_length() for number in (factor, coefficient, old)]
            more = sum(number.denominator.bit_length() for number in (factor, coefficient, old)) - 3
            work = (more + sum(bits)) ** 2 // 2**21 if more else bits[0] * bits[1] // 2**22
            self.spend((5 if more else 1) + sum(bits) // 512 + work)
            total[monomial] = old + factor * coefficient
        return total

    def spend(self, work: int) -> None:
        self.work += work
        if self.work > MAX_WORK:
            raise Rejected(f"checking takes more work than is allowed ({MAX_WORK} terms)")


def _replay(problem: _Problem, reasons: list[Any]) -> list[Polynomial]:
    """What every line derives."""
    lines: list[Polynomial] = []
    for number, reason in enumerate(reasons):
        match = REASON.fullmatch(reason) if isinstance(reason, str) else None
        if match is None:
            raise Rejected(f'line {number}: expected "axiom 0", "times x_0 of line 0" or "times 1-x_0 of line 0"')
        problem.spend(1)
        if match[1] is not None:
            if int(match[1]) >= len(problem.axioms):
                raise Rejected(f"line {number}: there is no axiom {match[1]}")
            lines.append(problem.axioms[int(match[1])])
        else:
            if int(match[4]) >= number:
                raise Rejected(f"line {number}: refers to line {match[4]}, which does not come before it")
            parent = lines[int(match[4])]
            product = problem.times(parent, problem.variable(int(match[3]), f"line {number}"))
            line = problem.add(problem.add({}, 1, parent), -1, product) if match[2] else product
            lines.append({m: c for m, c in line.items() if c})
    return lines


def _combine(problem: _Problem, lines: list[Polynomial], items: list[Any]) -> Fraction:
    """The bound on the minimised objective that the nonnegative combination of the lines proves."""
    multipliers: dict[int, Rational] = {}
    for number, value in (_list(item, "multipliers", 2) for item in items):
        if type(number) is not int or not 0 <= number < len(lines) or number in multipliers:
            raise Rejected("multipliers: expected numbers of lines, each at most once")
        multipliers[number] = problem.number(value, "multipliers")
        if multipliers[number] < 0:
            raise Rejected(f"multipliers: that of line {number} is negative")
    common = 1  # a denominator for all, so that the sums below are of whole numbers
    for value in (*problem.objective.values(), *multipliers.values()):
        common = math.lcm(common, value.denominator)
        problem.spend(1 + common.bit_length() // 256)
        if common.bit_length() > MAX_DIGITS * math.log2(10):
            raise Rejected(f"multipliers: expected a common denominator of at most {MAX_DIGITS} digits")
    remainder = problem.add({}, common * problem.sign, problem.objective)
    for number, value in multipliers.items():
        problem.add(remainder, int(-common * value), lines[number])
    proved = remainder.pop((), 0) + sum(c for c in remainder.values() if c < 0)
    return Fraction(proved) / common


def _require_keys(content: Any, where: str, keys: set[str]) -> None:
    if not isinstance(content, dict) or content.keys() != keys:
        raise Rejected(f"{where}: expected an object with the keys {', '.join(sorted(keys))}")


def _list(value: Any, where: str, length: int | None = None) -> list[Any]:
    if not isinstance(value, list) or length not in (None, len(value)):
        raise Rejected(f"{where}: expected a list" + (f" of {length}" if length else ""))
    return value


def main(path: str) -> int:
    """Check a file and say what comes of it; 0 if it is valid, 1 if it is not, 2 if it is no proof file at all."""
    try:
        print(f"valid: the bound {check(read(path))} is proved")
    except (Unreadable, Rejected) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 1 if isinstance(error, Rejected) else 2
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Check a proof file.")
    parser.add_argument("file")
    sys.exit(main(parser.parse_args().file))
