from __future__ import annotations

from typing import Any

import pytest

from experiments.documentation.templates import table

ITEMS: list[dict[str, Any]] = [
    {"bound": "7/2", "seconds": 0.5, "leaves": 1, "status": "optimal"},
    {"bound": "3", "seconds": 0.0125, "leaves": 3, "status": "optimal"},
    {"c5": {"random": {"bound": {"worst": "7/2", "median": "3"}, "steps": {"worst": None, "median": 12}}}},
    {"c5": {"random": {"bound": {"worst": "3", "median": "3"}, "steps": {"worst": None, "median": None}}}},
]


def cells(columns: dict[str, str], row: dict[str, Any]) -> list[str]:
    line = table(ITEMS, {"columns": columns, "rows": [row]}).splitlines()[-1]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_an_item_beside_another() -> None:
    columns = {"name": "`{name}`", "bound": "{bound:exact}", "cases": "{leaves}, {other[leaves]}"}
    assert cells(columns, {"item": 0, "name": "C5", "beside": {"other": 1}}) == ["`C5`", "7/2", "1, 3"]


def test_several_items_have_a_range() -> None:
    columns = {"cases": "{leaves}", "time": "{seconds:duration}", "status": "{status}", "random": "{other[leaves]}"}
    row = {"item": {"range": [0, 1]}, "beside": {"other": {"range": [1, 0]}}}
    assert cells(columns, row) == ["1 to 3", "12.5 ms to 500 ms", "optimal", "1 to 3"]


@pytest.mark.parametrize(("number", "shown"), [(2, ["7/2 and 3", "never and 12"]), (3, ["3", "never"])])
def test_several_orders_have_a_worst_and_a_median_figure(number: int, shown: list[str]) -> None:
    columns = {"bound": "{bound:exact}", "steps": "{steps:figure}"}
    assert cells(columns, {"item": [number, "c5", "random"]}) == shown
