from __future__ import annotations

from pathlib import Path

from experiments.evaluate.contenders import contenders
from experiments.evaluate.curves import draw
from experiments.evaluate.rows import Row, Yardstick, row
from experiments.panels import COLOURS
from experiments.trials import Task, Trial


def entry(agent: str, n: int, *curve: float) -> Row:
    trial = Trial(Task("p", agent, 3, 0), "2", curve or None, 3, 2, 0.1, (9,))
    return row(contenders([agent])[0], n, [[trial]], [Yardstick(2.0, 0.0, 2.0)], {})


def test_every_agent_is_in_the_legend_once(tmp_path: Path) -> None:
    agents = [f"agent-{number}" for number in range(len(COLOURS) + 1)]
    rows = [entry(agent, n, float(n), 3.0, 2.0, 2.0) for n in (6, 9) for agent in agents]
    rows += [entry("static", n) for n in (6, 9)]
    draw(rows, tmp_path / "curves.svg")
    text = (tmp_path / "curves.svg").read_text()
    for label in (*agents, "static (no steps)", "alpha", "n = 6 (1 graph)", "n = 9 (1 graph)"):
        assert text.count(f"<!-- {label} -->") == 1
