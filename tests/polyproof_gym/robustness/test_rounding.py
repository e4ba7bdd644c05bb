from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from polyproof_gym.robustness.rounding import float_above, float_below, root_above

NUMBERS = st.fractions() | st.integers() | st.builds(Fraction, st.integers(), st.integers(1, 10**400))


@settings(deadline=None)
@given(number=NUMBERS)
def test_floats_are_the_nearest_on_their_side(number: Fraction) -> None:
    above, below = float_above(number), float_below(number)
    assert below <= number <= above
    assert above == below or math.nextafter(below, math.inf) == above


@settings(deadline=None)
@given(
    number=st.fractions(min_value=0) | st.builds(Fraction, st.integers(1), st.integers(1, 10**400)),
    bits=st.integers(1, 99),
)
def test_roots_are_above_and_near(number: Fraction, bits: int) -> None:
    root = root_above(number, bits)
    assert root * root >= number
    assert (root * (1 - Fraction(1, 2 ** (bits - 1)))) ** 2 <= number


def test_beyond_the_range_of_floats() -> None:
    assert float_above(10**400) == math.inf
    assert float_above(-(10**400)) == -math.nextafter(math.inf, 0)
    assert float_below(-(10**400)) == -math.inf
    assert str(float_below(0)) == "0.0"
