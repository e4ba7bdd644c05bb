"""Writing files so that they are never seen half-written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from polyproof_gym.errors import BadInput


def write_whole(path: str | Path, text: str) -> None:
    """Write a text file, which holds either its old content or the whole new one at any time.

    Lone surrogates, which UTF-8 does not have, are written as escapes.

    Raises:
        BadInput: If the file cannot be written.
    """
    try:
        _write(Path(path).resolve(), text)
    except (OSError, RuntimeError, ValueError) as error:  # also links in a loop, and paths with null characters
        reason = str(getattr(error, "strerror", None) or error)
        raise BadInput(f"{path}: cannot be written ({reason.lower()})") from None


def _write(path: Path, text: str) -> None:
    if path.exists() and not path.is_file():
        raise ValueError("expected a regular file")
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".polyproof-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode_of(path))
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _mode_of(path: Path) -> int:
    """The permissions of a file, or those that a new one would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
