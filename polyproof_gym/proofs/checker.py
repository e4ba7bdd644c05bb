"""An independent checker of proof files: standard library only, exact arithmetic, nothing taken on trust.

``python checker.py proof.json`` says whether the file proves its claim: at every point of the box where *idempotent*
variables are 0 or 1, *exclusive* pairs have product 0 and no axiom is negative, it is ``objective >= bound`` (for the
sense "min") or ``objective <= bound`` (for "max").

Everything is replayed from the problem as the file writes it out. Objective and axioms are carried over to unit
coordinates ``u`` with ``x = low + (high - low) * u``. Each line is an axiom, or an earlier line times ``u_i``,
``1 - u_i`` or another one, or a square, perhaps times an earlier line (see ``REASONS``), reduced by ``u_i^2 = u_i`` and
``u_i * u_j = 0``; hence it is nonnegative. What the combination of lines leaves of the objective is bounded by the
signs of its coefficients, as every monomial lies between 0 and 1. Where all variables are 0 or 1 and the objective's
coefficients whole, the bound may finally be rounded to a whole number.

A file cannot make the checker hang: its size, its numbers and the work that it causes are limited. What goes beyond
these limits is not called wrong; it is left undecided, with an exception and an exit status of its own.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from fractions import Fraction
from typing import Any

MAX_BYTES = 40_000_000  # of a file
BYTES_PER_ITEM = 5  # that many bytes of the limit allow one item
MAX_DIGITS = 4000  # of a number, and of the common denominator of the combination
MAX_WORK = 15_000_000  # units of at most some 0.3 microseconds and 50 bytes; a term that is computed takes two or more
Rational = int | Fraction
Polynomial = dict[tuple[int, ...], int]  # a monomial is the sorted tuple of its variables, with repetition

TOP_KEYS = {"format", "version", "problem", "lines", "multipliers", "bound"}
PROBLEM_KEYS = {"name", "family", "sense", "variables", "box", "idempotent", "exclusive", "objective", "axioms"}
NUMBER = re.compile(r"(-?\d+)(?:/(\d+))?", re.ASCII)
NAME = re.compile(r"[^\W\d]\w*")
TERM = re.compile(r"(-?\d+)((?:\*x_\d{1,9}(?:\^\d{1,4})?)*)", re.ASCII)
FACTOR = re.compile(r"\*x_(\d+)(?:\^(\d+))?", re.ASCII)


class Unreadable(Exception):
    """What is given is not a proof file."""


class Rejected(Exception):
    """The file does not prove what it claims; the message gives the reason."""


class ResourceLimit(Exception):
    """The file is too large, or takes too much work, for the limits set: whether it proves its claim is left open."""


def verify(path: str, max_work: int = MAX_WORK, max_bytes: int = MAX_BYTES) -> tuple[dict[str, Any], Rational]:
    """The content of a proof file and the bound that it proves; see :func:`read` and :func:`check`."""
    try:
        content = read(path, max_bytes)
        return content, check(content, max_work)
    except MemoryError:
        raise ResourceLimit("the check takes more memory than there is") from None


def read(path: str, max_bytes: int = MAX_BYTES) -> Any:
    """What a proof file holds, as plain data; raises :class:`Unreadable` or :class:`ResourceLimit`."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise Unreadable("expected a regular file")  # a pipe may never end
        with open(path, "rb") as file:
            size = os.path.getsize(path)
            data = file.read(size) if size <= max_bytes else b""
    except (OSError, ValueError) as error:
        raise Unreadable(f"expected a file that can be read ({getattr(error, 'strerror', None) or error})") from None
    require_size(size, items_in(data), max_bytes)
    try:
        text = data.decode("utf-8")
        return json.loads(text, object_pairs_hook=_object, parse_int=_int, parse_float=_float, parse_constant=_float)
    except (RecursionError, ValueError) as error:
        raise Unreadable(f"expected a JSON file ({error})") from None


def items_in(data: bytes) -> int:
    """About how many values there are in a JSON text; it is they that take memory."""
    return sum(map(data.count, (b",", b":", b"[", b"{")))


def require_size(size: int, items: int, max_bytes: int = MAX_BYTES) -> None:
    """Raise :class:`ResourceLimit` if a file has too many bytes or items."""
    if size > max_bytes or items > max_bytes // BYTES_PER_ITEM:
        what = f"{size} bytes" if size > max_bytes else f"{items} items"
        raise ResourceLimit(f"{what} are more than the limit set ({max_bytes} bytes)")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs[:100])
    if len(content) < len(pairs):
        raise Unreadable("a key occurs twice in one object, or there are more than 100")
    return content


