from __future__ import annotations

from pathlib import Path

import pytest

from experiments.documentation.commands import made
from experiments.documentation.proofs import summary
from tests.experiments.cases.test_main import case, write_cases


def test_a_proof(tmp_path: Path) -> None:
    kept = summary(made("polyproof prove cycle:n=5 --agent dual-guided", tmp_path / "proof.json"))
    assert (kept["problem"], kept["exact_bound"], kept["status"], kept["leaves"]) == ("cycle:n=5", "2", "optimal", 1)


def test_an_exact_bound_that_is_too_long_stands_in_floats() -> None:
    row = {"problem": "p", "agent": "a", "sense": "min", "optimum": None, "bounds": [f"1/{10**70}"]}
    lists: dict[str, list[float]] = {key: [] for key in ("steps_to_optimum", "steps", "derivations", "milliseconds")}
    kept = summary({"summary": {"rows": [{**row, **lists}]}})
    assert kept["p"]["a"]["bound"] == {"worst": "1e-70", "median": "1e-70"}


@pytest.mark.parametrize(("sense", "worst"), [("min", "-5"), ("max", "1/2")])
def test_a_comparison_keeps_the_worst_and_the_median(sense: str, worst: str) -> None:
    row = {
        "problem": "p",
        "agent": "a",
        "sense": sense,
        "optimum": "2",
        "bounds": ["-1/3", "-5", "1/2"],
        "steps_to_optimum": [3, None, 7],
        "steps": [8, 9, 8],
        "derivations": [4, 6, 5],
        "milliseconds": [1.5, 1.0, 2.0],
    }
    assert summary({"summary": {"rows": [row]}}) == {
        "p": {
            "a": {
                "optimum": "2",
                "bound": {"worst": worst, "median": "-1/3"},
                "steps_to_optimum": {"worst": None, "median": 7},
                "steps": {"worst": 9, "median": 8},
                "derivations": {"worst": 6, "median": 5},
                "milliseconds": {"worst": 2.0, "median": 1.5},
            }
        }
    }


def test_cases_by_their_names(tmp_path: Path) -> None:
    file = write_cases(tmp_path, [case("inside", "x^2 + (y - 1/3)^2", 0), case("rational", "1/x", 0)])
    kept = summary(made(f"python -m experiments.cases {file} --agent squares", tmp_path / "run.json"))
    assert kept["totals"] == {"accepted": 1, "within": 1, "optimal": 1, "past": 0}
    assert kept["cases"]["inside"]["bound"] == 0
    assert "rational" in kept["cases"]
