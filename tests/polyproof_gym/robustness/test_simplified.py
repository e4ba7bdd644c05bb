from __future__ import annotations

from fractions import Fraction

import pytest

from polyproof_gym import BadInput
from polyproof_gym.robustness import ClassProbabilities, RobustnessLimit, simplified_forms


@pytest.mark.parametrize("classes", [2, 3, 5, 10, 1000, 10**6])
@pytest.mark.parametrize("t", [0.0, 0.1, 0.5, 1.0, 2.0, 4.0])
def test_they_are_weaker_than_the_sum(classes: int, t: float) -> None:
    forms = simplified_forms(classes, t)
    assert forms.derived <= forms.exact_sum + 1e-9
    assert forms.recalled_half <= forms.derived + 1e-12
    if forms.recalled_classes is None:
        assert classes < 5
    else:
        assert forms.recalled_classes <= forms.derived + 1e-12


def test_the_sum_is_that_of_the_limit() -> None:
    limit = RobustnessLimit(ClassProbabilities.known([Fraction(1, 10)] * 10))
    assert simplified_forms(10, 0.5).exact_sum == pytest.approx(limit.fraction_within(0.5), abs=1e-12)
    assert [round(form or 0, 3) for form in simplified_forms(10, 0.5)] == [0.626, 0.535, -0.106, 0.366]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadInput, match="num_classes"):
        simplified_forms(1, 1)
    with pytest.raises(BadInput, match="distance"):
        simplified_forms(5, -1)
