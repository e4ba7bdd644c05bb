from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments.evaluate import Mean, Trial, evaluate, main, table


def trial(curve: tuple[float, ...] | None, optimum: float = 2.0) -> Trial:
    bound = curve[-1] if curve else 3.0
    return Trial(index=0, bound=bound, optimum=optimum, curve=curve, derivations=1, seconds=0.1, steps=3)


def test_the_open_gap_is_a_mean_over_the_steps() -> None:
    assert trial((6.0, 6.0, 4.0, 2.0)).area == pytest.approx((1 + 0.5 + 0) / 3)
    assert trial((2.0, 2.0)).area is None
    assert trial(None).area is None


def test_steps_until_most_of_the_gap_is_closed() -> None:
    assert trial((22.0, 22.0, 3.0, 2.0)).steps_to_share == 2
    assert trial((22.0, 22.0, 3.1, 3.1)).steps_to_share is None
    assert trial((2.0, 2.0)).steps_to_share == 0


def test_a_mean_with_its_interval() -> None:
    assert str(Mean.of([1.0, 3.0])) == "2.00 ± 1.96"
    assert Mean.of([4.0]) == Mean(4.0, 0.0)


def test_agents_are_compared_graph_by_graph() -> None:
    dual, random = (evaluate(agent, 8, 3, 20, 0) for agent in ("dual-guided", "random"))
    assert [t.index for t in dual.trials] == [0, 1, 2]
    assert dual.alpha == random.alpha
    assert all(t.bound >= t.optimum for t in (*dual.trials, *random.trials))
    assert all(t.curve is not None and len(t.curve) == 21 for t in dual.trials)
    difference = random.minus(dual)
    assert difference.value == pytest.approx(random.bound.value - dual.bound.value)
    assert difference.value > 0
    assert dual.minus(dual) == Mean(0.0, 0.0)
    rows = table([dual, random], "dual-guided").splitlines()
    assert len(rows) == 4
    assert "minus dual-guided" in rows[0]
    assert "| 0.00 ± 0.00 |" in rows[2]
    assert len({row.count("|") for row in rows}) == 1


def test_a_static_system_has_no_curve() -> None:
    result = evaluate("static-sherali-adams:level=2", 8, 2, 10, 0)
    assert all(t.curve is None for t in result.trials)
    assert [t.bound for t in result.trials] == [4.0, 4.0]


def test_shortened_proofs_need_no_more_derivations() -> None:
    plain, short = (evaluate("dual-guided", 12, 3, 60, 0, shrinking=shrinking) for shrinking in (False, True))
    assert [t.bound for t in plain.trials] == [t.bound for t in short.trials]
    assert sum(t.derivations for t in short.trials) < sum(t.derivations for t in plain.trials)


def test_the_command_prints_a_table_and_writes_the_trials(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    arguments = ["--n", "6", "--graphs", "2", "--steps", "5", "--agents", "bfs", "random", "--against", "bfs"]
    assert main([*arguments, "--json", str(out), "--logdir", str(tmp_path / "logs")]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("alpha: ")
    assert [len(result["trials"]) for result in json.loads(out.read_text())] == [2, 2]
    assert list((tmp_path / "logs").rglob("events.out.tfevents.*"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--graphs", "0"], "at least 1"),
        (["--agents", "nobody"], "unknown agent"),
        (["--agents", "bfs", "--against", "random"], "expected random among the agents"),
    ],
)
def test_bad_arguments(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--n", "6"])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
