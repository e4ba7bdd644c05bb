from __future__ import annotations

from pathlib import Path

import pytest

from experiments.outputs import make_folder, require_folder, require_output, require_picture
from polyproof_gym import BadInput


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    return tmp_path


def test_what_can_be_written_is_left_as_it_is(folder: Path) -> None:
    before = sorted(folder.iterdir())
    require_output(None)
    require_output(folder / "file")
    require_output(folder / "new" / "deep" / "results.json", folder / "file")
    require_folder(folder / "new" / "runs")
    require_picture(None)
    require_picture(folder / "new" / "curves.pdf")
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "message"),
    [("folder.png", "expected a file, found a folder"), ("file/new/results.json", "expected a folder, found a file")],
)
def test_files_that_cannot_be_written_are_known_before(folder: Path, name: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        require_output(folder / name)


def test_what_is_read_is_not_overwritten(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "file")
    with pytest.raises(BadInput, match="another file than the one that is read"):
        require_output(folder / "link", folder / "file")


@pytest.mark.parametrize(
    ("name", "message"),
    [("curves.jpeg", "ends in"), ("file/curves.png", "expected a folder"), ("folder.png", "found a folder")],
)
def test_pictures_that_cannot_be_drawn_are_known_before(folder: Path, name: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        require_picture(folder / name)


def test_folders_are_made_where_that_is_possible(folder: Path) -> None:
    make_folder(folder / "new" / "deep")
    assert (folder / "new" / "deep").is_dir()
    for check in (make_folder, require_folder):
        with pytest.raises(BadInput, match="expected a folder"):
            check(folder / "file" / "deep")
