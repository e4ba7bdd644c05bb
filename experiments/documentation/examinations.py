"""Results of ``experiments.robustness``, without its sections: an examination for every command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.documentation import templates
from experiments.documentation.result import Result
from experiments.robustness.examination import DISTANCES, table
from experiments.robustness.main import CURVES


def summary(run: Mapping[str, Any]) -> dict[str, Any]:
    """The examination of a file that ``--json`` names; of the curves the points that the table shows."""
    found = run["summary"]["sections"][CURVES]
    places = [found["distances"].index(distance) for distance in DISTANCES]

    def thinned(curve: Sequence[float]) -> list[float]:
        return [curve[place] for place in places]

    limit = {key: thinned(value) if isinstance(value, list) else value for key, value in found["limit"].items()}
    ways = [{**way, "beyond": thinned(way["beyond"])} for way in found["found"]]
    above = len(found["out_of_order"])
    return {**found, "distances": [*DISTANCES], "found": ways, "limit": limit, "above": above}


def tables(result: Result) -> dict[str, str]:
    """The tables of a result: views with templates, or with the number of the item whose ``curves`` are shown."""
    return {
        name: table(result.data[view["curves"]]) if "curves" in view else templates.table(result.data, view)
        for name, view in result.tables.items()
    }
