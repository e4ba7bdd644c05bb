from __future__ import annotations

import copy
from typing import Any

import pytest

from experiments.tune.space import DIGITS, distributions_in, draw
from polyproof_gym import BadInput

CONTENT: dict[str, Any] = {
    "algorithm": "cma-es",
    "settings": {"population": "choice(4, 6, 8)", "step_size": "loguniform(1e-4, 1)"},
    "updates": "integer(2, 5)",
    "share": "uniform(-1, 1)",
    "workers": 2,
}


def drawn(
    samples: int, seed: int = 0, content: dict[str, Any] = CONTENT
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return draw(content, distributions_in(content), samples, seed)


def test_values_are_of_their_distributions_and_put_in_their_places() -> None:
    before = copy.deepcopy(CONTENT)
    found = drawn(100)
    assert before == CONTENT
    for values, content in found:
        assert content == {
            "algorithm": "cma-es",
            "settings": {"population": values["settings.population"], "step_size": values["settings.step_size"]},
            "updates": values["updates"],
            "share": values["share"],
            "workers": 2,
        }
    columns = {key: [values[key] for values, _ in found] for key in found[0][0]}
    assert set(columns["settings.population"]) == {4, 6, 8}
    assert set(columns["updates"]) == {2, 3, 4, 5}
    assert all(1e-4 <= value <= 1 for value in columns["settings.step_size"])
    assert sum(value < 1e-2 for value in columns["settings.step_size"]) in range(30, 71)  # half of them, by logarithms
    assert min(columns["share"]) < -0.5
    assert max(columns["share"]) > 0.5
    for value in (*columns["settings.step_size"], *columns["share"]):
        assert value == float(f"{value:.{DIGITS}g}")


def test_the_first_ones_are_the_same_however_many_are_drawn() -> None:
    assert drawn(3) == drawn(8)[:3]
    assert drawn(3, seed=1) != drawn(3)


def test_no_configuration_is_drawn_twice() -> None:
    content = {"settings": {"population": "choice(4, 6)", "start": "choice(zero, prior)"}}
    found = [values for values, _ in drawn(20, content=content)]
    assert len(found) == 4
    assert len({tuple(values.values()) for values in found}) == 4


def test_anything_can_be_chosen_from() -> None:
    content = {"trials": {"steps_per_variable": "choice([1.0, 2.0], [2, 3])", "rules": "choice(null, 'products')"}}
    assert {str(values["trials.steps_per_variable"]) for values, _ in drawn(4, content=content)} == {
        "[1.0, 2.0]",
        "[2, 3]",
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "expected a distribution somewhere"),
        ("lognormal(0, 1)", "unknown distribution 'lognormal', did you mean 'loguniform'?"),
        ("choice()", "settings.size: expected values to choose from"),
        ("choice([)", "settings.size: expected choice of values with commas between"),
        ("uniform(1)", r"settings.size: expected uniform\(low, high\) with numbers, got 'uniform\(1\)'"),
        ("uniform(2, 1)", r"expected uniform\(low, high\)"),
        ("uniform(low, 1)", r"expected uniform\(low, high\)"),
        ("uniform(0, .inf)", r"expected uniform\(low, high\)"),
        ("uniform(true, 2)", r"expected uniform\(low, high\)"),
        ("integer(1, 2.5)", "with whole numbers"),
        ("loguniform(0, 1)", "with positive numbers"),
    ],
)
def test_what_is_no_distribution_is_told_in_one_line(value: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        distributions_in({"settings": {"size": value}})
    assert "\n" not in str(caught.value)
