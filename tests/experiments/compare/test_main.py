from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from experiments.compare.main import Row, exact, known_optimum, main, row, steps_to, worst_and_median
from experiments.trials import Task, Trial, attempt
from polyproof_gym import load_proof, make_problem


def trial(*curve: float, bound: str | None = None) -> Trial:
    return Trial(Task("p", "a", 5, 0), bound or str(curve[-1]), curve or None, max(3, len(curve) - 1), 2, 0.3, (9,))


def test_steps_until_a_goal_is_reached() -> None:
    assert steps_to(trial(5.0, 3.0, 2.0 + 1e-9, 2.0), 2.0, -1) == 2
    assert steps_to(trial(5.0, 3.0), 2.0, -1) is None
    assert steps_to(trial(-9.0, -3.0, -1.0), -3.0, 1) == 1
    assert steps_to(trial(bound="2"), 2.0, -1) == 3
    assert steps_to(trial(bound="2"), 1.0, -1) is None


def test_the_worst_and_the_median() -> None:
    assert worst_and_median([3.0, 1.0, 7.0], str) == "7.0 / 3.0"
    assert worst_and_median([Fraction(1, 2), Fraction(1, 3)], exact, -1) == "1/3 / 5/12"
    assert worst_and_median([4.0], str) == "4.0"
    assert exact(Fraction(10**9 + 1, 3 * 10**9)) == "~0.333333334"


def test_an_optimum_that_a_bound_meets_is_known() -> None:
    problem = make_problem("random-stable-set:n=8,index=1")
    good, bad = (attempt(Task(problem.name, agent, 40, 0)) for agent in ("dual-guided", "static-sherali-adams:level=1"))
    assert known_optimum(problem, [bad]) is None
    assert known_optimum(problem, [bad, good]) == problem.incumbent
    assert known_optimum(make_problem("petersen"), []) == 4


def test_a_row_catches_up_with_the_reference() -> None:
    mine, theirs = trial(5.0, 4.0, 3.0, 2.0), trial(5.0, 5.0, 3.0)
    entry = row(make_problem("cycle:n=5"), "a", [mine], 2, [theirs])
    assert (entry.steps_to_optimum, entry.steps_to_reference) == ([3], [2])
    assert row(make_problem("cycle:n=5"), "a", [theirs], 2, []).steps_to_optimum == [None]


def rows(path: Path) -> dict[tuple[str, str], Row]:
    entries = [Row(**entry) for entry in json.loads(path.read_text())["summary"]["rows"]]
    return {(entry.problem, entry.agent): entry for entry in entries}


def test_a_graph_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph, out, logs = tmp_path / "pentagon.edges", tmp_path / "out.json", tmp_path / "logs"
    graph.write_text("1 2\n2 3\n3 4\n4 5\n5 1\n")
    options = [
        "--problems",
        str(graph),
        "--agents",
        "planner",
        "dual-guided",
        "--json",
        str(out),
        "--logdir",
        str(logs),
    ]
    assert main([*options, "--processes", "2"]) == 0
    table = capsys.readouterr().out
    assert f"| {graph} | max | " in table
    assert rows(out)[str(graph), "planner"].bounds == ["2"]
    assert main([*options, "--resume"]) == 0
    assert capsys.readouterr().out == table
    with pytest.raises(SystemExit):
        main(["--problems", str(tmp_path / "absent.col"), "--logdir", str(logs)])
    assert "absent.col: no such file or directory" in capsys.readouterr().err


def test_table_file_and_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    options = ["--problems", "cycle:n=5", "lv", "--agents", "planner", "clique-cover", "--reference", "clique-cover"]
    assert main([*options, "--steps", "30", "--json", str(out), "--logdir", str(tmp_path / "logs")]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert len(lines) == 6
    assert len({line.count("|") for line in lines}) == 1
    assert "| cycle:n=5 | max | 2 | planner | 2 | 6 |" in lines[2]
    assert "| cycle:n=5 | max | 2 | clique-cover | 3 | never | 2 | 2 | 2 |" in lines[3]
    assert "| lv | min | -104/5 | clique-cover | - | - | - | - | - | - |" in lines[5]
    assert "clique-cover: expected a stable set problem" in printed.err
    assert printed.err.splitlines()[-1] == f"to look at it: tensorboard --logdir {tmp_path / 'logs'}"
    found = rows(out)
    assert found["cycle:n=5", "planner"].derivations == [6]
    assert not found["lv", "clique-cover"].is_able
    runs = [tmp_path / "logs" / name for name in ("cycle-n=5/planner", "cycle-n=5/clique-cover", "lv/planner")]
    assert {file.parent for file in (tmp_path / "logs").rglob("events.out.tfevents.*")} == set(runs)
    for run in runs:
        load_proof(run / "proof.json").verify()


def test_orders_change_what_luck_can_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    options = ["--problems", "cycle:n=7", "--agents", "dual-guided", "static-sherali-adams:level=3", "--steps", "40"]
    options += ["--relabel", "4", "--json", str(out), "--logdir", str(tmp_path / "logs")]
    assert main([*options, "--processes", "2"]) == 0
    assert "bound (worst / median)" in capsys.readouterr().out
    found = rows(out)
    assert found["cycle:n=7", "static-sherali-adams:level=3"].bounds == ["3"] * 4
    assert len(set(found["cycle:n=7", "dual-guided"].steps)) > 1
    first = json.loads(out.read_text())
    assert main([*options, "--resume"]) == 0
    again = json.loads(out.read_text())
    assert again["summary"].pop("command").endswith("--resume")
    assert first["summary"].pop("command").endswith("--processes 2")
    assert again == first


def test_a_file_is_of_one_set_of_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    options = ["--problems", "magnetism", "--agents", "dual-guided", "--steps", "20", "--json", str(out)]
    options += ["--logdir", str(tmp_path / "logs")]
    assert main([*options, "--rules", "squares, products"]) == 0
    assert Fraction(rows(out)["magnetism", "dual-guided"].bounds[0]) > -1  # products alone end at -2.8
    assert json.loads(out.read_text())["settings"]["rules"] == "squares,products"
    assert main([*options, "--rules", "squares,products", "--resume"]) == 0
    with pytest.raises(SystemExit):
        main([*options, "--resume"])
    assert "rules=products, found" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (["--problems", "cycel:n=5"], "did you mean 'cycle'"),
        (["--agents", "nobody"], "unknown agent"),
        (["--reference", "bfs"], "expected bfs among the agents"),
        (["--relabel", "0"], "at least 1"),
        (["--steps", "x"], "expected a whole number"),
        (["--seed", "-1"], "expected a seed from 0"),
        (["--resume"], "expected --json FILE"),
        (["--rules", "product"], "--rules: unknown rule 'product', did you mean 'products'?"),
        (["--rules", "products,products"], "--rules: expected every inference rule once"),
    ],
)
def test_bad_arguments(bad: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--problems", "cycle:n=5", "--logdir", str(tmp_path / "logs"), *bad])
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert message in captured.err.splitlines()[-1]
    assert not captured.out
    assert not list(tmp_path.iterdir())


def test_a_folder_for_logs_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").touch()
    with pytest.raises(SystemExit) as caught:
        main(["--problems", "cycle:n=5", "--agents", "bfs", "--steps", "3", "--logdir", str(tmp_path / "logs")])
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert "expected a folder" in captured.err.splitlines()[-1]
    assert not captured.out  # nothing was begun
