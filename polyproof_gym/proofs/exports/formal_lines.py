"""The hypotheses and lines of a proof for proof assistants, as texts."""

from __future__ import annotations

from dataclasses import dataclass

from polyproof_gym.problems.implied_box import Side


@dataclass(frozen=True)
class Interval:
    """The fact ``low <= variable <= high``: a hypothesis, unless an end is implied.

    Attributes:
        label: Name of the fact.
        variable: The variable.
        low: The lower end.
        high: The upper end.
        given: Which of the ends are hypotheses.
        given_label: Name of the hypothesis, if there is one.
        implied_by: Names of the hypotheses that imply it where it is none.
        unit: The variable's unit coordinate; ``None`` where that is the variable itself.
        unit_label: Name of the fact that the unit coordinate lies between 0 and 1; without one, that of the interval.
        whole: Name of the hypothesis that the variable is a whole number, if it is.
    """

    label: str
    variable: str
    low: str
    high: str
    given: tuple[Side, ...]
    given_label: str | None
    implied_by: tuple[str, ...]
    unit: str | None
    unit_label: str
    whole: str | None


@dataclass(frozen=True)
class Equation:
    """The hypothesis ``left = right``."""

    label: str
    left: str
    right: str


@dataclass(frozen=True)
class Inequality:
    """The hypothesis ``0 <= polynomial``."""

    label: str
    polynomial: str


@dataclass(frozen=True)
class Given:
    """A line that states an axiom: the fact of the unit box, or the hypothesis that it is a multiple of."""

    label: str
    polynomial: str
    fact: str
    is_scaled: bool


@dataclass(frozen=True)
class GapLine:
    """A line that states a multiple of ``(x - k) * (x - (k + 1))``.

    Attributes:
        label: Name of the line.
        polynomial: What it states to be nonnegative.
        below: The number ``k``.
        whole: Name of the hypothesis that ``x`` is a whole number.
    """

    label: str
    polynomial: str
    below: str
    whole: str


@dataclass(frozen=True)
class Product:
    """A line that multiplies another by a factor, modulo equations.

    Attributes:
        label: Name of the line.
        polynomial: What it states to be nonnegative.
        parent: Name of the line it comes from; ``unit_one`` where there is none.
        factor: Fact that the factor is nonnegative.
        corrections: What is to be subtracted from the product: polynomials times ``left - right`` of equations.
    """

    label: str
    polynomial: str
    parent: str
    factor: str
    corrections: tuple[tuple[str, Equation], ...]


@dataclass(frozen=True)
class Rounding:
    """That the minimised objective is ``offset + step * count``, and its bound is rounded to ``offset + step * steps``.

    Attributes:
        minimised: The minimised objective.
        before: The lower bound on it before rounding.
        offset: Its constant.
        step: What all its values have in common.
        steps: Number of steps from the offset to the rounded bound.
        count: The same for any value, in the whole numbers that the problem's own variables are, and in ``chosen``.
        integers: Names of the whole numbers that integer variables are, with the labels of the hypotheses that they are
            whole.
        booleans: Names of those that Boolean variables are, with the labels of these variables' equations.
        chosen: Names of binomial coefficients ``C(x, k)`` with ``k`` above 1; the names of the whole numbers ``x``; and
            ``k``.
    """

    minimised: str
    before: str
    offset: str
    step: str
    steps: str
    count: str
    integers: list[tuple[str, str]]
    booleans: list[tuple[str, str]]
    chosen: list[tuple[str, str, int]]


Line = Given | GapLine | Product
