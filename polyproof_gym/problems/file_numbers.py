"""Numbers as they stand in files."""

from __future__ import annotations

from polyproof_gym.arguments import shown
from polyproof_gym.polynomials import Rational, rational
from polyproof_gym.problems.line_error import LineError


def whole(text: str, low: int, high: int, line: int, what: str) -> int:
    """A whole number.

    Args:
        text: The number as it stands in the file.
        low: The least that is expected.
        high: The largest.
        line: The line where it stands.
        what: What it is, for the error.

    Raises:
        LineError: If it is something else.
    """
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not low <= int(text) <= high:
        raise LineError(line, f"expected {what} from {low} to {high}, got {shown(text)}")
    return int(text)


def number_of(text: str, line: int, what: str) -> Rational:
    """A decimal number or a fraction, exactly; the arguments are those of :func:`whole`.

    Raises:
        LineError: If it is something else.
    """
    try:
        if len(text) > 50 or "e" in text.lower():
            raise ValueError
        return rational(text)
    except ValueError:
        raise LineError(line, f"expected {what}, got {shown(text)}") from None
