from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import pytest

from polyproof_gym import BadInput
from polyproof_gym.whole_file import sync, sync_all, write_whole, write_whole_with


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The numbers (inodes) of all files and folders that have been brought to the disk."""
    numbers: set[int] = set()
    fsync = os.fsync

    def note(handle: int) -> None:
        numbers.add(os.fstat(handle).st_ino)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    return numbers


def test_a_file_and_its_name_are_on_the_disk_when_it_is_written(tmp_path: Path, synced: set[int]) -> None:
    path = tmp_path / "file"
    write_whole(path, "old")
    write_whole_with(path, lambda file: file.write(b"new \xff"))
    assert path.read_bytes() == b"new \xff"
    assert synced >= {path.stat().st_ino, tmp_path.stat().st_ino}


def test_lone_surrogates_are_written_as_escapes(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", "ä\ud800")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "ä\\ud800"


def test_a_file_that_is_not_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, "old")

    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole_with(path, fail)
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("file", "old")]


def test_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, "old")
    path.chmod(0o640)
    write_whole(path, "new")
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["folder", "absent/file", "file/file", "x" * 300])
def test_what_cannot_be_written_is_said_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written"):
        write_whole(tmp_path / name, "text")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]


def test_a_folder_is_on_the_disk_with_all_that_is_in_it(tmp_path: Path, synced: set[int]) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "file").write_text("text")
    sync_all(tmp_path / "a")
    assert synced == {path.stat().st_ino for path in (tmp_path / "a", inner, inner / "file")}
    sync(tmp_path / "absent")  # nothing to be done
