"""Polynomials, constraints, numbers and names from whatever people have: text, SymPy, dictionaries, numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials.expansion import MAX_EXPONENT, MAX_TERMS, check_digits
from polyproof_gym.polynomials.messages import quoted
from polyproof_gym.polynomials.parsing import parse_constraint, parse_polynomial
from polyproof_gym.polynomials.polynomial import Polynomial, Rational, rational
from polyproof_gym.polynomials.ring import Ring
from polyproof_gym.polynomials.sympy_input import (
    constraint_from_sympy,
    from_sympy,
    is_sympy,
    name_of_symbol,
    sympy_names,
)
from polyproof_gym.polynomials.tokens import name_from_text, natural_order, variable_names

_NO_VARIABLES = Ring(())


def read_polynomial(value: Any, ring: Ring) -> Polynomial:
    """The polynomial that the value stands for.

    Args:
        value: Text (see :mod:`polyproof_gym.polynomials.parsing`), an expression or ``Poly`` of SymPy, a dictionary
            ``{exponents: coefficient}`` with one exponent for each variable of the ring (for a single variable, the
            exponent alone will do), a number, or a polynomial of an equal ring.
        ring: The ring whose variables may occur; the result is in its normal form.

    Raises:
        BadInput: If it stands for none, or for one beyond the limits.
    """
    if isinstance(value, str):
        return parse_polynomial(value, ring)
    if isinstance(value, Polynomial):
        if value.ring != ring:
            raise BadInput("expected a polynomial in the declared variables, got one of a different ring")
        return value
    if isinstance(value, dict):
        return _from_dictionary(value, ring)
    if is_sympy(value):
        return from_sympy(value, ring)
    if not _is_number(value):
        raise BadInput(
            "expected a polynomial as text, as a SymPy expression or as a dictionary {exponents: coefficient}, got"
            f" {_kind(value)}"
        )
    return Polynomial.constant(ring, read_number(value))


def read_constraint(value: Any, ring: Ring) -> list[Polynomial]:
    """The polynomials that are nonnegative where the constraint holds.

    Args:
        value: Text such as ``"x + y <= 1"`` or ``"-1 <= x - y <= 1"``; ``Ge``, ``Le`` or ``Eq`` of SymPy, or an ``And``
            of them. A dictionary or a polynomial, which contains no relation, stands for ``p >= 0``.
        ring: The ring whose variables may occur.

    Returns:
        One polynomial for each inequality, and two, ``d`` and ``-d``, for an equality. A relation that SymPy has
        evaluated gives none where it is always true, and the constant -1 where it is always false.

    Raises:
        BadInput: If it is no constraint, or describes no closed set.
    """
    if isinstance(value, str):
        return parse_constraint(value, ring)
    if isinstance(value, bool | np.bool_):
        raise BadInput(
            f"expected a constraint, got {value}: Python has compared the two sides itself; write sympy.Eq, sympy.Le or"
            " sympy.Ge, or the constraint as text"
        )
    if isinstance(value, dict | Polynomial):
        return [read_polynomial(value, ring)]
    if is_sympy(value):
        return constraint_from_sympy(value, ring)
    raise BadInput(f"expected a constraint as text, such as 'x + y <= 1', or as a SymPy relation, got {_kind(value)}")


def read_number(value: Any) -> Rational:
    """The exact number that the value stands for: ``1/10`` for ``0.1`` and for ``"0.1"``.

    Args:
        value: A number of Python, NumPy or SymPy, or text such as ``"-1/3"`` or ``"2^10"``.

    Raises:
        BadInput: If it is no rational number, or too long.
    """
    if isinstance(value, str):
        return parse_polynomial(value, _NO_VARIABLES).constant_term
    if is_sympy(value):
        return from_sympy(value, _NO_VARIABLES).constant_term
    if not _is_number(value):
        raise BadInput(f"expected a number, got {_kind(value)}")
    try:
        return check_digits(rational(value))
    except ValueError as error:
        raise BadInput(str(error)) from None


def canonical_name(value: Any) -> str:
    """The one name of a variable, from any of its spellings: ``x_1`` for ``x[1]``, ``x_{1}``, ``x₁`` and ``x_1``.

    Args:
        value: The name as text, or a symbol of SymPy.

    Raises:
        BadInput: If it names no variable.
    """
    if isinstance(value, str):
        return name_from_text(value)
    if is_sympy(value):
        return name_of_symbol(value)
    raise BadInput(f"expected the name of a variable, as text or as a SymPy symbol, got {_kind(value)}")


def names_in(value: Any) -> list[str]:
    """The canonical names of the variables in a polynomial or constraint, in natural order (``x2`` before ``x10``).

    A polynomial names all variables of its ring, in their order; a dictionary and a number name none.

    Raises:
        BadInput: If the value can be neither, or what it says cannot be read.
    """
    if isinstance(value, str):
        return variable_names(value)
    if isinstance(value, Polynomial):
        return list(value.ring.variables)
    if is_sympy(value):
        return sorted(sympy_names(value), key=natural_order)
    if isinstance(value, dict) or _is_number(value) or isinstance(value, bool | np.bool_):
        return []
    raise BadInput(f"expected a polynomial or a constraint, got {_kind(value)}")


def _from_dictionary(value: dict[Any, Any], ring: Ring) -> Polynomial:
    if len(value) > MAX_TERMS:
        raise BadInput(f"polynomials of more than {MAX_TERMS} terms are not accepted")
    return Polynomial.of(ring, [(_variables(key, ring), _coefficient(key, value[key])) for key in value])


def _coefficient(exponents: Any, value: Any) -> Rational:
    try:
        return read_number(value)
    except BadInput as error:
        raise BadInput(f"the coefficient of {_shown(exponents)}: {error}") from None


def _variables(exponents: Any, ring: Ring) -> list[int]:
    """The variables of a monomial, each as often as its exponent says."""
    if _is_whole(exponents):
        exponents = (exponents,)
    if not isinstance(exponents, tuple) or len(exponents) != ring.num_variables or not all(map(_is_whole, exponents)):
        raise BadInput(
            f"expected {ring.num_variables} exponents, one for each variable, as the key of a term, got"
            f" {_shown(exponents)}"
        )
    if min(exponents, default=0) < 0:
        raise BadInput("negative powers are not polynomials; expected whole numbers as exponents")
    if sum(map(int, exponents)) > MAX_EXPONENT:
        raise BadInput(f"polynomials above degree {MAX_EXPONENT} are not accepted")
    return [i for i, exponent in enumerate(exponents) for _ in range(int(exponent))]


def _is_number(value: Any) -> bool:
    kinds = int | float | Fraction | Decimal | np.integer | np.floating
    return isinstance(value, kinds) and not isinstance(value, bool | np.timedelta64)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and _is_number(value)


def _shown(exponents: Any) -> str:
    """The key of a term, if it is a short one."""
    is_short = isinstance(exponents, tuple) and len(exponents) < 10 and all(map(_is_number, exponents))
    if not is_short or any(abs(part) > 10**9 for part in exponents):
        return _kind(exponents)
    return repr(exponents)


def _kind(value: Any) -> str:
    """A value that is not understood, by its type: it may not even print."""
    return "None" if value is None else f"a value of type {quoted(type(value).__name__)[1:-1]}"