def _int(text: str) -> int:
    _require_digits(len(text.lstrip("-")), "a number")
    return int(text)


def _float(text: str) -> int:
    raise Unreadable(f"expected whole numbers, and others as text, got {text[:20]}")


def _require_digits(count: float, where: str) -> None:
    if count > min(MAX_DIGITS, sys.get_int_max_str_digits() or MAX_DIGITS):
        raise ResourceLimit(f"{where}: more than {MAX_DIGITS} digits")


def check(content: Any, max_work: int = MAX_WORK) -> Rational:
    """The bound that the content of a proof file proves.

    Raises:
        Unreadable: If it is not that of a proof file.
        Rejected: If it does not prove the bound that it claims.
        ResourceLimit: If the check takes too much work, or numbers that are too long.
    """
    header = [content.get(key) for key in ("format", "version")] if isinstance(content, dict) else []
    if header not in (["polyproof-certificate", 1], ["polyproof-certificate", 2]) or type(header[1]) is not int:
        raise Unreadable('expected an object with "format": "polyproof-certificate" and "version": 1 or 2')
    rounded = "rounded_from" in content
    _require_keys(content, "the file", TOP_KEYS | {"rounded_from"} if rounded else TOP_KEYS)
    problem = _Problem(content["problem"], max_work)
    reasons = problem.items(content["lines"], "lines")
    multipliers = _multipliers(problem, content["multipliers"], len(reasons))
    proved = _combine(problem, _replay(problem, reasons, header[1]), multipliers)
    bound = problem.number(content["bound"], "bound")
    claimed = problem.sign * (problem.number(content["rounded_from"], "rounded_from") if rounded else bound)
    if rounded and (len(problem.idempotent) < len(problem.box) or problem.denominator > 1):
        raise Rejected("rounded_from: the objective may take values that are not whole numbers")
    if rounded and problem.sign * bound != math.ceil(claimed):
        raise Rejected("bound: expected the whole number that rounded_from leads to")
    if claimed > proved:
        raise Rejected("bound: the combination of the lines does not prove it")
    return bound


