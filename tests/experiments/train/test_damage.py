"""Files of a run that are damaged: one line names the file, the exit status is 2, and nothing is overwritten."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.experiments.train.small import train, write


def half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("this is something else\n")


def other_row(path: Path) -> None:
    path.write_text('{"steps": "many"}\n' + path.read_text())


def not_text(path: Path) -> None:
    path.write_bytes(b"\xff\n")


def nested(path: Path) -> None:
    path.write_text("[" * 100_000 + "\n")


def of_other_weights(path: Path) -> None:
    checkpoint = pickle.loads(path.read_bytes())
    path.write_bytes(pickle.dumps({**checkpoint, "last": [np.zeros(1000, np.float32)]}))


def of_something_else(path: Path) -> None:
    path.write_bytes(pickle.dumps([1, 2, 3]))


DAMAGES: list[tuple[str, str, Callable[[Path], None], str]] = [
    ("maskable-ppo", "checkpoint-*/model.zip", half, "checkpoint-96: expected a checkpoint that is whole"),
    ("maskable-ppo", "checkpoint-*/model.zip", text, "checkpoint-96: expected a checkpoint that is whole"),
    ("maskable-ppo", "checkpoint-*/rest.pkl", half, "checkpoint-96: expected a checkpoint that is whole"),
    ("maskable-ppo", "checkpoint-*/rest.pkl", emptied, "checkpoint-96: expected a checkpoint that is whole"),
    ("maskable-ppo", "checkpoint-*/rest.pkl", Path.unlink, "checkpoint-96: expected a checkpoint that is whole"),
    *(
        ("cma-es", "checkpoint-*/evolution.pickle", damage, "checkpoint-3: expected a checkpoint that is whole")
        for damage in (half, emptied, text, Path.unlink, of_other_weights, of_something_else)
    ),
    ("ars", "checkpoint-*/evolution.pickle", of_other_weights, "checkpoint-3: expected a checkpoint that is whole"),
    ("cma-es", "metrics.jsonl", text, "metrics.jsonl:1: expected figures with updates and seconds"),
    ("maskable-ppo", "metrics.jsonl", text, "metrics.jsonl:1: expected figures"),
    ("maskable-ppo", "metrics.jsonl", other_row, "metrics.jsonl:1: expected figures"),
    ("maskable-ppo", "metrics.jsonl", not_text, "metrics.jsonl:1: expected figures"),
    ("maskable-ppo", "metrics.jsonl", nested, "metrics.jsonl:1: expected figures"),
    ("maskable-ppo", "run.json", half, "run.json: expected the record of a run"),
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for algorithm in {algorithm for algorithm, *_ in DAMAGES}:
        assert train(write(folder / f"{algorithm}.yaml", algorithm), folder / algorithm) == 0
    return folder


@pytest.mark.parametrize(
    ("algorithm", "name", "damage", "message"),
    DAMAGES,
    ids=[f"{algorithm}-{name.rpartition('/')[2]}-{damage.__name__}" for algorithm, name, damage, _ in DAMAGES],
)
def test_damaged_files_are_named_and_left(
    runs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    algorithm: str,
    name: str,
    damage: Callable[[Path], None],
    message: str,
) -> None:
    folder = tmp_path / algorithm
    shutil.copytree(runs / algorithm, folder)
    (path,) = folder.glob(name)
    damage(path)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    with pytest.raises(SystemExit) as caught:
        train(runs / f"{algorithm}.yaml", folder, "--resume")
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"a: 2024-13-45", b"a: &a [*a]", b"{" * 10_000, b"settings: &a {b: *a}", b"? [a]\n: 3", b"? 5\n: 3"],
)
def test_configurations_that_are_damaged(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    config = tmp_path / "config.yaml"
    config.write_bytes(content)
    with pytest.raises(SystemExit) as caught:
        train(config, tmp_path / "run")
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "config.yaml: " in line
    assert not (tmp_path / "run").exists()
