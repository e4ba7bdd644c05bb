from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from experiments.ablation import BASELINES, CONFIGS, Result, Row, arms_of, common_held_out, main, require_valid, table
from experiments.train.settings import load_config
from polyproof_gym import BadInput, InvalidProof
from tests.experiments.conftest import ROOT

PROTOCOL = {"problems": ["random-stable-set:n_min=4,n_max=6"], "held_out": 4}
SCORER = {
    "algorithm": "policy-gradient",
    **PROTOCOL,
    "held_out_steps": 5,
    "settings": {"updates": 2, "groups": 1, "rollouts": 2, "hidden": 4, "workers": 1, "steps_per_variable": [1.0, 1.0]},
}
ARMS: dict[str, dict[str, Any]] = {
    "scorer": SCORER,
    "larger": {**SCORER, "settings": {**SCORER["settings"], "hidden": 6}},  # type: ignore[dict-item]
    "dqn": {
        "algorithm": "masked-dqn",
        **PROTOCOL,
        "environment": {"max_steps": 5},
        "policy": {"width": 8, "rounds": 1},
        "settings": {"learning_starts": 10, "batch_size": 4, "n_steps": 1, "buffer_size": 100},
        "steps": 20,
    },
}


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ablation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command with small arms; gives status, output and errors."""
    configs = tmp_path / "configs"
    configs.mkdir()
    for name, content in ARMS.items():
        (configs / f"{name}.yaml").write_text(yaml.safe_dump(content))

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        fixed = ("--configs", configs, "--runs", tmp_path / "runs")
        try:
            status = main([str(argument) for argument in (*fixed, *arguments)])
        except SystemExit as end:
            status = int(end.code or 0)
        return status, *capsys.readouterr()

    return run


def test_all_arms_are_trained_and_compared_on_the_same_problems(ablation: Command, tmp_path: Path) -> None:
    status, out, _ = ablation("--seeds", "2", "--json", tmp_path / "out.json")
    assert status == 0
    content = json.loads((tmp_path / "out.json").read_text())
    assert [row["name"] for row in content["rows"]] == [*sorted(ARMS), *BASELINES]
    assert len(content["problems"]) == len(content["optima"]) == 4
    for result, row in zip(content["results"], content["rows"], strict=True):
        assert len(result["bounds"]) == len(row["seed_means"]) == 2
        for bounds in result["bounds"]:
            assert all(bound >= best - 1e-6 for bound, best in zip(bounds, content["optima"], strict=True))
        assert row["ratio"] >= 1 - 1e-6
        assert row["bound"]["low"] <= row["bound"]["value"] <= row["bound"]["high"]
        assert f"| {row['name']} | 2 |" in out
    runs = {path.name for path in (tmp_path / "runs").iterdir()}
    assert runs == {f"{name}-seed{seed}" for name in ARMS for seed in range(2)}
    kept = json.loads((tmp_path / "runs" / "dqn-seed1" / "held_out.json").read_text())
    by_name = {result["name"]: result for result in content["results"]}
    assert [row["bound"] for row in kept["problems"]] == by_name["dqn"]["bounds"][1]


def test_what_is_finished_is_not_repeated(ablation: Command, tmp_path: Path) -> None:
    assert ablation("--seeds", "1", "--only", "scorer")[0] == 0
    folder = tmp_path / "runs" / "scorer-seed0"
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    status, out, err = ablation("--seeds", "2", "--only", "scorer")
    assert status == 0
    assert "| scorer | 2 |" in out
    assert "larger" not in out
    assert "scorer-seed0" not in err
    assert "scorer-seed1" in err
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_ctrl_c_loses_nothing(ablation: Command, tmp_path: Path) -> None:
    settings = {**SCORER["settings"], "updates": 60}  # type: ignore[dict-item]
    (tmp_path / "configs" / "scorer.yaml").write_text(yaml.safe_dump({**SCORER, "settings": settings}))
    runs = tmp_path / "runs"
    options = ["--configs", tmp_path / "configs", "--runs", runs, "--seeds", "1", "--only", "scorer"]
    command = [sys.executable, "-m", "experiments.ablation", *map(str, options)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    figures = runs / "scorer-seed0" / "metrics.jsonl"
    while not figures.exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "the same command goes on" in err
    assert "Traceback" not in err
    assert not (runs / "scorer-seed0" / "held_out.json").exists()
    done = len(figures.read_text().splitlines())
    assert ablation(*options[4:])[0] == 0
    assert [json.loads(line)["updates"] for line in figures.read_text().splitlines()] == list(range(1, 61))
    assert 1 <= done < 60


def test_a_run_of_another_configuration_is_not_counted(ablation: Command, tmp_path: Path) -> None:
    assert ablation("--seeds", "1", "--only", "scorer")[0] == 0
    changed = {**SCORER, "settings": {**SCORER["settings"], "hidden": 5}}  # type: ignore[dict-item]
    (tmp_path / "configs" / "scorer.yaml").write_text(yaml.safe_dump(changed))
    status, _, err = ablation("--seeds", "1", "--only", "scorer")
    assert status == 2
    assert "same configuration and seed" in err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "scorers"], "unknown arm 'scorers', did you mean 'scorer'?"),
        (["--configs", "absent"], "absent: expected configurations"),
        (["--seeds", "0"], "at least 1"),
    ],
)
def test_bad_options_are_refused(ablation: Command, arguments: list[str], message: str) -> None:
    status, _, err = ablation(*arguments)
    assert status == 2
    assert message in err.splitlines()[-1]


def test_a_file_that_cannot_be_written_costs_nothing_but_itself(ablation: Command, tmp_path: Path) -> None:
    status, out, err = ablation("--seeds", "1", "--only", "scorer", "--json", tmp_path)
    assert status == 2
    assert "| scorer | 1 |" in out
    assert "cannot be written (expected a regular file)" in err.splitlines()[-1]


def test_arms_with_other_held_out_problems_are_refused(ablation: Command, tmp_path: Path) -> None:
    (tmp_path / "configs" / "scorer.yaml").write_text(yaml.safe_dump({**SCORER, "held_out_steps": 6}))
    status, _, err = ablation("--seeds", "1")
    assert status == 2
    assert "scorer: expected the problems, the held-out ones and the step budget of dqn" in err.splitlines()[-1]
    assert not (tmp_path / "runs").exists()


def test_only_stable_sets_have_a_known_optimum(ablation: Command, tmp_path: Path) -> None:
    (tmp_path / "configs" / "scorer.yaml").write_text(yaml.safe_dump({**SCORER, "problems": ["random-polynomial:n=3"]}))
    status, _, err = ablation("--only", "scorer")
    assert status == 2
    assert "expected stable sets, whose optimum can be found, got random-polynomial" in err.splitlines()[-1]
    assert not (tmp_path / "runs").exists()


def test_rows_sum_up_seeds_and_problems() -> None:
    reference, optima = Result("dual-guided", [[2.0, 4.0]], []), [2.0, 3.0]
    row = Row.of(Result("arm", [[2.0, 4.0], [3.0, 5.0]], [1.0, 3.0]), optima, reference)
    assert row.bound.value == 3.5
    assert row.seed_means == [3.0, 4.0]
    assert row.ratio == pytest.approx(1.4)
    assert row.seconds == 2.0
    assert row.minus is not None
    assert row.minus.value == 0.5
    last = Row.of(reference, optima, reference)
    assert table([row, last]).splitlines()[2:] == [
        f"| arm | 2 | {row.bound} | 3.00, 4.00 | 1.400 | {row.minus} | 2 |",
        f"| dual-guided | 1 | {last.bound} | 3.00, 3.00 | 1.200 |  |  |",
    ]


def test_a_bound_that_passes_the_optimum_is_an_error() -> None:
    require_valid(Result("arm", [[2.0, 3.0 - 1e-9]], []), [2.0, 3.0])
    with pytest.raises(InvalidProof, match="arm: a bound passes the optimum"):
        require_valid(Result("arm", [[2.0, 2.9]], []), [2.0, 3.0])


def test_the_arms_that_come_with_the_package_have_the_same_held_out_problems() -> None:
    held_out = common_held_out(arms_of(CONFIGS, None))
    assert (held_out.problems, held_out.steps) == (100, 14)


@pytest.mark.parametrize(
    ("arm", "differences"),
    [
        ("dqn-plain", {"policy"}),
        ("dqn-gap", {"environment.reward"}),
        ("dqn-paper", {"environment.lp_features", "policy.features"}),
        ("dqn-blind", {"environment.lp_features", "policy.features", "policy.estimate_rounds"}),
    ],
)
def test_arms_differ_from_the_base_only_in_what_they_are_about(arm: str, differences: set[str]) -> None:
    base, other = (load_config(CONFIGS / f"{name}.yaml") for name in ("dqn", arm))
    assert _differences(base, other) == differences


def _differences(base: dict[str, Any], other: dict[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for key in base.keys() | other.keys():
        ours, theirs = base.get(key), other.get(key)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            found |= _differences(ours, theirs, f"{prefix}{key}.")
        elif ours != theirs:
            found.add(f"{prefix}{key}")
    return found


def test_unreadable_configurations_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- 3")
    with pytest.raises(BadInput, match="expected a YAML file with names"):
        arms_of(tmp_path, None)
