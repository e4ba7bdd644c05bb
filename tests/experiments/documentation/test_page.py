from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.documentation.page import marked_tables, with_tables
from polyproof_gym import BadInput

PAGE = """# Title

Prose with | bars | in it.

<!-- table: speed/steps -->
| old |
<!-- end -->

Between.

<!-- table: growth -->
<!-- end -->
The end.
"""


def test_the_marked_tables_are_found_in_order() -> None:
    assert marked_tables(PAGE) == {"speed/steps": "| old |", "growth": ""}
    assert marked_tables("none") == {}


def test_tables_are_replaced_and_prose_stays() -> None:
    page = with_tables(PAGE, {"speed/steps": "| new |", "growth": "| grown |"})
    assert page == PAGE.replace("| old |", "\n| new |\n").replace(
        "<!-- table: growth -->\n", "<!-- table: growth -->\n\n| grown |\n\n"
    )


def test_a_table_that_is_not_given_stays_as_it_is() -> None:
    page = with_tables(PAGE, {"growth": "| grown |"})
    assert "| old |" in page
    assert "| grown |" in page


def test_a_table_without_a_place_is_refused() -> None:
    with pytest.raises(BadInput, match="<!-- table: parts -->"):
        with_tables(PAGE, {"parts": "| x |"})


@given(st.text(alphabet="|-ab \\\\g<1>\n", max_size=40))
def test_filling_in_the_same_table_again_changes_nothing(table: str) -> None:
    once = with_tables(PAGE, {"speed/steps": table})
    assert f"\n{table}\n" in once
    assert with_tables(once, {"speed/steps": table}) == once