class _Problem:
    """The problem of a file in unit coordinates, and the arithmetic modulo its rewriting rules.

    The objective is a polynomial with whole coefficients, divided by ``denominator``.
    """

    def __init__(self, content: Any, max_work: int) -> None:
        _require_keys(content, "problem", PROBLEM_KEYS)
        self.max_work, self.work, self.longest = max_work, 0, 0
        if content["sense"] not in ("min", "max") or not all(isinstance(content[k], str) for k in ("name", "family")):
            raise Rejected('problem: expected a name, a family, and the sense "min" or "max"')
        self.sign = 1 if content["sense"] == "min" else -1
        names = self.items(content["variables"], "variables")
        ends = [_pair(ends, "box") for ends in self.items(content["box"], "box")]
        self.box = [(self.number(low, "box"), self.number(high, "box")) for low, high in ends]
        proper = all(isinstance(name, str) and NAME.fullmatch(name) for name in names)
        if not proper or len(set(names)) < len(names) or len(self.box) != len(names):
            raise Rejected("variables: expected distinct names, and an interval of the box for each")
        if any(low >= high for low, high in self.box):
            raise Rejected("box: expected the lower end of every interval first")
        # x_i = (low + step * u_i) / scale, in whole numbers
        scales = [math.lcm(low.denominator, high.denominator) for low, high in self.box]
        self.moves = [(int(a * s), int((b - a) * s), s) for (a, b), s in zip(self.box, scales, strict=True)]
        self.idempotent = {self.binary(i, "idempotent") for i in self.items(content["idempotent"], "idempotent")}
        self.excluded_by: dict[int, bytearray] = {}  # by variable, 1 for those with which its product is 0
        for pair in self.items(content["exclusive"], "exclusive"):
            i, j = (self.binary(i, "exclusive") for i in _pair(pair, "exclusive"))
            if i == j:
                raise Rejected("exclusive: expected pairs of different variables")
            for one, other in (pair, reversed(pair)):
                if one not in self.excluded_by:
                    self.spend(len(names) // 50)
                    self.excluded_by[one] = bytearray(len(names))
                self.excluded_by[one][other] = 1
        self.objective, self.denominator = self.polynomial(content["objective"], "objective")
        axioms = [self.polynomial(axiom, "axioms") for axiom in self.items(content["axioms"], "axioms")]
        if any(denominator > 1 for _, denominator in axioms):
            raise Rejected("axioms: expected whole coefficients in unit coordinates")
        self.axioms = [axiom for axiom, _ in axioms]
        stated = {frozenset(a.items()) for a in self.axioms if len(a) < 3 and all(abs(c) == 1 for c in a.values())}
        if any({frozenset({((i,), 1)}), frozenset({((), 1), ((i,), -1)})} - stated for i in range(len(names))):
            raise Rejected("axioms: expected also those that the box gives")

    def spend(self, work: int) -> None:
        self.work += work
        if self.work > self.max_work:
            raise ResourceLimit(f"the check takes more work than the limit set ({self.max_work} units)")

    def spend_on(self, polynomial: Polynomial, factor: int = 1) -> None:
        """Charge for going through the terms of a polynomial, and multiplying them by a factor."""
        bits, more = sum(map(int.bit_length, polynomial.values())), factor.bit_length()
        size = 2 + 2 * len(polynomial) + sum(map(len, polynomial)) // 2
        self.spend(size + (bits + more * len(polynomial)) // 256 + (bits * more >> 20))

    def spend_on_gcd(self, a: int, b: int) -> None:
        a, b = a.bit_length(), b.bit_length()
        self.spend(2 + (a + b) // 256 + (a * b >> 17))

    def items(self, value: Any, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise Rejected(f"{where}: expected a list")
        self.spend(2 * len(value))
        return value

    def number(self, value: Any, where: str) -> Rational:
        match = NUMBER.fullmatch(value) if isinstance(value, str) else None
        if match:
            _require_digits(max(len(match[1].lstrip("-")), len(match[2] or "")), where)
            self.spend(5 + len(value) // 8)
            if match[2] is None or int(match[2]):
                return Fraction(int(match[1]), int(match[2])) if match[2] else int(match[1])
        elif type(value) is int:
            _require_digits(value.bit_length() * math.log10(2), where)
            self.spend(5 + value.bit_length() // 32)
            return value
        raise Rejected(f'{where}: expected numbers such as 3 or "-5/7"')

    def variable(self, i: Any, where: str) -> int:
        if type(i) is not int or not 0 <= i < len(self.box):
            raise Rejected(f"{where}: expected the number of a variable")
        return int(i)

    def binary(self, i: Any, where: str) -> int:
        variable = self.variable(i, where)
        if self.box[variable] != (0, 1):
            raise Rejected(f"{where}: expected the number of a variable with the box 0 to 1")
        return variable

    def polynomial(self, terms: Any, where: str) -> tuple[Polynomial, int]:
        """A polynomial in unit coordinates with whole coefficients, and the least number to divide them all by."""
        self.spend(2)
        factors: list[tuple[Rational, list[int]]] = []
        common = 1  # a denominator for all, so that the sums below are of whole numbers
        for coefficient, monomial in (_pair(term, where) for term in self.items(terms, where)):
            factor, scale = self.number(coefficient, where), 1
            for i in self.items(monomial, where):
                more = self.moves[self.variable(i, where)][2]
                if more > 1:
                    self.spend_on_gcd(scale, more)
                    scale *= more
            if scale > 1:
                self.spend_on_gcd(scale, factor.numerator)
                factor = Fraction(factor) / scale
            if factor.denominator > 1:
                self.spend_on_gcd(common, factor.denominator)
                common = math.lcm(common, factor.denominator)
            factors.append((factor, monomial))
        total: Polynomial = {}
        for factor, monomial in factors:
            product: Polynomial = {(): 1}
            for i in monomial:
                low, step, _ = self.moves[i]
                image = self.times(product, i)
                product = image if (low, step) == (0, 1) else self.add(self.add({}, step, image), low, product)
            if factor.denominator > 1 or common > 1:
                self.spend_on_gcd(common, factor.denominator)
            self.add(total, factor.numerator * (common // factor.denominator), product)
        if common > 1:
            self.spend_on(total, common)
        divisor = math.gcd(common, *total.values()) if common > 1 else 1
        return {m: c // divisor for m, c in total.items() if c}, common // divisor

    def times(self, polynomial: Polynomial, i: int, complement: str | None = None) -> Polynomial:
        """The polynomial times ``u_i``, or times ``1 - u_i``, in normal form."""
        self.spend_on(polynomial)
        row, same = self.excluded_by.get(i), i in self.idempotent
        product: Polynomial = {}
        for monomial, coefficient in polynomial.items():
            if row is None or not any(map(row.__getitem__, monomial)):
                image = monomial if same and i in monomial else tuple(sorted((*monomial, i)))
                product[image] = product[image] + coefficient if image in product else coefficient
        self.spend(2 * len(product))
        if not complement:
            return product if all(product.values()) else {m: c for m, c in product.items() if c}
        rest = dict(polynomial)
        for monomial, coefficient in product.items():
            rest[monomial] = rest.get(monomial, 0) - coefficient
            if not rest[monomial]:
                del rest[monomial]
        return rest

    def monomial(self, variables: tuple[int, ...]) -> tuple[int, ...] | None:
        """The product of variables in normal form, ``None`` if it is 0."""
        for i in variables if self.excluded_by else ():
            row = self.excluded_by.get(i)
            if row is not None and any(map(row.__getitem__, variables)):
                return None
        if self.idempotent.isdisjoint(variables):
            return tuple(sorted(variables))
        return tuple(
            sorted([*self.idempotent.intersection(variables), *(i for i in variables if i not in self.idempotent)])
        )

    def product(self, a: Polynomial, b: Polynomial) -> Polynomial:
        """The product of two polynomials in normal form."""
        sizes = [max((len(m) for m in p), default=0) for p in (a, b)]
        bits = [sum(map(int.bit_length, p.values())) for p in (a, b)]
        each = 3 + sum(sizes) // 2 + (sum(sizes) ** 2 // 8 if self.excluded_by else 0)
        self.spend(
            2 + len(a) * len(b) * each + (bits[0] * len(b) + bits[1] * len(a)) // 256 + (bits[0] * bits[1] >> 20)
        )
        total: Polynomial = {}
        for one, coefficient in a.items():
            for other, factor in b.items():
                monomial = self.monomial(one + other)
                if monomial is not None:
                    total[monomial] = total.get(monomial, 0) + coefficient * factor
        return {m: c for m, c in total.items() if c}

    def whole_polynomial(self, text: str) -> Polynomial:
        """A polynomial in unit coordinates from text such as ``3*x_0^2*x_1 - 5*x_2 + 7``."""
        self.spend(5 + len(text) // 2)
        total: Polynomial = {}
        for term in text.replace(" - ", " + -").split(" + "):
            match = TERM.fullmatch(term)
            if match is None:
                raise Rejected("expected the square of a polynomial such as 3*x_0^2*x_1 - 5*x_2 + 7")
            variables: list[int] = []
            for i, exponent in FACTOR.findall(match[2]):
                self.spend(2 + int(exponent or 1) // 2)
                variables += [self.variable(int(i), "square")] * int(exponent or 1)
            self.spend(len(variables) ** 2 // 8 if self.excluded_by else 0)
            monomial = self.monomial(tuple(variables))
            _require_digits(len(match[1].lstrip("-")), "square")
            if monomial is not None:
                total[monomial] = total.get(monomial, 0) + int(match[1])
        return {m: c for m, c in total.items() if c}

    def add(self, total: Polynomial, factor: int, polynomial: Polynomial) -> Polynomial:
        """Add a multiple of a polynomial to ``total``, which is returned."""
        self.spend_on(polynomial, factor)
        longest = max(map(int.bit_length, polynomial.values()), default=0) + factor.bit_length()
        self.longest = max(self.longest, longest)  # bits of a coefficient that there may be in the total
        self.spend(len(polynomial) * self.longest // 4096)
        for monomial, coefficient in polynomial.items() if factor else ():
            total[monomial] = total.get(monomial, 0) + factor * coefficient
        return total


def _axiom(problem: _Problem, lines: list[Polynomial], index: str) -> Polynomial:
    if int(index) >= len(problem.axioms):
        raise Rejected(f"there is no axiom {index}")
    return problem.axioms[int(index)]


def _times_variable(
    problem: _Problem, lines: list[Polynomial], complement: str | None, variable: str, parent: str
) -> Polynomial:
    return problem.times(_line(lines, parent), problem.variable(int(variable), "factor"), complement)


def _times_line(problem: _Problem, lines: list[Polynomial], factor: str, parent: str) -> Polynomial:
    return problem.product(_line(lines, factor), _line(lines, parent))


def _square(problem: _Problem, lines: list[Polynomial], root: str, parent: str | None) -> Polynomial:
    base = problem.whole_polynomial(root)
    square = problem.product(base, base)
    return square if parent is None else problem.product(square, _line(lines, parent))


def _line(lines: list[Polynomial], number: str) -> Polynomial:
    if int(number) >= len(lines):
        raise Rejected(f"refers to line {number}, which does not come before it")
    return lines[int(number)]


REASONS = (  # what a line may be, since which version of the format, and what it derives: nonnegative if the lines are
    (re.compile(r"axiom (\d{1,9})", re.ASCII), 1, _axiom),
    (re.compile(r"times (1-)?x_(\d{1,9}) of line (\d{1,9})", re.ASCII), 1, _times_variable),
    (re.compile(r"times line (\d{1,9}) of line (\d{1,9})", re.ASCII), 2, _times_line),
    (re.compile(r"square ([-+*^x_ 0-9]+?)(?: times line (\d{1,9}))?", re.ASCII), 2, _square),
)


def _replay(problem: _Problem, reasons: list[Any], version: int) -> list[Polynomial]:
    """What every line derives."""
    lines: list[Polynomial] = []
    for number, reason in enumerate(reasons):
        for pattern, since, derive in REASONS:
            match = pattern.fullmatch(reason) if isinstance(reason, str) and since <= version else None
            if match:
                try:
                    lines.append(derive(problem, lines, *match.groups()))
                except Rejected as error:
                    raise Rejected(f"line {number}: {error}") from None
                break
        else:
            raise Rejected(f'line {number}: expected a reason, such as "axiom 0" or "times 1-x_0 of line 0"')
    return lines


def _multipliers(problem: _Problem, items: Any, num_lines: int) -> dict[int, Rational]:
    """The nonnegative multipliers, by line."""
    multipliers: dict[int, Rational] = {}
    for number, value in (_pair(item, "multipliers") for item in problem.items(items, "multipliers")):
        if type(number) is not int or not 0 <= number < num_lines or number in multipliers:
            raise Rejected("multipliers: expected numbers of lines, each at most once")
        multipliers[number] = problem.number(value, "multipliers")
        if multipliers[number] < 0:
            raise Rejected(f"multipliers: that of line {number} is negative")
    return multipliers


def _combine(problem: _Problem, lines: list[Polynomial], multipliers: dict[int, Rational]) -> Fraction:
    """The bound on the minimised objective that the nonnegative combination of the lines proves."""
    common = 1
    for denominator in (problem.denominator, *(value.denominator for value in multipliers.values())):
        problem.spend_on_gcd(common, denominator)
        common = math.lcm(common, denominator)
        _require_digits(common.bit_length() * math.log10(2), "multipliers and objective, common denominator")
    remainder = problem.add({}, problem.sign * (common // problem.denominator), problem.objective)
    for number, value in multipliers.items():
        problem.spend_on_gcd(common, value.denominator)
        problem.add(remainder, -value.numerator * (common // value.denominator), lines[number])
    proved = remainder.pop((), 0) + sum(c for c in remainder.values() if c < 0)
    return Fraction(proved, common)


def _require_keys(content: Any, where: str, keys: set[str]) -> None:
    if not isinstance(content, dict) or content.keys() != keys:
        raise Rejected(f"{where}: expected an object with the keys {', '.join(sorted(keys))}")


def _pair(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise Rejected(f"{where}: expected a list of 2")
    return value


def main() -> int:
    """Check a file and say what comes of it."""
    import argparse

    description = "Check a proof file. Exit status: 0 valid, 1 invalid, 2 not a proof file, 5 beyond the limits set."
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("file")
    parser.add_argument("--max-work", type=int, default=MAX_WORK, help="limit of the work (default: %(default)s units)")
    parser.add_argument("--max-bytes", type=int, default=MAX_BYTES, help="limit of the size (default: %(default)s)")
    options = parser.parse_args()
    try:
        print(f"valid: the bound {verify(options.file, options.max_work, options.max_bytes)[1]} is proved")
    except (Unreadable, Rejected, ResourceLimit) as error:
        text = f"{options.file}: {error}"
        print("".join(c if c.isprintable() else "?" for c in text), file=sys.stderr)
        return {Rejected: 1, Unreadable: 2, ResourceLimit: 5}[type(error)]
    return 0


if __name__ == "__main__":
    sys.exit(main())
