"""Writing files so that they are never seen half-written, and are on the disk when that is said."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from polyproof_gym.arguments import file_path
from polyproof_gym.errors import BadInput


def write_whole(path: str | Path, text: str) -> None:
    """Write a text file, which holds either its old content or the whole new one at any time.

    Lone surrogates, which UTF-8 does not have, are written as escapes.

    Raises:
        BadInput: If the file cannot be written.
    """
    data = text.encode("utf-8", errors="backslashreplace")
    write_whole_with(path, lambda file: file.write(data))


def write_whole_with(path: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file by a function, likewise.

    Args:
        path: The file.
        write: Writes the content to the open file that it is given.

    Raises:
        BadInput: If the file cannot be written.
    """
    path = file_path(path)
    try:
        _write(path.resolve(), write)
    except (OSError, RuntimeError, ValueError) as error:  # also links in a loop
        reason = str(getattr(error, "strerror", None) or error)
        raise BadInput(f"{path}: cannot be written ({reason.lower()})") from None


def _write(path: Path, write: Callable[[BinaryIO], object]) -> None:
    if path.exists() and not path.is_file():
        raise ValueError("expected a regular file")
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".polyproof-")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode_of(path))
        os.replace(temporary, path)
        sync(path.parent)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _mode_of(path: Path) -> int:
    """The permissions of a file, or those that a new one would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def sync_all(folder: Path) -> None:
    """Bring a folder and all that is in it to the disk."""
    for parent, _, names in os.walk(folder):
        for name in names:
            sync(Path(parent) / name)
        sync(Path(parent))


def sync(path: Path) -> None:
    """Bring a file's content, or a folder's list of names, to the disk, where the system can do that."""
    with suppress(OSError):  # folders cannot be opened everywhere
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
