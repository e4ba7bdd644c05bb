from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from polyproof_gym.envs.quick_text import QuickText, drawable, outline


def test_the_width_is_that_of_the_letters() -> None:
    widths = [outline(text).width for text in ("", "x", "xx", "xxx")]
    assert widths[0] == 0
    np.testing.assert_allclose(np.diff(widths), widths[1])
    assert outline("x₁ ≥ 0", is_bold=True).width > outline("x₁ ≥ 0").width


def test_what_the_font_lacks_is_a_box() -> None:
    assert drawable("x₁² ≥ 五") == "x₁² ≥ □"


@pytest.mark.parametrize("is_right", [False, True])
def test_the_text_is_where_it_should_be(is_right: bool) -> None:
    canvas = FigureCanvasAgg(Figure(figsize=(4, 1), dpi=100))
    line = QuickText(canvas.figure, 0.5, 0.5, size=12, color="black", is_right=is_right)
    line.set_text("bound 4")
    canvas.draw()
    dark = np.asarray(canvas.buffer_rgba())[:, :, 0] < 128
    columns, rows = np.flatnonzero(dark.any(axis=0)), np.flatnonzero(dark.any(axis=1))
    assert (columns < 201).all() if is_right else (columns > 199).all()
    assert 34 <= rows.min() <= rows.max() <= 52
    line.set_text("")
    canvas.draw()
    assert (np.asarray(canvas.buffer_rgba())[:, :, 0] == 255).all()


def test_long_texts_are_cut_short() -> None:
    figure = Figure(figsize=(4, 1), dpi=100)
    canvas = FigureCanvasAgg(figure)
    line = QuickText(figure, 0.1, 0.5, size=12, color="black", width=0.5)
    line.set_text("a text " * 20)
    canvas.draw()
    columns = np.flatnonzero((np.asarray(canvas.buffer_rgba())[:, :, 0] < 128).any(axis=0))
    assert 200 < columns.max() <= 241
