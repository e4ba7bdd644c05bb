"""What lines state, as products: of the factors that their reasons tell, or of those that are seen in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from polyproof_gym.polynomials import ONE, Polynomial, Ring
from polyproof_gym.proofs.reasons import Gap, Reason, Renamed, Square, Times, TimesLine

Factors = dict[Polynomial, int]
"""A product of powers: the exponent of every factor."""


class FactoredLines:
    """The lines of a proof that grows, each as a product of powers.

    These are the factors that its reason tells, as in ``(1 - x)^5``, unless there are fewer terms in what it states, or
    in the factors that :func:`pulled_out` sees there; so it is where rewriting rules apply.
    """

    def __init__(self, ring: Ring) -> None:
        """Begin without any lines, in a ring."""
        self._ring = ring
        self._told: list[Counter[Polynomial]] = []
        self._shown: list[Factors] = []

    def __len__(self) -> int:
        return len(self._shown)

    def __getitem__(self, line: int) -> Factors:
        return self._shown[line]

    def extend(self, reasons: Iterable[Reason], lines: Iterable[Polynomial]) -> None:
        """Add lines, each after those that it follows from.

        Args:
            reasons: Why they hold; parents count all lines from 0.
            lines: What they state.
        """
        for reason, line in zip(reasons, lines, strict=True):
            told = _told(reason, line, self._told, self._ring)
            self._told.append(told)
            self._shown.append(min((dict(told), pulled_out(line)), key=num_terms) if line else {line: 1})


def _told(reason: Reason, line: Polynomial, known: Sequence[Counter[Polynomial]], ring: Ring) -> Counter[Polynomial]:
    """The factors that a reason tells, those of its parents with them."""
    parts = [known[parent] for parent in reason.parents]
    if isinstance(reason, Times):
        parts.append(Counter([bound_factor(reason, ring)]))
    elif isinstance(reason, Square):
        parts.insert(0, Counter({reason.root: 2}))
    elif isinstance(reason, Gap):
        parts = [Counter(factor.primitive() for factor in reason.factors(ring))]
    elif isinstance(reason, Renamed):
        parts = [Counter({factor.renamed(reason.images): e for factor, e in parts[0].items()})]
    elif not isinstance(reason, TimesLine):
        parts = [Counter([line])]
    factors = sum(parts, Counter[Polynomial]())
    # Powers of a 0/1 variable x, and of 1 - x, are these themselves.
    return Counter({p: 1 if len(p) < 3 and p * p == p else e for p, e in factors.items()})


def pulled_out(polynomial: Polynomial) -> Factors:
    """A polynomial in 0/1 variables as a product of variables ``x``, factors ``1 - x`` and what is left; others whole.

    A variable divides it where all terms have it. ``1 - x`` divides it where the terms with ``x`` are minus those
    without, each times ``x``.
    """
    ring, terms, factors = polynomial.ring, dict(polynomial.terms), Factors()
    counts = Counter(chain.from_iterable(terms))
    for i in sorted(counts.keys() & ring.idempotent):
        if counts[i] not in (len(polynomial), len(polynomial) / 2):  # taking out a factor keeps what is true of others
            continue
        x = Polynomial.variable(ring, i)
        inside = {tuple(j for j in monomial if j != i): c for monomial, c in terms.items() if i in monomial}
        outside = {monomial: c for monomial, c in terms.items() if i not in monomial}
        if not outside:
            factors[x], terms = 1, inside
        elif outside == {monomial: -c for monomial, c in inside.items()}:
            factors[1 - x], terms = 1, outside
    left = Polynomial(ring, terms)
    if left.degree:
        return {**factors, left: 1}
    return factors if factors and left.constant_term == 1 else {polynomial: 1}


def num_terms(factors: Mapping[Polynomial, int]) -> int:
    """The number of terms in all factors but monomials."""
    return sum(len(polynomial) for polynomial in factors if not is_monomial(polynomial))


def is_monomial(polynomial: Polynomial) -> bool:
    """Whether it is a monomial with the coefficient 1, which needs no brackets."""
    return len(polynomial) == 1 and set(polynomial.terms.values()) == {1}


def bound_factor(reason: Times, ring: Ring) -> Polynomial:
    """The variable, or 1 less the variable, that a line is multiplied by."""
    variable = Polynomial.variable(ring, reason.variable)
    return 1 - variable if reason.complement else variable


def in_order(factors: Mapping[Polynomial, int]) -> list[tuple[Polynomial, int]]:
    """The powers of a product as they are written: variables first, then others, then ``1 - x``; each by its variables.

    Others stay in their order.
    """
    return sorted(factors.items(), key=lambda power: _place(power[0]))


def _place(factor: Polynomial) -> tuple[int, tuple[int, ...]]:
    if is_monomial(factor):
        return 0, next(iter(factor.terms))
    if len(factor) == 2 and factor.degree == 1 and factor.constant_term == 1 and -1 in factor.terms.values():
        return 2, next(monomial for monomial in factor.terms if monomial != ONE)
    return 1, ()
