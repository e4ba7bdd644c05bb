from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from experiments.panels import draw


@pytest.mark.parametrize(("count", "is_wide"), [(1, False), (2, False), (3, True), (4, False)])
def test_the_last_of_an_odd_number_of_panels_is_as_wide_as_the_picture(
    count: int, is_wide: bool, tmp_path: Path
) -> None:
    drawn: list[Any] = []

    def panel(axes: Any, result: Any) -> None:
        axes.plot([0, 1], [0, 1])
        drawn.append(axes)

    names = [str(number) for number in range(count)]
    draw(dict.fromkeys(names, panel), {name: {} for name in names}, tmp_path / "picture.png")
    widths = [axes.get_position().width for axes in drawn]
    assert (widths[-1] > 1.5 * widths[0]) == is_wide
