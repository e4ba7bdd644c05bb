"""Tables whose cells are templates, filled in from one item of the data for each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from string import Formatter
from typing import Any

from experiments.compare.main import exact
from experiments.documentation.result import Result
from experiments.tables import duration, figure, magnitude, markdown, size

SPECS: Mapping[str, Callable[[Any], str]] = {
    "exact": lambda value: exact(Fraction(value)).lstrip("~"),
    "magnitude": magnitude,
    "duration": duration,
    "figure": figure,
    "size": size,
    "millions": lambda value: f"{value / 1e6:.2g} million",
}
"""Format specs of templates, beside those of Python."""

NEVER = "never"
"""What is shown of a number of steps that no step reached."""


class _Template(Formatter):
    """A formatter with more format specs, 0 for counts that are missing, and ranges for values of several items.

    Of a worst and a median value both are shown, unless they look the same.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        def shown(one: Any) -> str:
            return NEVER if one is None else self.format_field(one, format_spec)

        match value:
            case Several():
                return " to ".join(dict.fromkeys((shown(min(value)), shown(max(value)))))
            case {"worst": worst, "median": median}:
                return " and ".join(dict.fromkeys((shown(worst), shown(median))))
        show = SPECS.get(format_spec)
        return str(super().format_field(value, format_spec)) if show is None else show(value)

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        try:
            return super().get_field(field_name, args, kwargs)
        except KeyError:
            if "[" not in field_name:
                raise
            return 0, field_name


class Several(list[Any]):
    """What several items have in one place."""


Place = int | Sequence[int | str] | Mapping[str, Any]
"""Where an item stands in the data: its number, or the keys that lead to it; or a ``range`` of such."""


def tables(result: Result) -> dict[str, str]:
    """The tables of a result.

    A view has ``columns``, a template by its heading, and ``rows``, each with the place of its ``item`` in the data,
    and what else its templates name: texts, places of items that are ``beside`` it, and ``cells`` with other templates.
    Where a place is a ``range`` of several, what they have is shown from the least to the greatest.
    """
    return {name: table(result.data, view) for name, view in result.tables.items()}


def table(data: Any, view: Mapping[str, Any]) -> str:
    """The table of one view, see :func:`tables`."""

    def cell(head: str, row: Mapping[str, Any]) -> str:
        beside = {name: _item(data, place) for name, place in row.get("beside", {}).items()}
        template = row.get("cells", {}).get(head, view["columns"][head])
        return _Template().vformat(template, (), {**_item(data, row["item"]), **beside, **row})

    return markdown({head: partial(cell, head) for head in view["columns"]}, view["rows"])


def _item(data: Any, place: Place) -> Any:
    match place:
        case {"range": places}:
            items = [_item(data, one) for one in places]
            return {key: Several(item[key] for item in items) for key in items[0]}
        case int():
            return data[place]
    for key in place:
        data = data[key]
    return data
