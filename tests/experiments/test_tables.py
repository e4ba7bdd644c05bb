from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.tables import duration, figure, magnitude, markdown, percent, plain_table, size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0.0, "0"),
        (7, "7"),
        (12345678, "12345678"),
        ("dual-guided", "dual-guided"),
        (0.5, "0.5"),
        (0.1234, "0.123"),
        (1.0, "1"),
        (2.345, "2.35"),
        (23.45, "23.4"),
        (1234.5, "1234"),
        (1e-5, "1e-05"),
        (-0.25, "-0.25"),
    ],
)
def test_figures_have_about_three_digits(value: object, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.0, "0"),
        (1.5e-5, "15 µs"),
        (1.234e-3, "1.23 ms"),
        (0.0999, "99.9 ms"),
        (0.99951, "1.00 s"),
        (12.34, "12.3 s"),
        (123.4, "123 s"),
    ],
)
def test_durations_have_a_unit(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(2e-6, 1e4))
def test_a_duration_is_what_it_says(seconds: float) -> None:
    number, unit = duration(seconds).split()
    assert float(number) * {"µs": 1e-6, "ms": 1e-3, "s": 1.0}[unit] == pytest.approx(seconds, rel=0.26, abs=5e-7)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.5e8, "250 MB"), (4e9, "4.0 GB")]
)
def test_sizes_have_a_unit(count: float, text: str) -> None:
    assert size(count) == text


def test_differences_show_their_order_of_magnitude() -> None:
    assert magnitude(0.0) == "0"
    assert magnitude(2.4e-9) == "2e-09"
    assert magnitude(-0.2) == "-2e-01"


def test_shares_are_whole_percents() -> None:
    assert percent(0.505) == "50 %"
    assert percent(1.0) == "100 %"


def test_a_table_has_a_line_per_row() -> None:
    table = markdown({"a": lambda row: str(row["x"]), "b": lambda row: "-"}, [{"x": 1}, {"x": 2}])
    assert table == "| a | b |\n| --- | --- |\n| 1 | - |\n| 2 | - |"


def test_a_result_without_a_table_of_its_own_is_shown_with_all_fields() -> None:
    assert plain_table({"rows": [{"n": 25, "seconds": 0.5}]}) == "| n | seconds |\n| --- | --- |\n| 25 | 0.5 |"
    assert plain_table({"envs": 4, "ratio": 2.0}) == "| envs | ratio |\n| --- | --- |\n| 4 | 2 |"
