"""What the command line tells people of a proof, beside what its commands are tested for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from experiments.cli.report import report
from experiments.reports import describe
from tests.flat import prove


@pytest.mark.parametrize("wrong", [-0.25, 1e-5, 0.25])
def test_a_bound_of_the_lp_that_is_not_the_exact_one_is_told(wrong: float) -> None:
    proof = prove("cycle:n=5", max_steps=20)
    assert "NOTE" not in report(proof, describe(proof), None)
    assert proof.promised is not None
    other = replace(proof, promised=proof.promised + wrong)
    assert f"NOTE: the LP's bound was {2 + wrong:.10g}; " in report(other, describe(other), None)
    assert describe(other)["lp_bound"] == pytest.approx(2 + wrong)
