from __future__ import annotations

import re
from pathlib import Path

from experiments.panels import PANELS_ACROSS, draw
from experiments.robustness.main import NAMES
from experiments.robustness.picture import PANELS, bars, lines
from experiments.robustness.sections import SECTIONS

ROWS = {
    "rows": [
        {"n": 1, "kind": "a", "value": 2.0, "other": 3.0, "status": "exact"},
        {"n": 2, "kind": "a", "value": 1.0, "other": 2.0, "status": "exact"},
        {"n": 1, "kind": "b", "value": 4.0, "other": None, "status": "estimated"},
    ]
}


def test_all_that_can_be_asked_for_has_a_panel() -> None:
    assert set(PANELS) == set(NAMES)


def test_every_group_of_rows_has_a_line_with_its_status(tmp_path: Path) -> None:
    panels = {
        "lines": lines("Lines", "n", {"value": "{kind} ({status})", "other": "other {kind}"}, "kind", label="value"),
        "all": lines("All", "n", {"value": "value"}, label="value", is_logarithmic=False),
        "bars": bars("Bars", "{kind}, {n} ({status})", {"value": "value", "other": "other"}, label="value"),
    }
    draw(panels, dict.fromkeys(panels, ROWS), tmp_path / "picture.svg")
    text = (tmp_path / "picture.svg").read_text()
    for legend in ("a (exact)", "b (estimated)", "other a", "other b", "a, 1 (exact)", "b, 1 (estimated)", "Bars"):
        assert f"<!-- {legend} -->" in text


def test_many_panels_take_several_rows(tmp_path: Path) -> None:
    panel = bars("Bars", "{kind}", {"value": "value"}, label="value")
    names = [str(number) for number in range(PANELS_ACROSS + 1)]
    draw(dict.fromkeys(names, panel), dict.fromkeys(names, ROWS), tmp_path / "new" / "picture.svg")
    assert (tmp_path / "new" / "picture.svg").read_text().count("<!-- Bars -->") == len(names)


def test_nothing_is_drawn_of_nothing(tmp_path: Path) -> None:
    draw(PANELS, {}, tmp_path / "picture.svg")
    assert not list(tmp_path.iterdir())


def test_every_legend_says_what_can_be_trusted() -> None:
    """Limits have a status, and what is no limit was measured or is a formula."""
    from matplotlib.figure import Figure

    for section in SECTIONS:
        if section.name in ("dimension", "classes", "projected"):  # the others have panels of the same kinds
            axes = Figure().subplots()
            PANELS[section.name](axes, section.run(0, True))
            legends = axes.get_legend_handles_labels()[1]
            assert legends
            assert all(re.search(r"\((exact|certified|estimated|measured)\)$", legend) for legend in legends)
