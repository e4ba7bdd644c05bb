from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from experiments.train.checkpoints import Checkpoints


def test_the_last_one_is_kept(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "run")
    assert checkpoints.latest() is None
    for number in (0, 9, 100):
        checkpoints.write(number, lambda folder, number=number: (folder / "x").write_text(str(number)) and None)  # type: ignore[misc]
        latest = checkpoints.latest()
        assert latest is not None
        assert (latest / "x").read_text() == str(number)
        assert len(list((tmp_path / "run").iterdir())) == 1


def test_what_was_not_finished_does_not_count(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "x").write_text("half")
        raise KeyboardInterrupt

    def finish(folder: Path) -> None:
        assert not list(folder.iterdir())
        (folder / "x").write_text("whole")

    checkpoints = Checkpoints(tmp_path)
    checkpoints.write(1, finish)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.write(2, fail)
    latest = checkpoints.latest()
    assert latest is not None
    assert (latest.name, (latest / "x").read_text()) == ("checkpoint-1", "whole")
    checkpoints.write(2, finish)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-2"]


def test_of_two_the_farther_one_counts(tmp_path: Path) -> None:
    """As after an end between writing the one and removing the other."""
    for number in (9, 10):
        (tmp_path / f"checkpoint-{number}").mkdir()
    assert Checkpoints(tmp_path).latest() == tmp_path / "checkpoint-10"


def test_the_former_one_goes_when_the_new_one_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[int] = set()
    fsync, rmtree = os.fsync, shutil.rmtree

    def note(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        fsync(handle)

    def remove(path: Path, ignore_errors: bool = False) -> None:
        if path.name == "checkpoint-1":
            new = tmp_path / "checkpoint-2"
            assert {place.stat().st_ino for place in (tmp_path, new, new / "inner" / "x")} <= synced
        rmtree(path, ignore_errors)

    def save(folder: Path) -> None:
        (folder / "inner").mkdir()
        (folder / "inner" / "x").write_text("whole")

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(shutil, "rmtree", remove)
    for number in (1, 2):
        Checkpoints(tmp_path).write(number, save)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-2"]
