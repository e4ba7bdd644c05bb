"""Checks of where results are to be written, before anything takes time."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from polyproof_gym import BadInput

PICTURES = (".png", ".pdf", ".svg")
"""Endings of pictures that can be written."""


def require_output(path: Path | None, *sources: str | Path | None) -> None:
    """Check that a file can be written, in a folder that exists or can be made; ``None`` is no file.

    All programs make the folders that they write to, by :func:`make_folder`, once there is something to write.

    Args:
        path: The file.
        sources: Files that are read, and must not be overwritten; what is no file is none of them.

    Raises:
        BadInput: If it cannot be written, or is one of those that are read.
    """
    if path is None:
        return
    if path.exists() and not path.is_file():
        raise BadInput(f"{path}: expected a file, found {'a folder' if path.is_dir() else 'something else'}")
    if path.exists() and not os.access(path, os.W_OK):
        raise BadInput(f"{path}: cannot be written (permission denied)")
    for source in sources:
        if source is not None and path.exists() and os.path.isfile(source) and path.samefile(source):
            raise BadInput(f"{path}: expected another file than the one that is read")
    require_folder(path.parent)


def require_picture(path: Path | None) -> None:
    """Check that a picture can be written; ``None`` is none.

    Raises:
        BadInput: If matplotlib is missing, the name of the file has another ending, or it cannot be written.
    """
    if path is None:
        return
    if path.suffix not in PICTURES:
        raise BadInput(f"{path}: expected a file that ends in {', '.join(PICTURES)}")
    if importlib.util.find_spec("matplotlib") is None:
        raise BadInput(f"{path}: pictures need matplotlib, which is not installed")
    require_output(path)


def require_folder(path: Path) -> None:
    """Check that a folder is there or can be made, and that files can be written there.

    Raises:
        BadInput: If that is not so.
    """
    existing = next((place for place in (path, *path.absolute().parents) if place.exists()), None)
    if existing is None or not existing.is_dir():
        raise BadInput(f"{path}: expected a folder, found a file at {existing}")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise BadInput(f"{path}: cannot be written to (permission denied)")


def make_folder(path: Path) -> None:
    """Make a folder unless it is there.

    Raises:
        BadInput: If it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{path}: expected a folder ({(error.strerror or str(error)).lower()})") from None


def as_file_name(text: str) -> str:
    """A text, such as a spec string, with a dash for every character that file names had better not have."""
    return "".join(character if character.isalnum() or character in "._=-" else "-" for character in text)
