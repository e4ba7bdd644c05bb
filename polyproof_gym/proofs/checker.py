"""An independent checker of proof files: standard library only, exact arithmetic, nothing taken on trust.

``python checker.py proof.json`` says whether the file proves its claim: wherever *idempotent* variables are 0 or 1,
*integer* ones whole, *exclusive* pairs have product 0 and no axiom is negative, which the ends of the box are among, it
is ``objective >= bound`` (for the sense "min") or ``<=`` ("max"). *Implied* axioms are not assumed: the file tells how
others imply them.

Everything is replayed from the problem as the file writes it out. Objective and axioms are carried over to unit
coordinates ``u`` with ``x = low + (high - low) * u``. Every line follows for one of the ``REASONS``, reduced by
``u_i^2 = u_i`` and ``u_i * u_j = 0``; hence it is nonnegative. What the combination of lines leaves of the objective is
bounded by the signs of its coefficients, as every monomial lies between 0 and 1. Where all variables of the objective
are whole, so that its values lie a common step apart, the bound may finally be rounded to one of these.

A proof by cases *splits* the interval of a variable: each half has lines of its own, in unit coordinates of its own, or
is split again; what holds in both halves holds. A 0/1 variable is split at 0: above, it is 1, and what excludes it 0.
The unit coordinate of a variable that a case fixes is a number that occurs nowhere; let it be 0.

A file cannot make the checker hang: its size, its numbers and the work that it causes are limited. What goes beyond
these limits is not called wrong; it is left undecided, with an exception and an exit status of its own.
"""

from __future__ import annotations

import copy
import json
import math
import os
import re
import sys
from collections.abc import Callable, Set
from fractions import Fraction
from typing import Any

MAX_BYTES = 40_000_000  # of a file
BYTES_PER_ITEM = 5  # that many bytes of this limit allow one item
MAX_DIGITS = 4000  # of a number, and of the common denominator of the combination
MAX_WORK = 15_000_000  # units of at most some 0.3 microseconds and 50 bytes; a term that is computed takes two or more
Rational = int | Fraction
Polynomial = dict[tuple[int, ...], int]  # a monomial is the sorted tuple of its variables, with repetition
Quotient = tuple[Polynomial, int]  # a polynomial and a positive number that divides it
ONE: Polynomial = {(): 1}
MINUS_ONE: Polynomial = {(): -1}

FILE_KEYS = {"format", "version", "problem", "bound"}
LEAF_KEYS, SPLIT_KEYS = {"lines", "multipliers"}, {"split", "below", "above"}
PROBLEM_KEYS = {"name", "family", "sense", "variables", "box", "idempotent", "exclusive", "objective", "axioms"}
NUMBER = re.compile(r"(-?\d+)(?:/(?=0*[1-9])(\d+))?", re.ASCII)
NAME = re.compile(r"[^\W\d]\w*")
TERM = re.compile(r"(-?\d+)((?:\*x_\d{1,9}(?:\^\d{1,4})?)*)", re.ASCII)
POWER = re.compile(r"\*x_(\d+)(?:\^(\d+))?", re.ASCII)


class Unreadable(Exception):
    """What is given is not a proof file."""


class Rejected(Exception):
    """The file does not prove what it claims; the message gives the reason."""


class ResourceLimit(Exception):
    """The file is too large, or takes too much work, for the limits set: whether it proves its claim is left open."""


def verify(path: str, max_work: int = MAX_WORK, max_bytes: int = MAX_BYTES) -> tuple[dict[str, Any], Rational]:
    """The content of a proof file and the bound that it proves; see :func:`read`, :func:`parse` and :func:`check`."""
    try:
        return (content := parse(read(path, max_bytes), max_bytes)), check(content, max_work)
    except MemoryError:
        raise ResourceLimit("the check takes more memory than there is") from None


