from __future__ import annotations

import pytest

from experiments.evaluate.contenders import contenders
from experiments.evaluate.rows import Yardstick, open_gap, row, steps_to_share, table
from experiments.trials import Task, Trial
from polyproof_gym import make_problem


def trial(*curve: float, steps: int = 3, bound: str | None = None) -> Trial:
    task = Task("random-stable-set:n=8,index=0", "agent", steps, 0)
    return Trial(task, bound or str(curve[-1]), curve or None, len(curve) - 1, 4, 0.5, (9,))


def graph(number: float) -> Yardstick:
    return Yardstick(number, 0.0, number)


def test_stability_numbers_are_units_and_of_others_the_open_gap_counts() -> None:
    petersen = Yardstick.of(make_problem("petersen"))
    assert (petersen.best, petersen.zero, petersen.unit) == (4.0, 0.0, 4.0)
    problem = make_problem("random-polynomial:n=5,degree=2,terms=12,index=0")
    other = Yardstick.of(problem)
    assert problem.incumbent is not None
    measured = [(float(bound) - other.zero) / other.unit for bound in (problem.incumbent, problem.trivial_bound)]
    assert measured == [0.0, 1.0]


def test_the_open_gap_is_a_mean_over_the_steps() -> None:
    assert open_gap(trial(6.0, 6.0, 4.0, 2.0), 2.0) == pytest.approx((1 + 0.5 + 0) / 3)
    assert open_gap(trial(6.0, 4.0), 2.0) == pytest.approx(0.5)
    assert open_gap(trial(2.0, 2.0), 2.0) is None
    assert open_gap(trial(bound="3"), 2.0) is None


def test_steps_until_most_of_the_gap_is_closed() -> None:
    assert steps_to_share(trial(22.0, 22.0, 3.0, 2.0), 2.0) == 2
    assert steps_to_share(trial(22.0, 22.0, 3.1, 3.1), 2.0) is None
    assert steps_to_share(trial(2.0, 2.0), 2.0) == 0
    assert steps_to_share(trial(bound="2"), 2.0) is None


def test_a_row_is_a_mean_over_graphs_of_the_mean_over_seeds() -> None:
    net, plain = contenders(["net-seed0", "net-seed1", "plain"])
    seeds = [[trial(6.0, 2.0), trial(6.0, 5.0)], [trial(6.0, 2.0), trial(6.0, 3.0)]]
    reference = [[trial(6.0, 4.0), trial(6.0, 6.0, 6.0)]]
    entry = row(net, 8, seeds, [graph(2.0), graph(3.0)], {net: seeds, plain: reference})
    assert (entry.agent, entry.graphs, entry.alpha) == ("net (2 seeds)", 2, 2.5)
    assert entry.bound.value == pytest.approx(3.0)
    assert entry.seed_means == [3.5, 2.5]
    assert entry.ratio.value == pytest.approx((2 / 2 + 4 / 3) / 2)
    assert entry.curve == [6.0, 3.0, 3.0, 3.0]
    assert list(entry.minus) == ["plain"]
    assert entry.minus["plain"].value == pytest.approx((2 / 2 + 4 / 3) / 2 - (4 / 2 + 6 / 3) / 2)
    assert (entry.steps_to_share, entry.closed) == (1.0, 0.75)
    assert entry.derivations == 4
    assert entry.milliseconds == pytest.approx(500)
    lines = table([entry, row(plain, 8, reference, [graph(2.0), graph(3.0)], {plain: reference})], 3).splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1
    assert "minus plain" in lines[0]
    assert "2.50, 3.50" in lines[2]


def test_a_row_without_curves_has_blanks() -> None:
    (static,) = contenders(["static"])
    entry = row(static, 8, [[trial(bound="7/2", steps=100)]], [graph(2.0)], {})
    assert (entry.curve, entry.open_gap, entry.steps_to_share, entry.closed) == (None, None, None, 0.0)
    assert "| 3.50 [3.50, 3.50] | 1.750 [1.750, 1.750] |  |  |  |  |  | 4.0 |" in table([entry], 100)
