"""Pages: prose written by hand, with generated tables between markers.

The table ``steps`` of ``docs/results/performance.json`` stands between the lines ``<!-- table: performance/steps -->``
and ``<!-- end -->``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from polyproof_gym import BadInput

MARKED = re.compile(r"(<!-- table: ([\w/-]+) -->\n).*?(^<!-- end -->$)", re.DOTALL | re.MULTILINE)


def marked_tables(page: str) -> dict[str, str]:
    """The tables that a page has markers for, as they stand there, by their names."""
    return {match[2]: match[0][len(match[1]) : -len(match[3])].strip("\n") for match in MARKED.finditer(page)}


def with_tables(page: str, tables: Mapping[str, str]) -> str:
    """A page with the given tables in their places; what else stands there stays as it is.

    Raises:
        BadInput: If the page has no markers for one of them.
    """
    missing = sorted(set(tables) - set(marked_tables(page)))
    if missing:
        raise BadInput(f"expected the line '<!-- table: {missing[0]} -->' in the page, and '<!-- end -->' after it")

    def filled(match: re.Match[str]) -> str:
        table = tables.get(match[2])
        return match[0] if table is None else f"{match[1]}\n{table}\n\n{match[3]}"

    return MARKED.sub(filled, page)
