"""Tables whose cells are templates, filled in from one item of the data for each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from string import Formatter
from typing import Any

from experiments.compare import exact
from experiments.documentation.result import Result
from experiments.tables import duration, figure, magnitude, markdown, size

SPECS: Mapping[str, Callable[[Any], str]] = {
    "exact": lambda value: exact(Fraction(value)).lstrip("~"),
    "magnitude": magnitude,
    "duration": duration,
    "figure": figure,
    "size": size,
}
"""Format specs of templates, beside those of Python."""


class _Template(Formatter):
    """A formatter with more format specs, and 0 for counts that are missing."""

    def format_field(self, value: Any, format_spec: str) -> str:
        show = SPECS.get(format_spec)
        return str(super().format_field(value, format_spec)) if show is None else show(value)

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        try:
            return super().get_field(field_name, args, kwargs)
        except KeyError:
            if "[" not in field_name:
                raise
            return 0, field_name


def tables(result: Result) -> dict[str, str]:
    """The tables of a result.

    A view has ``columns``, a template by its heading, and ``rows``, each with the number of its ``item`` among the
    data, and what else its templates name: texts, numbers of items that are ``beside`` it, and ``cells`` with other
    templates.
    """
    return {name: table(result.data, view) for name, view in result.tables.items()}


def table(items: Sequence[Mapping[str, Any]], view: Mapping[str, Any]) -> str:
    """The table of one view, see :func:`tables`."""

    def cell(head: str, row: Mapping[str, Any]) -> str:
        beside = {name: items[number] for name, number in row.get("beside", {}).items()}
        template = row.get("cells", {}).get(head, view["columns"][head])
        return _Template().vformat(template, (), {**items[row["item"]], **beside, **row})

    return markdown({head: partial(cell, head) for head in view["columns"]}, view["rows"])
