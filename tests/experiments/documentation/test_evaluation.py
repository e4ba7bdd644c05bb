from __future__ import annotations

from typing import Any

from experiments.documentation.evaluation import tables_of_several
from experiments.documentation.result import Result


def row(agent: str, n: int, bound: float) -> dict[str, Any]:
    estimate = {"value": bound, "low": bound - 1, "high": bound + 1}
    return {"agent": agent, "n": n, "alpha": 2.0, "bound": estimate}


def test_the_same_agent_and_size_with_several_commands() -> None:
    view = {
        "value": "bound",
        "first": "agent",
        "columns": {"n = 8": "0:8", "n = 8, more steps": "1:8"},
        "rows": {"bfs": ["bfs"], "optimum": []},
    }
    data = [[row("bfs", 8, 4.0), row("bfs", 9, 5.0)], [row("bfs", 8, 3.0)]]
    result = Result("evaluations", ("one", "two"), {}, {"steps": view}, data)
    assert tables_of_several(result)["steps"].splitlines()[2:] == [
        "| bfs | 4.00 [3.00, 5.00] | 3.00 [2.00, 4.00] |",
        "| optimum | 2.00 | 2.00 |",
    ]