def read(path: str, max_bytes: int = MAX_BYTES) -> bytes:
    """What stands in a file; raises :class:`Unreadable` or :class:`ResourceLimit`."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise Unreadable("expected a regular file")  # a pipe may never end
        with open(path, "rb") as file:
            size = os.path.getsize(path)
            require_size(size, 0, max_bytes)
            return file.read(size)
    except (OSError, ValueError) as error:
        raise Unreadable(f"expected a file that can be read ({getattr(error, 'strerror', None) or error})") from None


def parse(data: bytes, max_bytes: int = MAX_BYTES) -> Any:
    """What a proof file holds, as plain data; raises the same."""
    require_size(len(data), items_in(data), max_bytes)
    try:
        text = data.decode("utf-8")
        return json.loads(text, object_pairs_hook=_object, parse_int=_whole, parse_float=_whole, parse_constant=_whole)
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


def _whole(text: str) -> int:
    if not re.fullmatch("-?[0-9]+", text):
        raise Unreadable(f"expected whole numbers, and others as text, got {text[:20]}")
    _require_digits(len(text.lstrip("-")), "a number")
    return int(text)


def _require_digits(count: float, where: str) -> None:
    if count > min(MAX_DIGITS, sys.get_int_max_str_digits() or MAX_DIGITS):
        raise ResourceLimit(f"{where}: more than {MAX_DIGITS} digits")


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise Rejected(reason)


def check(content: Any, max_work: int = MAX_WORK) -> Rational:
    """The bound that the content of a proof file proves; raises any of the exceptions above."""
    header = [content.get(key) for key in ("format", "version")] if isinstance(content, dict) else []
    if header not in (["polyproof-certificate", 1], ["polyproof-certificate", 2]) or type(header[1]) is not int:
        raise Unreadable('expected an object with "format": "polyproof-certificate" and "version": 1 or 2')
    rounded = content.keys() & {"rounded_from"}
    node = {key: value for key, value in content.items() if key not in FILE_KEYS | rounded}
    names = ", ".join(sorted(FILE_KEYS | LEAF_KEYS))
    _require(content.keys() >= FILE_KEYS and node.keys() in (LEAF_KEYS, SPLIT_KEYS), f"expected the keys {names}")
    problem = _Problem(content["problem"], max_work, header[1])
    bound = problem.number(content["bound"], "bound")
    claimed = problem.sign * (problem.number(content["rounded_from"], "rounded_from") if rounded else bound)
    if rounded:
        offset, step = problem.values(content["problem"]["objective"])
        value = offset + step * math.ceil((claimed - offset) / step)
        fits = problem.sign * bound in (value, math.ceil(claimed)) and problem.sign * bound <= value
        _require(fits, "bound: expected rounded_from, rounded to a value that the objective may have")
    open_cases: list[tuple[str, _Problem, Any]] = [("", problem, node)]
    while open_cases:
        place, case, node = open_cases.pop()
        keys = node.keys() if isinstance(node, dict) else set()
        try:
            if keys == SPLIT_KEYS and header[1] > 1:
                below, above = case.halves(node["split"])
                open_cases += [(f"{place}above: ", above, node["above"]), (f"{place}below: ", below, node["below"])]
            else:
                _require(keys == LEAF_KEYS, "expected lines and multipliers, or a split (from version 2 on)")
                case.replay(node["lines"], header[1])
                proved = case.proved(node["multipliers"])
                _require(claimed <= proved, "bound: the combination of the lines does not prove it")
        except Rejected as error:
            raise Rejected(f"{place}{error}") from None
    return bound


class _Problem:
    """The problem of a file in unit coordinates, arithmetic modulo its rewriting rules, and what its lines derive."""

    def __init__(self, content: Any, max_work: int, version: int) -> None:
        given = content.keys() if isinstance(content, dict) else set()
        keys = PROBLEM_KEYS if version == 1 else PROBLEM_KEYS | {"implied"} | (given & {"integer"})
        _require(given == keys, f"problem: expected an object with the keys {', '.join(sorted(keys))}")
        self.max_work, self.count = max_work, [0]  # of work, one for all cases
        fits = content["sense"] in ("min", "max") and all(isinstance(content[key], str) for key in ("name", "family"))
        _require(fits, 'problem: expected a name, a family, and the sense "min" or "max"')
        self.sign = 1 if content["sense"] == "min" else -1
        names, box = self.items(content["variables"], "variables"), self.items(content["box"], "box", 2)
        self.box = [(self.number(low, "box"), self.number(high, "box")) for low, high in box]
        fits = all(isinstance(name, str) and NAME.fullmatch(name) for name in names) and len(set(names)) == len(names)
        _require(fits and len(box) == len(names), "variables: expected distinct names, each with an interval as box")
        _require(all(low < high for low, high in self.box), "box: expected the lower end of every interval first")
        # x_i = (low + step * u_i) / scale, in whole numbers
        scales = [math.lcm(low.denominator, high.denominator) for low, high in self.box]
        moves = [(int(a * s), int((b - a) * s), s) for (a, b), s in zip(self.box, scales, strict=True)]
        self.unmoved = [(0, 1, 1)] * len(names)
        numbers = self.items(content["idempotent"], "idempotent")
        self.idempotent = {self.variable(i, "idempotent", binary=True) for i in numbers}
        self.integer = {self.variable(i, "integer") for i in self.items(content.get("integer", []), "integer")}
        fits = all(Fraction(end).denominator == 1 for i in self.integer for end in self.box[i])
        fits &= self.integer.isdisjoint(self.idempotent)  # x^2 = x would spoil the binomials of `values`
        _require(fits, "integer: expected variables that are not idempotent, with whole numbers as ends of their box")
        self.excluded_by: dict[int, bytearray] = {}  # by variable, 1 for those with which its product is 0
        for i, others in self.items(content["exclusive"], "exclusive", 2):
            partners = self.items(others, "exclusive") if version > 1 and isinstance(others, list) else [others]
            i, *partners = (self.variable(k, "exclusive", binary=True) for k in (i, *partners))
            _require(i not in partners, "exclusive: expected pairs of different variables")
            for one, other in (pair for j in partners for pair in ((i, j), (j, i))):
                if one not in self.excluded_by:
                    self.spend(len(names) // 50)
                    self.excluded_by[one] = bytearray(len(names))
                self.excluded_by[one][other] = 1
        self.objective = self.polynomial(content["objective"], "objective", moves)
        axioms = [self.polynomial(axiom, "axioms", moves) for axiom in self.items(content["axioms"], "axioms")]
        _require(all(d == 1 for _, d in axioms), "axioms: expected whole coefficients in unit coordinates")
        self.lines: dict[int, Polynomial] = {}
        self.symmetries: dict[str, list[int]] = {}  # by their cycles, what takes the place of every variable
        self.axioms = {k: axiom for k, (axiom, _) in enumerate(axioms)}
        plain = {k: a for k, a in self.axioms.items() if len(a) < 3 and all(abs(c) == 1 for c in a.values())}
        short = {k: frozenset(a.items()) for k, a in plain.items()}
        ends = {frozenset(end): i for i in range(len(names)) for end in ([((i,), 1)], [((), 1), ((i,), -1)])}
        _require(ends.keys() <= {*short.values()}, "axioms: expected also those that the box gives")
        self.constraints = [k for k in self.axioms if short.get(k) not in ends]
        known = dict(self.axioms)
        implied = self.items(content.get("implied", []), "implied", 2)
        fits = all(type(k) is int and known.pop(k, None) is not None for k, _ in implied)
        _require(fits, "implied: expected numbers of axioms, each at most once")
        for k, multipliers in implied:
            end, shown = ends.get(frozenset(self.axioms[k].items())), False
            # A whole number that is not a step or more beyond its end is not beyond it.
            steps = int(self.box[end][1] - self.box[end][0]) if end in self.integer else 0
            # Where axioms contradict each other, -1 >= 0 follows, and so does everything.
            for goal, width in ((self.axioms[k], steps), (MINUS_ONE, 0)):
                left, common = self.less(1, goal, multipliers, known)
                more = left.pop((), 0)
                shown |= not any(left.values()) and (more >= 0 or -more * width < common * (width > 0))
            _require(shown, f"implied: the combination of others does not prove axiom {k}")
            known[k] = self.axioms[k]

    def spend(self, work: int) -> None:
        self.count[0] += work
        if self.count[0] > self.max_work:
            raise ResourceLimit(f"the check takes more work than the limit set ({self.max_work} units)")

    def spend_on(self, polynomial: Polynomial, factor: int = 1) -> None:
        """Charge for going through the terms of a polynomial, and multiplying them by a factor."""
        bits, more = sum(map(int.bit_length, polynomial.values())), factor.bit_length()
        size = 2 + 2 * len(polynomial) + sum(map(len, polynomial)) // 2
        self.spend(size + (bits + more * len(polynomial)) // 256 + (bits * more >> 20))

    def spend_on_gcd(self, a: int, b: int) -> None:
        a, b = a.bit_length(), b.bit_length()
        self.spend(2 + (a + b) // 256 + (a * b >> 17))

    def items(self, value: Any, where: str, each: int = 0) -> list[Any]:
        if not isinstance(value, list) or (each and not all(isinstance(v, list) and len(v) == each for v in value)):
            raise Rejected(f"{where}: expected a list{f' of lists of {each}' if each else ''}")
        self.spend(2 * len(value))
        return value

    def number(self, value: Any, where: str) -> Rational:
        if type(value) is int:
            _require_digits(value.bit_length() * math.log10(2), where)
            self.spend(5 + value.bit_length() // 32)
            return value
        match = NUMBER.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise Rejected(f'{where}: expected numbers such as 3 or "-5/7"')
        _require_digits(max(len(match[1].lstrip("-")), len(match[2] or "")), where)
        self.spend(5 + len(value) // 8)
        return Fraction(int(match[1]), int(match[2])) if match[2] else int(match[1])

    def variable(self, i: Any, where: str, binary: bool = False) -> int:
        if type(i) is not int or not 0 <= i < len(self.box) or (binary and self.box[i] != (0, 1)):
            raise Rejected(f"{where}: expected the number of a variable{' with the box 0 to 1' if binary else ''}")
        return int(i)

    def polynomial(self, terms: Any, where: str, moves: list[tuple[int, int, int]]) -> Quotient:
        """A polynomial in unit coordinates, the denominator as small as can be."""
        factors: list[Rational] = []
        products: list[Polynomial] = []
        for coefficient, monomial in self.items(terms, where, 2):
            factor, product = self.number(coefficient, where), ONE
            for i in self.items(monomial, where):
                low, step, scale = moves[self.variable(i, where)]
                product, lower = self.times(product, i), product
                if (low, step, scale) != (0, 1, 1):
                    product, _ = self.combined([step, low], [product, lower])
                    self.spend_on_gcd(max(abs(factor.numerator), factor.denominator), scale)
                    factor = Fraction(factor, scale)
            factors.append(factor)
            products.append(product)
        return self.reduced(*self.combined(factors, products))

    def reduced(self, total: Polynomial, common: int) -> Quotient:
        self.spend_on(total, common)
        divisor = math.gcd(common, *total.values()) or 1
        return {m: c // divisor for m, c in total.items() if c}, common // divisor

    def times(self, polynomial: Polynomial, i: int, complement: bool = False) -> Polynomial:
        """The polynomial times ``u_i``, or times ``1 - u_i``, in normal form."""
        self.spend_on(polynomial)
        row, same = self.excluded_by.get(i), i in self.idempotent
        product: Polynomial = {}
        for monomial, coefficient in polynomial.items():
            if row is None or not any(map(row.__getitem__, monomial)):
                image = monomial if same and i in monomial else tuple(sorted((*monomial, i)))
                product[image] = product[image] + coefficient if image in product else coefficient
        self.spend(2 * len(product))
        if complement:
            product, subtracted = dict(polynomial), product
            for monomial, coefficient in subtracted.items():
                product[monomial] = product.get(monomial, 0) - coefficient
        return product if all(product.values()) else {m: c for m, c in product.items() if c}

    def product(self, a: Polynomial, b: Polynomial) -> Polynomial:
        """The product in normal form."""
        multiples: dict[tuple[int, ...], Polynomial] = {(): a}
        for monomial in b:
            self.spend(len(monomial) ** 2 // 16)  # for its parts
            for k, i in enumerate(monomial):
                if monomial[: k + 1] not in multiples:
                    multiples[monomial[: k + 1]] = self.times(multiples[monomial[:k]], i)
        total, _ = self.combined([*b.values()], [multiples[monomial] for monomial in b])
        return {m: c for m, c in total.items() if c}

    def combined(self, factors: list[Rational], polynomials: list[Polynomial]) -> Quotient:
        """The sum of multiples of polynomials."""
        common, longest = 1, 0
        for denominator in (factor.denominator for factor in factors if factor.denominator > 1):
            self.spend_on_gcd(common, denominator)
            common = math.lcm(common, denominator)
        total: Polynomial = {}
        for factor, polynomial in zip(factors, polynomials, strict=True):
            if common > 1:
                self.spend_on_gcd(common, factor.denominator)
            whole = factor.numerator * (common // factor.denominator)
            self.spend_on(polynomial, whole)
            bits = whole.bit_length() + max(map(int.bit_length, polynomial.values()), default=0)
            longest = max(longest, bits)  # bits of a coefficient that there may be in the total
            self.spend(len(polynomial) * longest // 4096)
            for monomial, coefficient in polynomial.items() if whole else ():
                total[monomial] = total.get(monomial, 0) + whole * coefficient
        return total, common

    def less(self, factor: Rational, goal: Polynomial, items: Any, known: dict[int, Polynomial]) -> Quotient:
        """What nonnegative multiples of known polynomials, as a file lists them, leave of a multiple of a goal."""
        factors: dict[int, Rational] = {}
        for number, value in self.items(items, "multipliers", 2):
            fits = type(number) is int and number in known and number not in factors
            _require(fits, "multipliers: expected numbers of what is known before, each at most once")
            factors[number] = -self.number(value, "multipliers")
            _require(factors[number] <= 0, f"multipliers: that of number {number} is negative")
        left, common = self.combined([factor, *factors.values()], [goal, *map(known.__getitem__, factors)])
        _require_digits(common.bit_length() * math.log10(2), "multipliers and objective, common denominator")
        return left, common

    def halves(self, split: Any) -> list[_Problem]:
        """The cases below and above a split."""
        ((i, value),) = self.items([split], "split", 2)
        i, value = self.variable(i, "split"), self.number(value, "split")
        (low, high), row = self.box[i], self.excluded_by.get(i, b"")
        if i in self.idempotent:
            _require(low == value < high, "split: expected a 0/1 variable that is not fixed, and the value 0")
            below = self.case({}, {i})
            above = self.case({i: (1, 1)}, {j for j, no in enumerate(row) if no and self.box[j] == (0, 1)})
        else:
            whole = int(i in self.integer)  # there is nothing between a value and the next
            fits = (low <= value < high and value.denominator == 1) if whole else low < value < high
            _require(fits and not any(row), "split: expected a value inside the interval, and no exclusion")
            below, above = self.case({i: (low, value)}), self.case({i: (value + whole, high)})
        return [below, above]

    def case(self, intervals: dict[int, tuple[Rational, Rational]], zeros: Set[int] = frozenset()) -> _Problem:
        """The problem with smaller intervals, and with 0/1 variables that are 0."""
        self.spend(10 + len(self.box) // 4 + len(self.axioms) // 4)
        case = copy.copy(self)
        case.box, case.axioms, case.lines, case.symmetries = [*self.box], {**self.axioms}, {}, {}
        if zeros:
            case.objective = self.without(zeros, *case.objective)
            for k in self.constraints:
                case.axioms[k] = self.without(zeros, case.axioms[k], 1)[0]
        for i in zeros:
            case.box[i] = 0, 0
        for i, (low, high) in intervals.items():
            start, end = case.box[i]
            move = Fraction(low - start, end - start), Fraction(high - low, end - start)
            case.box[i] = low, high
            case.objective = self.moved(*case.objective, i, *move)
            for k in self.constraints:
                case.axioms[k] = self.moved(case.axioms[k], 1, i, *move)[0]
        for k in self.constraints:
            case.axioms[k] = self.reduced(case.axioms[k], 0)[0]  # a multiple is as good
        return case

    def without(self, zeros: Set[int], polynomial: Polynomial, denominator: int) -> Quotient:
        """What a polynomial is where some variables are 0."""
        self.spend_on(polynomial)
        return self.reduced({m: c for m, c in polynomial.items() if zeros.isdisjoint(m)}, denominator)

    def moved(self, polynomial: Polynomial, denominator: int, i: int, low: Fraction, step: Fraction) -> Quotient:
        """What a polynomial is with ``low + step * u_i`` in place of ``u_i``."""
        parts: dict[int, Polynomial] = {}  # by the power of u_i
        self.spend_on(polynomial)
        for monomial, coefficient in polynomial.items():
            rest = tuple(j for j in monomial if j != i)
            parts.setdefault(len(monomial) - len(rest), {})[rest] = coefficient
        total = parts.pop(power := max(parts, default=0), {})
        while power:
            power -= 1
            terms = [self.times(total, i), total, parts.get(power, {})]
            total, common = self.combined([step, low, 1], terms)
            denominator *= common
            if common > 1:
                parts = {exponent: self.combined([common], [part])[0] for exponent, part in parts.items()}
        return self.reduced(total, denominator)

    def proved(self, multipliers: Any) -> Fraction:
        """The bound on the minimised objective that a combination of the lines proves."""
        objective, denominator = self.objective
        left, common = self.less(Fraction(self.sign, denominator), objective, multipliers, self.lines)
        return Fraction(left.pop((), 0) + sum(c for c in left.values() if c < 0), common)

    def values(self, objective: Any) -> tuple[Rational, Rational]:
        """A value, and a step of which the others, of the objective where its variables are whole, are multiples away.

        With ``x * C(x, k) = k * C(x, k) + (k + 1) * C(x, k + 1)`` it is written in products of the whole numbers
        ``C(x, k) = x (x - 1) ... (x - k + 1) / k!``, such as ``x^2 + x = 2 * C(x, 1) + 2 * C(x, 2)``.
        """
        factors: list[Rational] = []
        products: list[Polynomial] = []
        for coefficient, monomial in objective:
            factors.append(self.sign * self.number(coefficient, "objective"))
            product = ONE
            for i in monomial:
                whole = i in self.integer or i in self.idempotent
                _require(whole, "rounded_from: a variable of the objective may have values that are not whole numbers")
                counts = {m: m.count(i) if i in self.integer else 0 for m in product}
                lifted = self.times({m: (counts[m] + 1) * c for m, c in product.items()}, i)
                product, _ = self.combined([1, 1], [{m: counts[m] * c for m, c in product.items()}, lifted])
            products.append(product)
        total, common = self.combined(factors, products)
        self.spend_on(total, common)
        return Fraction(total.pop((), 0), common), Fraction(math.gcd(*total.values()) or common, common)

    def replay(self, reasons: Any, version: int) -> None:
        """Derive all lines."""
        for number, reason in enumerate(self.items(reasons, "lines")):
            try:
                for pattern, since, derive in REASONS:
                    match = pattern.fullmatch(reason) if isinstance(reason, str) and since <= version else None
                    if match:
                        self.lines[number] = derive(self, *match.groups())
                        break
                else:
                    raise Rejected('expected a reason, such as "axiom 0" or "times 1-x_0 of line 0"')
            except Rejected as error:
                raise Rejected(f"line {number}: {error}") from None

    def line(self, number: str) -> Polynomial:
        _require(int(number) in self.lines, f"refers to line {number}, which does not come before it")
        return self.lines[int(number)]

    def axiom(self, number: str) -> Polynomial:
        _require(int(number) in self.axioms, f"there is no axiom {number}")
        return self.axioms[int(number)]

    def times_variable(self, less: str | None, variable: str, line: str) -> Polynomial:
        return self.times(self.line(line), self.variable(int(variable), "factor"), less is not None)

    def times_line(self, factor: str, line: str) -> Polynomial:
        return self.product(self.line(line), self.line(factor))

    def square(self, root: str, line: str | None) -> Polynomial:
        terms = []
        for text in root.replace(" - ", " + -").split(" + "):
            self.spend(2 + len(text) // 8)
            match, variables = TERM.fullmatch(text), []
            if match is None:
                raise Rejected("expected the square of a polynomial such as 3*x_0^2*x_1 - 5*x_2 + 7")
            for i, exponent in POWER.findall(match[2]):
                self.spend(2 + int(exponent or 1) // 5)
                variables += [int(i)] * int(exponent or 1)
            terms.append([match[1], variables])
        base, _ = self.polynomial(terms, "square", self.unmoved)
        square = self.product(base, base)
        return square if line is None else self.product(self.line(line), square)

    def clique(self, names: str) -> Polynomial:
        self.spend(len(names) ** 2 // 10)
        members = [self.variable(int(i), "clique") for i in names.replace("x_", "").split()]
        none = bytes(len(self.box))
        fits = all(self.excluded_by.get(i, none)[j] for i in members for j in members if i != j)
        _require(fits and len({*members}) == len(members), "expected distinct variables that exclude each other")
        return {(): 1, **{(i,): -1 for i in members}}

    def gap(self, below: str, variable: str) -> Polynomial:
        i = self.variable(int(variable), "gap")
        _require(i in self.integer, f"variable {i} may have values between whole numbers")
        low, high = map(int, self.box[i])
        steps, shift = high - low, low - int(self.number(below, "gap"))
        product = self.product({(i,): steps, (): shift}, {(i,): steps, (): shift - 1})
        self.spend_on(product, steps)
        divisor = math.gcd(*product.values())
        return {m: c // divisor for m, c in product.items()}

    def renamed(self, line: str, cycles: str) -> Polynomial:
        self.spend(len(cycles) // 8)
        if cycles not in self.symmetries:
            self.symmetries[cycles] = self.symmetry(cycles)
        return self.permuted(self.line(line), self.symmetries[cycles])

    def permuted(self, polynomial: Polynomial, images: list[int]) -> Polynomial:
        self.spend_on(polynomial)
        self.spend(2 * len(polynomial))
        return {tuple(sorted([images[i] for i in monomial])): c for monomial, c in polynomial.items()}

    def symmetry(self, cycles: str) -> list[int]:
        """What takes the place of every variable in a permutation, which must map the problem to itself."""
        self.spend(5 * len(cycles) + len(self.box) // 2)
        images = {i: i for i in range(len(self.box))}
        moved: list[int] = []
        for cycle in cycles[1:-1].split(")("):
            members = [self.variable(int(i), "renaming") for i in cycle.split()]
            images.update(zip(members, [*members[1:], members[0]], strict=True))
            moved += members
        _require(len({*moved}) == len(moved), "renaming: expected every variable at most once")
        order, fits, none = [*images.values()], True, bytes(len(images))
        for i in moved:
            row, image = (self.excluded_by.get(k, none) for k in (i, order[i]))
            if row is not none or image is not none:
                self.spend(len(order) // 8)
                fits &= row == bytes(map(image.__getitem__, order))
            fits &= len({(*self.box[k], k in self.idempotent, k in self.integer) for k in (i, order[i])}) == 1
        constraints = [self.axioms[k] for k in self.constraints]
        kept = [{frozenset(self.permuted(a, numbers).items()) for a in constraints} for numbers in (order, [*images])]
        fits &= kept[0] == kept[1] and self.permuted(self.objective[0], order) == self.objective[0]
        _require(fits, "expected a renaming that maps the problem to itself")
        return order


REASONS: tuple[tuple[re.Pattern[str], int, Callable[..., Polynomial]], ...] = (
    # what a line may be, since which version, and what it derives: nonnegative if the axioms and lines are
    (re.compile(r"axiom (\d{1,9})", re.ASCII), 1, _Problem.axiom),
    (re.compile(r"times (1-)?x_(\d{1,9}) of line (\d{1,9})", re.ASCII), 1, _Problem.times_variable),
    (re.compile(r"times line (\d{1,9}) of line (\d{1,9})", re.ASCII), 2, _Problem.times_line),
    (re.compile(r"square ([-+*^x_ 0-9]+?)(?: times line (\d{1,9}))?", re.ASCII), 2, _Problem.square),
    (re.compile(r"clique((?: (?:x_)?\d{1,9})+)", re.ASCII), 2, _Problem.clique),
    (re.compile(r"gap (-?\d+) of x_(\d{1,9})", re.ASCII), 2, _Problem.gap),
    (re.compile(r"line (\d{1,9}) renamed by ((?:\(\d{1,9}(?: \d{1,9})+\))+)", re.ASCII), 2, _Problem.renamed),
)


def main() -> int:
    """Check a file and say what comes of it."""
    import argparse

    about = "Check a proof file. Exit status: 0 valid, 1 invalid, 2 not a proof file, 5 beyond the limits set."
    parser = argparse.ArgumentParser(description=about)
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
