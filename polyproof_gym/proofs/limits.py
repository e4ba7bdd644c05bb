"""How far inequalities may grow in a proof."""

from __future__ import annotations

from collections.abc import Iterable

from polyproof_gym.arguments import whole
from polyproof_gym.errors import BadInput
from polyproof_gym.problems.problem import ProblemShape
from polyproof_gym.proofs.rules import DEFAULT_RULES, InferenceRule, Limits, LongConclusions

MAX_DEGREE = 10_000
"""Largest degree limit."""

MAX_TERMS = 10**9
"""Largest limit on the number of terms."""

UNLIMITED = 2**30
"""A degree and a number of terms that nothing has."""


def default_limits(
    shape: ProblemShape,
    max_degree: int | None = None,
    max_terms: int | None = None,
    rules: Iterable[InferenceRule] = DEFAULT_RULES,
) -> Limits:
    """The limits given, and where they are not, ones that suit problems of a shape.

    The degree may go one beyond the problem's and up to 3; inequalities may have 64 terms, or more if that is more:
    twice as many as the longest axiom, one more than the objective, or what rules ask for (``usual_terms``).

    Args:
        shape: The sizes of the problems.
        max_degree: The largest degree, if it is given.
        max_terms: The largest number of terms, if it is given.
        rules: The inference rules.

    Raises:
        BadInput: If a limit is no whole number, or the axioms themselves are beyond the limits.
    """
    asked = [rule.usual_terms(shape.num_variables, shape.degree) for rule in rules if isinstance(rule, LongConclusions)]
    limits = Limits(
        max_degree=max(3, shape.degree + 1) if max_degree is None else whole(max_degree, "max_degree", 0, MAX_DEGREE),
        max_terms=max(64, 2 * shape.max_terms, shape.objective_terms + 1, *asked)
        if max_terms is None
        else whole(max_terms, "max_terms", 0, MAX_TERMS),
    )
    if limits.max_degree < shape.degree or limits.max_terms < shape.max_terms:
        raise BadInput(
            f"expected limits of at least degree {shape.degree} and {shape.max_terms} terms, which the problem has,"
            f" got degree {limits.max_degree} and {limits.max_terms} terms"
        )
    return limits
