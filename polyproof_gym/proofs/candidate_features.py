"""What tells derivations apart that a pseudo-expectation violates about equally.

Column generation adds what is violated most, and on symmetric problems nearly everything is violated equally. What then
decides is which monomials a conclusion spends, and what can be made of it later. The features here describe that by
numbers of moderate size, which the names of variables cannot change (but where moments tie in the growth), nor, but for
the age, the order of what is known, and which mean the same for problems of any size; so that weights found on small
problems serve on large ones.
"""

from __future__ import annotations

from types import MappingProxyType

FEATURES = MappingProxyType(
    {
        "complement": "1 for a product with 1 - x_i, 0 for one with x_i",
        "extends": "1 if that only adds a term: x_i annihilates all terms of the parent but the constant",
        "closed": "1 if the conclusion brings no new monomial",
        "terms": "logarithm of the number of its terms",
        "extensions": "log(1 + number of variables that annihilate all its terms but the constant), see Extents",
        "weighted degree": "moments of the variables that x_i excludes, as a share of those of all variables",
        "degree": "number of the variables that x_i excludes, as a share of all",
        "moment": "moment of x_i",
        "parent": "pseudo-expectation of the inequality that is multiplied",
        "age": "how long ago that was derived, as a share of all that is known",
        "absent": "share of the conclusion's terms that are new monomials",
        "reach": "log(1 + sum of the moments of the extensions); this and the rest are 0 without a positive constant",
        "share of reach": "that sum as a share of the moments of all variables",
        "largest in reach": "the largest moment among the extensions",
        "density of reach": "how likely two extensions, drawn by their moments, exclude each other",
        "weighted degree of reach": "mean weighted degree of the extensions, weighted by their moments",
        "growth": "by how much the pseudo-expectation falls if extensions are added while there are some, the one of"
        " largest moment first",
        "growth steps": "log(1 + number of multiplications that this takes)",
    }
)
"""The features of a derivation in their order, and what each means. "Moments" are pseudo-moments, none below 0; the
parent's expectation and the growth are measured by the parent's largest coefficient."""

FREE = 0.9
"""Moments above this are nearly 1: those of variables that no inequality holds down yet."""

PHASES = MappingProxyType(
    {
        "always": "1",
        "budget": "the share of the step budget that is used up, minus 1/2",
        "uncovered": f"1 if a variable is still nearly free: its moment is above {FREE}",
    }
)
"""What tells the phases of a proof apart, in their order."""
