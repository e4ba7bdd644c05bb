from __future__ import annotations

from pathlib import Path

import pytest

from experiments.evaluate.contenders import contenders
from experiments.evaluate.curves import COLOURS, draw, require_drawable
from experiments.evaluate.rows import Row, row
from experiments.trials import Task, Trial
from polyproof_gym import BadInput


def entry(agent: str, n: int, *curve: float) -> Row:
    trial = Trial(Task("p", agent, 3, 0), "2", curve or None, 3, 2, 0.1)
    return row(contenders([agent])[0], n, [[trial]], [2.0], {})


def test_every_agent_is_in_the_legend_once(tmp_path: Path) -> None:
    agents = [f"agent-{number}" for number in range(len(COLOURS) + 1)]
    rows = [entry(agent, n, float(n), 3.0, 2.0, 2.0) for n in (6, 9) for agent in agents]
    rows += [entry("static", n) for n in (6, 9)]
    draw(rows, tmp_path / "curves.svg")
    text = (tmp_path / "curves.svg").read_text()
    for label in (*agents, "static (no steps)", "alpha", "n = 6 (1 graph)", "n = 9 (1 graph)"):
        assert text.count(f"<!-- {label} -->") == 1


def test_what_cannot_be_drawn_is_known_before(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    for name, message in (
        ("curves.jpeg", "ends in"),
        ("file/curves.png", "cannot be written"),
        ("folder.png", "expected a file, found a folder"),
    ):
        with pytest.raises(BadInput, match=message):
            require_drawable(tmp_path / name)
    require_drawable(tmp_path / "new" / "curves.pdf")
